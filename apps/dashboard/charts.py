"""Where things stand in a drawing: an indicator's year, with its readings, its targets and its range."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.assessment.choices import NodeState
from apps.assessment.rules.readings import running_values
from apps.assessment.tree import IndicatorStanding, MeasureStanding
from apps.core.figures import figure
from apps.core.wording import written_day
from apps.indicators.models import Target
from apps.indicators.rules import MEASURED
from apps.plans.models import Plan

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 14, 26
STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
N_LINES = 4
# First day, last day, lower bound, upper bound.
Span = tuple[date, date, Decimal | None, Decimal | None]


@dataclass(frozen=True)
class Mark:
    """A position on an axis and what is written there."""

    position: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    x: str
    y: str
    day: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Band:
    """A stretch of days for which a lower and an upper bound held, as a rectangle."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The drawing, in units of its own box. Gaps stay gaps: nothing is drawn before the first reading."""

    months: tuple[Mark, ...]
    lines: tuple[Mark, ...]
    bands: tuple[Band, ...]
    targets: tuple[str, ...]
    path: str
    readings: tuple[Reading, ...]
    today: str
    zero: str


def chart_of(standing: IndicatorStanding, *, plan: Plan, on: date) -> Chart | None:
    """An indicator's year; None where no figures are asked for, or neither a figure nor a target is there."""
    if standing.facts.kind not in MEASURED:
        return None
    values = running_values(standing.facts)
    spans = _spans(standing.targets_oldest_first, plan)
    bounds = [bound for _first, _last, low, high in spans for bound in (low, high) if bound is not None]
    if not values and not bounds:
        return None
    scale = _Scale([value for _day, value in values] + bounds, plan)
    return Chart(
        months=tuple(Mark(scale.x(date(plan.year, month, 1)), str(month)) for month in range(1, 13)),
        lines=tuple(Mark(scale.y(value), figure(value)) for value in scale.ticks),
        bands=tuple(
            _band(first, last, low, high, scale)
            for first, last, low, high in spans
            if low is not None and high is not None
        ),
        targets=tuple(
            f"{scale.x(first)},{scale.y(bound)} {scale.x(last)},{scale.y(bound)}"
            for first, last, low, high in spans
            for bound in (low, high)
            if bound is not None
        ),
        path=" ".join(f"{scale.x(day)},{scale.y(value)}" for day, value in values),
        readings=tuple(
            Reading(x=scale.x(day), y=scale.y(value), day=written_day(day), value=figure(value))
            for day, value in values
        ),
        today=scale.x(min(max(on, plan.starts_on), plan.ends_on)),
        zero=scale.y(Decimal(0)),
    )


# A line as long as a word


SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 96, 24, 3


@dataclass(frozen=True, kw_only=True)
class Spark:
    """The course of a figure through the year: the line, and where it ends."""

    path: str
    x: str
    y: str


def spark_of(standing: IndicatorStanding, *, plan: Plan) -> Spark | None:
    """None where there are fewer than two figures: one makes no line."""
    values = running_values(standing.facts)
    if len(values) < 2:
        return None
    low, high = min(value for _day, value in values), max(value for _day, value in values)
    n_days = (plan.ends_on - plan.starts_on).days

    def point(day: date, value: Decimal) -> tuple[str, str]:
        across = Decimal((day - plan.starts_on).days) / n_days
        up = (value - low) / (high - low) if high > low else Decimal("0.5")
        x = SPARK_EDGE + across * (SPARK_WIDTH - 2 * SPARK_EDGE)
        return figure(x), figure(SPARK_HEIGHT - SPARK_EDGE - up * (SPARK_HEIGHT - 2 * SPARK_EDGE))

    points = [point(day, value) for day, value in values]
    return Spark(path=" ".join(f"{x},{y}" for x, y in points), x=points[-1][0], y=points[-1][1])


# A measure's year as a line


