"""A paper as a Word file, in the typography of GB/T 9704-2012 for working papers, or in an office's own template."""

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Length, Mm, Pt, RGBColor
from docx.styles.styles import Styles
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from apps.core.figures import figure
from apps.core.wording import written_day
from apps.papers.blocks import Block, Cell, Gauge, Grid, Heading, LightCell, Paper, Para, text_width
from apps.papers.choices import Shape

SONG_TITLE, HEI, KAI, FANG, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
TITLE, HEADINGS, BODY, NOTE = "Title", {1: "Heading 1", 2: "Heading 2"}, "Body Text", "Note"
CELL, SMALL_CELL = "Table Text", "Small Table Text"
# Sizes the standard names: 二号, 三号, 四号.
SIZE_TITLE, SIZE_BODY, SIZE_PAGE_NUMBER = Pt(22), Pt(16), Pt(14)
CELL_SIZE, SMALL_SIZE = Pt(10.5), Pt(9)
LINE, LATIN = Pt(28), "Times New Roman"
COLOURS = {
    "done": "2B6350",
    "on_track": "478263",
    "watch": "74460A",
    "late": "A81D16",
    "no_data": "5F646D",
    "not_due": "6B6457",
    "paused": "5F646D",
}
# (width, height, top, bottom, left, right) in mm; of A4 upright the type area is 156 by 225, the top edge 37, the binding side 28.
PAGES = {
    Shape.A4: (210, 297, 37, 35, 28, 26),
    Shape.A4_WIDE: (297, 210, 28, 26, 25, 25),
    Shape.A3_WIDE: (420, 297, 22, 20, 20, 20),
    Shape.A4_PAGE: (210, 297, 20, 20, 20, 20),
    Shape.A3_PAGE: (420, 297, 15, 15, 16, 16),
}
# What has to stand on one sheet is written smaller.
SMALL = (Shape.A4_PAGE, Shape.A3_PAGE)
# The page number stands 7 mm below the type area.
FOOTER = {Shape.A4: 23, Shape.A4_WIDE: 14, Shape.A3_WIDE: 9, Shape.A4_PAGE: 9, Shape.A3_PAGE: 7}
TWIPS_A_MM = 1440 / 25.4
MM_A_POINT = 25.4 / 72
# Of a table's columns: the room beside a cell's text, in digits; the longest code that is not torn; and how much, in
# hundredths, may be kept for what is not to be torn.
AROUND_A_CELL, MAX_CODE_LENGTH, MAX_UNBROKEN = 3, 10, 90
# No clock in the file: the same paper is the same file, whenever it is written.
EPOCH = (1980, 1, 1, 0, 0, 0)
PROPERTIES, EPOCH_TEXT = "docProps/core.xml", b"1980-01-01T00:00:00Z"
DATES = re.compile(rb"(?<=>)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=<)")


def word_of(paper: Paper) -> bytes:
    """The bytes of the Word file."""
    document = Document()
    _set_styles(document)
    document.settings.odd_and_even_pages_header_footer = True
    _number_pages(document.sections[0])
    for number, section in enumerate(paper.sections):
        is_first = number == 0
        _set_page(document.sections[0] if is_first else document.add_section(WD_SECTION.NEW_PAGE), section.shape)
        if is_first:
            document.add_paragraph(clean(paper.title), style=TITLE)
            for text in (paper.basis, paper.warning):
                if text:
                    document.add_paragraph(clean(text), style=NOTE)
        for block in section.blocks:
            write_block(document, block, shape=section.shape)
        if is_first and paper.signature:
            _write_signature(document, paper)
    return saved(document, title=paper.title)


def saved(document: DocxDocument, *, title: str) -> bytes:
    """The document's bytes, without any time of writing."""
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = clean(title), "", ""
    properties.comments, properties.language = "", "zh-CN"
    properties.revision = 1
    properties.created = properties.modified = datetime(*EPOCH, tzinfo=UTC)
    buffer = io.BytesIO()
    document.save(buffer)
    return without_clock(buffer.getvalue())


