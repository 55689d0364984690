from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportStatus(TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("已退回")
    APPROVED = "approved", _("已通过")


class Move(TextChoices):
    """What can be done to a report."""

    SUBMIT = "submit", pgettext_lazy("done", "提交")
    APPROVE = "approve", pgettext_lazy("done", "通过")
    RETURN = "return", pgettext_lazy("done", "退回")
    WITHDRAW = "withdraw", pgettext_lazy("done", "撤回通过")
