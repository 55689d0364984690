from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from apps.audit.models import AuditEvent
from apps.ledger import services
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from tests.conftest import at
from tests.factories import ProgressEntryFactory, ReadingEntryFactory

JUNE = at("2025-06-12 10:00")


def test_closing_is_entered_once_and_recorded(cast):
    entry = services.close_measure(
        measure=cast.measure, closed_on=date(2025, 6, 10), result="完成", by=cast.plan_admin, at=JUNE
    )

    assert (entry.kind, entry.speaks_of, entry.accepted_by) == (EntryKind.CLOSED, date(2025, 6, 10), cast.plan_admin)
    assert AuditEvent.objects.get().action == "measure.closed"
    with pytest.raises(ValidationError):
        services.close_measure(
            measure=cast.measure, closed_on=date(2025, 6, 11), result="完成", by=cast.plan_admin, at=JUNE
        )


@pytest.mark.parametrize("closed_on", [date(2024, 12, 31), date(2025, 6, 13)])
def test_closing_before_the_start_or_in_the_future_is_refused(cast, closed_on):
    with pytest.raises(ValidationError) as refusal:
        services.close_measure(measure=cast.measure, closed_on=closed_on, result="x", by=cast.plan_admin, at=JUNE)

    assert list(refusal.value.message_dict) == ["speaks_of"]


@pytest.mark.parametrize("person", ["reporter", "reviewer", "leader", "inspector", "outsider"])
def test_only_the_plan_admin_closes(cast, person):
    with pytest.raises(PermissionDenied):
        services.close_measure(
            measure=cast.measure, closed_on=date(2025, 6, 10), result="x", by=getattr(cast, person), at=JUNE
        )

    assert LedgerEntry.objects.count() == 0


def test_withdrawn_closing_can_be_entered_again(cast):
    def close():
        return services.close_measure(
            measure=cast.measure, closed_on=date(2025, 6, 10), result="完成", by=cast.plan_admin, at=JUNE
        )

    first = close()
    services.withdraw_entry(entry=first, reason="误录", by=cast.plan_admin, at=JUNE)

    second = close()

    first.refresh_from_db()
    assert (first.withdrawn_by, first.withdrawn_reason, second.is_withdrawn) == (cast.plan_admin, "误录", False)


@pytest.mark.parametrize(
    "change",
    [
        {"percent": 101},
        {"percent": -1},
        {"indicator_id": 1},
        {"period_start": date(2025, 1, 1)},
        {"withdrawn_reason": "无人撤回"},
    ],
)
def test_progress_that_contradicts_itself_is_refused_by_the_database(db, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressEntryFactory(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"value": None},
        {"value": None, "numerator": 1},
        {"period_start": None},
        {"period_start": date(2025, 4, 1)},
        {"percent": 5},
    ],
)
def test_reading_that_contradicts_itself_is_refused_by_the_database(db, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingEntryFactory(**change)
