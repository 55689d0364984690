"""A paper as a Word file, in the typography of GB/T 9704-2012 for working papers, or in an office's own template."""

import io
import math
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from apps.core.figures import figure
from apps.core.wording import written_day
from apps.papers.blocks import Gauge, Grid, Heading, Lit, Para, Part, breadth
from apps.papers.choices import APART, Shape

SONG_TITLE, HEI, KAI, FANG, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
TITLE, HEADINGS, BODY, NOTE = "Title", {1: "Heading 1", 2: "Heading 2"}, "Body Text", "Note"
CELL, SMALL_CELL = "Table Text", "Small Table Text"
# Sizes the standard names: 二号, 三号, 四号.
SIZE_TITLE, SIZE_BODY, SIZE_PAGE_NUMBER = Pt(22), Pt(16), Pt(14)
CELL_SIZE, SMALL_SIZE = Pt(10.5), Pt(9)
LINE = Pt(28)
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
EMPTY = Part(key="", blocks=())


def word_of(paper):
    """The bytes of the Word file."""
    document = Document()
    _styles(document)
    _even_pages_differ(document)
    _shape(document.sections[0], paper.parts[0].shape)
    document.add_paragraph(clean(paper.title), style=TITLE)
    for text in (paper.basis, paper.warning):
        if text:
            document.add_paragraph(clean(text), style=NOTE)
    _page_numbers(document.sections[0])
    shape, is_signed = paper.parts[0].shape, not paper.signature
    for part in paper.parts:
        if part.shape != shape or part.shape in APART:
            if not is_signed:
                write_signature(document, paper)
                is_signed = True
            _shape(document.add_section(WD_SECTION.NEW_PAGE), part.shape)
            shape = part.shape
        for block in part.blocks:
            write_block(document, block, shape=part.shape)
    if not is_signed:
        write_signature(document, paper)
    return saved(document, title=paper.title)


def saved(document, *, title):
    """The document's bytes, without a clock in them."""
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = clean(title), "", ""
    properties.comments, properties.language = "", "zh-CN"
    properties.revision = 1
    properties.created = properties.modified = datetime(*EPOCH, tzinfo=UTC)
    buffer = io.BytesIO()
    document.save(buffer)
    return without_clock(buffer.getvalue())


def without_clock(archive):
    """The same zip, each entry dated alike, and the document's own dates too."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            dated = zipfile.ZipInfo(entry.filename, date_time=EPOCH)
            dated.compress_type, dated.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            content = old.read(entry)
            new.writestr(dated, DATES.sub(EPOCH_TEXT, content) if entry.filename == PROPERTIES else content)
    return buffer.getvalue()


def clean(text):
    """Without signs that no Office file may hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", str(text))


# Styles and pages


