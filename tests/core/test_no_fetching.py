"""No address that somebody gives is ever asked for: there is nothing to send the server to."""

import ast
import contextlib
import io
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document
from openpyxl import Workbook

from apps.core.sheets import read_table
from apps.core.uploads import BadUploadError, kind_of
from apps.papers import pdf

pytestmark = pytest.mark.once("只读代码、文件和翻译，不用数据库")

ROOT = Path(settings.BASE_DIR)
NETWORK = {
    "aiohttp", "asyncio", "authlib", "ftplib", "httpx", "http.client", "imaplib", "ldap3", "poplib", "requests",
    "smtplib", "socket", "socketserver", "telnetlib", "urllib.request", "urllib3", "xmlrpc", "django.core.mail",
}  # fmt: skip
MAY = {
    # single sign-on: to the one host that the settings name, and to what that host names
    "apps/signin/oidc.py",
    "apps/signin/directory.py",
    # the doctor, from the command line: whether this machine itself answers
    "apps/operations/host.py",
    # the web server: only listens
    "courtplan/serve.py",
}


def test_nothing_of_ours_opens_a_connection_but_to_hosts_of_the_settings():
    found = {
        str(path.relative_to(ROOT))
        for folder in ("apps", "courtplan")
        for path in (ROOT / folder).rglob("*.py")
        for name in _imported(ast.parse(path.read_text()))
        if any(name == package or name.startswith(f"{package}.") for package in NETWORK)
    }

    assert found == MAY


def _imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.fixture(scope="module")
def connections():
    """Where anything in this process tries to connect to, by any library; a hook can't be taken away, only left idle."""
    tried, watching = [], [True]

    def watch(event, args):
        if watching[0] and event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
            tried.append((event, str(args[-1] if event == "socket.connect" else args[0])))

    sys.addaudithook(watch)
    yield tried
    watching[0] = False


def with_part(content, name, change):
    """The Office file with one of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.namelist():
            part = old.read(entry).decode()
            new.writestr(entry, change(part) if entry == name else part)
    return buffer.getvalue()


def workbook(value="某庭"):
    buffer, book = io.BytesIO(), Workbook()
    book.active.append(["名称", "次序"])
    book.active.append([value, 1])
    book.save(buffer)
    return buffer.getvalue()


def declared(part, entities, used):
    """A part that declares entities and uses one of them in place of its first text."""
    head, rest = part.split("?>", 1) if part.startswith("<?xml") else ("<?xml version='1.0'", part)
    root = rest.lstrip()[1:].split(" ", 1)[0].split(">", 1)[0]
    return f"{head}?><!DOCTYPE {root} [{entities}]>{rest.replace('某庭', used)}"


BILLION = '<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    ("entities", "used"),
    [
        ('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"),
        ('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', "&x;"),
        (BILLION, "&j;"),
        ('<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;', "某庭"),
    ],
    ids=["a file", "another host", "a thousand million", "a foreign DTD"],
)
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_a_workbook_that_declares_entities_is_not_read(connections, entities, used, part):
    connections.clear()
    content = with_part(workbook(), part, lambda text: declared(text, entities, used))

    try:
        table = read_table(io.BytesIO(content), name="x.xlsx")
    except BadUploadError:
        cells = []
    else:
        cells = [value for row in table.rows for value in row.cells.values() if isinstance(value, str)]

    assert all(cell == "某庭" for cell in cells)
    assert connections == []


def test_a_workbook_that_points_elsewhere_is_read_without_going_there(connections):
    connections.clear()
    relation = (
        '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"'
        ' Target="http://127.0.0.1:9/x" TargetMode="External"/></Relationships>'
    )
    content = with_part(
        workbook(), "xl/_rels/workbook.xml.rels", lambda text: text.replace("</Relationships>", relation)
    )

    with contextlib.suppress(BadUploadError):
        read_table(io.BytesIO(content), name="x.xlsx")

    assert connections == []


def test_a_word_file_that_points_elsewhere_is_read_without_going_there(connections):
    connections.clear()
    buffer, document = io.BytesIO(), Document()
    document.add_paragraph("某庭")
    document.part.relate_to("http://127.0.0.1:9/t.dotm", "attachedTemplate", is_external=True)
    document.save(buffer)

    kind_of(SimpleUploadedFile("x.docx", buffer.getvalue()))
    again = Document(io.BytesIO(buffer.getvalue()))

    assert again.paragraphs[0].text == "某庭"
    assert connections == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x.png", "file:///etc/passwd", "data:text/css,x"])
def test_a_paper_fetches_nothing(url):
    with pytest.raises(ValueError, match="fetches nothing"):
        pdf._nothing(url)
