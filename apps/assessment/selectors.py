"""The one comparison: what was promised against what has been accepted, for a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, TypeVar

from django.db.models import Q
from django.utils import timezone

from apps.assessment.choices import Accumulation, Declared, Kind, Pace, Strength
from apps.assessment.plan_data import PlanData, grouped_by, load_plan_data
from apps.assessment.rules import (
    IndicatorFacts,
    MeasureFacts,
    NodeFacts,
    Observation,
    Thresholds,
    expected_of,
    judge_indicator,
    judge_measure,
    node_state,
    roll_up,
)
from apps.assessment.tree import (
    GoalStanding,
    IndicatorStanding,
    MeasureStanding,
    NodeStanding,
    PillarStanding,
    PlanStanding,
    Reporting,
)
from apps.core.models import DatedOrder
from apps.core.orders import known_orders
from apps.core.workdays import next_workday
from apps.indicators.models import Indicator, Target
from apps.indicators.rules import COMPOSITE, MEASURED
from apps.ledger.choices import EntryKind
from apps.ledger.selectors import Fact, all_facts_of, facts_of, known_facts
from apps.plans.choices import Adjustment, Cadence
from apps.plans.models import Measure, MeasureOrder, Node, Plan, ThresholdOrder
from apps.plans.rules import Window, missed_in_a_row, windows_of

Order = TypeVar("Order", bound=DatedOrder)


def end_of_day(day: date) -> datetime:
    """The last moment of a day in Shanghai."""
    return timezone.make_aware(datetime.combine(day, time.max))


def standing_of(plan: Plan, *, on: date, known: datetime | None = None) -> PlanStanding:
    """The plan as it stands on the day `on`, from facts and orders known at the moment `known`.

    `known` is the end of that day unless given. A fixed number of queries, however large the plan.
    """
    return read_plan(plan, on=on, known=known).standing()


def measure_standings_of(
    plan: Plan, measures: Q, *, on: date, known: datetime | None = None
) -> tuple[MeasureStanding, ...]:
    """As `standing_of`, for those of the plan's measures that `measures` names; the others are not read."""
    return read_plan(plan, on=on, known=known, measures=measures).measure_standings()


def measure_standing_of(measure: Measure, *, on: date, known: datetime) -> MeasureStanding:
    (standing,) = measure_standings_of(measure.plan, Q(pk=measure.pk), on=on, known=known)
    return standing


def read_plan(plan: Plan, *, on: date, known: datetime | None = None, measures: Q | None = None) -> "PlanReading":
    known = known or end_of_day(on)
    data = load_plan_data(plan, measures=measures)
    return PlanReading(data, facts_of(plan, on=on, known=known, about=data.about()), on=on, known=known)


class PlanHistory:
    """A plan's whole record, read once, to be looked at on as many days as one likes."""

    def __init__(self, plan: Plan):
        self.plan, self.data = plan, load_plan_data(plan)
        self.facts = all_facts_of(plan)

    def standing(self, *, on: date, known: datetime | None = None) -> PlanStanding:
        """As `standing_of`, without another query."""
        known = known or end_of_day(on)
        return PlanReading(self.data, known_facts(self.facts, on=on, known=known), on=on, known=known).standing()


