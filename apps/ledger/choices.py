from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EntryKind(TextChoices):
    """What an entry of the ledger states."""

    PROGRESS = "progress", _("进展")
    SUPPORT = "support", _("配合情况")
    NODE_DONE = "node_done", _("节点完成")
    READING = "reading", _("读数")
    ACHIEVED = "achieved", _("已实现")
    JUDGED = "judged", _("人工评定")
    CLOSED = "closed", _("销号")


class Declared(TextChoices):
    """What the department itself says of a measure. Asking for help never costs anything."""

    NORMAL = "normal", _("正常推进")
    NEEDS_HELP = "needs_help", _("需协调")
    BLOCKED = "blocked", _("受阻")
