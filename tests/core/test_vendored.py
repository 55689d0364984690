"""What comes from elsewhere is what it says it is."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once("只读代码、文件和翻译，不用数据库")

VENDORED = sorted((Path(settings.BASE_DIR) / "static" / "vendor").glob("*/VERSION"))


def test_the_chart_library_is_loaded_by_one_page_only():
    """docs/adr/0008-interactive-charts.md"""
    folder = Path(settings.BASE_DIR) / "templates"
    pages = [path.relative_to(folder).as_posix() for path in folder.rglob("*.html") if "echarts" in path.read_text()]

    assert pages == ["dashboard/indicator.html"]


@pytest.mark.parametrize("note", VENDORED, ids=lambda note: note.parent.name)
def test_vendored_file_is_the_one_that_was_noted(note):
    fields = dict(line.split(": ", 1) for line in note.read_text().splitlines())
    (file,) = note.parent.glob("*.js")

    assert hashlib.sha256(file.read_bytes()).hexdigest() == fields["sha256"]
    assert fields["version"]
    assert (note.parent / "LICENSE").exists()