def without_clock(archive: bytes) -> bytes:
    """The same zip with one fixed date for all entries and for the document's properties."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            dated = zipfile.ZipInfo(entry.filename, date_time=EPOCH)
            dated.compress_type, dated.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            content = old.read(entry)
            new.writestr(dated, DATES.sub(EPOCH_TEXT, content) if entry.filename == PROPERTIES else content)
    return buffer.getvalue()


def clean(text: object) -> str:
    """The text without characters that are illegal in Office files."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", str(text)))


# Styles and pages


def _set_styles(document: DocxDocument) -> None:
    styles = document.styles
    note = styles.add_style(NOTE, WD_STYLE_TYPE.PARAGRAPH)
    _set_style(styles["Normal"], FANG, SIZE_BODY, LINE)
    _set_style(styles[TITLE], SONG_TITLE, SIZE_TITLE, Pt(36), after=Pt(14), align=WD_ALIGN_PARAGRAPH.CENTER)
    _set_style(styles[HEADINGS[1]], HEI, SIZE_BODY, LINE, indent=True, keep=True)
    _set_style(styles[HEADINGS[2]], KAI, SIZE_BODY, LINE, indent=True, keep=True)
    _set_style(styles[BODY], FANG, SIZE_BODY, LINE, indent=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    _set_style(note, KAI, SIZE_PAGE_NUMBER, Pt(24), align=WD_ALIGN_PARAGRAPH.CENTER)
    _remove(styles[TITLE].element.get_or_add_pPr(), "w:pBdr")
    add_cell_styles(styles)


def add_cell_styles(styles: Styles) -> None:
    for name, size, line in ((CELL, CELL_SIZE, Pt(15)), (SMALL_CELL, SMALL_SIZE, Pt(12))):
        if name not in styles:
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            _set_style(style, SONG, size, line)
            # No space is added between Chinese and Latin text: a day in a narrow column stays on one line.
            spacing = style.element.get_or_add_pPr().find(qn("w:spacing"))
            for tag in ("w:autoSpaceDE", "w:autoSpaceDN"):
                spacing.addprevious(_element(tag, val="0"))


def _set_style(
    style: Any,
    font: str,
    size: Length,
    line: Length,
    *,
    after: Length | None = None,
    align: WD_ALIGN_PARAGRAPH | None = None,
    indent: bool = False,
    keep: bool = False,
) -> None:
    """`indent`: the first line begins two characters further in; `keep`: on the same page as the next paragraph."""
    style.font.size, style.font.bold, style.font.italic = size, False, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    # The font of Chinese text is the one named as eastAsia, as long as no theme overrules it.
    properties = style.element.get_or_add_rPr()
    _remove(properties, "w:rFonts", "w:spacing", "w:kern", "w:lang")
    properties.insert(0, _element("w:rFonts", ascii=LATIN, hAnsi=LATIN, eastAsia=font, cs=LATIN, hint="eastAsia"))
    _add(properties, "w:lang", val="en-US", eastAsia="zh-CN")
    paragraph = style.paragraph_format
    paragraph.line_spacing_rule, paragraph.line_spacing = WD_LINE_SPACING.EXACTLY, line
    paragraph.space_before, paragraph.space_after = Pt(0), after or Pt(0)
    paragraph.keep_with_next, paragraph.widow_control = keep, True
    if align is not None:
        paragraph.alignment = align
    if indent:
        first_line = style.element.get_or_add_pPr().get_or_add_ind()
        _set(first_line, firstLineChars="200", firstLine=str(int(2 * SIZE_BODY.pt * 20)))


def _set_page(section: Section, shape: Shape) -> None:
    width, height, top, bottom, left, right = (Mm(length) for length in PAGES[shape])
    section.orientation = WD_ORIENT.PORTRAIT if width < height else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = width, height
    section.top_margin, section.bottom_margin = top, bottom
    section.left_margin, section.right_margin = left, right
    section.footer_distance, section.header_distance = Mm(FOOTER[shape]), Mm(15)


def content_width(shape: Shape) -> float:
    width, _height, _top, _bottom, left, right = PAGES[shape]
    return width - left - right


def _number_pages(section: Section) -> None:
    """— 1 —, in 四号 宋体: right on odd pages, left on even ones, one character from the margin."""
    for footer, align, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "rightChars"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "leftChars"),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        _set(paragraph._p.get_or_add_pPr().get_or_add_ind(), **{side: "100"})
        before, number, after = (paragraph.add_run(text) for text in ("— ", "", " —"))
        for run in (before, number, after):
            run.font.size = SIZE_PAGE_NUMBER
            _set(run._r.get_or_add_rPr().get_or_add_rFonts(), ascii=SONG, hAnsi=SONG, eastAsia=SONG)
        _add(number._r, "w:fldChar", fldCharType="begin")
        _add_text(number._r, " PAGE ", tag="w:instrText")
        _add(number._r, "w:fldChar", fldCharType="end")


