"""台账 and 任务分解表: what stands in them is what the pages say, typed, framed and ready for A3."""

import io
from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from apps.assessment.selectors import PlanHistory
from apps.papers.blocks import Grid, GridColumn, Paper, Part, build_grid, name_at
from apps.papers.sheets import workbook_of
from apps.papers.tables import breakdown_of
from apps.plans.models import Measure
from apps.plans.services import OrderDetails, add_node, order_deadline
from tests.conftest import at
from tests.factories import (
    IndicatorFactory,
    MeasureFactory,
    PillarFactory,
    ProgressEntryFactory,
    ReadingEntryFactory,
    TargetFactory,
)

NOW = at("2025-07-15 10:00")


@pytest.fixture(autouse=True)
def july():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def plan(cast):
    """Two pillars; a measure with a report, an indicator and a node, and one of which nothing is known."""
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", name="建议数", unit="份", order=1)
    TargetFactory(indicator=indicator, low=18)
    ReadingEntryFactory(indicator=indicator, value=7, accepted_at=at("2025-06-29 09:00"))
    IndicatorFactory(measure=cast.measure, code="1.1-2", kind="achieved", order=2)
    IndicatorFactory(measure=cast.measure, code="1.1-3", order=3)
    ProgressEntryFactory(
        measure=cast.measure,
        percent="61.25",
        text="=HYPERLINK(1)",
        problems="缺人手",
        help_from="区财政局",
        speaks_of=date(2025, 6, 28),
        accepted_at=at("2025-06-29 09:00"),
    )
    add_node(
        measure=MeasureFactory(plan=cast.measure.plan, pillar=PillarFactory(plan=cast.measure.plan), code="9.9"),
        title="方案印发",
        due=date(2025, 5, 31),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-02 09:00")),
    )
    return cast.measure.plan


def opened(response):
    return load_workbook(io.BytesIO(response.content))


def test_ledger_says_what_the_page_says(client, cast, plan):
    client.force_login(cast.leader)

    book = opened(client.get(reverse("papers:file", args=["kfq", 2025, "ledger", "xlsx"])))

    everything = book.worksheets[0]
    assert [sheet.title for sheet in book.worksheets[1:]] == [
        pillar.short for pillar in plan.pillars.order_by("number")
    ]
    head = [cell.value for cell in everything[3]]
    row = dict(zip(head, everything[4], strict=True))
    assert head == [
        "序号",
        "支柱",
        "举措",
        "年度目标",
        "牵头部门",
        "配合部门",
        "分管院领导",
        "完成时限",
        "完成进度（%）",
        "本期进展",
        "目标值/现值",
        "状态",
        "存在问题及需协调",
        "原文",
    ]
    assert (row["序号"].value, row["完成进度（%）"].value, row["完成时限"].value.date()) == (
        "1.1",
        61.25,
        date(2025, 12, 31),
    )
    assert (row["本期进展"].value, row["本期进展"].data_type) == ("=HYPERLINK(1)", "s")
    assert row["目标值/现值"].value == "≥ 18 份 / 7 份\n完成即达标 / 无数据\n未设 / 无数据"
    assert row["存在问题及需协调"].value == "缺人手\n需区财政局协调"
    unknown = dict(zip(head, everything[5], strict=True))
    assert (unknown["完成进度（%）"].value, unknown["本期进展"].value) == (0, None)
    assert everything.freeze_panes == "D4"
    assert everything.auto_filter.ref == "A3:N5"
    assert (everything.page_setup.paperSize, everything.page_setup.orientation) in (
        (8, "landscape"),
        ("8", "landscape"),
    )
    assert everything.print_title_rows == "$3:$3"
    assert "截至" in everything["A2"].value


def test_breakdown_has_nodes_and_progress_by_quarter(plan):
    table = breakdown_of(PlanHistory(plan), on=date(2025, 7, 15), basis="")

    first, second = (
        dict(zip([column.name for column in grid.columns], row, strict=True))
        for grid in table.grids
        for row in grid.rows
    )
    assert [first[f"第{quarter}季度"] for quarter in "一二三四"] == ["", "完成 61.25%", "", ""]
    assert second["第二季度"].startswith("方案印发（2025年5月31日）")


