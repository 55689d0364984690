"""What a plan promised: read once, and kept by each process for as long as nobody has changed a promise.

Reports, readings and instructions come every day and change none; orders and the office's own corrections do.
`definition_revision` rises with those, inside the act's own transaction, so what was read at a revision
is right for as long as it stands. The facts accepted so far are kept beside; of a new revision only the newer ones
are read.
"""

from django.conf import settings
from django.db import connection

from apps.accounts.models import User
from apps.audit.selectors import revision_of
from apps.core.remembered import Remembered
from apps.core.together import read_together
from apps.indicators.models import Indicator, Membership, Target
from apps.ledger.selectors import all_facts_of, facts_brought_up, facts_of, known_facts
from apps.plans.models import Deadline, MeasureOrder, Node, ThresholdOrder

# While a new version replaces an old one, an act of the old one does not say that it changed a promise.
AN_HOUR = 60 * 60
N_PLANS = 64
# The year's page looks at each month's end; whoever asks for other days pushes the oldest out.
N_GLANCES = 64


def record_of(plan, revision=None):
    """The plan's promises and facts, for reading only: they may be the ones that other pages are being made from.

    `revision` where the reader has asked for it already.
    """
    if not settings.PROMISES_ARE_KEPT or _is_acting():
        return Record(plan, Promises(plan))
    revision = revision or revision_of(plan.court)  # before anything that is read at it
    # Of the plan's court and of the installation: what a reader from above is told of their own court changes none of it.
    promised, numbers = revision.definitions[-2:], revision.numbers[-2:]
    read_at, promises = _kept.get(plan.pk) or (None, None)
    if read_at != promised:
        promises = Promises(plan)
        _kept.put(plan.pk, (promised, promises))  # those before them are nobody's any more
    return Record(plan, promises, numbers=numbers)


def _is_acting():
    """Inside an act's transaction one reads what may be undone yet. The one that a test stands in is none."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


_kept = Remembered(most=N_PLANS, seconds=AN_HOUR)


class Promises:
    """Everything a plan promised, and every order since: read once, whichever day is looked at."""

    def __init__(self, plan):
        self.plan = plan
        pillars, goals, nodes, deadlines, orders, targets, threshold_orders, memberships = read_together(
            plan.pillars.all(),
            plan.goals.all(),
            Node.objects.filter(measure__plan=plan),
            Deadline.objects.filter(measure__plan=plan),
            MeasureOrder.objects.filter(measure__plan=plan),
            Target.objects.filter(indicator__plan=plan),
            ThresholdOrder.objects.filter(plan=plan),
            Membership.objects.filter(composite__plan=plan),
        )
        self.pillars = sorted(pillars, key=lambda pillar: pillar.number)
        self.goals = sorted(goals, key=lambda goal: goal.order)
        self.memberships = sorted(memberships, key=lambda one: one.made_at)
        self.measures = list(
            plan.measures.select_related("pillar", "lead", "leader", "continues__plan")
            .prefetch_related("support", "programmes")
            .order_by("pillar__number", "order")
        )
        for promised in (*self.pillars, *self.goals, *self.measures):
            promised.plan = plan
        self.cadences = {measure.pk: measure.cadence for measure in self.measures}
        self.indicators = list(
            Indicator.objects.filter(plan=plan)
            .select_related("goal", "entry")
            .order_by("measure__pillar__number", "measure__order", "order")
        )
        _name_makers([*deadlines, *orders, *targets, *threshold_orders])
        by_pk = {node.pk: node for node in nodes}
        for deadline in deadlines:
            deadline.node = by_pk.get(deadline.node_id)
        self.deadlines = series_of(deadlines, by=lambda order: (order.measure_id, order.node_id))
        self.nodes = {}
        for node in sorted(nodes, key=lambda node: node.order):
            if (node.measure_id, node.pk) in self.deadlines:
                self.nodes.setdefault(node.measure_id, []).append(node)
        self.orders = series_of(orders, by=lambda order: order.measure_id)
        self.targets = series_of(targets, by=lambda order: order.indicator_id)
        self.threshold_orders = sorted(threshold_orders, key=lambda order: order.number)
        self.facts_kept = None
        self.glances_kept = Remembered(most=N_GLANCES, seconds=AN_HOUR)


def _name_makers(orders):
    makers = User.objects.in_bulk({order.made_by_id for order in orders} - {None})
    for order in orders:
        order.made_by = makers.get(order.made_by_id)


def series_of(orders, *, by):
    """Orders of one matter each, in the order in which they were made."""
    return grouped_by(sorted(orders, key=lambda order: order.number), by=by)


class Record:
    """A plan's promises and accepted facts; `numbers` is the revision they are read at, None where nothing is kept."""

    def __init__(self, plan, promises, *, numbers=None):
        self.plan, self.promises, self.numbers = plan, promises, numbers

    def all_facts(self):
        """Every fact that was ever accepted, those withdrawn since among them."""
        if self.numbers is None:
            return all_facts_of(self.plan)
        numbers, facts = self.promises.facts_kept or (None, None)
        if facts is None:
            facts = all_facts_of(self.plan)
        elif numbers != self.numbers:
            facts = facts_brought_up(facts, self.plan)
        self.promises.facts_kept = (self.numbers, facts)
        return facts

    def facts(self, *, on, known):
        if self.numbers is None:
            return facts_of(self.plan, on=on, known=known)
        return known_facts(self.all_facts(), on=on, known=known)


def grouped_by(rows, *, by):
    groups = {}
    for row in rows:
        groups.setdefault(by(row), []).append(row)
    return groups
