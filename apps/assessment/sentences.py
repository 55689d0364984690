"""Findings as sentences for people. Pages, papers and mails all take them from here."""

from django.utils.translation import gettext as _

from apps.assessment.choices import FindingCode
from apps.core.figures import figure


def sentence_of(finding):
    """One finding in one sentence, with its numbers, in the language in use."""
    numbers = finding.numbers
    match finding.code:
        case FindingCode.PAUSED:
            return _("已暂停，不计入汇总")
        case FindingCode.DONE_LATE:
            return _("逾期 %(days)s 天完成") % numbers
        case FindingCode.OVERDUE:
            return _("逾期 %(days)s 天") % numbers
        case FindingCode.NODE_MISSED:
            return _("%(count)s 个节点逾期未完成，最久 %(days)s 天") % numbers
        case FindingCode.BEHIND:
            return _("落后序时 %(gap)s 个百分点") % {"gap": figure(numbers["gap"])}
        case FindingCode.REPORT_MISSED:
            return _("连续 %(count)s 期未报") % numbers
        case FindingCode.BLOCKED:
            return _("部门报告：受阻")
        case FindingCode.NEEDS_HELP:
            return _("部门报告：需协调")
        case FindingCode.DUE_SOON:
            return _("今天到期") if numbers["days"] == 0 else _("还有 %(days)s 天到期") % numbers
        case FindingCode.INDICATOR:
            return _("%(count)s 项指标需要关注或滞后") % numbers
        case FindingCode.AWAITING_CLOSE:
            return _("已完成 100%，待销号")
        case FindingCode.ZERO_DENOMINATOR:
            return _("读数的分母为零，不能计算")
        case FindingCode.PARTS_DISAGREE:
            return _("所报数值与分子、分母算得的不一致")
        case FindingCode.STRETCH_MET:
            return _("已达到争取值 %(stretch)s") % {"stretch": figure(numbers["stretch"])}
        case FindingCode.READING_MISSED:
            return _("连续 %(count)s 期缺读数") % numbers


def note_of(verdict):
    """The few words beside a light: the first finding that made it what it is, else the first there is."""
    for finding in verdict.findings:
        if finding.severity == verdict.light:
            return sentence_of(finding)
    return sentence_of(verdict.findings[0]) if verdict.findings else ""


def target_text(indicator, target):
    """What an indicator aims at, in a few words; empty where no target is set."""
    if target is None:
        return ""
    unit = indicator.unit
    parts = []
    if target.low is not None and target.high is not None:
        parts.append(f"{figure(target.low)}–{figure(target.high)} {unit}")
    elif target.low is not None:
        parts.append(f"≥ {figure(target.low)} {unit}")
    elif target.high is not None:
        parts.append(f"≤ {figure(target.high)} {unit}")
    if target.baseline is not None:
        parts.append(_("基期 %(value)s %(unit)s") % {"value": figure(target.baseline), "unit": unit})
    if target.stretch is not None:
        parts.append(_("争取 %(value)s %(unit)s") % {"value": figure(target.stretch), "unit": unit})
    return "，".join(part.strip() for part in parts)


def day_text(target):
    """The day by which a target without a bound is to be met."""
    if target.due is None:
        return ""
    return _("考核日期 %(day)s") % {"day": f"{target.due:%Y-%m-%d}"}
