"""The rules of judgement in words, and what a worked case says, for the page that shows both."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from apps.assessment.choices import Accumulation, FindingCode, Kind, Light, Pace, Standing
from apps.core.figures import figure

KINDS = {
    Kind.AT_LEAST: gettext_lazy("数值不小于目标值为达标；达到争取值另作提示。"),
    Kind.AT_MOST: gettext_lazy("数值不大于上限为达标。"),
    Kind.WITHIN: gettext_lazy("数值在区间之内为达标，两端都算在内；超出区间不会更好。"),
    Kind.ACHIEVED: gettext_lazy("做到即达标，记下做到的日子；晚于考核日期的另作提示。"),
    Kind.BELOW_BASELINE: gettext_lazy("数值小于基期值为达标，持平不算。"),
    Kind.ABOVE_BASELINE: gettext_lazy("数值大于基期值为达标，持平不算。"),
    Kind.RANK_WITHIN: gettext_lazy("位次在 1 到上限之间为达标。"),
    Kind.ALL_MET: gettext_lazy("成员指标全部达标为达标；有成员无数据或未设目标，而没有不达标的，为无数据。"),
    Kind.COUNT_MET: gettext_lazy("达标的成员数不小于目标值为达标。"),
    Kind.JUDGED: gettext_lazy("由人评定并写明理由；考核日期后仍未评定为无数据。"),
}
ACCUMULATIONS = {
    Accumulation.SUM: gettext_lazy("各期数值相加。"),
    Accumulation.LATEST: gettext_lazy("取截止日期最近的一个数值。"),
    Accumulation.POOLED: gettext_lazy("分子、分母分别相加后再相除。"),
}
PACES = {
    Pace.AT_DUE: gettext_lazy("到考核日期才判定，之前为未到考核节点。"),
    Pace.LINEAR: gettext_lazy("按已过的时间比例推算应达数；差距占目标值的比例达到阈值为落后。"),
    Pace.STEPS: gettext_lazy("以最近一步的数值为应达数；差距占目标值的比例达到阈值为落后。"),
    Pace.ALWAYS: gettext_lazy("全程都要保持；不在要求之内即为未达区间。"),
}
GENERAL = (
    gettext_lazy("举措的状态取各项发现中最重的一个：滞后、关注、待补数据、正常、未到期、已完成，由重到轻；暂停另计。"),
    gettext_lazy(
        "进度：有节点的，按已完成节点的权重计算；没有节点的，取最近一次确认的填报。没有数据就是没有数据，不当作零。"
    ),
    gettext_lazy("序时：有节点的，按已到时限节点的权重计算；没有节点的，按开始日期到时限已过天数的比例计算。"),
    gettext_lazy("指标缺少目标值为未设目标，没有读数为无数据，状态都是待补数据，既不算好也不算坏。"),
    gettext_lazy("考核日期后仍不达标：必须达到的为滞后，力争达到的为关注。"),
    gettext_lazy("时限遇节假日顺延到下一个工作日；汇总取最差的状态，同时列出各状态的数目。"),
)
LABELS = {
    "start": gettext_lazy("开始"),
    "due": gettext_lazy("时限"),
    "on": gettext_lazy("判定日"),
    "percent": gettext_lazy("进度"),
    "expected": gettext_lazy("序时应达"),
    "nodes": gettext_lazy("节点"),
    "done_on": gettext_lazy("完成"),
    "weight": gettext_lazy("权重"),
    "reports_missed": gettext_lazy("连续未报"),
    "readings_missed": gettext_lazy("连续缺读数"),
    "declared": gettext_lazy("自报"),
    "closed_on": gettext_lazy("销号"),
    "paused": gettext_lazy("暂停"),
    "indicators": gettext_lazy("指标"),
    "thresholds": gettext_lazy("阈值"),
    "watch_gap": gettext_lazy("关注"),
    "late_gap": gettext_lazy("滞后"),
    "due_soon_days": gettext_lazy("临期天数"),
    "node_late_days": gettext_lazy("节点逾期天数"),
    "kind": gettext_lazy("类型"),
    "low": gettext_lazy("目标值（下限）"),
    "high": gettext_lazy("上限"),
    "stretch": gettext_lazy("争取值"),
    "baseline": gettext_lazy("基期值"),
    "accumulation": gettext_lazy("累计方式"),
    "pace": gettext_lazy("考核方式"),
    "steps": gettext_lazy("分步目标"),
    "scale": gettext_lazy("换算"),
    "strength": gettext_lazy("要求"),
    "observations": gettext_lazy("读数"),
    "end": gettext_lazy("截止"),
    "value": gettext_lazy("数值"),
    "numerator": gettext_lazy("分子"),
    "denominator": gettext_lazy("分母"),
    "achieved_on": gettext_lazy("实现日期"),
    "judged_met": gettext_lazy("评定为达标"),
    "members": gettext_lazy("成员"),
    "measures": gettext_lazy("举措"),
    "light": gettext_lazy("状态"),
    "standing": gettext_lazy("达标情况"),
    "attainment": gettext_lazy("完成率"),
    "findings": gettext_lazy("发现"),
    "counts": gettext_lazy("数目"),
    "unknown": gettext_lazy("进度未知"),
    "days": gettext_lazy("天数"),
    "count": gettext_lazy("次数"),
    "gap": gettext_lazy("差距"),
}
WORDS = {choice.value: choice for choices in (FindingCode, Standing, Light) for choice in choices}


def in_words(value: Any) -> str:
    """One value of a worked case as people read it."""
    match value:
        case None:
            return _("无数据")
        case bool():
            return _("是") if value else _("否")
        case date():
            return f"{value:%Y-%m-%d}"
        case Decimal():
            return figure(value)
        case dict():
            return pgettext("between remarks", "，").join(
                in_words(inner) if key in ("code", "severity") else f"{label_of(key)} {in_words(inner)}"
                for key, inner in value.items()
            )
        case list():
            return pgettext("between items", "；").join(in_words(inner) for inner in value) or _("无")
        case _:
            label = getattr(value, "label", None) or getattr(WORDS.get(value), "label", None)
            return str(label or value)


def label_of(key: str) -> str:
    """The name of a value; of a count by light, the light's own word."""
    word = WORDS.get(key)
    return str(LABELS.get(key) or (word.label if word else key))
