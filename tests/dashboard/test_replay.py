"""Any past day says what it said on that day, whatever came after it."""

from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.assessment.selectors import standing_of
from apps.demo.cast import gather
from apps.demo.year import Year
from apps.ledger.models import LedgerEntry
from apps.ledger.services import withdraw_entry
from apps.plans.choices import Adjustment
from apps.plans.models import Plan
from apps.plans.services import OrderDetails, order_adjustment, order_deadline, order_thresholds

MONTHS = range(1, 13)


def month_end(month):
    return date(2025, month, 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)


def tree(plan, on, **known):
    return tree_of(standing_of(plan, on=on, **known))


def tree_of(standing):
    """What a page of that day shows, without the rows it was read from."""
    return {
        "plan": (standing.roll_up, standing.expected, standing.thresholds),
        "pillars": [(pillar.pillar.number, pillar.roll_up, pillar.expected) for pillar in standing.pillars],
        "measures": [
            (
                row.measure.code,
                row.verdict,
                row.facts,
                row.due,
                row.n_moves,
                row.weight,
                row.progress and row.progress.pk,
            )
            for row in standing.measures
        ],
        "indicators": [
            (row.indicator.code, row.verdict, row.facts, row.target and row.target.pk, len(row.readings_newest_first))
            for row in standing.indicators
        ],
    }


@pytest.mark.django_db
def test_twelve_month_ends_stay_as_they_were_said():
    call_command("load_example", verbosity=0)
    plan = Plan.objects.select_related("court").get()
    cast = gather(plan.court)
    earlier = {}

    def look(month_begins):
        """Called before the first act of a month: every month end that has passed is read before it."""
        for month in MONTHS:
            if month_end(month) < month_begins and month not in earlier:
                earlier[month] = tree(plan, month_end(month))

    Year(plan, cast).live(on_month=look)
    for month in MONTHS:
        earlier.setdefault(month, tree(plan, month_end(month)))
    _change_everything_afterwards(plan, cast)

    differing = [month for month in MONTHS if tree(plan, month_end(month)) != earlier[month]]
    assert differing == []
    assert tree(plan, month_end(6), known=timezone.now()) != earlier[6]


def _change_everything_afterwards(plan, cast):
    """In 2026: withdrawals, orders that reach back, a pause, a weight, other thresholds."""
    at, by = timezone.now(), cast.plan_admin
    for entry in LedgerEntry.objects.filter(speaks_of__lte=date(2025, 6, 30), withdrawn_at=None):
        withdraw_entry(entry=entry, reason="更正", by=by, at=at)
    for measure in plan.measures.select_related("plan__court"):
        order_deadline(
            measure=measure,
            due=date(2025, 5, 1),
            details=OrderDetails(reason="追溯", effective_from=date(2025, 1, 1), by=by, at=at),
        )
        order_adjustment(
            measure=measure,
            adjustment=Adjustment.WEIGHT,
            weight=7,
            details=OrderDetails(reason="追溯", effective_from=date(2025, 1, 1), by=by, at=at),
        )
    order_thresholds(
        plan=plan,
        watch_gap=1,
        late_gap=2,
        details=OrderDetails(reason="追溯", effective_from=date(2025, 1, 1), by=by, at=at),
    )
