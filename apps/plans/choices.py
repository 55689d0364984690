from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PlanStatus(TextChoices):
    DRAFT = "draft", _("草稿")
    ASKED = "asked", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    OPEN = "open", _("执行中")
    CLOSED = "closed", _("已归档")


class PlanMove(TextChoices):
    ASK = "ask", _("报请院领导确认")
    CONFIRM = "confirm", _("确认计划")
    RETURN = "return", _("退回修改")
    REDRAFT = "redraft", _("收回修改")
    OPEN = "open", _("启用计划")
    CLOSE = "close", _("归档计划")


class PlanActor(TextChoices):
    """Who makes a move in a plan's life."""

    OFFICE = "office", _("计划管理员")
    LEADER = "leader", _("院领导；本院没有设院领导账号时为计划管理员")


class Cadence(TextChoices):
    """How often a measure is reported on."""

    MONTHLY = "monthly", _("每月")
    QUARTERLY = "quarterly", _("每季度")
    HALF_YEARLY = "half_yearly", _("每半年")
    YEARLY = "yearly", _("每年")
    NONE = "none", _("不定期")


class Adjustment(TextChoices):
    """What an order about a measure changes."""

    PAUSE = "pause", _("暂停")
    RESUME = "resume", _("恢复")
    WEIGHT = "weight", _("调整权重")
