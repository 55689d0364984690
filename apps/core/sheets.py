"""Tables as people make them in Excel and WPS, read into plain rows; what can't be read safely is refused by name."""

import csv
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from apps.core.forms import readable
from apps.core.uploads import BadUploadError, check_ending, kind_of

MAX_SIZE, MAX_UNPACKED = 20 * 1024 * 1024, 200 * 1024 * 1024
MAX_ROWS, MAX_COLUMNS = 20_000, 60
# In the whole workbook, however the file writes them: each costs memory when it is opened.
MAX_CELLS = (MAX_ROWS + 1) * MAX_COLUMNS
MAX_LINES, MAX_ELEMENTS = 10 * MAX_ROWS, 10 * MAX_CELLS
CHUNK = 64 * 1024
# With its mark UTF-8 is certain; then UTF-8 by its own rules; what is left is what Chinese Windows writes.
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row as it stands in the file: its number there, and its cells by the names of the columns."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table's columns and rows, and what was passed over and should be told."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = field(default=())


def read_table(file: Any, *, name: str, sheet: str = "") -> Sheet:
    """The table in an uploaded file: an Excel workbook, or text in UTF-8 or GB18030.

    `sheet` is the worksheet wanted, where there is one of that name; else the first that is not hidden. Raises
    BadUploadError, with a sentence for the person, for what is not a table, too large, or has cells that would be
    guesswork: formulas, errors, merged cells.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if size > MAX_SIZE:
        raise BadUploadError(_("文件超过 %(size)s MB，请分成几个文件。") % {"size": MAX_SIZE // 1024 // 1024})
    if file.read(4) == b"PK\x03\x04":
        return _workbook(file, name=name, wanted=sheet)
    file.seek(0)
    content = file.read()
    if not content.strip():
        raise BadUploadError(_("文件是空的。"))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadUploadError(_("这是旧格式或加了密码的 Excel 文件，请另存为不加密码的 xlsx。"))
    return _text(content)


def _workbook(file: Any, *, name: str, wanted: str) -> Sheet:
    kind = kind_of(file)
    if kind.name != "Excel":
        raise BadUploadError(_("请上传 Excel（xlsx）或 CSV 表格。"))
    check_ending(name, kind)
    _refuse_bursting(file)
    try:
        book = load_workbook(file, data_only=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError):
        raise BadUploadError(_("文件不完整或已损坏。")) from None
    visible = [worksheet for worksheet in book.worksheets if worksheet.sheet_state == "visible"]
    if not visible:
        raise BadUploadError(_("文件里没有可见的工作表。"))
    sheet = next((worksheet for worksheet in visible if worksheet.title == wanted), visible[0])
    notes = [
        _("隐藏的工作表“%(name)s”没有读取。") % {"name": hidden.title}
        for hidden in book.worksheets
        if hidden not in visible
    ]
    notes += [
        _("只读取了工作表“%(name)s”，没有读取“%(other)s”。") % {"name": sheet.title, "other": other.title}
        for other in visible
        if other is not sheet and other.max_row > 1
    ]
    if sheet.max_row > MAX_ROWS + 1 or sheet.max_column > MAX_COLUMNS:
        raise _too_long()
    merged = min((str(cells) for cells in sheet.merged_cells.ranges), default=None)
    if merged:
        raise BadUploadError(_("%(cells)s 是合并的单元格，请取消合并，每行各填各的。") % {"cells": merged})
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.data_type == "f":
                raise BadUploadError(_("%(cell)s 是公式，请选择性粘贴为数值。") % {"cell": cell.coordinate})
            if cell.data_type == "e":
                raise BadUploadError(
                    _("%(cell)s 是错误值“%(value)s”，请改正。") % {"cell": cell.coordinate, "value": cell.value}
                )
    return _sheet(sheet.iter_rows(values_only=True), notes=notes)


def _refuse_bursting(file: Any) -> None:
    """Stop at a workbook that is small as a file and would fill the memory once opened: it is read through, and what
    would be cells is counted, before anything is made of it."""
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise _too_long()
        counted = _Counted()
        for entry in archive.infolist():
            try:
                with archive.open(entry) as part:
                    counted.add(part)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
                raise BadUploadError(_("文件不完整或已损坏。")) from None
    file.seek(0)


class _Counted:
    """How many elements and cells the parts of a workbook come to; BadUploadError as soon as it is too many."""

    def __init__(self) -> None:
        self.n_elements = self.n_lines = self.n_cells = 0

    def add(self, part: Any) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._element
        # Tables have no need of them, and what they stand for can grow without end.
        parser.EntityDeclHandler = self._entity
        try:
            while content := part.read(CHUNK):
                parser.Parse(content)
        except expat.ExpatError:
            return  # not XML, or not well made: whoever opens the workbook says so

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        self.n_elements += 1
        match name.rpartition(":")[2]:
            case "row":
                self.n_lines += 1
            case "c":
                self.n_cells += 1
            case "mergeCell":
                self.n_cells += _area(attributes.get("ref", ""))
        if self.n_cells > MAX_CELLS or self.n_lines > MAX_LINES or self.n_elements > MAX_ELEMENTS:
            raise _too_long()

    def _entity(self, *_declared: Any) -> None:
        raise BadUploadError(_("文件不完整或已损坏。"))


def _area(reference: str) -> int:
    """How many cells a reference such as A1:C3 speaks of; none where it can't be read."""
    try:
        left, top, right, bottom = map(int, range_boundaries(reference))
        return (right - left + 1) * (bottom - top + 1)
    except (ValueError, TypeError):
        return 0


