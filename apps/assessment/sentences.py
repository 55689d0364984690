"""Findings as sentences for people. Pages, papers and mails all take them from here."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from apps.assessment.choices import FindingCode
from apps.assessment.rules import Finding, Forecast, IndicatorVerdict, MeasureVerdict
from apps.core.figures import figure
from apps.indicators.models import Indicator, Target

Verdict = MeasureVerdict | IndicatorVerdict

RULES = {
    FindingCode.PAUSED: gettext_lazy("暂停期间不判定，也不计入汇总。"),
    FindingCode.DONE_LATE: gettext_lazy("完成日晚于时限的，记为逾期完成，状态仍为已完成。"),
    FindingCode.OVERDUE: gettext_lazy("时限已过而未完成，或不知道是否完成，为滞后。"),
    FindingCode.NODE_MISSED: gettext_lazy("有一个节点逾期为关注；两个以上，或最久的一个超过规定天数，为滞后。"),
    FindingCode.BEHIND: gettext_lazy("落后达到关注阈值为关注，达到滞后阈值为滞后。"),
    FindingCode.REPORT_MISSED: gettext_lazy("报送期已截止而没有确认的填报，为关注；从未报过的，为待补数据。"),
    FindingCode.BLOCKED: gettext_lazy("部门自报受阻，为关注。"),
    FindingCode.NEEDS_HELP: gettext_lazy("请求协调只作提示，不影响状态。"),
    FindingCode.DUE_SOON: gettext_lazy("临近时限而未完成，为关注。"),
    FindingCode.INDICATOR: gettext_lazy("必须达到的指标滞后，举措为滞后；其余指标滞后或需关注，举措为关注。"),
    FindingCode.AWAITING_CLOSE: gettext_lazy("进度已满，等待销号；不影响状态。"),
    FindingCode.ZERO_DENOMINATOR: gettext_lazy("分母为零的读数不作为数值。"),
    FindingCode.PARTS_DISAGREE: gettext_lazy("以所报数值为准，差异只作提示，不自动改数。"),
    FindingCode.STRETCH_MET: gettext_lazy("达到争取值只作提示。"),
    FindingCode.READING_MISSED: gettext_lazy("读数中断时，状态至多为关注；已经确定完成的不变。"),
}


SENTENCES = {
    FindingCode.PAUSED: gettext_lazy("已暂停，不计入汇总"),
    FindingCode.DONE_LATE: gettext_lazy("逾期 %(days)s 天完成"),
    FindingCode.OVERDUE: gettext_lazy("逾期 %(days)s 天"),
    FindingCode.NODE_MISSED: gettext_lazy("%(count)s 个节点逾期未完成，最久 %(days)s 天"),
    FindingCode.REPORT_MISSED: gettext_lazy("连续 %(count)s 期未报"),
    FindingCode.BLOCKED: gettext_lazy("部门报告：受阻"),
    FindingCode.NEEDS_HELP: gettext_lazy("部门报告：需协调"),
    FindingCode.DUE_SOON: gettext_lazy("还有 %(days)s 天到期"),
    FindingCode.INDICATOR: gettext_lazy("%(count)s 项指标需要关注或滞后"),
    FindingCode.AWAITING_CLOSE: gettext_lazy("已完成 100%，待销号"),
    FindingCode.ZERO_DENOMINATOR: gettext_lazy("读数的分母为零，不能计算"),
    FindingCode.PARTS_DISAGREE: gettext_lazy("所报数值与分子、分母算得的不一致"),
    FindingCode.READING_MISSED: gettext_lazy("连续 %(count)s 期缺读数"),
}


def sentence_of(finding: Finding, verdict: Verdict | None = None) -> str:
    """One finding in one sentence, with its numbers, in the language in use.

    With the verdict it belongs to, the sentence also names what was expected and what is there.
    """
    numbers: Mapping[str, Any] = finding.numbers
    if finding.code == FindingCode.BEHIND:
        return _behind(numbers["gap"], verdict)
    if finding.code == FindingCode.STRETCH_MET:
        return _("已达到争取值 %(stretch)s") % {"stretch": figure(numbers["stretch"])}
    if finding.code == FindingCode.DUE_SOON and numbers["days"] == 0:
        return _("当日到期")
    sentence = str(SENTENCES[finding.code])
    return sentence % numbers if "%(" in sentence else sentence


def _behind(gap: Decimal, verdict: Verdict | None) -> str:
    if verdict is None:
        return _("落后序时 %(gap)s 个百分点") % {"gap": figure(gap)}
    words = {"expected": figure(verdict.expected), "gap": figure(gap)}
    if isinstance(verdict, MeasureVerdict):
        return _("序时应达 %(expected)s%%，已报 %(percent)s%%，落后 %(gap)s 个百分点") % {
            **words,
            "percent": figure(verdict.percent),
        }
    return _("序时应达 %(expected)s，现值 %(value)s，差距为目标值的 %(gap)s%%") % {
        **words,
        "value": figure(verdict.value),
    }


def rule_of(code: FindingCode) -> str:
    """The rule behind a finding, in words; thresholds are those of the plan, ten and twenty-five points unless ordered."""
    return str(RULES[code])


def forecast_text(forecast: Forecast | None) -> str:
    """A forecast, or the lack of data for one, as a sentence."""
    if forecast is None:
        return _("确认过的进展不足三次，暂不推算")
    if forecast.reached_on is None:
        return _("按目前进度，三年内不能完成")
    days = {"day": f"{forecast.reached_on:%Y-%m-%d}", "n": forecast.n_points}
    if forecast.earliest == forecast.latest:
        return _("按 %(n)s 次确认的进展推算，%(day)s 完成") % days
    if forecast.latest is None:
        return _("按 %(n)s 次确认的进展推算，约 %(day)s 完成，最早 %(earliest)s") % {
            **days,
            "earliest": f"{forecast.earliest:%Y-%m-%d}",
        }
    return _("按 %(n)s 次确认的进展推算，约 %(day)s 完成（%(earliest)s 至 %(latest)s 之间）") % {
        **days,
        "earliest": f"{forecast.earliest:%Y-%m-%d}",
        "latest": f"{forecast.latest:%Y-%m-%d}",
    }


def note_of(verdict: Verdict) -> str:
    """The few words beside a light: the first finding that made it what it is, else the first there is."""
    for finding in verdict.findings:
        if finding.severity == verdict.light:
            return sentence_of(finding)
    return sentence_of(verdict.findings[0]) if verdict.findings else ""


def bounds_text(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    """“≥ 18 份”, “3–5 天”; empty where there is no bound."""
    if low is None and high is None:
        return ""
    if high is None:
        bounds = f"≥ {figure(low)}"
    elif low is None:
        bounds = f"≤ {figure(high)}"
    else:
        bounds = f"{figure(low)}–{figure(high)}"
    return f"{bounds} {unit}".strip()


def target_text(indicator: Indicator, target: Target | None) -> str:
    """What an indicator aims at, in a few words; empty where no target is set."""
    if target is None:
        return ""
    unit = indicator.unit
    bounds = bounds_text(target.low, target.high, unit)
    parts = [bounds] if bounds else []
    if target.baseline is not None:
        parts.append(_("基期 %(value)s %(unit)s") % {"value": figure(target.baseline), "unit": unit})
    if target.stretch is not None:
        parts.append(_("争取 %(value)s %(unit)s") % {"value": figure(target.stretch), "unit": unit})
    return pgettext("between remarks", "，").join(part.strip() for part in parts)


def day_text(target: Target) -> str:
    """The day by which a target without a bound is to be met."""
    if target.due is None:
        return ""
    return _("考核日期 %(day)s") % {"day": f"{target.due:%Y-%m-%d}"}