def _styles(document):
    styles = document.styles
    normal = styles["Normal"]
    _font(normal, FANG, SIZE_BODY)
    _spacing(normal, line=LINE)
    _font(styles[TITLE], SONG_TITLE, SIZE_TITLE)
    _spacing(styles[TITLE], line=Pt(36), after=Pt(14), align=WD_ALIGN_PARAGRAPH.CENTER)
    _without_border(styles[TITLE])
    for level, name in ((1, HEI), (2, KAI)):
        style = styles[HEADINGS[level]]
        _font(style, name, SIZE_BODY)
        _spacing(style, line=LINE, indent=True, keep=True)
    body = styles[BODY]
    _font(body, FANG, SIZE_BODY)
    _spacing(body, line=LINE, indent=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    note = styles.add_style(NOTE, WD_STYLE_TYPE.PARAGRAPH)
    _font(note, KAI, SIZE_PAGE_NUMBER)
    _spacing(note, line=Pt(24), align=WD_ALIGN_PARAGRAPH.CENTER)
    add_cell_styles(styles)


def add_cell_styles(styles):
    for name, size, line in ((CELL, CELL_SIZE, Pt(15)), (SMALL_CELL, SMALL_SIZE, Pt(12))):
        if name not in styles:
            cell = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            _font(cell, SONG, size)
            _spacing(cell, line=line)
            _without_gaps(cell)


def _font(style, name, size):
    """The name counts for Chinese signs only where it stands as eastAsia, and no theme overrules it."""
    style.font.size, style.font.bold, style.font.italic = size, False, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for attribute, value in (("ascii", "Times New Roman"), ("hAnsi", "Times New Roman"), ("eastAsia", name)):
        fonts.set(qn(f"w:{attribute}"), value)
    fonts.set(qn("w:cs"), "Times New Roman")
    fonts.set(qn("w:hint"), "eastAsia")
    for tag in ("w:spacing", "w:kern"):
        for found in properties.findall(qn(tag)):
            properties.remove(found)
    language = properties.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        properties.append(language)
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")


def _spacing(style, *, line, after=None, align=None, indent=False, keep=False):
    shape = style.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, line
    shape.space_before, shape.space_after = Pt(0), after or Pt(0)
    shape.keep_with_next, shape.widow_control = keep, True
    if align is not None:
        shape.alignment = align
    if indent:
        indented(style.element.get_or_add_pPr())


def indented(properties):
    """The first line begins two signs further in."""
    found = properties.get_or_add_ind()
    found.set(qn("w:firstLineChars"), "200")
    found.set(qn("w:firstLine"), str(int(SIZE_BODY.pt * 2 * 20)))


def _without_gaps(style):
    """No room is added between Chinese signs and figures: a day in a narrow column stays on one line."""
    spacing = style.element.get_or_add_pPr().find(qn("w:spacing"))
    for tag in ("w:autoSpaceDE", "w:autoSpaceDN"):
        off = OxmlElement(tag)
        off.set(qn("w:val"), "0")
        spacing.addprevious(off)


def _without_border(style):
    properties = style.element.get_or_add_pPr()
    for found in properties.findall(qn("w:pBdr")):
        properties.remove(found)


def _even_pages_differ(document):
    document.settings.odd_and_even_pages_header_footer = True


def _shape(section, shape):
    width, height, top, bottom, left, right = PAGES[shape]
    section.orientation = WD_ORIENT.PORTRAIT if width < height else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.footer_distance, section.header_distance = Mm(FOOTER[shape]), Mm(15)


def content_width(shape):
    width, _height, _top, _bottom, left, right = PAGES[shape]
    return width - left - right


def _page_numbers(section):
    """— 1 —, in 四号 宋体: to the right on odd pages, to the left on even ones, one sign from the edge."""
    for footer, align, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "w:rightChars"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "w:leftChars"),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        paragraph._p.get_or_add_pPr().get_or_add_ind().set(qn(side), "100")
        for kind, text in (("t", "— "), ("PAGE", ""), ("t", " —")):
            run = paragraph.add_run(text)
            run.font.size = SIZE_PAGE_NUMBER
            named = run._r.get_or_add_rPr().get_or_add_rFonts()
            for attribute in ("ascii", "hAnsi", "eastAsia"):
                named.set(qn(f"w:{attribute}"), SONG)
            if kind == "PAGE":
                for mark in ("begin", None, "end"):
                    if mark is None:
                        code = OxmlElement("w:instrText")
                        code.set(qn("xml:space"), "preserve")
                        code.text = " PAGE "
                    else:
                        code = OxmlElement("w:fldChar")
                        code.set(qn("w:fldCharType"), mark)
                    run._r.append(code)


# Blocks. `document` is a document, or something that adds paragraphs and tables where a template has its field.


def write_block(document, block, *, shape, width=None):
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
            add_element(document, table_of(block, shape=shape, width=width))
            document.add_paragraph(style=CELL)


def add_element(document, element):
    """Put an element where the next paragraph would stand."""
    paragraph = document.add_paragraph()
    paragraph._p.addprevious(element)
    paragraph._p.getparent().remove(paragraph._p)


def write_signature(document, paper):
    """Who says it and of which day, to the right, the day four signs from the edge."""
    document.add_paragraph(style=BODY).paragraph_format.keep_with_next = True
    for text in (paper.signature, paper.dated):
        if text:
            paragraph = document.add_paragraph(clean(text), style=BODY)
            paragraph.paragraph_format.keep_with_next = text == paper.signature
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
            indent.set(qn("w:rightChars"), "400")
            indent.set(qn("w:firstLineChars"), "0")
            indent.set(qn("w:firstLine"), "0")


def shares(grid, *, shape, width=None):
    """How much of a printed table's width each column takes, in whole hundredths: as asked for, and more where a day,
    a figure, a code or a light would be torn into two lines."""
    minima = _minimum_shares(grid, shape=shape, width=width)
    fixed = {}
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


