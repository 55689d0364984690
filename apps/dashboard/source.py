"""The plan's own text, each clause with what came of it."""

from dataclasses import dataclass
from itertools import pairwise

from apps.assessment.tree import MeasureStanding
from apps.plans.models import Goal, Quote


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the plan's text. `measures` and `goals` are what it was resolved into; none: not covered."""

    text: str
    measures: tuple[MeasureStanding, ...] = ()
    goals: tuple[Goal, ...] = ()

    @property
    def is_covered(self):
        return bool(self.measures or self.goals)


@dataclass(frozen=True, kw_only=True)
class Source:
    """The text in paragraphs of pieces, and how much of it was resolved into measures or goals, by signs."""

    paragraphs: tuple[tuple[Piece, ...], ...]
    n_signs: int
    n_covered: int

    @property
    def percent(self):
        return 100 * self.n_covered // self.n_signs if self.n_signs else None


def source_of(standing):
    """The text of a standing's plan, tinted by its measures' lights."""
    plan = standing.plan
    by_measure = {one.measure.pk: one for one in standing.measures}
    marks = [
        (quote.text, by_measure[quote.measure_id], None)
        for quote in Quote.objects.filter(measure__plan=plan).order_by("measure_id", "order")
        if quote.measure_id in by_measure
    ]
    marks += [(one.goal.quote, None, one.goal) for one in standing.goals if one.goal.quote]
    spans = [
        (start, start + len(text), measure, goal)
        for text, measure, goal in marks
        for start in _places(plan.source_text, text)
    ]
    paragraphs, place, n_signs, n_covered = [], 0, 0, 0
    for line in plan.source_text.split("\n"):
        pieces = _pieces(line, place, spans)
        paragraphs.append(pieces)
        n_signs += _signs(line)
        n_covered += sum(_signs(piece.text) for piece in pieces if piece.is_covered)
        place += len(line) + 1
    return Source(paragraphs=tuple(pieces for pieces in paragraphs if pieces), n_signs=n_signs, n_covered=n_covered)


def _places(text, part):
    place = text.find(part) if part else -1
    while place >= 0:
        yield place
        place = text.find(part, place + len(part))


def _pieces(line, start, spans):
    """A paragraph cut wherever a quote begins or ends."""
    end = start + len(line)
    inside = [span for span in spans if span[0] < end and span[1] > start]
    edges = sorted({start, end, *(min(max(edge, start), end) for span in inside for edge in span[:2])})
    pieces = []
    for left, right in pairwise(edges):
        covering = [span for span in inside if span[0] <= left and span[1] >= right]
        pieces.append(
            Piece(
                text=line[left - start : right - start],
                measures=tuple({measure.measure.pk: measure for _s, _e, measure, _g in covering if measure}.values()),
                goals=tuple(dict.fromkeys(goal for _s, _e, _m, goal in covering if goal)),
            )
        )
    return tuple(pieces)


def _signs(text):
    return sum(not sign.isspace() for sign in text)
