"""A paper as accessible PDF with embedded fonts. Needs WeasyPrint, Debian's pango and a Chinese font."""

import logging
import shutil
import subprocess
from functools import lru_cache
from typing import NoReturn

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import get_language

from apps.papers.blocks import Paper

STYLESHEET = "paper/paper.css"
SYSTEM_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
FONT_PACKAGE = "fonts-noto-cjk"


# It tells of every step and of each rule of the screen it passes over.
logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("weasyprint.progress").setLevel(logging.ERROR)


class NoPdfError(Exception):
    """No PDF can be made on this machine; `missing()` names what is not installed."""


@lru_cache(maxsize=1)
def missing() -> tuple[str, ...]:
    """The packages that have to be installed before a PDF can be made; empty where all are there."""
    lacking: list[str] = []
    try:
        import weasyprint  # noqa: F401, PLC0415 – an optional package, which loads pango when imported
    except ImportError:
        lacking.append("requirements-pdf.txt")
    except OSError:
        lacking += SYSTEM_PACKAGES
    if not _has_chinese_font():
        lacking.append(FONT_PACKAGE)
    return tuple(lacking)


def _has_chinese_font() -> bool:
    program = shutil.which("fc-list")
    if program is None:
        return False
    found = subprocess.run([program, ":lang=zh", "family"], capture_output=True, check=False, timeout=20)  # noqa: S603 – a fixed question
    return bool(found.stdout.strip())


def html_of(paper: Paper, *, stylesheet: str = "") -> str:
    """The paper as a complete HTML page."""
    return render_to_string("papers/print.html", {"paper": paper, "stylesheet": stylesheet, "language": get_language()})


def pdf_of(paper: Paper) -> bytes:
    """The bytes of the PDF; raises NoPdfError where something is missing."""
    if missing():
        raise NoPdfError(" ".join(missing()))
    from weasyprint import CSS, HTML  # noqa: PLC0415 – as above

    page = HTML(string=html_of(paper), url_fetcher=_nothing)
    return bytes(page.write_pdf(stylesheets=[CSS(filename=finders.find(STYLESHEET))], pdf_variant="pdf/ua-1"))


def _nothing(url: str, *args: object, **kwargs: object) -> NoReturn:
    raise ValueError("a paper fetches nothing")
