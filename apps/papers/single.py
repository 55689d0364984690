"""Papers about one thing: a measure's whole story, a pillar on one page, the year's months side by side."""

from datetime import date, datetime
from operator import itemgetter

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.accounts.models import User
from apps.assessment.selectors import PlanHistory
from apps.assessment.sentences import rule_of, sentence_of
from apps.assessment.tree import IndicatorStanding, MeasureStanding, PillarStanding, PlanStanding
from apps.core.figures import chinese_numeral, figure
from apps.core.wording import bracketed, joined, written_day
from apps.dashboard.comparison import YearRow, year_of
from apps.dashboard.timeline import timeline_of
from apps.indicators.models import Indicator
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.ledger.selectors import Fact
from apps.papers.blocks import (
    Block,
    Cell,
    ColumnSpec,
    Gauge,
    Grid,
    Heading,
    Paper,
    Para,
    build_grid,
    light_cell,
    name_at,
)
from apps.papers.choices import PaperKind, Shape
from apps.papers.sentences import gauge_counts, light_change, percent_text, report_remarks
from apps.papers.tables import indicator_light, light, paper_of, target, target_and_value
from apps.plans.models import Measure, Quote
from apps.reporting.choices import EvidenceKind, ReportStatus
from apps.reporting.models import Evidence

KILOBYTE = 1024

# One pillar


def pillar_paper(standing: PlanStanding, number: int, *, before: PlanStanding, basis: str) -> Paper | None:
    """支柱一页纸: how far the pillar is, which lights changed, its measures and indicators. None where there is none."""
    pillar = next((group for group in standing.pillars if group.pillar.number == number), None)
    if pillar is None:
        return None
    indicators = [indicator for item in pillar.measures for indicator in item.indicators]
    blocks: list[Block] = [
        _pillar_gauge(pillar),
        Para(text=_pillar_changes(pillar, before)),
        build_grid(
            _("举措"),
            pillar.worst_first,
            (_("序号"), 6, "measure.code"),
            (_("举措"), 30, "measure.title"),
            (_("牵头部门"), 14, name_at("measure.lead")),
            (_("进度"), 8, lambda item: percent_text(item.verdict.percent)),
            (_("序时应达"), 8, lambda item: percent_text(item.verdict.expected)),
            (_("状态"), 22, light),
        ),
    ]
    if indicators:
        blocks.append(
            build_grid(
                _("指标"),
                indicators,
                (_("序号"), 8, "indicator.code"),
                (_("指标"), 34, "indicator.name"),
                (_("目标值/现值"), 26, target_and_value),
                (_("达标情况"), 20, indicator_light),
            )
        )
    plan, title = standing.plan, pillar.pillar.title
    return paper_of(plan, PaperKind.PILLAR, title=title, basis=basis, shape=Shape.A4_PAGE, blocks=blocks)


def _pillar_gauge(pillar: PillarStanding) -> Gauge:
    label, percent, expected = pillar.pillar.short, pillar.roll_up.percent, pillar.expected
    words = {"label": label, "percent": figure(percent), "expected": figure(expected)}
    if percent is None:
        text = _("%(label)s：暂无数据。") % words
    elif expected is None:
        text = _("%(label)s：进度 %(percent)s%%。") % words
    else:
        text = _("%(label)s：进度 %(percent)s%%，序时应达 %(expected)s%%。") % words
    counts = gauge_counts((light, n) for light, n in pillar.roll_up.counts.items() if n)
    return Gauge(label=label, percent=percent, expected=expected, counts=counts, text=text)


def _pillar_changes(pillar: PillarStanding, before: PlanStanding) -> str:
    lights = {item.measure.pk: item.verdict.light for item in before.measures}
    changes = [
        light_change(item, lights[item.measure.pk])
        for item in pillar.measures
        if lights.get(item.measure.pk, item.verdict.light) != item.verdict.light
    ]
    words = {"day": written_day(before.on), "names": joined(changes)}
    return (_("与%(day)s相比：%(names)s。") if changes else _("与%(day)s相比，各项举措的状态没有变化。")) % words


