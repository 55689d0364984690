"""The workflow of a plan; and reporting windows: which periods a measure is reported for, and until when."""

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from apps.core.workdays import add_workdays
from apps.core.workflow import Workflow
from apps.plans.choices import Cadence, PlanActor, PlanMove, PlanStatus

WORKFLOW = Workflow(
    initial=PlanStatus.DRAFT,
    transitions={
        PlanStatus.DRAFT: {PlanMove.ASK: PlanStatus.ASKED},
        PlanStatus.ASKED: {
            PlanMove.CONFIRM: PlanStatus.CONFIRMED,
            PlanMove.RETURN: PlanStatus.DRAFT,
            PlanMove.REDRAFT: PlanStatus.DRAFT,
        },
        PlanStatus.CONFIRMED: {PlanMove.OPEN: PlanStatus.OPEN, PlanMove.REDRAFT: PlanStatus.DRAFT},
        PlanStatus.OPEN: {PlanMove.CLOSE: PlanStatus.CLOSED},
        PlanStatus.CLOSED: {},
    },
    actors={
        PlanMove.ASK: PlanActor.OFFICE,
        PlanMove.CONFIRM: PlanActor.LEADER,
        PlanMove.RETURN: PlanActor.LEADER,
        PlanMove.REDRAFT: PlanActor.OFFICE,
        PlanMove.OPEN: PlanActor.OFFICE,
        PlanMove.CLOSE: PlanActor.OFFICE,
    },
    needs_text=frozenset({PlanMove.RETURN, PlanMove.REDRAFT}),
)

MONTHS_IN = {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3, Cadence.HALF_YEARLY: 6, Cadence.YEARLY: 12}


@dataclass(frozen=True, kw_only=True)
class Window:
    """A reporting window (报送期): the period `start`–`end`, reported in time until the end of `closes_on`."""

    start: date
    end: date
    closes_on: date

    @property
    def n_months(self) -> int:
        return self.end.month - self.start.month + 1

    @property
    def position(self) -> int:
        """Which month, quarter or half of its year this is, counted from 1."""
        return self.end.month // self.n_months

    def has_closed(self, *, on: date) -> bool:
        return on > self.closes_on

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end


@lru_cache(maxsize=256)
def windows_of(*, year: int, cadence: Cadence | str, grace_days: int) -> tuple[Window, ...]:
    """The windows of a plan's year, earliest first; none where there are no reporting periods.

    A window closes `grace_days` working days after its period.
    """
    if cadence not in MONTHS_IN:
        return ()
    months = MONTHS_IN[Cadence(cadence)]
    windows = []
    for last_month in range(months, 13, months):
        end = date(year, last_month, monthrange(year, last_month)[1])
        start = date(year, last_month - months + 1, 1)
        windows.append(Window(start=start, end=end, closes_on=add_workdays(end, grace_days)))
    return tuple(windows)


def missed_in_a_row(windows: Sequence[Window], *, fact_days: Collection[date], on: date) -> int:
    """How many windows closed before `on`, counted back from the latest, have no accepted fact.

    `windows` are earliest first; `fact_days` are the days that the accepted facts speak of.
    """
    missed = 0
    for window in reversed([window for window in windows if window.has_closed(on=on)]):
        if any(window.contains(day) for day in fact_days):
            break
        missed += 1
    return missed
