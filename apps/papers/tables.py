"""The office's tables: columns, and the cells that they make of measures and indicators."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.assessment.choices import Standing
from apps.assessment.selectors import PlanHistory, end_of_day
from apps.assessment.sentences import note_of, target_text
from apps.assessment.tree import IndicatorStanding, MeasureStanding, PlanStanding
from apps.core.figures import figure, rounded
from apps.core.wording import bracketed, joined, written_day
from apps.ledger.models import LedgerEntry
from apps.papers.blocks import Block, ColumnSpec, Heading, LightCell, Paper, Part, build_grid, light_cell, name_at
from apps.papers.choices import PaperKind, Shape
from apps.papers.sentences import value_text
from apps.plans.models import Plan, Quote


def paper_of(plan: Plan, kind: str, *, title: str, basis: str, shape: Shape, blocks: Iterable[Block]) -> Paper:
    """A paper of one part."""
    parts = (Part(key="table", shape=shape, blocks=tuple(blocks)),)
    return Paper(kind=kind, title=title, basis=basis, warning=warning_of(plan), parts=parts)


def warning_of(plan: Plan) -> str:
    """The warning on every paper with made-up figures; empty where they are real."""
    return _("示例数据：文中数字均为演示编造，不代表任何法院的真实情况") if plan.court.has_demo_data else ""


def accepted_reports(measures: Iterable[MeasureStanding]) -> Mapping[int | None, LedgerEntry]:
    """The last accepted report of each measure by the measure's key; an empty, unsaved one for the others. One query."""
    entries = LedgerEntry.objects.in_bulk([item.progress.pk for item in measures if item.progress])
    return defaultdict(LedgerEntry, {entry.measure_id: entry for entry in entries.values()})


# Cells of a measure, and of an indicator


def light(item: MeasureStanding) -> LightCell:
    return light_cell(item.verdict.light, note_of(item.verdict))


def support(item: MeasureStanding) -> str:
    return joined(item.support)


def target(item: IndicatorStanding) -> str:
    return target_text(item.indicator, item.target)


def target_and_value(item: IndicatorStanding) -> str:
    without = _("未设") if item.verdict.standing == Standing.NO_TARGET else item.indicator.get_kind_display()
    achieved_on = item.facts.achieved_on
    return f"{target(item) or without} / {written_day(achieved_on) if achieved_on else value_text(item)}"


def indicator_light(item: IndicatorStanding) -> LightCell:
    return light_cell(item.verdict.light, str(item.verdict.standing.label))


# The tables of a whole plan


def ledger_of(standing: PlanStanding, *, basis: str) -> Paper:
    """台账: every measure with what is aimed at, what came of it, and what is in the way. Two queries of its own."""
    reports = accepted_reports(standing.measures)
    quotes = defaultdict(list)
    for quote in Quote.objects.filter(measure__plan=standing.plan).order_by("measure_id", "order"):
        quotes[quote.measure_id].append(quote.text)
    return _by_pillar(
        standing,
        PaperKind.LEDGER,
        _("%(plan)s台账") % {"plan": standing.plan.title},
        basis,
        (_("序号"), 6, "measure.code"),
        (_("支柱"), 12, "measure.pillar.short"),
        (_("举措"), 26, "measure.title"),
        (_("年度目标"), 26, _aims),
        (_("牵头部门"), 14, name_at("measure.lead")),
        (_("配合部门"), 16, support),
        (_("分管院领导"), 12, name_at("measure.leader")),
        (_("完成时限"), 12, "due"),
        (_("完成进度（%）"), 10, lambda item: rounded(item.verdict.percent)),
        (_("本期进展"), 40, lambda item: reports[item.measure.pk].text),
        (_("目标值/现值"), 22, lambda item: "\n".join(target_and_value(indicator) for indicator in item.indicators)),
        (_("状态"), 14, light),
        (_("存在问题及需协调"), 26, lambda item: _problems(reports[item.measure.pk])),
        (_("原文"), 30, lambda item: "\n".join(quotes[item.measure.pk])),
    )


def _aims(item: MeasureStanding) -> str:
    return "\n".join(f"{indicator.indicator.name} {target(indicator)}".strip() for indicator in item.indicators)


def _problems(report: LedgerEntry) -> str:
    help_wanted = _("需%(whom)s协调") % {"whom": report.help_from} if report.help_from else ""
    return "\n".join(text for text in (report.problems, help_wanted) if text)


def breakdown_of(history: PlanHistory, *, on: date, basis: str, known: datetime | None = None) -> Paper:
    """任务分解表: who does what by when, and quarter by quarter the nodes that are due and how far it was.

    `on` is the day looked at, as known at the moment `known` (its end unless given); of the quarters that had ended by
    then the progress is what was known at their end.
    """
    plan = history.plan

    def quarter(name: str, month: int, day: int) -> ColumnSpec:
        end = date(plan.year, month, day)
        measures = history.standing(on=end, known=end_of_day(end)).measures if end <= on else ()
        percents = {item.measure.pk: item.verdict.percent for item in measures}
        return name, 24, lambda item: _quarter(item, end, percents.get(item.measure.pk))

    return _by_pillar(
        history.standing(on=on, known=known),
        PaperKind.BREAKDOWN,
        _("%(plan)s任务分解表") % {"plan": plan.title},
        basis,
        (_("序号"), 6, "measure.code"),
        (_("支柱"), 12, "measure.pillar.short"),
        (_("任务"), 34, "measure.title"),
        (_("牵头部门"), 14, name_at("measure.lead")),
        (_("配合部门"), 20, support),
        (_("分管院领导"), 12, name_at("measure.leader")),
        (_("完成时限"), 12, "due"),
        quarter(_("第一季度"), 3, 31),
        quarter(_("第二季度"), 6, 30),
        quarter(_("第三季度"), 9, 30),
        quarter(_("第四季度"), 12, 31),
    )


def _quarter(item: MeasureStanding, end: date, percent: Decimal | None) -> str:
    begin = date(end.year, end.month - 2, 1)
    nodes = [node for node in item.nodes if begin <= node.due <= end]
    lines = [f"{node.node.title}{bracketed(written_day(node.due))}" for node in nodes]
    if percent is not None:
        lines.append(_("完成 %(percent)s%%") % {"percent": figure(percent)})
    return "\n".join(lines)


def _by_pillar(
    standing: PlanStanding,
    kind: PaperKind,
    title: str,
    basis: str,
    *columns: ColumnSpec,
) -> Paper:
    """The paper with one table a pillar, under the pillar's own title."""
    blocks: list[Block] = []
    for group in standing.pillars:
        blocks.append(Heading(level=2, text=group.pillar.title))
        blocks.append(build_grid(group.pillar.short, group.measures, *columns))
    return paper_of(standing.plan, kind, title=title, basis=basis, shape=Shape.A3_WIDE, blocks=blocks)
