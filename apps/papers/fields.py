"""An office's own Word file as the layout of its bulletin: fields in double braces, replaced by what the paper says.

A field that stands for words may stand anywhere; one that stands for paragraphs and tables has a paragraph to itself.
"""

import io
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as DocxDocument
from docx.oxml.ns import qn
from docx.shared import Emu
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from apps.core.wording import joined
from apps.papers import word
from apps.papers.blocks import Block, Grid, GridColumn, Heading, Paper, Para, Part
from apps.papers.choices import Shape

FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
# What a template may name; the names are part of people's files and are the same in every language.
TEXT_FIELDS = {"标题": "title", "口径": "basis", "提示": "warning", "落款": "signature", "日期": "dated"}
BLOCK_FIELDS = {
    "正文": ("overall", "done", "on_track", "late", "next", "enclosed"),
    "总体情况": ("overall",),
    "已完成": ("done",),
    "正常推进": ("on_track",),
    "滞后及原因": ("late",),
    "下步要求": ("next",),
    "附件说明": ("enclosed",),
    "附件": ("late_table", "checkup_table", "instruction_table", "measure_table"),
    "滞后表": ("late_table",),
    "体检表": ("checkup_table",),
    "批示表": ("instruction_table",),
    "举措表": ("measure_table",),
}
HEADERS_AND_FOOTERS = [f"{pages}{edge}" for pages in ("", "even_page_", "first_page_") for edge in ("header", "footer")]


def problems_of(content: bytes) -> list[str]:
    """The reasons why the file is refused as a template, a sentence each."""
    try:
        document = Document(io.BytesIO(content))
        paragraphs = list(_paragraphs(document))
    except Exception:
        return [_("这个 Word 文件打不开，可能已损坏。")]
    problems = [problem for paragraph in paragraphs for problem in _problems_of_paragraph(paragraph, document)]
    if problems:
        return list(dict.fromkeys(problems))
    if not any(name in BLOCK_FIELDS for paragraph in paragraphs for name in FIELD.findall(_text(paragraph))):
        fields = joined(f"{{{{{name}}}}}" for name in BLOCK_FIELDS)
        return [_("模板里没有放正文的字段，至少要有一个：%(fields)s。") % {"fields": fields}]
    if not _can_be_filled(content):
        return [_("这个模板填不进文稿，可能缺少页面设置。请用 Word 或 WPS 打开并另存后再上传。")]
    return []


def _problems_of_paragraph(paragraph: Any, document: DocxDocument) -> Iterator[str]:
    text = _text(paragraph)
    names, rest = FIELD.findall(text), FIELD.sub("", text)
    is_alone = not rest.strip() and len(names) == 1 and paragraph.getparent() is document.element.body
    for name in names:
        if name not in TEXT_FIELDS and name not in BLOCK_FIELDS:
            yield _("模板中的字段“{{%(name)s}}”不认识。") % {"name": name}
    if "{{" in rest or "}}" in rest:
        yield _("字段没有写完整：%(text)s") % {"text": text[:60]}
    for name in names:
        if name in BLOCK_FIELDS and not is_alone:
            yield _("字段“{{%(name)s}}”须单独成段，不能放在表格、页眉页脚和文本框里。") % {"name": name}


def _can_be_filled(content: bytes) -> bool:
    """Whether a paper can be written into the file: not where a page has no size."""
    grid = Grid(name="—", columns=(GridColumn(name="—", width=8),), rows=(("—",),))
    blocks = (Heading(level=1, text="—"), Para(text="—"), grid)
    parts = tuple(Part(key=key, blocks=blocks) for keys in BLOCK_FIELDS.values() for key in keys)
    try:
        filled(content, Paper(kind="bulletin", title="—", basis="—", warning="", parts=parts))
    except Exception:
        return False
    return True


def filled(content: bytes, paper: Paper) -> bytes:
    """The template's bytes with the paper in it."""
    document = Document(io.BytesIO(content))
    word.add_cell_styles(document.styles)
    for paragraph in list(_paragraphs(document)):
        names = FIELD.findall(_text(paragraph))
        keys = next((BLOCK_FIELDS[name] for name in names if name in BLOCK_FIELDS), None)
        if keys:
            _write_blocks(
                document, paragraph, [block for part in paper.parts if part.key in keys for block in part.blocks]
            )
        elif names:
            _write_words(paragraph, paper)
    return word.saved(document, title=paper.title)


