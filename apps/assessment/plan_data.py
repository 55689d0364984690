"""The rows that a judgement is made of: what a plan promised, and every order since, whichever day is looked at."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import F, Q

from apps.accounts.models import Department, User
from apps.core.models import DatedOrder
from apps.indicators.models import Indicator, Membership, Target
from apps.plans.choices import Cadence
from apps.plans.models import Deadline, Goal, Measure, MeasureOrder, Node, Pillar, Plan, Programme, ThresholdOrder

Row = TypeVar("Row")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class PlanData:
    """Read in a fixed number of queries. Orders are in the order in which they were made, by what they are about.

    `indicators` are those of the measures and goals, and the members that composite ones among them count;
    `cadences` how often figures are due, by the indicator's key.
    """

    plan: Plan
    pillars: tuple[Pillar, ...]
    goals: tuple[Goal, ...]
    measures: tuple[Measure, ...]
    support: Mapping[int, tuple[Department, ...]]
    programmes: Mapping[int, tuple[Programme, ...]]
    indicators: tuple[Indicator, ...]
    cadences: Mapping[int, str]
    memberships: tuple[Membership, ...]
    nodes: Mapping[int, tuple[Node, ...]]
    deadlines: Mapping[tuple[int, int | None], tuple[Deadline, ...]]
    measure_orders: Mapping[int, tuple[MeasureOrder, ...]]
    targets: Mapping[int, tuple[Target, ...]]
    threshold_orders: tuple[ThresholdOrder, ...]
    is_whole: bool

    def about(self) -> Q:
        """Which of the plan's ledger entries speak of these measures and indicators."""
        if self.is_whole:
            return Q()
        measures, indicators = ([row.pk for row in rows] for rows in (self.measures, self.indicators))
        return Q(measure__in=measures) | Q(indicator__in=indicators)


def load_plan_data(plan: Plan, *, measures: Q | None = None) -> PlanData:
    """Everything of the plan, or what is needed to judge those of its measures that `measures` names.

    `order_by()` throughout: the tables' own orderings join tables that nobody needs here.
    """
    is_whole = measures is None
    pillars = {pillar.pk: pillar for pillar in plan.pillars.order_by("number")}
    goals = {goal.pk: goal for goal in plan.goals.order_by("order")} if is_whole else {}
    rows = list(plan.measures.filter(measures or Q()).order_by())
    keys = [measure.pk for measure in rows]
    memberships = tuple(Membership.objects.filter(composite__plan=plan).order_by("made_at", "pk"))
    indicators = _indicators(plan, None if is_whole else keys, memberships)

    # A member's due day may be that of its own measure, which need not be among those asked for.
    of_measures = Q(measure__plan=plan) if is_whole else Q(measure__in={*keys, *(row.measure_id for row in indicators)})
    of_indicators = Q(indicator__plan=plan) if is_whole else Q(indicator__in=indicators)
    deadlines = list(Deadline.objects.filter(of_measures).select_related("node").order_by("number"))
    measure_orders = list(MeasureOrder.objects.filter(of_measures).order_by("number"))
    targets = list(Target.objects.filter(of_indicators).order_by("number"))
    threshold_orders = list(plan.threshold_orders.order_by("number"))

    support = list(Measure.support.through.objects.filter(measure__in=keys).values_list("measure_id", "department_id"))
    departments = Department.objects.order_by().in_bulk(
        {*(department for _measure, department in support), *(measure.lead_id for measure in rows)} - {None}
    )
    orders: list[DatedOrder] = [*deadlines, *measure_orders, *targets, *threshold_orders]
    people = User.objects.select_related(None).in_bulk(
        {*(order.made_by_id for order in orders), *(measure.leader_id for measure in rows)} - {None}
    )
    for order in orders:
        order.made_by = people.get(order.made_by_id)
    for measure in rows:
        measure.plan, measure.pillar = plan, pillars[measure.pillar_id]
        measure.lead, measure.leader = departments.get(measure.lead_id), people.get(measure.leader_id)
    for pillar in pillars.values():
        pillar.plan = plan
    for goal in goals.values():
        goal.plan = plan
    for indicator in indicators:
        indicator.plan = plan
        if indicator.goal_id in goals:
            indicator.goal = goals[indicator.goal_id]

    nodes = {deadline.node.pk: deadline.node for deadline in deadlines if deadline.node is not None}
    supporting = grouped_by(support, by=lambda row: row[0])
    programmes = Measure.programmes.through.objects.filter(measure__in=keys).select_related("programme").order_by()
    return PlanData(
        plan=plan,
        pillars=tuple(pillars.values()),
        goals=tuple(goals.values()),
        measures=tuple(sorted(rows, key=lambda measure: (measure.pillar.number, measure.order))),
        support={
            measure: tuple(sorted((departments[pk] for _measure, pk in pairs), key=lambda department: department.order))
            for measure, pairs in supporting.items()
        },
        programmes={
            measure: tuple(sorted((row.programme for row in rows), key=lambda programme: programme.order))
            for measure, rows in grouped_by(programmes, by=lambda row: row.measure_id).items()
        },
        indicators=tuple(indicators),
        cadences={
            indicator.pk: indicator.cadence or indicator.measure_cadence or Cadence.NONE for indicator in indicators
        },
        memberships=memberships,
        nodes=grouped_by(sorted(nodes.values(), key=lambda node: node.order), by=lambda node: node.measure_id),
        deadlines=grouped_by(deadlines, by=lambda order: (order.measure_id, order.node_id)),
        measure_orders=grouped_by(measure_orders, by=lambda order: order.measure_id),
        targets=grouped_by(targets, by=lambda order: order.indicator_id),
        threshold_orders=tuple(threshold_orders),
        is_whole=is_whole,
    )


def _indicators(plan: Plan, measures: list[int] | None, memberships: Iterable[Membership]) -> list[Any]:
    """Indicators, each with its `measure_cadence`."""
    rows = Indicator.objects.filter(plan=plan).select_related("entry").annotate(measure_cadence=F("measure__cadence"))
    if measures is not None:
        rows = rows.filter(Q(measure__in=measures) | Q(pk__in=[row.member_id for row in memberships]))
    return list(rows.order_by("order", "pk"))


def grouped_by(rows: Iterable[Row], *, by: Callable[[Row], Key]) -> dict[Key, tuple[Row, ...]]:
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[by(row)].append(row)
    return {key: tuple(group) for key, group in groups.items()}
