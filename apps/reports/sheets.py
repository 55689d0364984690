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

from apps.reports.blocks import Lit

HEAD_ROW = 3
LONGEST_NAME = 31
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
SONG, HEI = "宋体", "黑体"
THIN = Side(style="thin", color="808080")
FRAME = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
SHADE = PatternFill("solid", fgColor="E8E8E8")
A3 = 8
POINTS_A_LINE = 14


def workbook_of(paper):
    """The bytes of the workbook: all rows on one sheet, then each table of the paper on its own."""
    book = Workbook()
    book.remove(book.active)
    names = set()
    columns = paper.grids[0].columns
    everything = [row for grid in paper.grids for row in grid.rows]
    note = "　".join(part for part in (paper.basis, paper.warning) if part)
    for name, rows in ((_("全部"), everything), *((grid.name, grid.rows) for grid in paper.grids)):
        _fill(book.create_sheet(_sheet_name(name, names)), paper.title, columns, rows, note=note)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _fill(sheet, title, columns, rows, *, note):
    styles = _Styles(sheet)
    last = get_column_letter(len(columns))
    _write(sheet, 1, 1, title, styles.title)
    _write(sheet, 2, 1, note, styles.note)
    for row in (1, 2):
        sheet.merge_cells(f"A{row}:{last}{row}")
    sheet.row_dimensions[1].height = 28
    for place, column in enumerate(columns, 1):
        _write(sheet, HEAD_ROW, place, column.name, styles.head)
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    for number, row in enumerate(rows, HEAD_ROW + 1):
        for place, cell in enumerate(row, 1):
            _write(sheet, number, place, cell, styles.day if isinstance(cell, date) else styles.cell)
        lines = max(_lines(cell, column.width) for cell, column in zip(row, columns, strict=True))
        sheet.row_dimensions[number].height = min(max(lines, 1) * POINTS_A_LINE + 4, 400)
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
        self.day = self._of(sheet, font=Font(name=SONG, size=10.5), number_format="yyyy-mm-dd")

    @staticmethod
    def _of(sheet, *, font, centred=False, frame=True, fill=None, number_format=None):
        look = StyleableObject(sheet)
        look.font = font
        look.alignment = Alignment(
            vertical="center" if centred else "top", horizontal="center" if centred else None, wrap_text=True
        )
        if frame:
            look.border = FRAME
        if fill:
            look.fill = fill
        if number_format:
            look.number_format = number_format
        return look._style


def _write(sheet, row, place, value, style):
    cell = sheet.cell(row=row, column=place)
    if isinstance(value, date | Decimal | int):
        cell.value = value
    elif value:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))
        cell.data_type = "s"  # a text, whatever it begins with
    cell._style = style


def _lines(cell, width):
    """About how many lines a text takes in a column: a Chinese sign is two digits wide."""
    if not isinstance(cell, str | Lit):
        return 1
    return sum(
        -(-sum(2 if ord(sign) > 0x2E80 else 1 for sign in line) // max(width - 1, 1)) or 1
        for line in str(cell).split("\n")
    )


def _sheet_name(name, taken):
    """A name that a workbook takes: not too long, without signs that mean something, and only once."""
    plain = NOT_IN_A_NAME.sub(" ", str(name)).strip()[:LONGEST_NAME] or "-"
    found, number = plain, 2
    while found.casefold() in taken:
        found, number = f"{plain[: LONGEST_NAME - 4]} {number}", number + 1
    taken.add(found.casefold())
    return found