# Blocks. `document` is a document, or something that adds paragraphs and tables where a template has its field.


def write_block(document: Any, block: Block, *, shape: Shape, width: float | None = None) -> None:
    match block:
        case Heading(level=level, text=text):
            document.add_paragraph(clean(text), style=HEADINGS[level])
        case Para(text=text, lead=lead, stays=stays):
            paragraph = document.add_paragraph(style=BODY)
            if stays:
                paragraph.paragraph_format.keep_with_next = True
            if lead:
                paragraph.add_run(clean(lead)).bold = True
            paragraph.add_run(clean(text))
        case Gauge(text=text):
            document.add_paragraph(clean(text), style=BODY)
        case Grid():
            if block.caption:
                document.add_paragraph(clean(block.caption), style=NOTE)
            table = table_of(block, shape=shape, width=width)
            document.add_paragraph(style=CELL)._p.addprevious(table)


def _write_signature(document: DocxDocument, paper: Paper) -> None:
    """Signature and day, right-aligned, four characters from the margin."""
    document.add_paragraph(style=BODY).paragraph_format.keep_with_next = True
    for text in (paper.signature, paper.dated):
        if text:
            paragraph = document.add_paragraph(clean(text), style=BODY)
            paragraph.paragraph_format.keep_with_next = text == paper.signature
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
            _set(indent, rightChars="400", firstLineChars="0", firstLine="0")


def shares(grid: Grid, *, shape: Shape, width: float | None = None) -> list[int]:
    """Each column's share of a printed table's width, in whole hundredths: in proportion to the columns' widths, and
    more where a day, a figure, a code or a light would be broken into two lines."""
    minima = _minimum_shares(grid, shape=shape, width=width)
    fixed: dict[int, int] = {}
    while True:
        wanted = {index: column.width for index, column in enumerate(grid.columns) if index not in fixed}
        rest = 100 - sum(fixed.values())
        exact = {index: rest * number / sum(wanted.values()) for index, number in wanted.items()}
        short = {index: minima[index] for index, share in exact.items() if share < minima[index]}
        if not short:
            break
        fixed |= short
    whole = fixed | {index: int(share) for index, share in exact.items()}
    largest_remainder_first = sorted(exact, key=lambda index: whole[index] - exact[index])
    for index in largest_remainder_first[: 100 - sum(whole.values())]:
        whole[index] += 1
    return [whole[index] for index in range(len(grid.columns))]


def _minimum_shares(grid: Grid, *, shape: Shape, width: float | None) -> list[int]:
    """The hundredths that each column needs for its unbreakable cells; 1 each where the sum is too much."""
    points = (SMALL_SIZE if shape in SMALL else CELL_SIZE).pt
    digits = (width or content_width(shape)) / (points / 2 * MM_A_POINT)
    needed = [
        math.ceil(100 * (_longest_whole(row[index] for row in grid.rows) + AROUND_A_CELL) / digits)
        for index in range(len(grid.columns))
    ]
    return needed if sum(needed) <= MAX_UNBROKEN else [1] * len(needed)


def _longest_whole(cells: Iterable[Cell]) -> int:
    """The width of the widest cell that must not be broken."""
    return max((text_width(_whole(cell)) for cell in cells), default=0)