LINE_WIDTH, LINE_LEFT, LINE_RIGHT = 720, 14, 14


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A node on the line of the year."""

    x: str
    state: NodeState
    label: str


@dataclass(frozen=True, kw_only=True)
class YearLine:
    months: tuple[Mark, ...]
    stops: tuple[Stop, ...]
    start: str
    due: str
    today: str


def year_line_of(standing: MeasureStanding, *, plan: Plan, on: date) -> YearLine | None:
    """A measure's nodes and its own last day on a line of the year; None where it has no nodes."""
    if not standing.nodes:
        return None
    return YearLine(
        months=tuple(Mark(_on_line(date(plan.year, month, 1), plan), str(month)) for month in range(1, 13)),
        stops=tuple(
            Stop(x=_on_line(node.due, plan), state=node.state, label=f"{node.node.title} {written_day(node.due)}")
            for node in standing.nodes
        ),
        start=_on_line(standing.measure.starts_on, plan),
        due=_on_line(standing.due, plan),
        today=_on_line(on, plan),
    )


def _on_line(day: date, plan: Plan) -> str:
    """The day's x; what lies outside the year stands at its end."""
    bounded = min(max(day, plan.starts_on), plan.ends_on)
    share = Decimal((bounded - plan.starts_on).days) / (plan.ends_on - plan.starts_on).days
    return figure(LINE_LEFT + share * (LINE_WIDTH - LINE_LEFT - LINE_RIGHT))


def chart_data_of(standing: IndicatorStanding, *, plan: Plan) -> dict[str, Any]:
    """The same year for the chart library, in plain values; bounds that end are followed by a gap."""
    spans = _spans(standing.targets_oldest_first, plan)
    values = running_values(standing.facts)
    bounds = [
        (_("目标下限"), [(first, last, low) for first, last, low, _other in spans if low is not None]),
        (_("目标上限"), [(first, last, high) for first, last, _other, high in spans if high is not None]),
    ]
    drawn = [(word, stretches) for word, stretches in bounds if stretches]
    return {
        "name": str(standing.indicator),
        "unit": standing.indicator.unit,
        "first": plan.starts_on.isoformat(),
        "last": plan.ends_on.isoformat(),
        "readings": [[day.isoformat(), figure(value)] for day, value in values],
        "targets": [
            [point for first, last, bound in stretches for point in _points(first, last, bound)]
            for _word, stretches in drawn
        ],
        "words": {"readings": _("数据"), "targets": [word for word, _stretches in drawn]},
    }


def _points(first: date, last: date, bound: Decimal) -> list[list[str]]:
    return [[first.isoformat(), figure(bound)], [last.isoformat(), figure(bound)]]


def _spans(targets: Sequence[Target], plan: Plan) -> list[Span]:
    """Of each target in force, one after the other."""
    spans = []
    for index, target in enumerate(targets):
        following = targets[index + 1].effective_from if index + 1 < len(targets) else plan.ends_on
        first = max(target.effective_from, plan.starts_on)
        if first <= following:
            low = target.low if target.low is not None else target.baseline
            spans.append((first, following, low, target.high))
    return spans


def _band(first: date, last: date, low: Decimal, high: Decimal, scale: "_Scale") -> Band:
    return Band(
        x=scale.x(first),
        y=scale.y(high),
        width=figure(Decimal(scale.x(last)) - Decimal(scale.x(first))),
        height=figure(Decimal(scale.y(low)) - Decimal(scale.y(high))),
    )


class _Scale:
    """From days and values to coordinates in the box. Zero is always on it."""

    def __init__(self, values: Sequence[Decimal], plan: Plan) -> None:
        low, high = min(Decimal(0), *values), max(Decimal(0), *values)
        step = _step((high - low) or Decimal(1))
        first = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
        last = (high / step).to_integral_value(rounding="ROUND_CEILING") * step
        self.low, self.high = first, last if last > first else first + step
        self.ticks = [first + step * number for number in range(int((self.high - first) / step) + 1)]
        self.first_day, self.n_days = plan.starts_on, (plan.ends_on - plan.starts_on).days

    def x(self, day: date) -> str:
        share = Decimal((day - self.first_day).days) / self.n_days
        return figure(LEFT + share * (WIDTH - LEFT - RIGHT))

    def y(self, value: Decimal) -> str:
        share = (value - self.low) / (self.high - self.low)
        return figure(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM))


def _step(span: Decimal) -> Decimal:
    """A round step of which some four make the span: 1, 2 or 5 times a power of ten."""
    rough = span / N_LINES
    power = Decimal(10) ** rough.adjusted()
    return next(step * power for step in STEPS if step * power >= rough)
