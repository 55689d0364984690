"""The one comparison: what was promised against what has been accepted, for a day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone

from apps.assessment.choices import Declared, Pace
from apps.assessment.plan_data import PlanData, grouped_by
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
from apps.core.orders import known_orders, order_in_force
from apps.core.workdays import next_workday
from apps.indicators.rules import COMPOSITE, MEASURED
from apps.ledger.choices import EntryKind
from apps.ledger.selectors import all_facts_of, facts_of, known_facts
from apps.plans.choices import Adjustment, Cadence
from apps.plans.rules import missed_in_a_row, windows_of


def end_of_day(day):
    """The last moment of a day in Shanghai."""
    return timezone.make_aware(datetime.combine(day, time.max))


def standing_of(plan, *, on, known=None):
    """The plan as it stands on the day `on`, from facts and orders known at the moment `known`.

    `known` is the end of that day unless given. A fixed number of queries, however large the plan.
    """
    return PlanReading(plan, on=on, known=known).standing()


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A plan on a day in the past, as known then: each measure's light by its key, and the percents."""

    on: date
    lights: dict
    percent: Decimal | None
    by_pillar: dict


class PlanHistory:
    """A plan with every fact ever accepted, loaded once, to be judged on any number of days."""

    def __init__(self, plan):
        self.plan, self.data, self.facts = plan, PlanData(plan), all_facts_of(plan)

    def standing(self, *, on, known=None):
        """As `standing_of`, without another query."""
        known = known or end_of_day(on)
        facts = known_facts(self.facts, on=on, known=known)
        return PlanReading(self.plan, on=on, known=known, data=self.data, facts=facts).standing()

    def glance(self, *, on):
        """The day as known then."""
        return glance_at(self.standing(on=on))


def glance_at(standing):
    return Glance(
        on=standing.on,
        lights={one.measure.pk: one.verdict.light for one in standing.measures},
        percent=standing.roll_up.percent,
        by_pillar={one.pillar.number: one.roll_up.percent for one in standing.pillars},
    )