def _whole(cell: Cell) -> str:
    match cell:
        case LightCell():
            return f"{cell.sign} {cell.word}"
        case str():
            return cell if len(cell) <= MAX_CODE_LENGTH and cell.isascii() and " " not in cell else ""
    return cell_text(cell)


def table_of(grid: Grid, *, shape: Shape, width: float | None = None) -> Any:
    """The table's element: with borders, its head repeated on each page, no row broken across pages. Built without
    python-docx's table API: a 台账 has tens of thousands of cells."""
    style = (SMALL_CELL if shape in SMALL else CELL).replace(" ", "")
    whole = (width or content_width(shape)) * TWIPS_A_MM
    widths = [round(whole * share / 100) for share in shares(grid, shape=shape, width=width)]
    table = OxmlElement("w:tbl")
    properties = _add(table, "w:tblPr")
    _add(properties, "w:tblW", w=str(sum(widths)), type="dxa")
    _add(properties, "w:jc", val="center")
    borders = _add(properties, "w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        _add(borders, f"w:{side}", val="single", sz="4", space="0", color="404040")
    _add(properties, "w:tblLayout", type="fixed")
    margins = _add(properties, "w:tblCellMar")
    for side in ("left", "right"):
        _add(margins, f"w:{side}", w="70", type="dxa")
    columns = _add(table, "w:tblGrid")
    for column_width in widths:
        _add(columns, "w:gridCol", w=str(column_width))
    _add_row(table, [column.name for column in grid.columns], widths, style, is_head=True)
    for row in grid.rows:
        _add_row(table, row, widths, style)
    return table


def _add_row(table: Any, cells: Sequence[Cell], widths: Sequence[int], style: str, *, is_head: bool = False) -> None:
    row = _add(table, "w:tr")
    properties = _add(row, "w:trPr")
    _add(properties, "w:cantSplit")
    if is_head:
        _add(properties, "w:tblHeader")
    for cell, width in zip(cells, widths, strict=True):
        table_cell = _add(row, "w:tc")
        if is_head:
            shape = _add(table_cell, "w:tcPr")
            _add(shape, "w:tcW", w=str(width), type="dxa")
            _add(shape, "w:shd", val="clear", color="auto", fill="EDEDED")
            _add(shape, "w:vAlign", val="center")
        lines: Sequence[str | LightCell] = [cell] if isinstance(cell, LightCell) else cell_text(cell).split("\n")
        for line in lines:
            paragraph = _add(table_cell, "w:p")
            about = _add(paragraph, "w:pPr")
            _add(about, "w:pStyle", val=style)
            if is_head or isinstance(cell, date | Decimal | int):
                _add(about, "w:jc", val="center")
            if isinstance(line, LightCell):
                _add_run(paragraph, f"{line.sign} {line.word}", colour=COLOURS[line.light])
                if line.note:
                    _add_run(paragraph, f" {line.note}")
            else:
                _add_run(paragraph, line, font=HEI if is_head else None)


def _add_run(paragraph: Any, text: str, *, colour: str | None = None, font: str | None = None) -> None:
    run = _add(paragraph, "w:r")
    if colour or font:
        properties = _add(run, "w:rPr")
        if font:
            _add(properties, "w:rFonts", eastAsia=font, hint="eastAsia")
        if colour:
            _add(properties, "w:color", val=colour)
    _add_text(run, clean(text))


def cell_text(cell: Cell) -> str:
    """A cell as text."""
    match cell:
        case None:
            return ""
        case date():
            return written_day(cell)
        case Decimal() | int():
            return figure(cell)
    return str(cell)


# Elements of WordprocessingML


def _element(tag: str, **attributes: str) -> Any:
    return OxmlElement(tag, {qn(f"w:{name}"): value for name, value in attributes.items()})


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    element = _element(tag, **attributes)
    parent.append(element)
    return element


def _add_text(run: Any, text: str, tag: str = "w:t") -> None:
    element = _add(run, tag)
    element.set(qn("xml:space"), "preserve")
    element.text = text


def _set(element: Any, **attributes: str) -> None:
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)


def _remove(parent: Any, *tags: str) -> None:
    for tag in tags:
        for element in parent.findall(qn(tag)):
            parent.remove(element)
