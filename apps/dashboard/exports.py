"""The tables of the pages as files: what is shown, in the order in which it is shown."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from apps.assessment.sentences import note_of, target_text
from apps.assessment.tree import MeasureStanding
from apps.core.figures import rounded
from apps.core.tables import Head, Rows
from apps.core.wording import joined
from apps.dashboard.comparison import YearRow
from apps.dashboard.selectors import IndicatorRow


def measure_table(measures: Iterable[MeasureStanding]) -> tuple[Head, Rows]:
    """Measures as the list shows them: (columns, rows)."""
    head = [
        _("编号"),
        _("举措"),
        _("支柱"),
        _("牵头部门"),
        _("配合部门"),
        _("分管院领导"),
        _("完成时限"),
        _("原定时限"),
        _("完成进度（%）"),
        _("序时进度（%）"),
        _("状态"),
        _("说明"),
    ]
    rows = (
        [
            row.measure.code,
            row.measure.title,
            row.measure.pillar.short,
            row.measure.lead or "",
            joined(row.support),
            row.measure.leader or "",
            row.due,
            row.original_due,
            rounded(row.verdict.percent),
            rounded(row.verdict.expected),
            row.verdict.light.label,
            note_of(row.verdict),
        ]
        for row in measures
    )
    return head, rows


def indicator_table(rows: Iterable[IndicatorRow]) -> tuple[Head, Rows]:
    """Indicators as the list shows them: (columns, rows)."""
    head = [
        _("编号"),
        _("指标"),
        _("所属"),
        _("目标值"),
        _("现值"),
        _("单位"),
        _("考核日期"),
        _("状态"),
        _("达标情况"),
    ]
    table = (
        [
            row.standing.indicator.code,
            row.standing.indicator.name,
            row.holder,
            target_text(row.standing.indicator, row.standing.target),
            row.standing.verdict.value if row.standing.verdict.value is not None else row.standing.facts.achieved_on,
            row.standing.indicator.unit,
            row.standing.facts.due,
            row.standing.verdict.light.label,
            row.standing.verdict.standing.label,
        ]
        for row in rows
    )
    return head, table


def year_table(rows: Sequence[YearRow]) -> tuple[Head, Rows]:
    """The year at a glance: a column a month, the light's word in each cell."""
    head = [_("编号"), _("举措"), *(cell.on.isoformat() for cell in rows[0].cells)] if rows else [_("编号"), _("举措")]
    table = (
        [
            row.standing.measure.code,
            row.standing.measure.title,
            *(cell.light.label if cell.light else "" for cell in row.cells),
        ]
        for row in rows
    )
    return head, table
