"""The database itself refuses to change or delete what is of record."""

import pytest
from django.db import IntegrityError, transaction

from apps.audit.services import record
from apps.core.guards import guarded_models
from apps.ledger.models import LedgerEntry
from tests.conftest import at
from tests.factories import DeadlineFactory, ProgressEntryFactory, TargetFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_everything_of_record_is_guarded():
    assert {model._meta.label for model in guarded_models()} == {
        "audit.AuditEvent",
        "indicators.Membership",
        "indicators.Target",
        "ledger.LedgerEntry",
        "office.YearEnd",
        "oversight.Closing",
        "oversight.ClosingStep",
        "oversight.Extension",
        "oversight.ExtensionStep",
        "oversight.Instruction",
        "oversight.InstructionStep",
        "oversight.Receipt",
        "plans.Deadline",
        "plans.MeasureOrder",
        "plans.ThresholdOrder",
        "progress.Evidence",
        "progress.Review",
        "reports.Issue",
        "reports.PaperTemplate",
    }


@pytest.mark.parametrize("factory", [DeadlineFactory, TargetFactory, ProgressEntryFactory])
def test_row_of_record_is_neither_changed_nor_deleted(factory):
    rows = type(factory()).objects.all()
    before = list(rows.values())

    for act in (rows.delete, lambda: rows.update(**_another_value(rows.model))):
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            act()

    assert list(rows.values()) == before


def _another_value(model):
    return {"text": "改写"} if model is LedgerEntry else {"reason": "改写"}


def test_audit_event_is_not_changed():
    person = UserFactory()
    event = record(by=person, action="test", target=person, court=person.court, at=at("2025-03-01 09:00"))

    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        type(event).objects.update(by="somebody else")


def test_saving_a_row_as_it_stands_is_no_change():
    deadline = DeadlineFactory()

    deadline.save()

    assert type(deadline).objects.filter(pk=deadline.pk).count() == 1


def test_entry_is_withdrawn_once_and_for_good():
    entry, person = ProgressEntryFactory(), UserFactory()
    rows = LedgerEntry.objects.filter(pk=entry.pk)

    rows.update(withdrawn_at=at("2025-04-02 09:00"), withdrawn_by=person, withdrawn_reason="有误")

    for change in (
        {"withdrawn_at": None, "withdrawn_by": None, "withdrawn_reason": ""},
        {"withdrawn_reason": "另一个"},
    ):
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            rows.update(**change)
