from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PlanStatus(TextChoices):
    DRAFT = "draft", _("草稿")
    OPEN = "open", _("执行中")
    CLOSED = "closed", _("已归档")


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