def _minimum_shares(grid, *, shape, width):
    """What each column needs, in hundredths, so that nothing in it is torn; next to nothing where that is too much."""
    points = (SMALL_SIZE if shape in SMALL else CELL_SIZE).pt
    digits = (width or content_width(shape)) / (points / 2 * MM_A_POINT)
    needed = [
        math.ceil(100 * (_longest_whole(row[index] for row in grid.rows) + AROUND_A_CELL) / digits)
        for index in range(len(grid.columns))
    ]
    return needed if sum(needed) <= MAX_UNBROKEN else [1] * len(needed)


def _longest_whole(cells):
    """The widest of what is to stay on one line."""
    return max((breadth(_whole(cell)) for cell in cells), default=0)


def _whole(cell):
    match cell:
        case Lit():
            return f"{cell.sign} {cell.word}"
        case str():
            return cell if len(cell) <= MAX_CODE_LENGTH and cell.isascii() and " " not in cell else ""
    return written(cell)


def table_of(grid, *, shape, width=None):
    """The table's element: framed, its head repeated on each page, no row torn apart. Built directly: a 台账 has
    tens of thousands of cells."""
    style = (SMALL_CELL if shape in SMALL else CELL).replace(" ", "")
    whole = (width or content_width(shape)) * TWIPS_A_MM
    widths = [round(whole * share / 100) for share in shares(grid, shape=shape, width=width)]
    table = OxmlElement("w:tbl")
    properties = _sub(table, "w:tblPr")
    _sub(properties, "w:tblW", w=str(sum(widths)), type="dxa")
    _sub(properties, "w:jc", val="center")
    borders = _sub(properties, "w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        _sub(borders, f"w:{side}", val="single", sz="4", space="0", color="404040")
    _sub(properties, "w:tblLayout", type="fixed")
    margins = _sub(properties, "w:tblCellMar")
    for side in ("left", "right"):
        _sub(margins, f"w:{side}", w="70", type="dxa")
    columns = _sub(table, "w:tblGrid")
    for column_width in widths:
        _sub(columns, "w:gridCol", w=str(column_width))
    _row(table, [column.name for column in grid.columns], widths, style, is_head=True)
    for row in grid.rows:
        _row(table, row, widths, style)
    return table


def _row(table, cells, widths, style, *, is_head=False):
    row = _sub(table, "w:tr")
    properties = _sub(row, "w:trPr")
    _sub(properties, "w:cantSplit")
    if is_head:
        _sub(properties, "w:tblHeader")
    for cell, width in zip(cells, widths, strict=True):
        table_cell = _sub(row, "w:tc")
        if is_head:
            shape = _sub(table_cell, "w:tcPr")
            _sub(shape, "w:tcW", w=str(width), type="dxa")
            _sub(shape, "w:shd", val="clear", color="auto", fill="EDEDED")
            _sub(shape, "w:vAlign", val="center")
        for line in (written(cell).split("\n")) if not isinstance(cell, Lit) else [cell]:
            paragraph = _sub(table_cell, "w:p")
            about = _sub(paragraph, "w:pPr")
            _sub(about, "w:pStyle", val=style)
            if is_head or isinstance(cell, date | Decimal | int):
                _sub(about, "w:jc", val="center")
            if isinstance(line, Lit):
                _run(paragraph, f"{line.sign} {line.word}", colour=COLOURS[line.light])
                if line.note:
                    _run(paragraph, f" {line.note}")
            else:
                _run(paragraph, line, font=HEI if is_head else None)


def _run(paragraph, text, *, colour=None, font=None):
    run = _sub(paragraph, "w:r")
    if colour or font:
        properties = _sub(run, "w:rPr")
        if font:
            _sub(properties, "w:rFonts", eastAsia=font, hint="eastAsia")
        if colour:
            _sub(properties, "w:color", val=colour)
    words = _sub(run, "w:t")
    words.set(qn("xml:space"), "preserve")
    words.text = clean(text)


def written(cell):
    """A cell as people read it."""
    match cell:
        case None:
            return ""
        case date():
            return written_day(cell)
        case Decimal() | int():
            return figure(cell)
    return str(cell)


def _sub(parent, tag, **attributes):
    made = parent.makeelement(qn(tag), {qn(f"w:{name}"): value for name, value in attributes.items()})
    parent.append(made)
    return made
