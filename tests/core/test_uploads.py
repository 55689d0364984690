"""What an uploaded file is, by its content: real files of each kind, and what pretends to be one."""

import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.base import ContentFile

from apps.core.uploads import MAX_NAME_LENGTH, MEGABYTE, BadUploadError, check_ending, kind_of, safe_name

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\x00" * 64 + b"\xff\xd9"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def png(width=2, height=2):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\x00" + b"\xff\xff\xff" * 2 for _row in range(2)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def office(main="word/document.xml", **more):
    """A zip with the parts of an Office document; `more` are further entries by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, "<document/>")
        for name, content in more.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def plain_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    return buffer.getvalue()


def declares_gigabytes():
    """A small file whose directory says that it holds gigabytes."""
    content = bytearray(office())
    offset = content.rindex(b"PK\x01\x02")
    content[offset + 24 : offset + 28] = struct.pack("<I", 4_000_000_000)
    return bytes(content)


def encrypted():
    content = bytearray(office())
    offset = -1
    while (offset := content.find(b"PK\x01\x02", offset + 1)) >= 0:
        content[offset + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "PDF"),
        (b"\n\n" + PDF, "PDF"),
        (png(), "PNG"),
        (JPEG, "JPEG"),
        (office(), "Word"),
        (office("xl/workbook.xml"), "Excel"),
        (office("ppt/presentation.xml"), "PowerPoint"),
    ],
)
def test_kind_by_content(content, kind):
    assert kind_of(ContentFile(content)).name == kind


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "文件是空的。"),
        (b"hello", "只能上传"),
        (b"MZ\x90\x00" + b"\x00" * 100, "只能上传"),
        (b"<script>alert(1)</script>", "只能上传"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只能上传"),
        (plain_zip(), "只能上传"),
        (PDF[:-8], "文件不完整或已损坏。"),
        (png()[:-12], "文件不完整或已损坏。"),
        (png(width=60_000), "文件不完整或已损坏。"),
        (JPEG[:-2], "文件不完整或已损坏。"),
        (office()[:-30], "文件不完整或已损坏。"),
        (b"PK\x03\x04" + b"\x00" * 200, "文件不完整或已损坏。"),
        (OLE, "旧格式或加了密码"),
        (encrypted(), "文件加了密码"),
        (office(**{"word/vbaProject.bin": b"x"}), "文件中含有宏"),
        (declares_gigabytes(), "文件解压后过大"),
        (office(**{"word/media/bomb.bin": b"\x00" * (310 * MEGABYTE)}), "文件解压后过大"),
        (office(**{f"word/{number}.xml": "" for number in range(5001)}), "文件解压后过大"),
    ],
)
def test_what_is_refused_and_why(content, why):
    with pytest.raises(BadUploadError) as refusal:
        kind_of(ContentFile(content))

    assert why in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content", "fits"),
    [
        ("方案.pdf", PDF, True),
        ("方案.PDF", PDF, True),
        ("a.jpeg", JPEG, True),
        ("方案.pdf", png(), False),
        ("方案", PDF, False),
        ("方案.pdf.exe", PDF, False),
        ("表.xlsx", office(), False),
    ],
)
def test_name_must_say_what_the_file_is(name, content, fits):
    kind = kind_of(ContentFile(content))
    if fits:
        check_ending(name, kind)
    else:
        with pytest.raises(BadUploadError, match="请核对"):
            check_ending(name, kind)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("工作方案（定稿）.docx", "工作方案（定稿）.docx"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\方案.pdf", "方案.pdf"),
        ('a"b<c>|?*.pdf', "abc.pdf"),
        ("方案\u202efdp.exe", "方案fdp.exe"),
        ("a\x00\n\tb.pdf", "ab.pdf"),
        ("...", "file"),
        ("😀.png", "😀.png"),
    ],
)
def test_name_is_made_safe(name, safe):
    assert safe_name(name) == safe


def test_long_name_keeps_its_ending():
    name = safe_name("长" * 300 + ".pdf")

    assert len(name) == MAX_NAME_LENGTH
    assert name.endswith("长.pdf")
