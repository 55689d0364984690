"""一、总体情况"""

from django.utils.translation import gettext as _

from apps.assessment.choices import Light, Standing
from apps.assessment.selectors import grouped
from apps.core.figures import figure
from apps.core.wording import bracketed, joined, written_day
from apps.papers.blocks import Gauge, Heading, Para
from apps.papers.bulletin.sentences import BEST_FIRST, as_list, change_text, light_counts
from apps.papers.tree_diff import moved

STANDINGS = tuple(Standing)


def overall_section(data):
    standing, measures = data.standing, data.measures
    group = grouped(measures)
    counts = light_counts(measures)
    words = {
        "plan": standing.plan.title,
        "day": written_day(standing.on),
        "n": len(measures),
        "m": len(data.indicators),
        "counts": joined(_("%(light)s%(n)s项") % {"light": light.label, "n": n} for light, n in counts),
    }
    first = (
        _("%(plan)s共有举措%(n)s项、指标%(m)s项。截至%(day)s，%(counts)s。")
        if data.scope.is_whole
        else _("本通报涉及%(plan)s中的举措%(n)s项、指标%(m)s项。截至%(day)s，%(counts)s。")
    ) % words
    blocks = [
        Heading(level=1, text=_("一、总体情况")),
        Para(text=first),
        Gauge(
            label=_("总体进度"),
            percent=group["roll_up"].percent,
            expected=group["expected"],
            counts=tuple((str(light), str(light.label), n) for light, n in counts),
            text=_progress_text(group["roll_up"].percent, group["expected"], _before_percent(data)),
        ),
        Para(text=_turns_text(data)),
    ]
    by_pillar = [_pillar_text(pillar, data) for pillar in standing.pillars]
    sentences = [words for words in by_pillar if words]
    if len(sentences) > 1:
        blocks.append(Para(lead=_("分支柱看，"), text=as_list(sentences) + _("。")))
    if data.indicators:
        blocks.append(Para(lead=_("指标方面，"), text=_indicator_text(data)))
    return tuple(blocks)


def _before_percent(data):
    """The percent of the whole in the tree compared with: only where the paper is about the whole, too."""
    return data.earlier.tree["percent"] if data.scope.is_whole else None


def _progress_text(percent, expected, before):
    if percent is None:
        return _("总体进度暂无数据。")
    text = _("总体进度 %(percent)s%%") % {"percent": figure(percent)}
    if expected is not None:
        text += _("，序时应达 %(expected)s%%") % {"expected": figure(expected)}
    return text + change_text(moved(before, percent)) + _("。")


def _turns_text(data):
    rank = {light: index for index, light in enumerate(BEST_FIRST)}
    better, worse = [], []
    for item in data.measures:
        before = data.before(item)
        if before is None or before["light"] == item.verdict.light:
            continue
        words = _("%(code)s %(title)s（%(before)s→%(after)s）") % {
            "code": item.measure.code,
            "title": item.measure.title,
            "before": Light(before["light"]).label,
            "after": item.verdict.light.label,
        }
        (better if rank[item.verdict.light] < rank[Light(before["light"])] else worse).append(words)
    text = _("与%(basis)s相比，") % {"basis": data.earlier.name}
    if not better and not worse:
        return text + _("各项举措的状态没有变化。")
    parts = []
    if better:
        parts.append(_("%(n)s项转好：%(names)s") % {"n": len(better), "names": joined(better)})
    if worse:
        parts.append(_("%(n)s项转差：%(names)s") % {"n": len(worse), "names": joined(worse)})
    return text + as_list(parts) + _("。")


def _pillar_text(pillar, data):
    inside = [item for item in pillar.measures if data.scope.holds(item.measure)]
    if not inside:
        return ""
    group = grouped(inside)
    trouble = light_counts([item for item in inside if item.verdict.light in (Light.LATE, Light.WATCH, Light.NO_DATA)])
    words = {"pillar": pillar.pillar.short, "n": len(inside)}
    text = _("%(pillar)s%(n)s项") % words
    if group["roll_up"].percent is not None:
        text += _("，进度 %(percent)s%%") % {"percent": figure(group["roll_up"].percent)}
        if group["expected"] is not None:
            text += bracketed(_("序时 %(expected)s%%") % {"expected": figure(group["expected"])})
    if trouble:
        text += _("，其中%(counts)s") % {
            "counts": joined(_("%(light)s%(n)s项") % {"light": light.label, "n": n} for light, n in trouble)
        }
    return text


def _indicator_text(data):
    standings = [indicator.verdict.standing for indicator, _holder in data.indicators]
    counts = [(standing, standings.count(standing)) for standing in STANDINGS if standing in standings]
    return _("%(m)s项指标中，%(counts)s，详见指标体检表。") % {
        "m": len(standings),
        "counts": joined(_("%(standing)s%(n)s项") % {"standing": standing.label, "n": n} for standing, n in counts),
    }
