"""Two at once, and a process that dies between two writes: ledger, state and trail always agree."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, connections

from apps.audit.models import AuditEvent
from apps.audit.selectors import chain_states, records_state
from apps.ledger.models import LedgerEntry
from apps.reporting import services
from apps.reporting.models import Report, Review
from tests.conftest import at

NOW = at("2025-06-27 10:00")


class ProcessDied(BaseException):
    """Not an error that anybody could catch and go on from."""


@contextmanager
def dies_at_write(number):
    """The process ends as it is about to write for the n-th time."""
    count = 0

    def maybe_die(execute, sql, params, many, context):
        nonlocal count
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            count += 1
            if count == number:
                raise ProcessDied
        return execute(sql, params, many, context)

    with connection.execute_wrapper(maybe_die):
        yield


def everything():
    """All that an act might leave half done."""
    return (
        list(Report.objects.order_by("pk").values()),
        list(Review.objects.order_by("pk").values()),
        list(LedgerEntry.objects.order_by("pk").values()),
        list(AuditEvent.objects.order_by("pk").values()),
    )


def approve(cast, report):
    return services.approve_report(report=report, by=cast.reviewer, at=NOW)


def send_back(cast, report):
    return services.return_report(report=report, reason="请补充", by=cast.reviewer, at=NOW)


def withdraw(cast, report):
    return services.withdraw_approval(report=report, reason="多报", by=cast.plan_admin, at=NOW)


def recall(cast, report):
    return services.recall_report(report=report, by=cast.reporter, at=NOW)


@pytest.mark.parametrize("act", [approve, send_back, recall, withdraw])
@pytest.mark.django_db(transaction=True)
def test_process_killed_between_any_two_writes_leaves_nothing_half_done(cast, submitted, act):
    if act is withdraw:
        approve(cast, submitted)
    before = everything()
    for number in range(1, 100):
        try:
            with dies_at_write(number):
                act(cast, Report.objects.get())
        except ProcessDied:
            assert everything() == before
        else:
            break

    assert number > 2
    assert everything() != before
    assert all(state.is_whole for state in chain_states())
    assert not records_state().altered


REFUSALS = (services.AlreadyDecided, services.ChangedSince, services.StaleReport)


def at_once(*acts, refusals=REFUSALS):
    """Run the acts in threads that start together; what each came to: None, or the refusal."""
    barrier, outcomes = threading.Barrier(len(acts)), {}

    def run(index, act):
        try:
            barrier.wait(timeout=10)
            act()
            outcomes[index] = None
        except refusals as refusal:
            outcomes[index] = type(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return [outcomes[index] for index in range(len(acts))]


def test_two_who_approve_at_once_write_one_approval(cast, submitted, transactional_db):
    def by(person):
        return lambda: services.approve_report(report=Report.objects.get(), by=person, at=NOW)

    outcomes = at_once(by(cast.reviewer), by(cast.plan_admin))

    assert sorted(outcomes, key=str) == [services.AlreadyDecided, None]
    assert (Review.objects.count(), LedgerEntry.objects.count()) == (1, 1)
    assert AuditEvent.objects.filter(action="report.approved").count() == 1
    assert all(state.is_whole for state in chain_states())


def test_approving_and_returning_at_once_does_one_of_the_two(cast, submitted, transactional_db):
    outcomes = at_once(
        lambda: approve(cast, Report.objects.get()),
        lambda: services.return_report(report=Report.objects.get(), reason="请补充", by=cast.plan_admin, at=NOW),
    )

    assert sorted(outcomes, key=str) == [services.AlreadyDecided, None]
    report, review = Report.objects.get(), Review.objects.get()
    assert (report.status, review.decision, LedgerEntry.objects.count()) in (
        ("approved", "approve", 1),
        ("returned", "return", 0),
    )


def test_withdrawing_and_approving_at_once_leaves_ledger_and_state_agreed(cast, approved, transactional_db):
    outcomes = at_once(
        lambda: withdraw(cast, Report.objects.get()),
        lambda: services.approve_report(report=Report.objects.get(), by=cast.reviewer, at=NOW),
    )

    assert outcomes == [None, services.AlreadyDecided]
    assert Report.objects.get().status == "returned"
    assert not LedgerEntry.objects.filter(withdrawn_at=None).exists()


def test_recalling_and_approving_at_once_does_one_of_the_two(cast, submitted, transactional_db):
    outcomes = at_once(lambda: recall(cast, Report.objects.get()), lambda: approve(cast, Report.objects.get()))

    assert sorted(outcomes, key=str) == [services.AlreadyDecided, None]
    assert (Report.objects.get().status, LedgerEntry.objects.count()) in (("draft", 0), ("approved", 1))