def sample() -> bytes:
    """A template to begin with: the usual layout, its texts as fields."""
    title, basis, warning, signature, dated = (f"{{{{{name}}}}}" for name in TEXT_FIELDS)
    paper = Paper(kind="bulletin", title=title, basis=basis, warning=warning, parts=(Part(key="", blocks=()),))
    document = Document(io.BytesIO(word.word_of(paper)))
    for text in ("{{正文}}", signature, dated, "{{附件}}"):
        document.add_paragraph(text, style=word.BODY)
    return word.saved(document, title=title)


def _paragraphs(document: DocxDocument) -> Iterator[Any]:
    """The elements of all paragraphs: in the text, its tables and text boxes, headers and footers."""
    yield from document.element.body.iter(qn("w:p"))
    edges = [getattr(section, name) for section in document.sections for name in HEADERS_AND_FOOTERS]
    own = {id(edge._element): edge._element for edge in edges if not edge.is_linked_to_previous}
    for element in own.values():
        yield from element.iter(qn("w:p"))


def _texts(paragraph: Any) -> list[Any]:
    """The paragraph's own text elements, without those of a text box anchored in it."""
    return [text for text in paragraph.iter(qn("w:t")) if next(text.iterancestors(qn("w:p"))) is paragraph]


def _text(paragraph: Any) -> str:
    return "".join(text.text or "" for text in _texts(paragraph))


def _write_words(paragraph: Any, paper: Paper) -> None:
    """Replace fields that stand for words. Word cuts a text into runs as it likes; a field that is cut is taken
    together into the first of its runs."""

    def replacement(match: re.Match[str]) -> str:
        return word.clean(getattr(paper, TEXT_FIELDS[match[1]]))

    texts = _texts(paragraph)
    for text in texts:
        text.text = FIELD.sub(replacement, text.text or "")
        text.set(qn("xml:space"), "preserve")
    whole = _text(paragraph)
    if FIELD.search(whole):
        texts[0].text = FIELD.sub(replacement, whole)
        for text in texts[1:]:
            text.text = ""


class _Insertion:
    """Inserts paragraphs before the paragraph that holds the field, in the format of that paragraph."""

    def __init__(self, document: DocxDocument, anchor: Any) -> None:
        self.document, self.anchor = document, anchor
        self.paragraph_properties = anchor.find(qn("w:pPr"))
        run = next(iter(anchor.iter(qn("w:rPr"))), None)
        self.run_properties = run if run is not None and run.getparent().tag == qn("w:r") else None

    def add_paragraph(self, text: str = "", style: str | None = None) -> "_InsertedParagraph":
        element = self.anchor.makeelement(qn("w:p"), {})
        self.anchor.addprevious(element)
        paragraph = Paragraph(element, self.document._body)
        is_heading = style in word.HEADINGS.values()
        if (is_heading or style in (word.CELL, word.SMALL_CELL)) and style in self.document.styles:
            paragraph.style = style
        elif self.paragraph_properties is not None:
            element.insert(0, deepcopy(self.paragraph_properties))
        inserted = _InsertedParagraph(paragraph, self.run_properties)
        if text:
            inserted.add_run(text).bold = True if is_heading else None
        return inserted


class _InsertedParagraph:
    """A paragraph whose runs have the character format of the field."""

    def __init__(self, paragraph: Paragraph, run_properties: Any) -> None:
        self.paragraph, self.run_properties = paragraph, run_properties
        self._p, self.paragraph_format = paragraph._p, paragraph.paragraph_format

    def add_run(self, text: str) -> Run:
        run = self.paragraph.add_run(text)
        if self.run_properties is not None:
            run._r.insert(0, deepcopy(self.run_properties))
        return run


def _write_blocks(document: DocxDocument, anchor: Any, blocks: Sequence[Block]) -> None:
    section, insertion = document.sections[0], _Insertion(document, anchor)
    width = Emu(section.page_width - section.left_margin - section.right_margin).mm
    for block in blocks:
        word.write_block(insertion, block, shape=Shape.A4, width=width)
    anchor.getparent().remove(anchor)
