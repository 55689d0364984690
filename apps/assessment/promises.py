"""What a plan promised: read once, and kept by each process for as long as nobody has changed a promise.

Reports, readings and instructions come every day and change none; orders and the office's own corrections do.
`promised` in the court's revision rises with those, inside the act's own transaction, so what was read at a revision
is right for as long as it stands. The facts accepted so far are kept beside; of a new revision only the newer ones
are read.
"""

from django.conf import settings
from django.db import connection

from apps.audit.selectors import revision_of
from apps.core.remembered import Remembered
from apps.indicators.models import Indicator, Membership, Target
from apps.ledger.selectors import all_facts_of, facts_brought_up, facts_of, known_facts
from apps.plans.models import Deadline, MeasureOrder, ThresholdOrder

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
    key = (plan.pk, revision.promised)
    promises = _kept.get(key)
    if promises is None:
        promises = Promises(plan)
        _kept.put(key, promises)
    return Record(plan, promises, numbers=revision.numbers)


def _is_acting():
    """Inside an act's transaction one reads what may be undone yet. The one that a test stands in is none."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


_kept = Remembered(most=N_PLANS, seconds=AN_HOUR)


class Promises:
    """Everything a plan promised, and every order since: read once, whichever day is looked at."""

    def __init__(self, plan):
        self.plan = plan
        self.pillars = list(plan.pillars.order_by("number"))
        self.goals = list(plan.goals.order_by("order"))
        self.measures = list(
            plan.measures.select_related("pillar", "lead", "leader", "continues__plan")
            .prefetch_related("support", "programmes")
            .order_by("pillar__number", "order")
        )
        for measure in self.measures:
            measure.plan = plan
        self.cadences = {measure.pk: measure.cadence for measure in self.measures}
        self.indicators = list(
            Indicator.objects.filter(plan=plan)
            .select_related("goal", "entry")
            .order_by("measure__pillar__number", "measure__order", "order")
        )
        self.deadlines = grouped_by(
            Deadline.objects.filter(measure__plan=plan).select_related("node", "made_by"),
            by=lambda order: (order.measure_id, order.node_id),
        )
        self.memberships = list(Membership.objects.filter(composite__plan=plan))
        self.nodes = {}
        for (measure_id, node_id), orders in self.deadlines.items():
            if node_id is not None:
                self.nodes.setdefault(measure_id, []).append(orders[0].node)
        self.orders = grouped_by(
            MeasureOrder.objects.filter(measure__plan=plan).select_related("made_by"),
            by=lambda order: order.measure_id,
        )
        self.targets = grouped_by(
            Target.objects.filter(indicator__plan=plan).select_related("made_by"),
            by=lambda order: order.indicator_id,
        )
        self.facts_kept = None
        self.glances_kept = Remembered(most=N_GLANCES, seconds=AN_HOUR)
        self.threshold_orders = list(ThresholdOrder.objects.filter(plan=plan).select_related("made_by"))


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
