"""How a paper's tables are set: widths, sheets, lights without colour, and a plan with nothing in it."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook

from apps.assessment.choices import Light
from apps.papers.blocks import Grid, GridColumn, Paper, Part, light_cell
from apps.papers.choices import PaperKind, Shape
from apps.papers.pdf import html_of
from apps.papers.selectors import PaperOptions, draft_of
from apps.papers.sheets import workbook_of
from apps.papers.word import shares, word_of
from tests.conftest import at
from tests.factories import PlanFactory

NOW = at("2025-08-15 10:00")
DAY = date(2025, 12, 31)


@pytest.fixture(autouse=True)
def august(time_machine):
    time_machine.move_to(NOW, tick=False)


def grid_of(*columns):
    """Columns as (width asked for, the one cell in it)."""
    return Grid(
        name="表",
        columns=tuple(GridColumn(name=f"列{number}", width=width) for number, (width, _cell) in enumerate(columns)),
        rows=(tuple(cell for _width, cell in columns),),
    )


def paper_of(grid, shape=Shape.A3_WIDE):
    return Paper(
        kind="ledger", title="表", basis="注", warning="", parts=(Part(key="table", blocks=(grid,), shape=shape),)
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([(1, "长文"), (1, "长文")], [50, 50]),
        ([(1, ""), (1, ""), (1, "")], [34, 33, 33]),
        # An A4 sheet on its side holds 133 digits: a day needs 14, a light of two signs 7, a code 3, and 3 around each.
        ([(1, DAY), (99, "长文")], [13, 87]),
        ([(1, light_cell(Light.LATE)), (99, "长文")], [8, 92]),
        ([(1, "1.1"), (1, Decimal("66.67")), (98, "长文")], [5, 6, 89]),
        # Words with a space in them may be broken, and so may Chinese.
        ([(5, "a b c d e f"), (5, "一二三四五六七八"), (90, "")], [5, 5, 90]),
        # Where too much would have to be held whole, all is as asked for.
        ([(1, DAY)] * 9, [12, 11, 11, 11, 11, 11, 11, 11, 11]),
    ],
)
def test_days_figures_codes_and_lights_are_not_torn(columns, expected):
    assert shares(grid_of(*columns), shape=Shape.A4_WIDE) == expected
    assert sum(expected) == 100


def test_word_and_page_give_columns_the_same_shares():
    grid = grid_of((1, DAY), (99, "长文"))
    paper = paper_of(grid, Shape.A4_WIDE)

    widths = [
        int(column.get(qn("w:w"))) for column in Document(io.BytesIO(word_of(paper))).element.iter(qn("w:gridCol"))
    ]
    assert [round(100 * width / sum(widths)) for width in widths] == [13, 87]
    cell = Document(io.BytesIO(word_of(paper))).styles["Table Text"].element.pPr
    assert [cell.find(qn(f"w:autoSpace{kind}")).get(qn("w:val")) for kind in ("DE", "DN")] == ["0", "0"]
    assert '<col class="w13"><col class="w87">' in html_of(paper)


def test_a_light_in_a_workbook_is_sign_word_and_colour():
    book = load_workbook(
        io.BytesIO(
            workbook_of(paper_of(grid_of((9, light_cell(Light.LATE, "逾期 5 天")), (9, light_cell(Light.DONE)))))
        )
    )

    late, done = book.worksheets[0][4]
    assert (late.value, done.value) == ("◆ 滞后 逾期 5 天", "√ 已完成")
    assert len({late.font.color.rgb, done.font.color.rgb, "FF000000"}) == 3


def test_the_head_of_a_sheet_is_as_high_as_its_longest_name():
    grid = Grid(name="表", columns=(GridColumn(name="完成进度（%）", width=8), GridColumn(name="甲", width=8)), rows=())

    sheet = load_workbook(io.BytesIO(workbook_of(paper_of(grid)))).worksheets[0]

    assert sheet.row_dimensions[3].height >= 2 * 14
    assert sheet.freeze_panes == "D4"


def test_one_table_makes_one_sheet_and_more_make_one_for_all_besides():
    first, other = grid_of((9, "甲")), Grid(name="又", columns=(GridColumn(name="列0", width=9),), rows=(("乙",),))
    both = Paper(kind="ledger", title="表", basis="", warning="", parts=(Part(key="table", blocks=(first, other)),))

    assert load_workbook(io.BytesIO(workbook_of(paper_of(first)))).sheetnames == ["表"]
    assert load_workbook(io.BytesIO(workbook_of(both))).sheetnames == ["全部", "表", "又"]


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (kind, form)
        for kind, forms in {
            "bulletin": ("docx", "pdf"),
            "ledger": ("xlsx", "docx", "pdf"),
            "breakdown": ("xlsx", "docx", "pdf"),
            "year": ("xlsx", "docx", "pdf"),
        }.items()
        for form in forms
    ],
)
def test_a_plan_with_nothing_in_it_makes_every_paper(client, cast, kind, form):
    PlanFactory(court=cast.measure.plan.court, year=2026)
    client.force_login(cast.plan_admin)

    page = client.get(reverse("papers:paper", args=["kfq", 2026, kind]))
    file = client.get(reverse("papers:file", args=["kfq", 2026, kind, form]))

    assert (page.status_code, file.status_code) == (200, 200)
    assert file.content[:4] == (b"%PDF" if form == "pdf" else b"PK\x03\x04")


def test_each_table_behind_a_bulletin_begins_a_page_and_is_named_before_the_signature(cast):
    paper = draft_of(cast.measure.plan, PaperKind.BULLETIN, PaperOptions(on=NOW.date(), known=NOW, basis="注")).paper

    names = [grid.name for grid in paper.grids]
    assert len(names) > 1
    document = Document(io.BytesIO(word_of(paper)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    first = texts.index(f"附件：1. {names[0]}")
    assert texts[first - 1] == "　"
    assert texts[first + 1] == f"　　　2. {names[1]}"
    signed = texts.index(paper.signature)
    assert signed > first
    assert all(paragraph.paragraph_format.keep_with_next for paragraph in document.paragraphs[first - 1 : signed + 1])
    assert len(document.sections) == 1 + len(names)
    assert html_of(paper).count("part part--a4_wide") == len(names)
    assert html_of(paper).count('<p class="stays">') == 1 + len(names)


def test_a_bulletin_without_tables_names_none(cast):
    plan = PlanFactory(court=cast.measure.plan.court, year=2026)

    paper = draft_of(plan, PaperKind.BULLETIN, PaperOptions(on=date(2026, 1, 31), known=NOW, basis="注")).paper

    assert paper.grids == []
    assert "附件：" not in html_of(paper)