def test_breakdown_of_a_past_day_knows_what_is_asked_for(client, cast, plan):
    order_deadline(
        measure=cast.measure,
        due=date(2025, 11, 30),
        details=OrderDetails(reason="提前", effective_from=date(2025, 6, 1), by=cast.plan_admin, at=NOW),
    )
    client.force_login(cast.leader)

    def due(query):
        sheet = opened(
            client.get(reverse("papers:file", args=["kfq", 2025, "breakdown", "xlsx"]) + f"?on=2025-06-30{query}")
        ).worksheets[0]
        return sheet["G4"].value.date()

    assert (due(""), due("&known=now")) == (date(2025, 12, 31), date(2025, 11, 30))


@pytest.mark.parametrize("name", ["ledger", "breakdown"])
def test_another_program_reads_the_same_values(client, cast, plan, name):
    client.force_login(cast.leader)
    made = client.get(reverse("papers:file", args=["kfq", 2025, name, "xlsx"])).content

    ours = {
        sheet.title: [[_plain(cell.value) for cell in row] for row in sheet.iter_rows()]
        for sheet in load_workbook(io.BytesIO(made))
    }
    other = CalamineWorkbook.from_filelike(io.BytesIO(made))
    theirs = {
        title: [[_plain(value) for value in row] for row in other.get_sheet_by_name(title).to_python()]
        for title in other.sheet_names
    }

    assert theirs == ours
    assert date(2025, 12, 31) in {value for row in theirs["全部"] for value in row}


def _plain(value):
    """A cell as either library tells it: days as days, nothing as nothing."""
    if isinstance(value, datetime):
        return value.date()
    return None if value == "" else value


def test_made_up_figures_are_said_to_be_on_every_sheet(client, cast, plan):
    court = plan.court
    court.has_demo_data = True
    court.save()
    client.force_login(cast.leader)

    for name in ("ledger", "breakdown"):
        book = opened(client.get(reverse("papers:file", args=["kfq", 2025, name, "xlsx"]) + "?on=2025-06-30"))
        assert all("示例数据" in sheet["A2"].value and "6月30日" in sheet["A2"].value for sheet in book.worksheets)


@pytest.mark.parametrize("n_more", [1, 3])
@pytest.mark.parametrize(("name", "n_queries"), [("ledger", 20), ("breakdown", 18)])
def test_papers_take_the_same_number_of_queries(client, cast, plan, django_assert_num_queries, name, n_queries, n_more):
    for _number in range(n_more):
        ProgressEntryFactory(measure=MeasureFactory(plan=plan, pillar=cast.measure.pillar), accepted_at=NOW)
    client.force_login(cast.leader)

    with django_assert_num_queries(n_queries):
        client.get(reverse("papers:file", args=["kfq", 2025, name, "xlsx"]))


def test_sheets_take_any_name_and_control_characters():
    columns = (GridColumn(name="甲", width=8),)
    long = "支/柱[1]:*?" + "长" * 40
    grids = tuple(
        Grid(name=name, columns=columns, rows=rows) for name, rows in ((long, (("a\x0bb",),)), (long, ()), ("全部", ()))
    )
    paper = Paper(kind="ledger", title="表", basis="注", warning="", parts=(Part(key="table", blocks=grids),))

    book = load_workbook(io.BytesIO(workbook_of(paper)))

    names = [sheet.title for sheet in book.worksheets]
    assert len(set(names)) == 4
    assert all(len(name) <= 31 for name in names)
    assert book.worksheets[0]["A4"].value == "ab"


def test_a_measure_without_people_has_empty_cells_there():
    """An issued paper stores them as text; with another value in them the same paper would look like a new one."""
    measure = Measure(lead=None, leader=None)
    grid = build_grid("", [measure], ("部门", 1, name_at("lead")), ("领导", 1, name_at("leader")), ("空", 1, "lead"))

    assert grid.rows == (("", "", None),)
