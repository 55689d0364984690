"""A plan as it stands on one day: what every page, paper and mail shows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Department
from apps.assessment.choices import Kind, NodeState
from apps.assessment.rules import (
    Forecast,
    IndicatorFacts,
    IndicatorVerdict,
    MeasureFacts,
    MeasureVerdict,
    NodeFacts,
    RollUp,
    Thresholds,
    forecast,
)
from apps.assessment.rules.measures import FULL
from apps.assessment.rules.readings import running_values
from apps.assessment.rules.severity import RANK
from apps.indicators.models import Indicator, Target
from apps.ledger.selectors import Fact
from apps.plans.models import Deadline, Goal, Measure, MeasureOrder, Node, Pillar, Plan, Programme
from apps.plans.rules import Window


class WindowState(TextChoices):
    """What became of a reporting window by the day."""

    REPORTED = "reported", _("已报")
    REPORTED_LATE = "reported_late", _("补报")
    MISSED = "missed", _("未报")
    OPEN = "open", _("报送中")
    UPCOMING = "upcoming", _("未开始")


@dataclass(frozen=True, kw_only=True)
class WindowStanding:
    window: Window
    state: WindowState


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """Windows, the facts that answered them, and the day: looked at only where a page shows them."""

    windows: tuple[Window, ...]
    facts: tuple[Fact, ...]
    on: date

    def standings(self) -> list[WindowStanding]:
        return [WindowStanding(window=window, state=self._state(window)) for window in self.windows]

    def last_begun(self) -> WindowStanding | None:
        """The last window that has begun by the day; None before the first."""
        window = next((window for window in reversed(self.windows) if window.start <= self.on), None)
        return WindowStanding(window=window, state=self._state(window)) if window else None

    def _state(self, window: Window) -> WindowState:
        inside = [fact for fact in self.facts if window.contains(fact.speaks_of)]
        if inside:
            return WindowState.REPORTED_LATE if all(fact.is_late for fact in inside) else WindowState.REPORTED
        if window.has_closed(on=self.on):
            return WindowState.MISSED
        return WindowState.OPEN if window.start <= self.on else WindowState.UPCOMING


@dataclass(frozen=True, kw_only=True)
class IndicatorStanding:
    """One indicator with its verdict, the facts it rests on, its target in force and all targets before."""

    indicator: Indicator
    verdict: IndicatorVerdict
    facts: IndicatorFacts
    target: Target | None
    targets_oldest_first: tuple[Target, ...]
    readings_newest_first: tuple[Fact, ...]
    reporting: Reporting

    @property
    def latest_reading(self) -> Fact | None:
        return self.readings_newest_first[0] if self.readings_newest_first else None

    @property
    def forecast(self) -> Forecast | None:
        """When the target would be reached at the pace so far; None where there is too little to say, or where
        the kind of figure does not grow towards a target."""
        if self.facts.kind != Kind.AT_LEAST or self.facts.low is None:
            return None
        return forecast(running_values(self.facts), end=self.facts.low)


@dataclass(frozen=True, kw_only=True)
class NodeStanding:
    """One node with its state and the facts it rests on.

    `due` is the day in force as ordered; `facts.due` that day moved to a working day, which lateness counts from.
    """

    node: Node
    due: date
    facts: NodeFacts
    state: NodeState

    @property
    def done_on(self) -> date | None:
        return self.facts.done_on


@dataclass(frozen=True, kw_only=True)
class MeasureStanding:
    """One measure with its verdict and the facts it rests on.

    `deadline` is the order in force; None: the plan's last day.
    """

    measure: Measure
    verdict: MeasureVerdict
    facts: MeasureFacts
    support: tuple[Department, ...]
    programmes: tuple[Programme, ...]
    weight: Decimal
    deadline: Deadline | None
    deadlines_oldest_first: tuple[Deadline, ...]
    orders_oldest_first: tuple[MeasureOrder, ...]
    nodes: tuple[NodeStanding, ...]
    indicators: tuple[IndicatorStanding, ...]
    progress: Fact | None
    reporting: Reporting

    @property
    def forecast(self) -> Forecast | None:
        """When the measure would be finished at the pace of its accepted percents; None where they are too few, or
        where nodes decide."""
        percents = [(fact.speaks_of, fact.percent) for fact in self.reporting.facts if fact.percent is not None]
        return None if self.nodes else forecast(percents, end=FULL)

    @property
    def due(self) -> date:
        """The last day as ordered; `facts.due` is that day moved to a working day."""
        return self.deadline.due if self.deadline else self.measure.plan.ends_on

    @property
    def is_due_moved(self) -> bool:
        """Whether the last day as ordered is no working day."""
        return self.facts.due != self.due

    @property
    def first_deadline(self) -> Deadline | None:
        return self.deadlines_oldest_first[0] if self.deadlines_oldest_first else None

    @property
    def original_due(self) -> date:
        return self.first_deadline.due if self.first_deadline else self.due

    @property
    def n_moves(self) -> int:
        return max(len(self.deadlines_oldest_first) - 1, 0)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Several measures as one: their roll-up, and what was due by the day."""

    roll_up: RollUp
    expected: Decimal | None
    measures: tuple[MeasureStanding, ...]

    @property
    def worst_first(self) -> list[MeasureStanding]:
        """The measures from the worst light to the best, each light in the plan's order; paused ones last."""
        return sorted(self.measures, key=lambda standing: RANK[standing.verdict.light])


@dataclass(frozen=True, kw_only=True)
class PillarStanding(Group):
    pillar: Pillar


@dataclass(frozen=True, kw_only=True)
class GoalStanding:
    goal: Goal
    indicators: tuple[IndicatorStanding, ...]


@dataclass(frozen=True, kw_only=True)
class PlanStanding(Group):
    """The whole plan on the day `on`, as known at the moment `known`."""

    plan: Plan
    on: date
    known: datetime
    thresholds: Thresholds
    pillars: tuple[PillarStanding, ...]
    goals: tuple[GoalStanding, ...]

    @property
    def indicators(self) -> tuple[IndicatorStanding, ...]:
        """Every indicator: those of the measures in the plan's order, then those of the goals."""
        of_measures = (row for measure in self.measures for row in measure.indicators)
        return (*of_measures, *(row for goal in self.goals for row in goal.indicators))

    def measure(self, code: str) -> MeasureStanding | None:
        """The measure of that code; None where there is none."""
        return next((standing for standing in self.measures if standing.measure.code == code), None)

    def measure_of(self, indicator: Indicator) -> MeasureStanding | None:
        """The measure an indicator stands under; None where it stands under a goal."""
        return next((standing for standing in self.measures if standing.measure.pk == indicator.measure_id), None)