def _text(content: bytes) -> Sheet:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise BadUploadError(_("读不出文件里的文字。请另存为 xlsx，或者 UTF-8、GB18030 编码的 CSV。"))
    if "\x00" in text:
        raise BadUploadError(_("请上传 Excel（xlsx）或 CSV 表格。"))
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise BadUploadError(_("文件不完整或已损坏。")) from None
    if len(rows) > MAX_ROWS + 1 or any(len(row) > MAX_COLUMNS for row in rows):
        raise _too_long()
    return _sheet(rows, notes=[])


def _too_long() -> BadUploadError:
    return BadUploadError(
        _("表格超过 %(rows)s 行或 %(columns)s 列，请分成几个文件。") % {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
    )


def _sheet(rows: Iterable[Iterable[Any]], *, notes: Sequence[str]) -> Sheet:
    """The first row with anything in it names the columns; rows with nothing in them are passed over."""
    columns: list[str] | None = None
    found: list[Row] = []
    for number, cells in enumerate(rows, 1):
        values = [tidy(cell) for cell in cells]
        if all(value is None for value in values):
            continue
        if columns is None:
            columns = _columns(values)
            continue
        found.append(Row(number=number, cells=dict(zip(columns, values, strict=False))))
    if columns is None:
        raise BadUploadError(_("表格里没有内容。"))
    return Sheet(columns=tuple(name for name in columns if name), rows=tuple(found), notes=tuple(notes))


def _columns(values: Iterable[Any]) -> list[str]:
    names = [str(value) if value is not None else "" for value in values]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise BadUploadError(_("列“%(name)s”出现了两次。") % {"name": twice})
    return names


def tidy(value: Any) -> Any:
    """A cell as it is meant: a day as a day, a number as a number, a text without the blanks around it; empty is None."""
    match value:
        case None:
            return None
        case datetime():
            return value.date()
        case date() | bool() | Decimal():
            return value
        case int():
            return Decimal(value)
        case float():
            # What a table program shows: seventeen digits of a binary fraction are nobody's figure.
            return Decimal(repr(round(value, 10)))
    text = readable(str(value)).replace("\u3000", " ").strip()
    # A quote that guards a text from being taken for a formula is the table program's, not the text's.
    if len(text) > 1 and text[0] == "'" and text[1] in "=+-@":
        text = text[1:]
    return text or None


def half_width(text: str) -> str:
    """Digits, letters and signs in their narrow forms: what a Chinese keyboard types wide means the same."""
    return unicodedata.normalize("NFKC", text).strip()
