"""Templates are written one element a line."""

import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once("只读代码、文件和翻译，不用数据库")

FOLDER = Path(settings.BASE_DIR) / "templates"
MAX_LINE = 200
BLOCK = re.compile(
    r"<(?:article|aside|blockquote|d[dlt]|details|div|fieldset|figure|footer|form|h[1-6]|header|li|main|nav|ol|p|section|"
    r"summary|table|tbody|td|th|thead|tr|ul)[\s>]"
)


def wrong_lines(is_wrong):
    return [
        f"{path.relative_to(FOLDER)}:{number}"
        for path in sorted(FOLDER.rglob("*.html"))
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if is_wrong(line)
    ]


def test_no_line_is_too_long_to_read():
    assert wrong_lines(lambda line: len(line) > MAX_LINE) == []


def test_no_line_opens_two_block_elements():
    assert wrong_lines(lambda line: len(BLOCK.findall(line)) > 1) == []
