from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SupervisionActor(TextChoices):
    """Who may make a move."""

    INSTRUCTING_LEADER = "instructing_leader", _("作出批示的院领导")
    ADDRESSEE = "addressee", _("承办部门的填报人、审核人")
    LEAD_REPORTER = "lead_reporter", _("牵头部门的填报人")
    LEAD_DEPARTMENT = "lead_department", _("牵头部门的填报人、审核人")
    LEAD_REVIEWER = "lead_reviewer", _("牵头部门的审核人")
    DECIDER = "decider", _("院领导；未定分管院领导的，由计划管理员")
    PLAN_ADMIN = "plan_admin", _("计划管理员")


class InstructionStatus(TextChoices):
    OPEN = "open", _("待答复")
    ANSWERED = "answered", _("已答复")
    CLOSED = "closed", _("已办结")
    WITHDRAWN = "withdrawn", _("已撤回")


class InstructionMove(TextChoices):
    ANSWER = "answer", pgettext_lazy("done", "答复")
    FOLLOW_UP = "follow_up", pgettext_lazy("done", "追加批示")
    CLOSE = "close", pgettext_lazy("done", "办结")
    WITHDRAW = "withdraw", pgettext_lazy("done", "撤回批示")


class ExtensionStatus(TextChoices):
    ASKED = "asked", _("待部门审核")
    ENDORSED = "endorsed", _("待审定")
    NOT_ENDORSED = "not_endorsed", _("部门未同意")
    GRANTED = "granted", _("已同意延期")
    REFUSED = "refused", _("未同意延期")
    WITHDRAWN = "withdrawn", _("已撤回")


class ExtensionMove(TextChoices):
    ENDORSE = "endorse", pgettext_lazy("done", "同意上报")
    DECLINE = "decline", pgettext_lazy("done", "不同意上报")
    GRANT = "grant", pgettext_lazy("done", "同意延期")
    REFUSE = "refuse", pgettext_lazy("done", "不同意延期")
    WITHDRAW = "withdraw", pgettext_lazy("done", "撤回申请")


class ClosingStatus(TextChoices):
    ASKED = "asked", _("待确认销号")
    CONFIRMED = "confirmed", _("已销号")
    RETURNED = "returned", _("已退回")
    REOPENED = "reopened", _("已恢复")
    WITHDRAWN = "withdrawn", _("已撤回")


class ClosingMove(TextChoices):
    CONFIRM = "confirm", pgettext_lazy("done", "确认销号")
    RETURN = "return", pgettext_lazy("done", "退回申请")
    REOPEN = "reopen", pgettext_lazy("done", "恢复举措")
    WITHDRAW = "withdraw", pgettext_lazy("done", "撤回申请")
