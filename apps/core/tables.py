"""Tables as downloads for Excel and WPS: typed workbooks, or CSV in UTF-8; no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from apps.core.figures import plain

Head = Sequence[object]
Rows = Iterable[Sequence[Any]]

BYTE_ORDER_MARK = "\ufeff"  # tells table programs that it is UTF-8
# Table programs read a text that begins so as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NARROWEST, WIDEST = 8, 48
FORMATS = ("xlsx", "csv")


class _Echo:
    def write(self, text: str) -> str:
        return text


def table_response(name: str, head: Head, rows: Rows, *, form: str) -> HttpResponseBase:
    """The table as a download; `name` without its ending, of letters, digits and dashes; `form` one of FORMATS."""
    if form == "csv":
        return csv_response(name, head, rows)
    response = HttpResponse(workbook_of(head, rows), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def csv_lines(head: Head, rows: Rows) -> Iterator[str]:
    """The lines of the file, one after the other: `head` are the columns' names, `rows` of as many cells."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([_safe(cell) for cell in row])


def csv_response(name: str, head: Head, rows: Rows) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def workbook_of(head: Head, rows: Rows) -> bytes:
    """A workbook with one sheet: numbers, dates and text as such, with a frozen head."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Sheet1"
    widths = [_width(name) for name in head]
    for number, row in enumerate([head, *rows], 1):
        for column, cell in enumerate(row, 1):
            value = _typed(cell)
            if value is None:
                continue
            written = sheet.cell(row=number, column=column, value=value)
            if isinstance(value, str):
                written.data_type = "s"  # never a formula
                widths[column - 1] = max(widths[column - 1], _width(value))
            elif isinstance(value, date):
                written.number_format = "yyyy-mm-dd"
                widths[column - 1] = max(widths[column - 1], 12)
            if number == 1:
                written.font = Font(bold=True)
            written.alignment = Alignment(vertical="top", wrap_text=True)
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = min(max(width, NARROWEST), WIDEST)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _typed(cell: Any) -> Any:
    """A cell's value for a workbook; None for an empty one."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, date | Decimal | int):
        return cell
    return ILLEGAL_CHARACTERS_RE.sub("", str(cell))


def _width(text: object) -> int:
    """The width of the text's longest line; a Chinese character takes two columns."""
    longest = max(str(text).split("\n"), key=len, default="")
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in longest[:WIDEST]) + 2


def _safe(cell: Any) -> str:
    """A cell of a CSV file; a number is no formula, whatever its sign."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return plain(cell)
    if isinstance(cell, int | date):
        return str(cell)
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