class PlanReading:
    """A plan on one day, as known at one moment, and the judging of it, as often as asked.

    `facts` are those that speak of a day up to `on` and are known at `known`.
    """

    def __init__(self, data: PlanData, facts: Sequence[Fact], *, on: date, known: datetime):
        self.data, self.facts, self.on, self.known = data, facts, on, known
        self.plan = data.plan
        self.members = grouped_by(
            (row for row in data.memberships if row.was_known_at(known)), by=lambda row: row.composite_id
        )
        self.threshold_orders = self._known(data.threshold_orders)
        self.thresholds = _thresholds(self.threshold_orders)

    def standing(self) -> PlanStanding:
        self._sort()
        standings = self._indicator_standings(self.data.indicators)
        by_goal = grouped_by(standings, by=lambda standing: standing.indicator.goal_id)
        measures = self._measure_standings(standings)
        by_pillar = grouped_by(measures, by=lambda standing: standing.measure.pillar_id)
        return PlanStanding(
            plan=self.plan,
            on=self.on,
            known=self.known,
            thresholds=self.thresholds,
            pillars=tuple(
                PillarStanding(pillar=pillar, **grouped(by_pillar.get(pillar.pk, ()))) for pillar in self.data.pillars
            ),
            goals=tuple(GoalStanding(goal=goal, indicators=by_goal.get(goal.pk, ())) for goal in self.data.goals),
            **grouped(measures),
        )

    def measure_standings(self, *, hypothetical: Sequence[Fact] = ()) -> tuple[MeasureStanding, ...]:
        """The measures alone, in the plan's order, as if the hypothetical facts were accepted, too.

        Of other measures' indicators only members are judged.
        """
        self._sort(hypothetical)
        own = {measure.pk for measure in self.data.measures}
        indicators = {row.pk for row in self.data.indicators if row.measure_id in own}
        indicators |= {row.member_id for pk in indicators for row in self.members.get(pk, ())}
        return self._measure_standings(
            self._indicator_standings([row for row in self.data.indicators if row.pk in indicators])
        )

    def _sort(self, hypothetical: Iterable[Fact] = ()) -> None:
        """Facts by what they are about, each in the order of the days they speak of."""
        self.of_measure: dict[int | None, list[Fact]] = defaultdict(list)
        self.of_indicator: dict[int, list[Fact]] = defaultdict(list)
        facts = [*self.facts, *(fact for fact in hypothetical if fact.speaks_of <= self.on)]
        for fact in sorted(facts, key=lambda fact: fact.speaks_of):
            if fact.indicator_id:
                self.of_indicator[fact.indicator_id].append(fact)
            else:
                self.of_measure[fact.measure_id].append(fact)

    # Orders

    def _known(self, orders: Iterable[Order]) -> tuple[Order, ...]:
        """Oldest first; the last one is in force."""
        return tuple(known_orders(orders, on=self.on, known=self.known))

    def _due(self, measure_id: int, node_id: int | None = None) -> date | None:
        """The day in force as ordered; None where no order holds yet."""
        orders = self._known(self.data.deadlines.get((measure_id, node_id), ()))
        return orders[-1].due if orders else None

    def _windows(self, cadence: str, *, since: date) -> tuple[Window, ...]:
        windows = windows_of(year=self.plan.year, cadence=cadence, grace_days=self.plan.grace_days)
        return tuple(window for window in windows if window.end >= since)

    def _missed(self, windows: Sequence[Window], facts: Iterable[Fact]) -> int:
        return missed_in_a_row(windows, fact_days=[fact.speaks_of for fact in facts], on=self.on)

    # Indicators

    def _indicator_standings(self, indicators: Sequence[Indicator]) -> list[IndicatorStanding]:
        """In the order given. Members are judged before the composites that count them."""
        by_pk: dict[int, IndicatorStanding] = {}
        for indicator in sorted(indicators, key=lambda indicator: indicator.kind in COMPOSITE):
            by_pk[indicator.pk] = self._indicator_standing(indicator, by_pk)
        return [by_pk[indicator.pk] for indicator in indicators]

    def _indicator_standing(self, indicator: Indicator, judged: dict[int, IndicatorStanding]) -> IndicatorStanding:
        targets = self._known(self.data.targets.get(indicator.pk, ()))
        target = targets[-1] if targets else None
        entries = self.of_indicator[indicator.pk]
        readings = tuple(entry for entry in entries if entry.kind == EntryKind.READING)
        # Only what has figures is asked for them.
        cadence = self.data.cadences[indicator.pk] if indicator.kind in MEASURED else Cadence.NONE
        windows = self._windows(cadence, since=self.plan.starts_on)
        facts = IndicatorFacts(
            kind=Kind(indicator.kind),
            start=self.plan.starts_on,
            due=next_workday(self._indicator_due(indicator, target)),
            low=target.low if target else None,
            high=target.high if target else None,
            stretch=target.stretch if target else None,
            baseline=target.baseline if target else None,
            accumulation=Accumulation(indicator.accumulation),
            pace=Pace(target.pace) if target and target.pace else None,
            steps=target.step_pairs if target else (),
            scale=indicator.scale,
            strength=Strength(indicator.strength),
            observations=tuple(
                Observation(
                    start=entry.period_start,
                    end=entry.speaks_of,
                    value=entry.value,
                    numerator=entry.numerator,
                    denominator=entry.denominator,
                )
                for entry in readings
                if entry.period_start is not None
            ),
            readings_missed=self._missed(windows, readings),
            achieved_on=next((entry.speaks_of for entry in entries if entry.kind == EntryKind.ACHIEVED), None),
            judged_met=next((entry.judged_met for entry in reversed(entries) if entry.kind == EntryKind.JUDGED), None),
            members=tuple(
                judged[row.member_id].verdict for row in self.members.get(indicator.pk, ()) if row.member_id in judged
            ),
        )
        return IndicatorStanding(
            indicator=indicator,
            verdict=judge_indicator(facts, on=self.on, thresholds=self.thresholds),
            facts=facts,
            target=target,
            targets_oldest_first=targets,
            readings_newest_first=tuple(reversed(entries)),
            reporting=Reporting(windows=windows, facts=readings, on=self.on),
        )

    def _indicator_due(self, indicator: Indicator, target: Target | None) -> date:
        if target and target.due:
            return target.due
        return (indicator.measure_id and self._due(indicator.measure_id)) or self.plan.ends_on

    # Measures

    def _measure_standings(self, indicators: Iterable[IndicatorStanding]) -> tuple[MeasureStanding, ...]:
        by_measure = grouped_by(indicators, by=lambda standing: standing.indicator.measure_id)
        return tuple(self._measure_standing(measure, by_measure.get(measure.pk, ())) for measure in self.data.measures)

    def _measure_standing(self, measure: Measure, indicators: tuple[IndicatorStanding, ...]) -> MeasureStanding:
        entries = self.of_measure[measure.pk]
        progress = [entry for entry in entries if entry.kind == EntryKind.PROGRESS]
        deadlines = self._known(self.data.deadlines.get((measure.pk, None), ()))
        orders = self._known(self.data.measure_orders.get(measure.pk, ()))
        nodes = self._node_standings(measure, entries)
        windows = self._windows(measure.cadence, since=measure.starts_on)
        facts = MeasureFacts(
            start=measure.starts_on,
            due=next_workday(deadlines[-1].due if deadlines else self.plan.ends_on),
            nodes=tuple(node.facts for node in nodes),
            percent=next((entry.percent for entry in reversed(progress) if entry.percent is not None), None),
            reports_missed=self._missed(windows, progress),
            declared=Declared(progress[-1].declared) if progress and progress[-1].declared else Declared.NORMAL,
            closed_on=next((entry.speaks_of for entry in entries if entry.kind == EntryKind.CLOSED), None),
            paused=_is_paused(orders),
            indicators=tuple((standing.verdict.light, standing.facts.strength) for standing in indicators),
        )
        return MeasureStanding(
            measure=measure,
            verdict=judge_measure(facts, on=self.on, thresholds=self.thresholds),
            facts=facts,
            support=self.data.support.get(measure.pk, ()),
            programmes=self.data.programmes.get(measure.pk, ()),
            weight=next((order.weight for order in reversed(orders) if order.weight is not None), measure.weight),
            deadline=deadlines[-1] if deadlines else None,
            deadlines_oldest_first=deadlines,
            orders_oldest_first=orders,
            nodes=nodes,
            indicators=indicators,
            progress=progress[-1] if progress else None,
            reporting=Reporting(windows=windows, facts=tuple(progress), on=self.on),
        )

    def _node_standings(self, measure: Measure, entries: Iterable[Fact]) -> tuple[NodeStanding, ...]:
        """The nodes that an order known by now has given a day."""
        done = {entry.node_id: entry.speaks_of for entry in entries if entry.kind == EntryKind.NODE_DONE}
        standings = [
            self._node_standing(node, due, done.get(node.pk))
            for node in self.data.nodes.get(measure.pk, ())
            if (due := self._due(measure.pk, node.pk)) is not None
        ]
        return tuple(sorted(standings, key=lambda standing: (standing.due, standing.node.order)))

    def _node_standing(self, node: Node, due: date, done_on: date | None) -> NodeStanding:
        facts = NodeFacts(due=next_workday(due), done_on=done_on, weight=node.weight)
        return NodeStanding(node=node, due=due, facts=facts, state=node_state(facts, on=self.on))


def grouped(measures: Iterable[MeasureStanding]) -> dict[str, Any]:
    """What several measures come to, as Group's fields."""
    measures = tuple(measures)
    items = [(standing.verdict, standing.weight) for standing in measures]
    return {"roll_up": roll_up(items), "expected": expected_of(items), "measures": measures}


def _thresholds(orders_oldest_first: Sequence[ThresholdOrder]) -> Thresholds:
    if not orders_oldest_first:
        return Thresholds()
    order = orders_oldest_first[-1]
    return Thresholds(
        watch_gap=order.watch_gap,
        late_gap=order.late_gap,
        due_soon_days=order.due_soon_days,
        node_late_days=order.node_late_days,
    )


def _is_paused(orders_oldest_first: Sequence[MeasureOrder]) -> bool:
    """Whether the last order that pauses or resumes pauses."""
    switches = [order for order in orders_oldest_first if order.adjustment in (Adjustment.PAUSE, Adjustment.RESUME)]
    return bool(switches) and switches[-1].adjustment == Adjustment.PAUSE
