"""The content of a paper, whatever it is printed with: parts, headings, paragraphs, tables.

Word, PDF, workbook and preview are written from the same paper; an issued paper is stored as `data_of` gives it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from apps.assessment.choices import Light
from apps.papers.choices import APART, Shape

# Signs of the old Chinese set, which every court's fonts have; a light is a sign and a word, in colour or without.
SIGNS = {"done": "√", "on_track": "●", "watch": "▲", "late": "◆", "no_data": "？", "not_due": "○", "paused": "‖"}


@dataclass(frozen=True)
class LightCell:
    """A status light in a table: its value, its label, and a short note."""

    light: str
    word: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.word} {self.note}".strip()

    @property
    def sign(self) -> str:
        return SIGNS[self.light]


Cell: TypeAlias = str | int | Decimal | date | LightCell | None


def light_cell(light: Light, note: str = "") -> LightCell:
    return LightCell(str(light), str(light.label), note)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """`level` 1 is 一、, 2 is （一）; the number is part of the text."""

    level: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Para:
    """A paragraph; `lead` is its beginning in bold; one that `stays` is kept on the page of the next one."""

    text: str
    lead: str = ""
    stays: bool = False


@dataclass(frozen=True, kw_only=True)
class GridColumn:
    """A column's name, and its printed width in digits."""

    name: str
    width: int


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table. `name` also names a sheet of a workbook. Cells are text, numbers, days, lights or None."""

    name: str
    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""


# A column's name, its width, and where a row has its cell: the path of an attribute, or a function of the row.
ColumnSpec: TypeAlias = tuple[str, int, str | Callable[[Any], object]]


def build_grid(name: str, rows: Iterable[object], *columns: ColumnSpec) -> Grid:
    """A table with a line for each row."""
    cells = [attrgetter(cell) if isinstance(cell, str) else cell for _name, _width, cell in columns]
    return Grid(
        name=name,
        columns=tuple(GridColumn(name=column_name, width=width) for column_name, width, _cell in columns),
        rows=tuple(tuple(_as_cell(cell(row)) for cell in cells) for row in rows),
    )


def name_at(path: str) -> Callable[[Any], str]:
    """A column of departments or people by their names; empty where a row has none."""
    get = attrgetter(path)
    return lambda row: str(get(row) or "")


def _as_cell(value: object) -> Cell:
    return value if isinstance(value, int | Decimal | date | LightCell | None) else str(value)


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """Progress, expected progress, and how many of each light: (light, label, count)."""

    label: str
    percent: Decimal | None
    expected: Decimal | None
    counts: tuple[tuple[str, str, int], ...]
    text: str


Block: TypeAlias = Heading | Para | Grid | Gauge


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a paper, under the key that templates use; one of another shape begins a new page."""

    key: str
    blocks: tuple[Block, ...]
    shape: Shape = Shape.A4


class PaperSection(NamedTuple):
    """What is printed on sheets of one shape."""

    shape: Shape
    blocks: list[Block]


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper. `basis` says which day it shows, as known when; `warning` that figures are made up, if so."""

    kind: str
    title: str
    basis: str
    warning: str
    parts: tuple[Part, ...]
    signature: str = ""
    dated: str = ""

    @property
    def blocks(self) -> list[Block]:
        return [block for part in self.parts for block in part.blocks]

    @property
    def sections(self) -> list[PaperSection]:
        """Parts of one shape together, except where each begins a page."""
        sections: list[PaperSection] = []
        for part in self.parts:
            if not sections or sections[-1].shape != part.shape or part.shape in APART:
                sections.append(PaperSection(part.shape, []))
            sections[-1].blocks.extend(part.blocks)
        return sections

    @property
    def grids(self) -> list[Grid]:
        return [block for block in self.blocks if isinstance(block, Grid)]


BLOCKS: dict[str, type[Block]] = {kind.__name__: kind for kind in (Heading, Para, Grid, Gauge)}


def text_width(text: str) -> int:
    """The width of a text in digits: a Chinese character, or the sign of a light, counts as two."""
    return sum(2 if ord(sign) > 0x2E80 or sign in SIGNS.values() else 1 for sign in text)


# As plain values, and back


def data_of(paper: Paper) -> dict[str, Any]:
    """The paper as JSON values; decimals as text, unrounded."""
    return {name: _plain(value) for name, value in vars(paper).items()}


def paper_from(data: dict[str, Any]) -> Paper:
    """The paper that `data_of` wrote."""
    parts = tuple(
        Part(
            key=part["key"], shape=Shape(part["shape"]), blocks=tuple(_block_from(**block) for block in part["blocks"])
        )
        for part in data["parts"]
    )
    return Paper(**{**data, "parts": parts})


def _plain(value: Any) -> Any:
    match value:
        case Heading() | Para() | Grid() | Gauge():
            return {"block": type(value).__name__} | {name: _plain(each) for name, each in vars(value).items()}
        case Part() | GridColumn() | LightCell():
            return {name: _plain(each) for name, each in vars(value).items()}
        case tuple():
            return [_plain(each) for each in value]
        case Decimal():
            return {"figure": f"{value:f}"}
        case date():
            return {"day": value.isoformat()}
        case None | int():
            return value
    return str(value)


def _block_from(block: str, **data: Any) -> Block:
    if "columns" in data:
        data["columns"] = [GridColumn(**column) for column in data["columns"]]
    return BLOCKS[block](**{name: _value_from(value) for name, value in data.items()})


def _value_from(data: Any) -> Any:
    match data:
        case {"light": _, "word": _, "note": _}:
            return LightCell(**data)
        case {"figure": figure}:
            return Decimal(figure)
        case {"day": day}:
            return date.fromisoformat(day)
        case list():
            return tuple(_value_from(value) for value in data)
    return data
