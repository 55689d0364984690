"""Tables go out as they are shown: the same rows in the same order, safe for a table program."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from apps.core.tables import csv_lines, workbook_of
from tests.conftest import at
from tests.factories import (
    IndicatorFactory,
    MeasureFactory,
    ProgrammeFactory,
    ProgressEntryFactory,
    ReadingEntryFactory,
    TargetFactory,
)


@pytest.fixture(autouse=True)
def july():
    with time_machine.travel(at("2025-07-15 10:00"), tick=False):
        yield


def table(client, name, query=""):
    response = client.get(reverse(f"dashboard:{name}", args=["kfq", 2025]) + f"?format=csv{query}")
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return response["Content-Disposition"], list(csv.reader(io.StringIO(text[1:])))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        (Decimal("-1.50"), "-1.5"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        (None, ""),
        ("a,b", '"a,b"'),
    ],
)
def test_no_cell_is_computed(cell, written):
    assert list(csv_lines(["列", "末列"], [[cell, "x"]]))[2] == f"{written},x\r\n"


def test_workbook_holds_numbers_as_numbers_days_as_days_and_no_formula():
    rows = [["=1+1", Decimal("-12.50"), date(2025, 6, 30), None, "长" * 60, 7, "a\x0bb"]]

    sheet = load_workbook(io.BytesIO(workbook_of(["甲", "乙", "丙", "丁", "戊", "己", "庚"], rows))).active

    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "d", "n", "s", "n", "s"]
    assert [cell.value for cell in sheet[2] if cell.column != 3] == ["=1+1", -12.5, None, "长" * 60, 7, "ab"]
    assert sheet["C2"].value.date() == date(2025, 6, 30)
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")


def test_pages_table_is_the_same_in_both_forms(client, cast):
    ProgressEntryFactory(measure=cast.measure, percent="60.5", accepted_at=at("2025-06-29 09:00"))
    client.force_login(cast.leader)

    response = client.get(reverse("dashboard:measures", args=["kfq", 2025]) + "?format=xlsx")
    _name, rows = table(client, "measures")

    sheet = load_workbook(io.BytesIO(response.content)).active
    assert 'filename="measures-kfq-2025-2025-07-15.xlsx"' in response["Content-Disposition"]
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert (sheet["A2"].value, sheet["G2"].value.date(), sheet["I2"].value) == ("1.1", date(2025, 12, 31), 60.5)
    assert (rows[1][6], rows[1][8]) == ("2025-12-31", "60.5")


def test_measures_go_out_filtered_and_sorted_as_shown(client, cast):
    other = MeasureFactory(plan=cast.measure.plan, pillar=cast.measure.pillar, code="1.2", title="=SUM(A1)")
    MeasureFactory(plan=cast.measure.plan, code="9.9")
    for measure, percent in ((cast.measure, 60), (other, 20)):
        ProgressEntryFactory(measure=measure, percent=percent, accepted_at=at("2025-06-29 09:00"))
    client.force_login(cast.leader)

    name, rows = table(client, "measures", f"&pillar={cast.measure.pillar.number}&sort=percent")

    assert name == 'attachment; filename="measures-kfq-2025-2025-07-15.csv"'
    assert [row[0] for row in rows] == ["编号", "1.2", "1.1"]
    assert (rows[1][1], rows[1][8], rows[2][6]) == ("'=SUM(A1)", "20", "2025-12-31")
    page = client.get(reverse("dashboard:measures", args=["kfq", 2025]) + "?sort=percent").content.decode()
    assert 'aria-sort="ascending"' in page


def test_indicators_go_out_with_target_and_value(client, cast):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", name="建议数", unit="份")
    ReadingEntryFactory(indicator=indicator, value=3, accepted_at=at("2025-06-29 09:00"))
    client.force_login(cast.leader)

    _name, rows = table(client, "indicators")

    assert rows[1][:6] == ["1.1-1", "建议数", str(cast.measure), "", "3", "份"]


def test_another_courts_table_is_not_given(client, cast):
    client.force_login(cast.outsider)

    assert client.get(reverse("dashboard:measures", args=["kfq", 2025]) + "?format=csv").status_code == 404


@pytest.mark.parametrize("sort", ["", "light", "due"])
def test_indicators_are_sorted_on_the_page_and_in_the_file_alike(client, cast, sort):
    early = IndicatorFactory(measure=cast.measure, code="1.1-2", name="早的")
    TargetFactory(indicator=early, low=1, due=date(2025, 6, 30))
    IndicatorFactory(measure=cast.measure, code="1.1-1", name="晚的", order=1)
    ReadingEntryFactory(indicator=early, value=0)
    early.order = 2
    early.save()
    client.force_login(cast.leader)

    page = client.get(reverse("dashboard:indicators", args=["kfq", 2025]) + f"?sort={sort}")
    _name, rows = table(client, "indicators", f"&sort={sort}")

    codes = [row.standing.indicator.code for row in page.context["found"]]
    assert [row[0] for row in rows[1:]] == codes
    assert codes[0] == ("1.1-1" if sort == "" else "1.1-2")
    positions = [page.content.decode().index(f">{code}<") for code in codes]
    assert positions == sorted(positions)


@pytest.mark.parametrize(
    ("name", "more"), [("pillar", "number"), ("department", "slug"), ("programme", "code"), ("year", None)]
)
def test_every_table_of_measures_goes_out(client, cast, name, more):
    programme = ProgrammeFactory(plan=cast.measure.plan, code="service")
    cast.measure.programmes.add(programme)
    key = {"number": cast.measure.pillar.number, "slug": cast.measure.lead.slug, "code": "service"}.get(more)
    client.force_login(cast.leader)

    response = client.get(reverse(f"dashboard:{name}", args=["kfq", 2025, *([key] if more else [])]) + "?format=csv")
    text = b"".join(response.streaming_content).decode()

    assert [row[0] for row in csv.reader(io.StringIO(text[1:]))] == ["编号", "1.1"]
