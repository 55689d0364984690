"""The tables of the pages as files: what is shown, in the order in which it is shown."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.assessment.sentences import note_of, target_text
from apps.assessment.tree import IndicatorStanding, MeasureStanding
from apps.core.figures import rounded
from apps.core.tables import Head, Rows
from apps.core.wording import joined
from apps.dashboard.comparison import YearRow
from apps.dashboard.selectors import IndicatorRow

Columns = Sequence[tuple[str, Callable[[Any], object]]]


def measure_table(measures: Iterable[MeasureStanding]) -> tuple[Head, Rows]:
    """Measures as the list shows them."""
    columns: Columns = [
        (_("编号"), lambda row: row.measure.code),
        (_("举措"), lambda row: row.measure.title),
        (_("支柱"), lambda row: row.measure.pillar.short),
        (_("牵头部门"), lambda row: row.measure.lead or ""),
        (_("配合部门"), lambda row: joined(row.support)),
        (_("分管院领导"), lambda row: row.measure.leader or ""),
        (_("完成时限"), lambda row: row.due),
        (_("原定时限"), lambda row: row.original_due),
        (_("完成进度（%）"), lambda row: rounded(row.verdict.percent)),
        (_("序时进度（%）"), lambda row: rounded(row.verdict.expected)),
        (_("状态"), lambda row: row.verdict.light.label),
        (_("说明"), lambda row: note_of(row.verdict)),
    ]
    return _table(columns, measures)


def indicator_table(rows: Iterable[IndicatorRow]) -> tuple[Head, Rows]:
    """Indicators as the list shows them."""
    columns: Columns = [
        (_("编号"), lambda row: row.standing.indicator.code),
        (_("指标"), lambda row: row.standing.indicator.name),
        (_("所属"), lambda row: row.holder),
        (_("目标值"), lambda row: target_text(row.standing.indicator, row.standing.target)),
        (_("现值"), lambda row: _current_value(row.standing)),
        (_("单位"), lambda row: row.standing.indicator.unit),
        (_("考核日期"), lambda row: row.standing.facts.due),
        (_("状态"), lambda row: row.standing.verdict.light.label),
        (_("达标情况"), lambda row: row.standing.verdict.standing.label),
    ]
    return _table(columns, rows)


def _current_value(standing: IndicatorStanding) -> object:
    return standing.facts.achieved_on if standing.verdict.value is None else standing.verdict.value


def year_table(rows: Sequence[YearRow]) -> tuple[Head, Rows]:
    """The year at a glance: a column a month, the light's word in each cell."""
    days = [cell.on.isoformat() for cell in rows[0].cells] if rows else []
    table = (
        [
            row.standing.measure.code,
            row.standing.measure.title,
            *(cell.light.label if cell.light else "" for cell in row.cells),
        ]
        for row in rows
    )
    return [_("编号"), _("举措"), *days], table


def _table(columns: Columns, rows: Iterable[object]) -> tuple[Head, Rows]:
    return [name for name, _value in columns], ([value(row) for _name, value in columns] for row in rows)
