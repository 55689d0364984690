"""A paper as a file, or as the page to print."""

from django.http import HttpResponse
from django.templatetags.static import static

from apps.core.tables import XLSX
from apps.core.uploads import KINDS
from apps.papers.choices import PaperKind
from apps.papers.fields import filled
from apps.papers.pdf import STYLESHEET, NoPdfError, html_of, pdf_of
from apps.papers.sheets import workbook_of
from apps.papers.word import word_of

CONTENT_TYPES = {"docx": KINDS["Word"].content_type, "xlsx": XLSX, "pdf": KINDS["PDF"].content_type}
# Which kinds come in which formats; tables alone make a workbook.
FORMATS = {
    PaperKind.BULLETIN: ("docx", "pdf"),
    PaperKind.LEDGER: ("xlsx", "docx", "pdf"),
    PaperKind.BREAKDOWN: ("xlsx", "docx", "pdf"),
    PaperKind.YEAR: ("xlsx", "docx", "pdf"),
    PaperKind.PILLAR: ("docx", "pdf"),
    PaperKind.DOSSIER: ("docx", "pdf"),
}


def file_response(paper, file_format, *, name, template=None):
    """The paper as a file; where no PDF can be made here, the page to print."""
    match file_format:
        case "docx":
            content = filled(bytes(template.content), paper) if template else word_of(paper)
        case "xlsx":
            content = workbook_of(paper)
        case "pdf":
            try:
                content = pdf_of(paper)
            except NoPdfError:
                return print_page(paper)
    return download(content, file_format, f"{name}.{file_format}")


def download(content, file_format, name):
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def print_page(paper):
    return HttpResponse(html_of(paper, stylesheet=static(STYLESHEET)))
