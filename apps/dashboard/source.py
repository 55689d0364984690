"""The plan's own text, each clause with what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from apps.assessment.tree import MeasureStanding, PlanStanding
from apps.plans.models import Goal, Quote


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the plan's text. `measures` and `goals` are what it was resolved into; none: not covered."""

    text: str
    measures: tuple[MeasureStanding, ...] = ()
    goals: tuple[Goal, ...] = ()

    @property
    def is_covered(self) -> bool:
        return bool(self.measures or self.goals)


@dataclass(frozen=True, kw_only=True)
class Source:
    """The text in paragraphs of pieces, and how much of it was resolved into measures or goals, by signs."""

    paragraphs: tuple[tuple[Piece, ...], ...]
    n_signs: int
    n_covered: int

    @property
    def percent(self) -> int | None:
        return 100 * self.n_covered // self.n_signs if self.n_signs else None


@dataclass(frozen=True, kw_only=True)
class _Span:
    """Where a measure or a goal is quoted from the text, by index."""

    start: int
    end: int
    origin: MeasureStanding | Goal


def source_of(standing: PlanStanding) -> Source:
    """The text of a standing's plan, tinted by its measures' lights."""
    text = standing.plan.source_text
    by_measure = {measure.measure.pk: measure for measure in standing.measures}
    quotes = Quote.objects.filter(measure__plan=standing.plan).order_by("measure_id", "order")
    quoted: list[tuple[str, MeasureStanding | Goal]] = [
        *((quote.text, by_measure[quote.measure_id]) for quote in quotes if quote.measure_id in by_measure),
        *((goal.goal.quote, goal.goal) for goal in standing.goals),
    ]
    spans = [
        _Span(start=start, end=start + len(quote), origin=origin)
        for quote, origin in quoted
        for start in _occurrences(text, quote)
    ]
    paragraphs, start = [], 0
    for line in text.split("\n"):
        paragraphs.append(_pieces(line, start, spans))
        start += len(line) + 1
    pieces = [piece for paragraph in paragraphs for piece in paragraph]
    return Source(
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
        n_signs=sum(_n_signs(piece) for piece in pieces),
        n_covered=sum(_n_signs(piece) for piece in pieces if piece.is_covered),
    )


def _occurrences(text: str, part: str) -> Iterator[int]:
    index = text.find(part) if part else -1
    while index >= 0:
        yield index
        index = text.find(part, index + len(part))


def _pieces(line: str, start: int, spans: list[_Span]) -> tuple[Piece, ...]:
    """A paragraph cut wherever a quote begins or ends."""
    end = start + len(line)
    inside = [span for span in spans if span.start < end and span.end > start]
    edges = {start, end, *(max(span.start, start) for span in inside), *(min(span.end, end) for span in inside)}
    pieces = []
    for left, right in pairwise(sorted(edges)):
        # Each once, in the order of the quotes.
        origins = [span.origin for span in inside if span.start <= left and span.end >= right]
        measures = {row.measure.pk: row for row in origins if isinstance(row, MeasureStanding)}
        goals = dict.fromkeys(row for row in origins if isinstance(row, Goal))
        pieces.append(
            Piece(text=line[left - start : right - start], measures=tuple(measures.values()), goals=tuple(goals))
        )
    return tuple(pieces)


def _n_signs(piece: Piece) -> int:
    return sum(not sign.isspace() for sign in piece.text)
