"""一、总体情况"""

from decimal import Decimal

from django.utils.translation import gettext as _

from apps.assessment.choices import Light, Standing
from apps.assessment.selectors import grouped
from apps.assessment.tree import PillarStanding
from apps.core.figures import figure
from apps.core.wording import bracketed, joined, written_day
from apps.papers.blocks import Block, Gauge, Heading, Para
from apps.papers.bulletin.material import BulletinData
from apps.papers.sentences import (
    BEST_FIRST,
    as_list,
    change_text,
    counts_text,
    gauge_counts,
    light_change,
    light_counts,
)
from apps.papers.tree_diff import moved


def overall_section(data: BulletinData) -> tuple[Block, ...]:
    standing, group = data.standing, grouped(data.measures)
    counts = light_counts(data.measures)
    words = {
        "plan": standing.plan.title,
        "day": written_day(standing.on),
        "n": len(data.measures),
        "m": len(data.indicators),
        "counts": counts_text(counts),
    }
    first = (
        _("%(plan)s共有举措%(n)s项、指标%(m)s项。截至%(day)s，%(counts)s。")
        if data.scope.is_whole
        else _("本通报涉及%(plan)s中的举措%(n)s项、指标%(m)s项。截至%(day)s，%(counts)s。")
    ) % words
    percent, expected = group["roll_up"].percent, group["expected"]
    # The earlier tree's percent is that of the whole plan.
    before = data.earlier.tree["percent"] if data.scope.is_whole else None
    blocks: list[Block] = [
        Heading(level=1, text=_("一、总体情况")),
        Para(text=first),
        Gauge(
            label=_("总体进度"),
            percent=percent,
            expected=expected,
            counts=gauge_counts(counts),
            text=_progress_text(percent, expected, moved(before, percent)),
        ),
        Para(text=_changes_text(data)),
    ]
    by_pillar = [text for pillar in standing.pillars if (text := _pillar_text(pillar, data))]
    if len(by_pillar) > 1:
        blocks.append(Para(lead=_("分支柱看，"), text=as_list(by_pillar) + _("。")))
    if data.indicators:
        blocks.append(Para(lead=_("指标方面，"), text=_indicator_text(data)))
    return tuple(blocks)


def _progress_text(percent: Decimal | None, expected: Decimal | None, by: Decimal | None) -> str:
    if percent is None:
        return _("总体进度暂无数据。")
    text = _("总体进度 %(percent)s%%") % {"percent": figure(percent)}
    if expected is not None:
        text += _("，序时应达 %(expected)s%%") % {"expected": figure(expected)}
    return text + change_text(by) + _("。")


def _changes_text(data: BulletinData) -> str:
    better: list[str] = []
    worse: list[str] = []
    for item in data.measures:
        light, before = item.verdict.light, data.light_before(item)
        if before is not None and before != light:
            is_better = BEST_FIRST.index(light) < BEST_FIRST.index(before)
            (better if is_better else worse).append(light_change(item, before))
    parts = []
    if better:
        parts.append(_("%(n)s项转好：%(names)s") % {"n": len(better), "names": joined(better)})
    if worse:
        parts.append(_("%(n)s项转差：%(names)s") % {"n": len(worse), "names": joined(worse)})
    text = as_list(parts) + _("。") if parts else _("各项举措的状态没有变化。")
    return _("与%(basis)s相比，") % {"basis": data.earlier.name} + text


def _pillar_text(pillar: PillarStanding, data: BulletinData) -> str:
    inside = [item for item in data.measures if item.measure.pillar_id == pillar.pillar.pk]
    if not inside:
        return ""
    group = grouped(inside)
    text = _("%(pillar)s%(n)s项") % {"pillar": pillar.pillar.short, "n": len(inside)}
    if group["roll_up"].percent is not None:
        text += _("，进度 %(percent)s%%") % {"percent": figure(group["roll_up"].percent)}
        if group["expected"] is not None:
            text += bracketed(_("序时 %(expected)s%%") % {"expected": figure(group["expected"])})
    trouble = [item for item in inside if item.verdict.light in (Light.LATE, Light.WATCH, Light.NO_DATA)]
    if trouble:
        text += _("，其中%(counts)s") % {"counts": counts_text(light_counts(trouble))}
    return text


def _indicator_text(data: BulletinData) -> str:
    standings = [indicator.verdict.standing for indicator in data.indicators]
    counts = [(standing, standings.count(standing)) for standing in Standing if standing in standings]
    return _("%(m)s项指标中，%(counts)s，详见指标体检表。") % {
        "m": len(standings),
        "counts": joined(_("%(standing)s%(n)s项") % {"standing": standing.label, "n": n} for standing, n in counts),
    }
