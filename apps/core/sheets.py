"""Reading tables made in Excel or WPS into plain rows; refuses, with a reason, what can't be read safely."""

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
# In the whole workbook: each costs memory when it is opened.
MAX_CELLS = (MAX_ROWS + 1) * MAX_COLUMNS
MAX_LINES, MAX_ELEMENTS = 10 * MAX_ROWS, 10 * MAX_CELLS
CHUNK = 64 * 1024
# UTF-8 with or without a byte order mark, then what Chinese Windows writes.
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the file: its number there, and its cells by column name."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table's columns and rows, and notes about what was skipped."""

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
    _check_size_when_open(file)
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


def _check_size_when_open(file: Any) -> None:
    """Refuse a workbook that is small as a file but would fill the memory once opened: count its cells as a stream."""
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise _too_long()
        counter = _CellCounter()
        for entry in archive.infolist():
            try:
                with archive.open(entry) as part:
                    counter.add(part)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
                raise BadUploadError(_("文件不完整或已损坏。")) from None
    file.seek(0)


class _CellCounter:
    """Counts the XML elements, rows and cells of a workbook's parts; BadUploadError as soon as there are too many."""

    def __init__(self) -> None:
        self.n_elements = self.n_lines = self.n_cells = 0

    def add(self, part: Any) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._element
        # Entities can expand without limit, and tables need none.
        parser.EntityDeclHandler = self._entity
        try:
            while content := part.read(CHUNK):
                parser.Parse(content)
        except expat.ExpatError:
            return  # not XML, or malformed: opening the workbook will fail

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
    """The number of cells of a reference such as A1:C3; 0 where it is malformed."""
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
    """The first row that is not empty names the columns; empty rows are skipped."""
    columns: list[str] | None = None
    filled: list[Row] = []
    for number, cells in enumerate(rows, 1):
        values = [tidy(cell) for cell in cells]
        if all(value is None for value in values):
            continue
        if columns is None:
            columns = _columns(values)
            continue
        filled.append(Row(number=number, cells=dict(zip(columns, values, strict=False))))
    if columns is None:
        raise BadUploadError(_("表格里没有内容。"))
    return Sheet(columns=tuple(name for name in columns if name), rows=tuple(filled), notes=tuple(notes))


def _columns(values: Iterable[Any]) -> list[str]:
    names = [str(value) if value is not None else "" for value in values]
    duplicate = next((name for name in names if name and names.count(name) > 1), None)
    if duplicate:
        raise BadUploadError(_("列“%(name)s”出现了两次。") % {"name": duplicate})
    return names


def tidy(value: Any) -> Any:
    """A cell's value: dates as date, numbers as Decimal, text stripped; None for an empty cell."""
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
            # As the table program shows it, not all digits of the binary fraction.
            return Decimal(repr(round(value, 10)))
    text = readable(str(value)).replace("\u3000", " ").strip()
    # A leading quote only keeps the table program from reading a formula.
    if len(text) > 1 and text[0] == "'" and text[1] in "=+-@":
        text = text[1:]
    return text or None


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as half-width ones."""
    return unicodedata.normalize("NFKC", text).strip()
