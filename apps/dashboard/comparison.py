"""What changed since the last month end, and the year at a glance: one plan looked at on several days."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apps.assessment.choices import Light
from apps.assessment.rules.severity import SEVERITY
from apps.assessment.selectors import Glance
from apps.assessment.tree import MeasureStanding, PlanStanding

PLACE = {light: place for place, light in enumerate((*SEVERITY, Light.PAUSED))}


def month_end_before(day):
    """The last day of the month before the one that the day lies in."""
    return day.replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A measure whose light is another one than it was."""

    standing: MeasureStanding
    before: Light

    @property
    def is_worse(self):
        return PLACE[self.standing.verdict.light] < PLACE[self.before]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """From one day to another: what turned, worse first; percents by pillar's number, where known on both days."""

    since: date
    turns: tuple[Turn, ...]
    percent: Decimal | None
    by_pillar: dict[int, Decimal]

    @property
    def worse(self):
        return [turn for turn in self.turns if turn.is_worse]

    @property
    def better(self):
        return [turn for turn in self.turns if not turn.is_worse]


def changes_since(before: Glance, now: PlanStanding):
    lights = before.lights
    turns = [
        Turn(standing=one, before=lights[one.measure.pk])
        for one in now.worst_first
        if one.measure.pk in lights and lights[one.measure.pk] != one.verdict.light
    ]
    moved = {
        one.pillar.number: _moved(before.by_pillar.get(one.pillar.number), one.roll_up.percent) for one in now.pillars
    }
    return Changes(
        since=before.on,
        turns=tuple(sorted(turns, key=lambda turn: not turn.is_worse)),
        percent=_moved(before.percent, now.roll_up.percent),
        by_pillar={number: difference for number, difference in moved.items() if difference is not None},
    )


def _moved(before, after):
    return None if before is None or after is None else after - before


# The year at a glance


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A measure's light at a month end; None where the day has not come."""

    on: date
    light: Light | None


@dataclass(frozen=True, kw_only=True)
class Row:
    standing: MeasureStanding
    cells: tuple[Cell, ...]


def month_ends_of(year):
    return [date(year, month, monthrange(year, month)[1]) for month in range(1, 13)]


def year_of(history, *, today):
    """Each measure with its light at each month end, replayed as known then."""
    ends = month_ends_of(history.plan.year)
    told = {}
    for end in ends:
        if end <= today:
            told[end] = history.glance(on=end).lights
    latest = history.standing(on=max((end for end in ends if end <= today), default=ends[0]))
    return [
        Row(
            standing=one,
            cells=tuple(Cell(on=end, light=told[end][one.measure.pk] if end in told else None) for end in ends),
        )
        for one in latest.measures
    ]


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one department leads in one pillar: how many measures of each light, worst first."""

    counts: tuple[tuple[Light, int], ...]


def shares_of(standing, departments):
    """Departments in their fixed order, with what each leads in each pillar; those that lead nothing are left out."""
    rows = []
    for department in departments:
        led = [one for one in standing.measures if one.measure.lead_id == department.pk]
        if led:
            shares = [
                Share(counts=_counts([one for one in led if one.measure.pillar_id == pillar.pillar.pk]))
                for pillar in standing.pillars
            ]
            rows.append((department, shares, len(led)))
    return rows


def _counts(measures):
    lights = [one.verdict.light for one in measures]
    return tuple((light, lights.count(light)) for light in PLACE if light in lights)
