"""The words of judgement. Those that describe a promise or a fact come from the rooms that keep them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.indicators.choices import Accumulation, Kind, Pace, Strength
from apps.ledger.choices import Declared

__all__ = ["Accumulation", "Declared", "FindingCode", "Kind", "Light", "NodeState", "Pace", "Standing", "Strength"]


class Light(TextChoices):
    """A status light. Listed worst first; PAUSED stands outside."""

    LATE = "late", _("滞后")
    WATCH = "watch", _("关注")
    NO_DATA = "no_data", _("待补数据")
    ON_TRACK = "on_track", _("正常")
    NOT_DUE = "not_due", _("未到期")
    DONE = "done", _("已完成")
    PAUSED = "paused", _("暂停")


class Standing(TextChoices):
    """Where an indicator stands."""

    MET = "met", _("达标")
    ON_COURSE = "on_course", _("符合序时")
    BEHIND = "behind", _("落后序时")
    OUT = "out", _("未达区间")
    PENDING = "pending", _("未到考核节点")
    MISSED = "missed", _("未达标")
    NO_TARGET = "no_target", _("未设目标")
    NO_DATA = "no_data", _("无数据")


class NodeState(TextChoices):
    """Where a node of a measure stands."""

    DONE = "done", _("已完成")
    OVERDUE = "overdue", _("逾期未完成")
    PLANNED = "planned", _("未到期")


class FindingCode(TextChoices):
    """What was found; the sentence for people is made in `sentences.py`."""

    PAUSED = "paused", _("暂停")
    DONE_LATE = "done_late", _("逾期完成")
    OVERDUE = "overdue", _("逾期")
    NODE_MISSED = "node_missed", _("节点逾期")
    BEHIND = "behind", _("落后序时")
    REPORT_MISSED = "report_missed", _("未报")
    BLOCKED = "blocked", _("受阻")
    NEEDS_HELP = "needs_help", _("需协调")
    DUE_SOON = "due_soon", _("即将到期")
    INDICATOR = "indicator", _("指标异常")
    AWAITING_CLOSE = "awaiting_close", _("待销号")
    ZERO_DENOMINATOR = "zero_denominator", _("分母为零")
    PARTS_DISAGREE = "parts_disagree", _("数值与分子分母不符")
    STRETCH_MET = "stretch_met", _("达到争取值")
    READING_MISSED = "reading_missed", _("缺读数")
