"""An office's own Word file as the layout of its bulletin: fields in double braces, replaced by what the paper says.

A field that stands for words may stand anywhere; one that stands for paragraphs and tables has a paragraph to itself.
"""

import io
import re
from copy import deepcopy

from django.utils.translation import gettext as _
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Emu
from docx.text.paragraph import Paragraph

from apps.core.wording import joined
from apps.papers import word
from apps.papers.blocks import Grid, GridColumn, Heading, Paper, Para, Part
from apps.papers.choices import Shape

FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
# What a template may name; the names are part of people's files and are the same in every language.
WORDS = {
    "标题": lambda paper: paper.title,
    "口径": lambda paper: paper.basis,
    "提示": lambda paper: paper.warning,
    "落款": lambda paper: paper.signature,
    "日期": lambda paper: paper.dated,
}
BODY = ("overall", "done", "on_track", "late", "next", "enclosed")
STRETCHES = {
    "正文": BODY,
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


def problems_of(content):
    """Why the file can't be a template, a sentence each; empty where it can."""
    try:
        document = Document(io.BytesIO(content))
        paragraphs = list(_paragraphs(document))
    except Exception:
        return [_("这个 Word 文件打不开，可能已损坏。")]
    found, problems = set(), []
    for paragraph in paragraphs:
        text = _text(paragraph)
        names = FIELD.findall(text)
        found.update(names)
        unknown = [name for name in names if name not in WORDS and name not in STRETCHES]
        problems += [_("模板中的字段“{{%(name)s}}”不认识。") % {"name": name} for name in unknown]
        rest = FIELD.sub("", text)
        if "{{" in rest or "}}" in rest:
            problems.append(_("字段没有写完整：%(text)s") % {"text": text[:60]})
        for name in names:
            if name in STRETCHES and (rest.strip() or len(names) > 1 or not _is_in_body(document, paragraph)):
                problems.append(_("字段“{{%(name)s}}”须单独成段，不能放在表格、页眉页脚和文本框里。") % {"name": name})
    if not problems and not found & set(STRETCHES):
        fields = joined(f"{{{{{name}}}}}" for name in STRETCHES)
        problems.append(_("模板里没有放正文的字段，至少要有一个：%(fields)s。") % {"fields": fields})
    if not problems and not can_be_filled(content):
        problems.append(_("这个模板填不进文稿，可能缺少页面设置。请用 Word 或 WPS 打开并另存后再上传。"))
    return list(dict.fromkeys(problems))


def can_be_filled(content):
    """Whether the file, all of whose fields are known, also takes a paper: a page without a size does not."""
    grid = Grid(name="—", columns=(GridColumn(name="—", width=8),), rows=(("—",),))
    parts = tuple(
        Part(key=key, blocks=(Heading(level=1, text="—"), Para(text="—"), grid))
        for keys in STRETCHES.values()
        for key in keys
    )
    try:
        filled(content, Paper(kind="bulletin", title="—", basis="—", warning="", parts=parts))
    except Exception:
        return False
    return True


def filled(content, paper):
    """The template's bytes with the paper in it."""
    document = Document(io.BytesIO(content))
    word.add_cell_styles(document.styles)
    for paragraph in list(_paragraphs(document)):
        names = FIELD.findall(_text(paragraph))
        stretch = next((name for name in names if name in STRETCHES), None)
        if stretch:
            _write_stretch(document, paragraph, [part for part in paper.parts if part.key in STRETCHES[stretch]])
        elif names:
            _write_words(paragraph, paper)
    return word.saved(document, title=paper.title)


def sample():
    """A template to begin with: the usual layout, its texts as fields."""
    words = [f"{{{{{name}}}}}" for name in ("标题", "口径", "提示", "落款", "日期")]
    title, basis, warning, signature, dated = words
    document = Document(
        io.BytesIO(
            word.word_of(
                Paper(kind="bulletin", title=title, basis=basis, warning=warning, parts=(word.EMPTY,), signature="")
            )
        )
    )
    for text in ("{{正文}}", signature, dated, "{{附件}}"):
        document.add_paragraph(text, style=word.BODY)
    return word.saved(document, title=title)


def _paragraphs(document):
    """Every paragraph's element: of the text, its tables and boxes, the heads and feet of pages."""
    yield from document.element.body.iter(qn("w:p"))
    seen = set()
    for section in document.sections:
        for edge in (
            section.header,
            section.footer,
            section.even_page_header,
            section.even_page_footer,
            section.first_page_header,
            section.first_page_footer,
        ):
            if not edge.is_linked_to_previous and id(edge._element) not in seen:
                seen.add(id(edge._element))
                yield from edge._element.iter(qn("w:p"))


def _texts(paragraph):
    """The paragraph's own stretches of text, not those of a box that hangs in it."""
    return [text for text in paragraph.iter(qn("w:t")) if next(text.iterancestors(qn("w:p"))) is paragraph]


def _text(paragraph):
    return "".join(text.text or "" for text in _texts(paragraph))


def _is_in_body(document, paragraph):
    return paragraph.getparent() is document.element.body


def _write_words(paragraph, paper):
    """Replace fields that stand for words. Word cuts a text into runs as it likes; a field that is cut is taken
    together into the first of its runs."""

    def replacement(match):
        return word.clean(WORDS[match[1]](paper))

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
    """Where paragraphs are put, one after the other: before the paragraph that held the field, in its own form."""

    def __init__(self, document, anchor):
        self.document, self.anchor = document, anchor
        self.form = anchor.find(qn("w:pPr"))
        run = next(iter(anchor.iter(qn("w:rPr"))), None)
        self.letters = run if run is not None and run.getparent().tag == qn("w:r") else None

    def add_paragraph(self, text="", style=None):
        element = self.anchor.makeelement(qn("w:p"), {})
        self.anchor.addprevious(element)
        paragraph = Paragraph(element, self.document._body)
        is_heading = style in word.HEADINGS.values()
        if (is_heading or style in (word.CELL, word.SMALL_CELL)) and style in self.document.styles:
            paragraph.style = self.document.styles[style]
        elif self.form is not None:
            element.insert(0, deepcopy(self.form))
        if text:
            self.lettered(paragraph.add_run(text)).bold = True if is_heading else None
        return _Lettered(self, paragraph)

    def lettered(self, run):
        if self.letters is not None:
            run._r.insert(0, deepcopy(self.letters))
        return run


class _Lettered:
    """A paragraph whose runs are written in the letters of the field."""

    def __init__(self, insertion, paragraph):
        self.insertion, self.paragraph = insertion, paragraph
        self._p, self.paragraph_format = paragraph._p, paragraph.paragraph_format

    def add_run(self, text):
        return self.insertion.lettered(self.paragraph.add_run(text))


def _write_stretch(document, anchor, parts):
    insertion = _Insertion(document, anchor)
    section = document.sections[0]
    width = Emu(section.page_width - section.left_margin - section.right_margin).mm
    for part in parts:
        for block in part.blocks:
            word.write_block(insertion, block, shape=Shape.A4, width=width)
    anchor.getparent().remove(anchor)
