"""Checking uploaded files by their content. Nothing is unpacked: head, tail and zip directory are enough."""

import re
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext as _

MEGABYTE = 1024 * 1024
HEAD, TAIL = 1024, 2048
# A document of a thousand pages stays far below these; what goes beyond is a zip bomb.
MAX_ENTRIES, MAX_UNPACKED, MAX_RATIO = 5000, 300 * MEGABYTE, 200
MAX_NAME_LENGTH = 120
# Direction marks can make "exe.fdp" read as "pdf.exe".
UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"*/:<>?\\|]')

PDF, PNG, JPEG, ZIP, OLE = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class FileKind:
    """A kind of file that may be uploaded."""

    name: str
    endings: tuple[str, ...]
    content_type: str


_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    kind.name: kind
    for kind in (
        FileKind("PDF", ("pdf",), "application/pdf"),
        FileKind("Word", ("docx",), f"{_OFFICE}wordprocessingml.document"),
        FileKind("Excel", ("xlsx",), f"{_OFFICE}spreadsheetml.sheet"),
        FileKind("PowerPoint", ("pptx",), f"{_OFFICE}presentationml.presentation"),
        FileKind("JPEG", ("jpg", "jpeg"), "image/jpeg"),
        FileKind("PNG", ("png",), "image/png"),
    )
}
ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)
MAIN_PARTS = {"word/document.xml": "Word", "xl/workbook.xml": "Excel", "ppt/presentation.xml": "PowerPoint"}


class BadUploadError(Exception):
    """Why a file is refused, as a sentence for the person who sent it."""


def kind_of(file: Any) -> FileKind:
    """The file's kind by its content; BadUploadError for other kinds and broken files."""
    size = file.seek(0, 2)
    if size == 0:
        raise BadUploadError(_("文件是空的。"))
    file.seek(0)
    head = file.read(HEAD)
    file.seek(max(size - TAIL, 0))
    tail = file.read(TAIL)
    file.seek(0)
    if PDF in head:
        return _complete("PDF", b"%%EOF" in tail)
    if head.startswith(PNG):
        return _complete("PNG", head[12:16] == b"IHDR" and b"IEND" in tail and _has_plausible_size(head))
    if head.startswith(JPEG):
        return _complete("JPEG", b"\xff\xd9" in tail)
    if head.startswith(ZIP):
        return KINDS[_office_kind(file)]
    if head.startswith(OLE):
        raise BadUploadError(_("这是旧格式或加了密码的 Office 文件，请另存为不加密码的 docx、xlsx 或 pptx。"))
    raise BadUploadError(_("只能上传 PDF、Word、Excel、PowerPoint 文件和 JPG、PNG 图片。"))


def _complete(name: str, is_complete: bool) -> FileKind:
    if not is_complete:
        raise BadUploadError(_("文件不完整或已损坏。"))
    return KINDS[name]


def _has_plausible_size(head: bytes) -> bool:
    width, height = struct.unpack(">II", head[16:24])
    return bool(0 < width <= 30_000 and 0 < height <= 30_000)


def _office_kind(file: Any) -> str:
    """The kind of Office document in a zip, from its directory alone."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, UnicodeError, struct.error):
        raise BadUploadError(_("文件不完整或已损坏。")) from None
    finally:
        file.seek(0)
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, MEGABYTE):
        raise BadUploadError(_("文件解压后过大，不能上传。"))
    names = {entry.filename for entry in entries}
    kind = next((kind for part, kind in MAIN_PARTS.items() if part in names), None)
    if kind is None or "[Content_Types].xml" not in names:
        raise BadUploadError(_("只能上传 PDF、Word、Excel、PowerPoint 文件和 JPG、PNG 图片。"))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise BadUploadError(_("文件中含有宏，请去掉宏后再上传。"))
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadUploadError(_("文件加了密码，请去掉密码后再上传。"))
    return kind


def check_ending(name: str, kind: FileKind) -> None:
    """BadUploadError where the name's ending is not one of the kind."""
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    if ending not in kind.endings:
        words = {"kind": kind.name, "ending": f".{ending}" if ending else _("没有扩展名")}
        raise BadUploadError(_("文件的内容是 %(kind)s，名称却是“%(ending)s”，请核对。") % words)


def safe_name(name: object) -> str:
    """The file's name without path, control characters and direction marks, shortened before its ending."""
    last = PurePosixPath(str(name).replace("\\", "/")).name
    safe = UNSAFE.sub("", unicodedata.normalize("NFC", last)).strip(" .") or "file"
    stem, dot, ending = safe.rpartition(".")
    if not dot:
        return safe[:MAX_NAME_LENGTH]
    return f"{stem[: MAX_NAME_LENGTH - len(ending) - 1]}.{ending}"[-MAX_NAME_LENGTH:]


class BoundedUpload(FileUploadHandler):
    """Refuses a request by its announced length, and drops a file as soon as it is too large.

    Dropped files are named in `request.files_too_large`.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > settings.UPLOAD_MAX_REQUEST:
            raise RequestDataTooBig(_("上传的内容过大。"))

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.length = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.length += len(raw_data)
        if self.length > settings.UPLOAD_MAX_FILE:
            request: Any = self.request
            request.files_too_large = [*getattr(request, "files_too_large", []), safe_name(self.file_name)]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
