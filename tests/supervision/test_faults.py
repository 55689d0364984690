"""A process that dies between two writes, and two who decide at once: orders, ledger and steps always agree."""

from datetime import date

import pytest

from apps.audit.models import AuditEvent
from apps.audit.selectors import chain_states, records_state
from apps.ledger.models import LedgerEntry
from apps.plans.models import Deadline
from apps.supervision import services
from apps.supervision.models import Closing, ClosingStep, Extension, ExtensionStep, Instruction, InstructionStep
from tests.conftest import at
from tests.reporting.test_faults import ProcessDied, at_once, dies_at_write

NOW = at("2025-06-10 10:00")


def everything():
    models = (Instruction, InstructionStep, Extension, ExtensionStep, Closing, ClosingStep, Deadline, LedgerEntry)
    return [list(model.objects.order_by("pk").values()) for model in (*models, AuditEvent)]


def give(cast):
    services.instruct(
        measure=cast.measure,
        department=cast.measure.lead,
        text="请说明",
        answer_by=date(2025, 6, 20),
        by=cast.leader,
        at=NOW,
    )


def grant(cast):
    services.transition(item=Extension.objects.get(), move="grant", text="同意", by=cast.leader, at=NOW)


def confirm(cast):
    services.transition(item=Closing.objects.get(), move="confirm", by=cast.plan_admin, at=NOW)


def reopen(cast):
    services.transition(item=Closing.objects.get(), move="reopen", text="遗漏", by=cast.plan_admin, at=NOW)


@pytest.mark.parametrize("act", [give, grant, confirm, reopen])
@pytest.mark.django_db(transaction=True)
def test_process_killed_between_any_two_writes_leaves_nothing_half_done(cast, extension, closing, act):
    services.transition(item=extension, move="endorse", by=cast.reviewer, at=NOW)
    if act is reopen:
        confirm(cast)
    before = everything()
    for number in range(1, 100):
        try:
            with dies_at_write(number):
                act(cast)
        except ProcessDied:
            assert everything() == before
        else:
            break

    assert number > 2
    assert everything() != before
    assert all(state.is_whole for state in chain_states())
    assert not records_state().altered


def test_extension_granted_and_refused_at_once_is_one_of_the_two(cast, extension, transactional_db):
    services.transition(item=extension, move="endorse", by=cast.reviewer, at=NOW)

    def decide(move, by):
        return lambda: services.transition(item=Extension.objects.get(), move=move, text="意见", by=by, at=NOW)

    outcomes = at_once(decide("grant", cast.leader), decide("refuse", cast.plan_admin), refusals=(services.StaleItem,))

    assert sorted(outcomes, key=str) == [services.StaleItem, None]
    status, n_orders = Extension.objects.get().status, Deadline.objects.filter(measure=cast.measure).count()
    assert (status, n_orders) in (("granted", 2), ("refused", 1))


def test_closing_confirmed_twice_at_once_is_closed_once(cast, closing, transactional_db):
    def act():
        services.transition(item=Closing.objects.get(), move="confirm", by=cast.plan_admin, at=NOW)

    outcomes = at_once(act, act, refusals=(services.StaleItem,))

    assert sorted(outcomes, key=str) == [services.StaleItem, None]
    assert LedgerEntry.objects.filter(kind="closed").count() == 1
