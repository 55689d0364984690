"""The plan's own rows, loaded with a fixed number of queries, whichever day is looked at."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from apps.accounts.models import User
from apps.indicators.models import Indicator, Membership, Target
from apps.plans.models import Deadline, MeasureOrder, Node, Plan, ThresholdOrder

Row = TypeVar("Row")
Key = TypeVar("Key", bound=Hashable)


class PlanData:
    """A plan's pillars, goals, measures, nodes and indicators, and every dated order since it was made.

    Loaded anew for each request: sharing model instances between requests saved 14 ms of a page and needed every
    writer to announce what it changed (docs/adr/0004-what-is-cached.md).
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.pillars = list(plan.pillars.order_by("number"))
        self.goals = list(plan.goals.order_by("order"))
        self.measures = list(
            plan.measures.select_related("lead", "continues__plan")
            .prefetch_related("support", "programmes")
            .order_by("pillar__number", "order")
        )
        self.cadences = {measure.pk: measure.cadence for measure in self.measures}
        self.indicators = list(
            Indicator.objects.filter(plan=plan)
            .select_related("goal", "entry")
            .order_by("measure__pillar__number", "measure__order", "order")
        )
        self.memberships = list(Membership.objects.filter(composite__plan=plan).order_by("made_at", "pk"))
        deadlines = list(Deadline.objects.filter(measure__plan=plan).order_by("number"))
        orders = list(MeasureOrder.objects.filter(measure__plan=plan).order_by("number"))
        targets = list(Target.objects.filter(indicator__plan=plan).order_by("number"))
        self.threshold_orders = list(ThresholdOrder.objects.filter(plan=plan).order_by("number"))
        # A few people made all orders and lead all measures: one query, not a join that builds each of them per row.
        every_order = [*deadlines, *orders, *targets, *self.threshold_orders]
        people = User.objects.in_bulk(
            ({order.made_by_id for order in every_order} | {measure.leader_id for measure in self.measures}) - {None}
        )
        for order in every_order:
            order.made_by = people.get(order.made_by_id)
        pillars = {pillar.pk: pillar for pillar in self.pillars}
        for row in (*self.pillars, *self.goals, *self.measures):
            row.plan = plan
        for measure in self.measures:
            measure.pillar, measure.leader = pillars[measure.pillar_id], people.get(measure.leader_id)
        nodes = list(Node.objects.filter(measure__plan=plan).order_by("order"))
        nodes_by_pk = {node.pk: node for node in nodes}
        for deadline in deadlines:
            deadline.node = nodes_by_pk.get(deadline.node_id)
        # Orders on one subject, in the order in which they were made.
        self.deadlines = grouped_by(deadlines, by=lambda order: (order.measure_id, order.node_id))
        self.orders = grouped_by(orders, by=lambda order: order.measure_id)
        self.targets = grouped_by(targets, by=lambda order: order.indicator_id)
        # A node counts once an order has given it a day.
        self.nodes = grouped_by(
            [node for node in nodes if (node.measure_id, node.pk) in self.deadlines], by=lambda node: node.measure_id
        )


def grouped_by(rows: Iterable[Row], *, by: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault(by(row), []).append(row)
    return groups
