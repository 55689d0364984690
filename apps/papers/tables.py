"""What stands in the office's tables: columns and rows, taken from a standing and the words of its accepted reports."""

from collections import defaultdict
from datetime import date

from django.utils.translation import gettext as _

from apps.assessment.choices import Standing
from apps.assessment.selectors import end_of_day
from apps.assessment.sentences import note_of, target_text
from apps.core.figures import figure, rounded
from apps.core.wording import bracketed, joined, written_day
from apps.ledger.models import LedgerEntry
from apps.papers.blocks import Grid, GridColumn, Heading, Paper, Part, lit
from apps.papers.choices import PaperKind, Shape
from apps.plans.models import Quote

QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


def ledger_of(standing, *, basis):
    """台账: every measure with what is aimed at, what came of it, and what is in the way. Two queries of its own."""
    entries = LedgerEntry.objects.in_bulk([item.progress.pk for item in standing.measures if item.progress])
    quotes = defaultdict(list)
    for quote in Quote.objects.filter(measure__plan=standing.plan).order_by("measure_id", "order"):
        quotes[quote.measure_id].append(quote.text)
    columns = (
        GridColumn(name=_("序号"), width=6),
        GridColumn(name=_("支柱"), width=12),
        GridColumn(name=_("举措"), width=26),
        GridColumn(name=_("年度目标"), width=26),
        GridColumn(name=_("牵头部门"), width=14),
        GridColumn(name=_("配合部门"), width=16),
        GridColumn(name=_("分管院领导"), width=12),
        GridColumn(name=_("完成时限"), width=12),
        GridColumn(name=_("完成进度（%）"), width=10),
        GridColumn(name=_("本期进展"), width=40),
        GridColumn(name=_("目标值/现值"), width=22),
        GridColumn(name=_("状态"), width=14),
        GridColumn(name=_("存在问题及需协调"), width=26),
        GridColumn(name=_("原文"), width=30),
    )
    return _table(
        PaperKind.LEDGER,
        standing,
        title=_("%(plan)s台账") % {"plan": standing.plan.title},
        basis=basis,
        columns=columns,
        row_of=lambda item: _ledger_row(
            item, entries.get(item.progress.pk) if item.progress else None, quotes[item.measure.pk]
        ),
    )


def _ledger_row(item, entry, quotes):
    measure = item.measure
    note = note_of(item.verdict)
    problems = (
        [entry.problems, _("需%(whom)s协调") % {"whom": entry.help_from} if entry.help_from else ""] if entry else []
    )
    return [
        measure.code,
        measure.pillar.short,
        measure.title,
        "\n".join(
            f"{indicator.indicator.name} {target_text(indicator.indicator, indicator.target)}".strip()
            for indicator in item.indicators
        ),
        str(measure.lead or ""),
        joined(item.support),
        str(measure.leader or ""),
        item.due,
        rounded(item.verdict.percent),
        entry.text if entry else "",
        "\n".join(target_and_value(indicator) for indicator in item.indicators),
        lit(item.verdict.light, note),
        "\n".join(part for part in problems if part),
        "\n".join(quotes),
    ]


def target_and_value(item):
    indicator, unit = item.indicator, item.indicator.unit
    if item.facts.achieved_on:
        value = written_day(item.facts.achieved_on)
    elif item.verdict.value is None:
        value = _("无数据")
    else:
        value = f"{figure(item.verdict.value)} {unit}".strip()
    without = _("未设") if item.verdict.standing == Standing.NO_TARGET else indicator.get_kind_display()
    return f"{target_text(indicator, item.target) or without} / {value}"


def breakdown_of(history, *, on, basis, known=None):
    """任务分解表: who does what by when, and quarter by quarter the nodes that are due and how far it was.

    `on` is the day looked at, as known at the moment `known` (its end unless given); of the quarters that had ended by then the progress is what was known at their end.
    """
    plan = history.plan
    ends = [date(plan.year, month, day) for month, day in QUARTER_ENDS]
    then = {
        end: {
            item.measure.pk: item.verdict.percent for item in history.standing(on=end, known=end_of_day(end)).measures
        }
        for end in ends
        if end <= on
    }
    columns = (
        GridColumn(name=_("序号"), width=6),
        GridColumn(name=_("支柱"), width=12),
        GridColumn(name=_("任务"), width=34),
        GridColumn(name=_("牵头部门"), width=14),
        GridColumn(name=_("配合部门"), width=20),
        GridColumn(name=_("分管院领导"), width=12),
        GridColumn(name=_("完成时限"), width=12),
        *(GridColumn(name=name, width=24) for name in (_("第一季度"), _("第二季度"), _("第三季度"), _("第四季度"))),
    )

    def row(item):
        measure = item.measure
        return [
            measure.code,
            measure.pillar.short,
            measure.title,
            str(measure.lead or ""),
            joined(item.support),
            str(measure.leader or ""),
            item.due,
            *(_quarter(item, end, then.get(end, {}).get(measure.pk)) for end in ends),
        ]

    standing = history.standing(on=on, known=known)
    return _table(
        PaperKind.BREAKDOWN,
        standing,
        title=_("%(plan)s任务分解表") % {"plan": plan.title},
        basis=basis,
        columns=columns,
        row_of=row,
    )


def _quarter(item, end, percent):
    begins = date(end.year, end.month - 2, 1)
    lines = [f"{node.node.title}{bracketed(written_day(node.due))}" for node in item.nodes if begins <= node.due <= end]
    if percent is not None:
        lines.append(_("完成 %(percent)s%%") % {"percent": figure(percent)})
    return "\n".join(lines)


def _table(kind, standing, *, title, basis, columns, row_of):
    """The paper with one table a pillar, under the pillar's own title."""
    blocks = []
    for pillar in standing.pillars:
        blocks.append(Heading(level=2, text=pillar.pillar.title))
        blocks.append(
            Grid(name=pillar.pillar.short, columns=columns, rows=tuple(tuple(row_of(item)) for item in pillar.measures))
        )
    return Paper(
        kind=kind,
        title=title,
        basis=basis,
        warning=warning_of(standing.plan),
        parts=(Part(key="table", shape=Shape.A3_WIDE, blocks=tuple(blocks)),),
    )


def warning_of(plan):
    """What every paper with made-up figures says of itself; empty where they are not."""
    return _("示例数据：文中数字均为演示编造，不代表任何法院的真实情况") if plan.court.has_demo_data else ""
