"""A table as a file that Excel and WPS open: UTF-8 with a mark, and no cell that a table program would compute."""

import csv

from django.http import StreamingHttpResponse

BYTE_ORDER_MARK = "\ufeff"  # without it, table programs take the text for another encoding
# A cell that begins so is a formula to a table program.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, text):
        return text


def csv_lines(head, rows):
    """The lines of the file, one after the other: `head` are the columns' names, `rows` of as many cells."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([_safe(cell) for cell in row])


def csv_response(name, head, rows):
    """The file as a download; `name` without its ending, of letters, digits and dashes."""
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _safe(cell):
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
