from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportStatus(TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("已退回")
    APPROVED = "approved", _("已通过")


class ReportMove(TextChoices):
    """What can be done to a report."""

    SUBMIT = "submit", pgettext_lazy("done", "提交")
    APPROVE = "approve", pgettext_lazy("done", "通过")
    RETURN = "return", pgettext_lazy("done", "退回")
    WITHDRAW = "withdraw", pgettext_lazy("done", "撤回通过")
    RECALL = "recall", pgettext_lazy("done", "撤回提交")


class EvidenceKind(TextChoices):
    FILE = "file", _("文件")
    LINK = "link", _("链接")


class ReportActor(TextChoices):
    """Who may make a move."""

    WRITER = "writer", _("填报部门的填报人、审核人")
    REVIEWER = "reviewer", _("牵头部门的审核人或计划管理员，参与过填写的除外")
    PLAN_ADMIN = "plan_admin", _("计划管理员")
