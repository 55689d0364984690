"""A paper of tables as a workbook: one sheet with everything and one a table, ready to be printed on A3."""

import io
import math
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.styleable import StyleableObject
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from apps.papers.blocks import Cell, Grid, GridColumn, LightCell, Paper, text_width
from apps.papers.word import COLOURS, clean, without_clock

HEAD_ROW = 3
MAX_NAME_LENGTH = 31
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
SONG, HEI = "宋体", "黑体"
THIN = Side(style="thin", color="808080")
FRAME = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
SHADE = PatternFill("solid", fgColor="E8E8E8")
A3 = 8
POINTS_A_LINE, MAX_ROW_HEIGHT = 14, 400  # a sheet takes no row higher than 409 points


def workbook_of(paper: Paper) -> bytes:
    """The bytes of the workbook: all rows on one sheet, then each table of the paper on its own, where there are more."""
    book = Workbook()
    book.properties.creator, book.properties.title = None, clean(paper.title)
    book.remove(book.active)
    grids = paper.grids
    if len(grids) != 1:
        columns = grids[0].columns if grids else (GridColumn(name=_("内容"), width=60),)
        rows = tuple(row for grid in grids for row in grid.rows)
        grids = [Grid(name=_("全部"), columns=columns, rows=rows), *grids]
    note = "　".join(text for text in (paper.basis, paper.warning) if text)
    for grid in grids:
        _fill(book.create_sheet(_sheet_name(grid.name, book.sheetnames)), grid, title=paper.title, note=note)
    buffer = io.BytesIO()
    book.save(buffer)
    return without_clock(buffer.getvalue())


def _fill(sheet: Worksheet, grid: Grid, *, title: str, note: str) -> None:
    styles = _Styles(sheet)
    last, end = get_column_letter(len(grid.columns)), HEAD_ROW + len(grid.rows)
    _write(sheet, 1, 1, title, styles.title)
    _write(sheet, 2, 1, note, styles.note)
    sheet.merge_cells(f"A1:{last}1")
    sheet.merge_cells(f"A2:{last}2")
    sheet.row_dimensions[1].height = 28
    names = [column.name for column in grid.columns]
    for number, row in enumerate([names, *grid.rows], HEAD_ROW):
        for column_number, cell in enumerate(row, 1):
            _write(sheet, number, column_number, cell, styles.head if number == HEAD_ROW else styles.of(cell))
        sheet.row_dimensions[number].height = _height(row, grid.columns)
    for number, column in enumerate(grid.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = f"D{HEAD_ROW + 1}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last}{end}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.print_area = f"A1:{last}{end}"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = A3, "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.center.text = "— &P —"


class _Styles:
    """The styles of cells, each made once: a 台账 has more than a hundred thousand cells."""

    def __init__(self, sheet: Worksheet) -> None:
        text = Font(name=SONG, size=10.5)
        self.title = _style(sheet, Font(name=HEI, size=16), horizontal="center", vertical="center", border=None)
        self.note = _style(sheet, Font(name=SONG, size=10), border=None)
        self.head = _style(sheet, Font(name=HEI, size=11), horizontal="center", vertical="center", fill=SHADE)
        self.text = _style(sheet, text)
        self.figure = _style(sheet, text, horizontal="center")
        self.day = _style(sheet, text, horizontal="center", number_format="yyyy-mm-dd")
        self.lights = {
            light: _style(sheet, Font(name=SONG, size=10.5, color=f"FF{colour}")) for light, colour in COLOURS.items()
        }

    def of(self, cell: Cell) -> Any:
        match cell:
            case LightCell():
                return self.lights[cell.light]
            case date():
                return self.day
            case Decimal() | int():
                return self.figure
        return self.text


def _style(
    sheet: Worksheet,
    font: Font,
    *,
    horizontal: str | None = None,
    vertical: str = "top",
    border: Border | None = FRAME,
    **more: Any,
) -> Any:
    style = StyleableObject(sheet)
    alignment = Alignment(horizontal=horizontal, vertical=vertical, wrap_text=True)
    for name, value in {"font": font, "alignment": alignment, "border": border, **more}.items():
        if value is not None:
            setattr(style, name, value)
    return style._style


def _write(sheet: Worksheet, row: int, column: int, value: Cell, style: Any) -> None:
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, date | Decimal | int):
        cell.value = value
    elif value:
        cell.value = clean(_text(value))
        cell.data_type = "s"  # a text, whatever it begins with
    cell._style = style


def _text(value: str | LightCell) -> str:
    """The text of a cell; a light is its sign and label, readable without colour."""
    return f"{value.sign} {value}" if isinstance(value, LightCell) else value


def _height(cells: Sequence[Cell], columns: Sequence[GridColumn]) -> int:
    """The height of a row in points that shows its longest cell completely."""
    n_lines = max(_line_count(cell, column.width) for cell, column in zip(cells, columns, strict=True))
    return min(n_lines * POINTS_A_LINE + 4, MAX_ROW_HEIGHT)


def _line_count(cell: Cell, width: int) -> int:
    """Approximately how many lines a text takes in a column; a Chinese character is two digits wide."""
    if not isinstance(cell, str | LightCell):
        return 1
    return sum(max(math.ceil(text_width(line) / max(width - 1, 1)), 1) for line in _text(cell).split("\n"))


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    """A valid sheet name: short enough, without special characters, unique in the workbook."""
    plain = NOT_IN_A_NAME.sub(" ", name).strip()[:MAX_NAME_LENGTH] or "-"
    found, number = plain, 2
    while found.casefold() in {other.casefold() for other in taken}:
        found, number = f"{plain[: MAX_NAME_LENGTH - 4]} {number}", number + 1
    return found
