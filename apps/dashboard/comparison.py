"""What changed since the last month end, and the year at a glance: one plan looked at on several days."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apps.accounts.models import Department
from apps.assessment.choices import Light
from apps.assessment.rules.severity import RANK
from apps.assessment.selectors import PlanHistory
from apps.assessment.tree import MeasureStanding, PlanStanding


def month_end_before(day: date) -> date:
    """The last day of the month before the one that the day lies in."""
    return day.replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class LightChange:
    """A measure whose light is another one than it was."""

    standing: MeasureStanding
    before: Light

    @property
    def is_worse(self) -> bool:
        return RANK[self.standing.verdict.light] < RANK[self.before]


@dataclass(frozen=True, kw_only=True)
class PlanChanges:
    """From one day to another: lights that changed, worse first; percents by pillar's number, where known on both days."""

    since: date
    lights: tuple[LightChange, ...]
    percent: Decimal | None
    by_pillar: dict[int, Decimal]

    @property
    def worse(self) -> list[LightChange]:
        return [change for change in self.lights if change.is_worse]

    @property
    def better(self) -> list[LightChange]:
        return [change for change in self.lights if not change.is_worse]


def changes_since(before: PlanStanding, now: PlanStanding) -> PlanChanges:
    lights = {standing.measure.pk: standing.verdict.light for standing in before.measures}
    changes = [
        LightChange(standing=standing, before=lights[standing.measure.pk])
        for standing in now.worst_first
        if lights.get(standing.measure.pk, standing.verdict.light) != standing.verdict.light
    ]
    percents = {standing.pillar.number: standing.roll_up.percent for standing in before.pillars}
    moved = {
        standing.pillar.number: _difference(percents.get(standing.pillar.number), standing.roll_up.percent)
        for standing in now.pillars
    }
    return PlanChanges(
        since=before.on,
        lights=tuple(sorted(changes, key=lambda change: not change.is_worse)),
        percent=_difference(before.roll_up.percent, now.roll_up.percent),
        by_pillar={number: difference for number, difference in moved.items() if difference is not None},
    )


def _difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before


# The year at a glance


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A measure's light at a month end; None where the day has not come."""

    on: date
    light: Light | None


@dataclass(frozen=True, kw_only=True)
class YearRow:
    standing: MeasureStanding
    cells: tuple[Cell, ...]


def month_ends_of(year: int) -> list[date]:
    return [date(year, month, monthrange(year, month)[1]) for month in range(1, 13)]


def year_of(history: PlanHistory, *, today: date) -> list[YearRow]:
    """Each measure with its light at each month end, replayed as known then."""
    ends = month_ends_of(history.plan.year)
    standings = {end: history.standing(on=end) for end in ends if end <= today}
    lights = {
        end: {measure.measure.pk: measure.verdict.light for measure in standing.measures}
        for end, standing in standings.items()
    }
    latest = standings[max(standings)] if standings else history.standing(on=ends[0])
    return [
        YearRow(
            standing=measure,
            cells=tuple(Cell(on=end, light=lights[end][measure.measure.pk] if end in lights else None) for end in ends),
        )
        for measure in latest.measures
    ]


LightCounts = list[tuple[Light, int]]  # worst first


def shares_of(standing: PlanStanding, departments: Iterable[Department]) -> list[tuple[Department, list[LightCounts]]]:
    """Departments in their fixed order, with what each leads in each pillar; those that lead nothing are left out."""
    rows = []
    for department in departments:
        led = [measure for measure in standing.measures if measure.measure.lead_id == department.pk]
        if led:
            shares = [
                _counts(measure for measure in led if measure.measure.pillar_id == pillar.pillar.pk)
                for pillar in standing.pillars
            ]
            rows.append((department, shares))
    return rows


def _counts(measures: Iterable[MeasureStanding]) -> LightCounts:
    lights = [standing.verdict.light for standing in measures]
    return [(light, lights.count(light)) for light in RANK if light in lights]
