"""A paper as what stands in it, whatever it is printed with: parts, headings, paragraphs, tables.

Word, PDF, workbook and the preview on the screen are drawn from the same paper, and an issued paper is kept as
`data_of` writes it.
"""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from apps.papers.choices import Shape

# Signs of the old Chinese set, which every court's fonts have; a light is a sign and a word, in colour or without.
SIGNS = {"done": "√", "on_track": "●", "watch": "▲", "late": "◆", "no_data": "？", "not_due": "○", "paused": "‖"}


@dataclass(frozen=True)
class Lit:
    """A light in a table: its value, its word, and the few words beside it."""

    light: str
    word: str
    note: str = ""

    def __str__(self):
        return f"{self.word} {self.note}".strip()

    @property
    def sign(self):
        return SIGNS[self.light]


def lit(light, note=""):
    return Lit(str(light), str(light.label), note)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """`level` 1 is 一、, 2 is （一）; the number is part of the text."""

    level: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Para:
    """A paragraph; `lead` are its first words, set off; one that `stays` is on the same page as what follows it."""

    text: str
    lead: str = ""
    stays: bool = False


@dataclass(frozen=True, kw_only=True)
class GridColumn:
    """A column's name, and how wide it is printed, in signs of a digit's width."""

    name: str
    width: int


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table. `name` is short enough for a sheet of a workbook. Cells are text, numbers, days, lights or None."""

    name: str
    columns: tuple[GridColumn, ...]
    rows: tuple[tuple, ...]
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """How far something is, beside how far it should be, and how many of each light: (light, word, count)."""

    label: str
    percent: Decimal | None
    expected: Decimal | None
    counts: tuple[tuple[str, str, int], ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """A stretch of a paper, by the name that an office's own template calls it; a new page where the shape is another."""

    key: str
    blocks: tuple
    shape: Shape = Shape.A4


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A whole paper. `basis` says of which day it is and as known when; `warning` that figures are made up, if so."""

    kind: str
    title: str
    basis: str
    warning: str
    parts: tuple[Part, ...]
    signature: str = ""
    dated: str = ""

    @property
    def blocks(self):
        return [block for part in self.parts for block in part.blocks]

    @property
    def grids(self):
        return [block for block in self.blocks if isinstance(block, Grid)]


def breadth(text):
    """How wide a text is, in signs of a digit's width: a Chinese sign, or one of the lights, is two."""
    return sum(2 if ord(sign) > 0x2E80 or sign in SIGNS.values() else 1 for sign in text)


# As plain values, and back


BLOCKS = {kind.__name__: kind for kind in (Heading, Para, Grid, Gauge)}


def data_of(paper):
    """The paper in values that JSON has; figures as text to the last digit."""
    return {
        "kind": str(paper.kind),
        "title": paper.title,
        "basis": paper.basis,
        "warning": paper.warning,
        "signature": paper.signature,
        "dated": paper.dated,
        "parts": [
            {"key": part.key, "shape": str(part.shape), "blocks": [_block_data(block) for block in part.blocks]}
            for part in paper.parts
        ],
    }


def paper_from(data):
    """The paper that was kept."""
    parts = tuple(
        Part(key=part["key"], shape=Shape(part["shape"]), blocks=tuple(_block_from(block) for block in part["blocks"]))
        for part in data["parts"]
    )
    return Paper(**{**data, "parts": parts})


def _block_data(block):
    data = {"block": type(block).__name__, **asdict(block)}
    match block:
        case Grid():
            data["rows"] = [[_cell_data(cell) for cell in row] for row in block.rows]
        case Gauge():
            data["percent"], data["expected"] = _cell_data(block.percent), _cell_data(block.expected)
            data["counts"] = [list(count) for count in block.counts]
    return data


def _block_from(data):
    values = {key: value for key, value in data.items() if key != "block"}
    match data["block"]:
        case "Grid":
            values["columns"] = tuple(GridColumn(**column) for column in values["columns"])
            values["rows"] = tuple(tuple(_cell_from(cell) for cell in row) for row in values["rows"])
        case "Gauge":
            values["percent"], values["expected"] = _cell_from(values["percent"]), _cell_from(values["expected"])
            values["counts"] = tuple(tuple(count) for count in values["counts"])
    return BLOCKS[data["block"]](**values)


def _cell_data(cell):
    match cell:
        case Lit():
            return {"light": cell.light, "word": cell.word, "note": cell.note}
        case Decimal():
            return {"figure": f"{cell:f}"}
        case date():
            return {"day": cell.isoformat()}
        case None | int():
            return cell
    return str(cell)


def _cell_from(data):
    match data:
        case {"light": light, "word": word, "note": note}:
            return Lit(light, word, note)
        case {"figure": figure}:
            return Decimal(figure)
        case {"day": day}:
            return date.fromisoformat(day)
    return data
