"""The tables that can be imported, in the order in which a new plan needs them. Each stands in its own room."""

from apps.accounts.import_tables import DepartmentTable, PersonTable
from apps.indicators.import_tables import IndicatorTable, RangeTable, TargetTable
from apps.plans.import_tables import GoalTable, MeasureTable, NodeTable, PillarTable, ProgrammeTable
from apps.reporting.import_tables import ReadingTable

TABLES = {
    table.slug: table
    for table in (
        DepartmentTable,
        PersonTable,
        PillarTable,
        GoalTable,
        ProgrammeTable,
        MeasureTable,
        NodeTable,
        IndicatorTable,
        TargetTable,
        ReadingTable,
        RangeTable,
    )
}
