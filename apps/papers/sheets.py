"""A paper of tables as a workbook: one sheet with everything and one a table, ready to be printed on A3."""

import io
import re
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.styleable import StyleableObject
from openpyxl.utils import get_column_letter

from apps.papers.blocks import GridColumn, Lit, breadth
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


def workbook_of(paper):
    """The bytes of the workbook: all rows on one sheet, then each table of the paper on its own, where there are more."""
    book = Workbook()
    book.properties.creator, book.properties.title = None, clean(paper.title)
    book.remove(book.active)
    names = set()
    grids = [(grid.name, grid.columns, grid.rows) for grid in paper.grids]
    if len(grids) != 1:
        columns = grids[0][1] if grids else (GridColumn(name=_("内容"), width=60),)
        everything = [row for _name, _columns, rows in grids for row in rows]
        grids.insert(0, (_("全部"), columns, everything))
    note = "　".join(part for part in (paper.basis, paper.warning) if part)
    for name, columns, rows in grids:
        _fill(book.create_sheet(_sheet_name(name, names)), paper.title, columns, rows, note=note)
    buffer = io.BytesIO()
    book.save(buffer)
    return without_clock(buffer.getvalue())


def _fill(sheet, title, columns, rows, *, note):
    styles = _Styles(sheet)
    last = get_column_letter(len(columns))
    _write(sheet, 1, 1, title, styles.title)
    _write(sheet, 2, 1, note, styles.note)
    for row in (1, 2):
        sheet.merge_cells(f"A{row}:{last}{row}")
    sheet.row_dimensions[1].height = 28
    for column_number, column in enumerate(columns, 1):
        _write(sheet, HEAD_ROW, column_number, column.name, styles.head)
        sheet.column_dimensions[get_column_letter(column_number)].width = column.width
    sheet.row_dimensions[HEAD_ROW].height = _height([column.name for column in columns], columns)
    for number, row in enumerate(rows, HEAD_ROW + 1):
        for column_number, cell in enumerate(row, 1):
            _write(sheet, number, column_number, cell, styles.of(cell))
        sheet.row_dimensions[number].height = _height(row, columns)
    end = HEAD_ROW + len(rows)
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
    """The looks that cells have, each worked out once: a 台账 has more than a hundred thousand of them."""

    def __init__(self, sheet):
        self.title = self._of(sheet, font=Font(name=HEI, size=16), centred=True, frame=False)
        self.note = self._of(sheet, font=Font(name=SONG, size=10), frame=False)
        self.head = self._of(sheet, font=Font(name=HEI, size=11), centred=True, fill=SHADE)
        self.cell = self._of(sheet, font=Font(name=SONG, size=10.5))
        self.figure = self._of(sheet, font=Font(name=SONG, size=10.5), middle=True)
        self.day = self._of(sheet, font=Font(name=SONG, size=10.5), middle=True, number_format="yyyy-mm-dd")
        self.lights = {
            light: self._of(sheet, font=Font(name=SONG, size=10.5, color=f"FF{colour}"))
            for light, colour in COLOURS.items()
        }

    def of(self, cell):
        """The look of a cell of the table."""
        match cell:
            case Lit():
                return self.lights[cell.light]
            case date():
                return self.day
            case Decimal() | int():
                return self.figure
        return self.cell

    @staticmethod
    def _of(sheet, *, font, centred=False, middle=False, frame=True, fill=None, number_format=None):
        look = StyleableObject(sheet)
        look.font = font
        look.alignment = Alignment(
            vertical="center" if centred else "top",
            horizontal="center" if centred or middle else None,
            wrap_text=True,
        )
        if frame:
            look.border = FRAME
        if fill:
            look.fill = fill
        if number_format:
            look.number_format = number_format
        return look._style


def _write(sheet, row, column_number, value, style):
    cell = sheet.cell(row=row, column=column_number)
    if isinstance(value, date | Decimal | int):
        cell.value = value
    elif value:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", _text(value))
        cell.data_type = "s"  # a text, whatever it begins with
    cell._style = style


def _text(value):
    """What stands in the cell; a light is its sign and its word, for those who see or print no colour."""
    return f"{value.sign} {value}" if isinstance(value, Lit) else str(value)


def _height(cells, columns):
    """Of a row, in points, so that its longest cell is seen whole."""
    lines = max(_lines(cell, column.width) for cell, column in zip(cells, columns, strict=True))
    return min(max(lines, 1) * POINTS_A_LINE + 4, MAX_ROW_HEIGHT)


def _lines(cell, width):
    """About how many lines a text takes in a column: a Chinese sign is two digits wide."""
    if not isinstance(cell, str | Lit):
        return 1
    return sum(-(-breadth(line) // max(width - 1, 1)) or 1 for line in _text(cell).split("\n"))


def _sheet_name(name, taken):
    """A name that a workbook takes: not too long, without signs that mean something, and only once."""
    plain = NOT_IN_A_NAME.sub(" ", str(name)).strip()[:MAX_NAME_LENGTH] or "-"
    found, number = plain, 2
    while found.casefold() in taken:
        found, number = f"{plain[: MAX_NAME_LENGTH - 4]} {number}", number + 1
    taken.add(found.casefold())
    return found
