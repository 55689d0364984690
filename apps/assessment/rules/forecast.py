"""When a figure would reach its end at the pace so far. Shown beside a light; it never changes one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import combinations
from statistics import median

ENOUGH_POINTS = 3
# A pace that leads further than this into the future says nothing about a year's plan.
FURTHEST = timedelta(days=3 * 365)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The day on which the pace so far (Theil–Sen: the median of all pairs' slopes) leads to the end, and the days
    to which the steepest and the flattest pair would lead. A day is None where that pace does not get there
    within three years."""

    n_points: int
    reached_on: date | None
    earliest: date | None
    latest: date | None


def forecast(points: Iterable[tuple[date, Decimal]], *, end: Decimal) -> Forecast | None:
    """The forecast from (day, figure) points; None where there are too few days to say anything.

    Of several figures of one day the last counts.
    """
    by_day = sorted(dict(points).items())
    if len(by_day) < ENOUGH_POINTS:
        return None
    slopes = sorted(
        (later - earlier) / Decimal((day - first).days) for (first, earlier), (day, later) in combinations(by_day, 2)
    )
    return Forecast(
        n_points=len(by_day),
        reached_on=_reached_on(by_day, median(slopes), end=end),
        earliest=_reached_on(by_day, slopes[-1], end=end),
        latest=_reached_on(by_day, slopes[0], end=end),
    )


def _reached_on(points: Sequence[tuple[date, Decimal]], slope: Decimal, *, end: Decimal) -> date | None:
    """The day on which the line of that slope, laid through the middle of the points, reaches the end.

    Never before the last point, unless the figure is there already.
    """
    reached = next((day for day, figure in points if figure >= end), None)
    if reached is not None:
        return reached
    if slope <= 0:
        return None
    first, last = points[0][0], points[-1][0]
    start = median([figure - slope * (day - first).days for day, figure in points])
    days = ((end - start) / slope).to_integral_value(rounding=ROUND_CEILING)
    if days > (last - first + FURTHEST).days:
        return None
    return max(first + timedelta(days=int(days)), last)