# The year


def year_paper(history: PlanHistory, *, today: date, basis: str) -> Paper:
    """全年一览表: each measure's light at each month end, replayed as known then."""

    def light_in(month: int) -> ColumnSpec:
        return _("%(month)s月") % {"month": month}, 11, lambda row: _year_cell(row, month)

    grid = build_grid(
        _("全年一览"),
        year_of(history, today=today),
        (_("序号"), 6, "standing.measure.code"),
        (_("支柱"), 12, "standing.measure.pillar.short"),
        (_("举措"), 50, "standing.measure.title"),
        (_("牵头部门"), 26, name_at("standing.measure.lead")),
        *(light_in(month) for month in range(1, 13)),
    )
    plan, title = history.plan, _("%(plan)s全年一览表") % {"plan": history.plan.title}
    return paper_of(plan, PaperKind.YEAR, title=title, basis=basis, shape=Shape.A3_PAGE, blocks=[grid])


def _year_cell(row: YearRow, month: int) -> Cell:
    light = row.cells[month - 1].light
    return light_cell(light) if light else ""


# One measure


def dossier_of(standing: PlanStanding, item: MeasureStanding, user: User, *, basis: str) -> Paper:
    """举措档案: what was promised, how it stands and why, everything that was accepted, said and handed in beside it.

    Of what only some may read, only what `user` may.
    """
    measure, known = item.measure, standing.known
    entries = (
        LedgerEntry.objects.known_at(known)
        .filter(measure=measure, kind__in=(EntryKind.PROGRESS, EntryKind.SUPPORT), speaks_of__lte=standing.on)
        .select_related("department")
        .order_by("speaks_of", "accepted_at")
    )
    sections: list[tuple[str, list[Block]]] = [
        (_("基本情况"), [_definition(item)]),
        (_("状态及依据"), _verdict(item)),
        (_("指标"), _with_rows(_indicators(item))),
        (_("历次进展"), [_report(entry) for entry in entries] or [Para(text=_("尚无确认的填报。"))]),
        (_("大事记"), _with_rows(_events(measure, user, known=known))),
        (_("佐证材料"), _with_rows(_evidence(measure, known=known))),
    ]
    blocks: list[Block] = []
    for number, (name, section) in enumerate([section for section in sections if section[1]], 1):
        text = _("%(number)s、%(title)s") % {"number": chinese_numeral(number), "title": name}
        blocks += [Heading(level=1, text=text), *section]
    title = f"{measure.code} {measure.title}"
    return paper_of(standing.plan, PaperKind.DOSSIER, title=title, basis=basis, shape=Shape.A4, blocks=blocks)


def _with_rows(grid: Grid) -> list[Block]:
    return [grid] if grid.rows else []


def _definition(item: MeasureStanding) -> Grid:
    measure = item.measure
    quotes = Quote.objects.filter(measure=measure).order_by("order").values_list("text", flat=True)
    moved = bracketed(_("原定%(day)s") % {"day": written_day(item.original_due)}) if item.n_moves else ""
    facts = [
        (_("支柱"), measure.pillar.title),
        (_("牵头部门"), measure.lead or _("未定")),
        (_("配合部门"), joined(item.support)),
        (_("分管院领导"), measure.leader or _("未定")),
        (_("起止日期"), f"{written_day(measure.starts_on)}—{written_day(item.due)}{moved}"),
        (_("原文"), "\n".join(quotes)),
    ]
    rows = [fact for fact in facts if fact[1]]
    return build_grid(_("基本情况"), rows, (_("项目"), 14, itemgetter(0)), (_("内容"), 60, itemgetter(1)))