class PlanReading:
    """A plan on one day, as known at one moment, and the judging of it, as often as asked."""

    def __init__(self, plan, *, on, known=None, data=None, facts=None):
        known = known or end_of_day(on)
        self.plan, self.on, self.known = plan, on, known
        self.data = data or PlanData(plan)
        self.members = grouped_by(
            (one for one in self.data.memberships if one.was_known_at(known)), by=lambda one: one.composite_id
        )
        self.thresholds = self._thresholds(self.data.threshold_orders)
        self.facts = facts_of(plan, on=on, known=known) if facts is None else facts

    def standing(self, *, supposing=()):
        """The plan as it stands; or as it would, were the supposed facts accepted as well."""
        self._sort([*self.facts, *(fact for fact in supposing if fact.speaks_of <= self.on)])
        standings = self._indicator_standings()
        by_measure = grouped_by(standings, by=lambda standing: standing.indicator.measure_id)
        by_goal = grouped_by(standings, by=lambda standing: standing.indicator.goal_id)
        measures = tuple(
            self._measure_standing(measure, by_measure.get(measure.pk, ())) for measure in self.data.measures
        )
        by_pillar = grouped_by(measures, by=lambda standing: standing.measure.pillar_id)
        return PlanStanding(
            plan=self.plan,
            on=self.on,
            known=self.known,
            thresholds=self.thresholds,
            threshold_orders_oldest_first=self._known(self.data.threshold_orders),
            pillars=tuple(
                PillarStanding(pillar=pillar, **grouped(by_pillar.get(pillar.pk, ()))) for pillar in self.data.pillars
            ),
            goals=tuple(
                GoalStanding(goal=goal, indicators=tuple(by_goal.get(goal.pk, ()))) for goal in self.data.goals
            ),
            **grouped(measures),
        )

    def measure_standing(self, code, *, supposing=()):
        """One measure as it stands in the plan, without judging the others; None where there is none of that code."""
        measure = next((one for one in self.data.measures if one.code == code), None)
        if measure is None:
            return None
        self._sort([*self.facts, *(fact for fact in supposing if fact.speaks_of <= self.on)])
        own = [one.pk for one in self.data.indicators if one.measure_id == measure.pk]
        standings = self._indicator_standings(among=self._with_members(own))
        return self._measure_standing(measure, [one for one in standings if one.indicator.measure_id == measure.pk])

    def _with_members(self, pks):
        """These indicators, the members that composite ones among them count, and theirs."""
        found, left = set(), list(pks)
        while left:
            pk = left.pop()
            if pk not in found:
                found.add(pk)
                left += [one.member_id for one in self.members.get(pk, ())]
        return found

    def _sort(self, facts):
        """Facts by what they are about, each in the order of the days they speak of."""
        self.of_measure, self.of_indicator = defaultdict(list), defaultdict(list)
        for fact in sorted(facts, key=lambda fact: fact.speaks_of):
            if fact.indicator_id:
                self.of_indicator[fact.indicator_id].append(fact)
            else:
                self.of_measure[fact.measure_id].append(fact)

    # Orders

    def _in_force(self, orders):
        return order_in_force(orders, on=self.on, known=self.known)

    def _known(self, orders):
        return tuple(known_orders(orders, on=self.on, known=self.known))

    def _thresholds(self, orders):
        order = self._in_force(orders)
        if order is None:
            return Thresholds()
        return Thresholds(
            watch_gap=order.watch_gap,
            late_gap=order.late_gap,
            due_soon_days=order.due_soon_days,
            node_late_days=order.node_late_days,
        )

    def _due(self, measure_id, node_id=None):
        """The day in force as ordered; None where no order holds yet."""
        order = self._in_force(self.data.deadlines.get((measure_id, node_id), ()))
        return order and order.due

    # Indicators

    def _indicator_standings(self, among=None):
        """Members before the composites that count them; all of the plan's indicators, or those `among` keys."""
        wanted = [one for one in self.data.indicators if among is None or one.pk in among]
        by_pk = {}
        for indicator in sorted(wanted, key=lambda indicator: indicator.kind in COMPOSITE):
            by_pk[indicator.pk] = self._indicator_standing(indicator, by_pk)
        return [by_pk[indicator.pk] for indicator in wanted]

    def _indicator_standing(self, indicator, judged):
        target = self._in_force(self.data.targets.get(indicator.pk, ()))
        entries = self.of_indicator[indicator.pk]
        readings = tuple(entry for entry in entries if entry.kind == EntryKind.READING)
        windows = self._windows(self._reading_cadence(indicator), since=self.plan.starts_on)
        facts = IndicatorFacts(
            kind=indicator.kind,
            start=self.plan.starts_on,
            due=next_workday(self._indicator_due(indicator, target)),
            low=target and target.low,
            high=target and target.high,
            stretch=target and target.stretch,
            baseline=target and target.baseline,
            accumulation=indicator.accumulation,
            pace=Pace(target.pace) if target and target.pace else None,
            steps=target.step_pairs if target else (),
            scale=indicator.scale,
            strength=indicator.strength,
            observations=tuple(
                Observation(
                    start=entry.period_start,
                    end=entry.speaks_of,
                    value=entry.value,
                    numerator=entry.numerator,
                    denominator=entry.denominator,
                )
                for entry in readings
            ),
            readings_missed=self._missed(windows, readings),
            achieved_on=next((entry.speaks_of for entry in entries if entry.kind == EntryKind.ACHIEVED), None),
            judged_met=next((entry.judged_met for entry in reversed(entries) if entry.kind == EntryKind.JUDGED), None),
            members=tuple(
                judged[one.member_id].verdict for one in self.members.get(indicator.pk, ()) if one.member_id in judged
            ),
        )
        return IndicatorStanding(
            indicator=indicator,
            verdict=judge_indicator(facts, on=self.on, thresholds=self.thresholds),
            facts=facts,
            target=target,
            targets_oldest_first=self._known(self.data.targets.get(indicator.pk, ())),
            readings_newest_first=tuple(reversed(entries)),
            reporting=Reporting(windows=windows, facts=readings, on=self.on),
        )

    def _indicator_due(self, indicator, target):
        if target and target.due:
            return target.due
        return (indicator.measure_id and self._due(indicator.measure_id)) or self.plan.ends_on

    def _reading_cadence(self, indicator):
        """How often figures are due: as the indicator says, else as its measure; never for what has no figures."""
        if indicator.kind not in MEASURED:
            return Cadence.NONE
        return indicator.cadence or self.data.cadences.get(indicator.measure_id, Cadence.NONE)

    def _windows(self, cadence, *, since):
        windows = windows_of(year=self.plan.year, cadence=cadence, grace_days=self.plan.grace_days)
        return tuple(window for window in windows if window.end >= since)

    def _missed(self, windows, entries):
        return missed_in_a_row(windows, fact_days=[entry.speaks_of for entry in entries], on=self.on)

    # Measures

    def _measure_standing(self, measure, indicators):
        entries = self.of_measure[measure.pk]
        progress = [entry for entry in entries if entry.kind == EntryKind.PROGRESS]
        deadlines = self.data.deadlines.get((measure.pk, None), ())
        orders = self._known(self.data.orders.get(measure.pk, ()))
        nodes = self._node_standings(measure, entries)
        windows = self._windows(measure.cadence, since=measure.starts_on)
        facts = MeasureFacts(
            start=measure.starts_on,
            due=next_workday(self._due(measure.pk) or self.plan.ends_on),
            nodes=tuple(node.facts for node in nodes),
            percent=next((entry.percent for entry in reversed(progress) if entry.percent is not None), None),
            reports_missed=self._missed(windows, progress),
            declared=Declared(progress[-1].declared) if progress and progress[-1].declared else Declared.NORMAL,
            closed_on=next((entry.speaks_of for entry in entries if entry.kind == EntryKind.CLOSED), None),
            paused=_is_paused(orders),
            indicators=tuple((one.verdict.light, one.facts.strength) for one in indicators),
        )
        return MeasureStanding(
            measure=measure,
            verdict=judge_measure(facts, on=self.on, thresholds=self.thresholds),
            facts=facts,
            weight=next(
                (order.weight for order in reversed(orders) if order.adjustment == Adjustment.WEIGHT), measure.weight
            ),
            deadline=self._in_force(deadlines),
            deadlines_oldest_first=self._known(deadlines),
            orders_oldest_first=orders,
            nodes=nodes,
            indicators=tuple(indicators),
            progress=progress[-1] if progress else None,
            reporting=Reporting(windows=windows, facts=tuple(progress), on=self.on),
        )

    def _node_standings(self, measure, entries):
        """The nodes that an order known by now has given a day."""
        done = {entry.node_id: entry.speaks_of for entry in entries if entry.kind == EntryKind.NODE_DONE}
        standings = [
            self._node_standing(node, due, done.get(node.pk))
            for node in self.data.nodes.get(measure.pk, ())
            if (due := self._due(measure.pk, node.pk)) is not None
        ]
        return tuple(sorted(standings, key=lambda standing: (standing.due, standing.node.order)))

    def _node_standing(self, node, due, done_on):
        facts = NodeFacts(due=next_workday(due), done_on=done_on, weight=node.weight)
        return NodeStanding(node=node, due=due, facts=facts, state=node_state(facts, on=self.on))


def grouped(measures):
    """What several measures come to, as Group's fields."""
    measures = tuple(measures)
    items = [(standing.verdict, standing.weight) for standing in measures]
    return {"roll_up": roll_up(items), "expected": expected_of(items), "measures": measures}


def _is_paused(orders):
    """Whether the last order that pauses or resumes pauses."""
    switches = [order for order in orders if order.adjustment in (Adjustment.PAUSE, Adjustment.RESUME)]
    return bool(switches) and switches[-1].adjustment == Adjustment.PAUSE