def _verdict(item: MeasureStanding) -> list[Block]:
    verdict = item.verdict
    facts = [_("状态为%(light)s") % {"light": verdict.light.label}]
    if verdict.percent is not None:
        facts.append(_("进度 %(percent)s%%") % {"percent": figure(verdict.percent)})
    if verdict.expected is not None:
        facts.append(_("序时应达 %(expected)s%%") % {"expected": figure(verdict.expected)})
    nodes = build_grid(
        _("节点"),
        item.nodes,
        (_("节点"), 40, "node.title"),
        (_("时限"), 16, "due"),
        (_("完成日期"), 16, lambda node: node.done_on or _("未完成")),
    )
    return [
        Para(text=pgettext("between remarks", "，").join(facts) + _("。")),
        *(
            Para(lead=sentence_of(finding, verdict) + _("。"), text=rule_of(finding.code))
            for finding in verdict.findings
        ),
        *_with_rows(nodes),
    ]


def _indicators(item: MeasureStanding) -> Grid:
    return build_grid(
        _("指标"),
        item.indicators,
        (_("指标"), 24, "indicator.name"),
        (_("目标值"), 16, target),
        (_("达标情况"), 16, indicator_light),
        (_("历次数据"), 30, _readings),
    )


def _readings(item: IndicatorStanding) -> str:
    return "\n".join(_reading(item.indicator, fact) for fact in item.readings_newest_first)


def _reading(indicator: Indicator, fact: Fact) -> str:
    words = {"day": written_day(fact.speaks_of)}
    match fact.kind:
        case EntryKind.ACHIEVED:
            return _("%(day)s实现") % words
        case EntryKind.JUDGED:
            return _("%(day)s评定为%(verdict)s") % {**words, "verdict": _("达标") if fact.judged_met else _("不达标")}
    parts = f"{figure(fact.numerator)}/{figure(fact.denominator)}" if fact.numerator is not None else ""
    has_value = fact.value is not None
    return _("截至%(day)s：%(value)s %(unit)s%(parts)s") % {
        **words,
        "value": figure(fact.value) if has_value else parts,
        "unit": indicator.unit,
        "parts": bracketed(parts) if has_value else "",
    }


def _report(entry: LedgerEntry) -> Para:
    percent = _("，进度 %(percent)s%%") % {"percent": figure(entry.percent)} if entry.percent is not None else ""
    lead = f"{written_day(entry.speaks_of)}{bracketed(entry.department or '')}{percent}" + _("。")
    text = " ".join([entry.text, *report_remarks(entry)])
    return Para(lead=lead, text=" ".join(text.split()))


def _events(measure: Measure, user: User, *, known: datetime) -> Grid:
    return build_grid(
        _("大事记"),
        [event for event in reversed(timeline_of(measure, user)) if event.at <= known],
        (_("日期"), 14, lambda event: timezone.localdate(event.at)),
        (_("类别"), 12, "kind.label"),
        (_("事项"), 30, "what"),
        (_("经办"), 10, "by"),
        (_("说明"), 26, "text"),
    )


def _evidence(measure: Measure, *, known: datetime) -> Grid:
    """Evidence of approved reports, which the whole court may see."""
    rows = (
        Evidence.objects.filter(
            report__measure=measure, report__status=ReportStatus.APPROVED, added_at__lte=known, removed_at__isnull=True
        )
        .select_related("report__department", "added_by")
        .order_by("added_at", "pk")
    )
    return build_grid(
        _("佐证材料"),
        rows,
        (_("名称"), 26, "name"),
        (_("种类"), 8, lambda evidence: evidence.get_kind_display()),
        (_("部门"), 14, "report.department"),
        (_("添加日期"), 14, lambda evidence: timezone.localdate(evidence.added_at)),
        (_("大小和校验值，或地址"), 34, _address_or_size),
    )


def _address_or_size(evidence: Evidence) -> str:
    if evidence.kind == EvidenceKind.LINK:
        return evidence.url
    return f"{-(-evidence.size // KILOBYTE)} KB\nSHA-256 {evidence.sha256}"
