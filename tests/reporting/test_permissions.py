"""Who may do what with a report: the table of docs/architecture.md as a truth table."""

import pytest
from django.contrib.auth.models import Group

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.reporting import permissions
from apps.reporting.choices import ReportActor, ReportMove, ReportStatus
from apps.reporting.models import Report
from apps.reporting.rules import WORKFLOW
from apps.reporting.selectors import reports_visible_to, reports_waiting_for
from tests.conftest import at
from tests.factories import ReportFactory

DRAFT, SUBMITTED, RETURNED, APPROVED = ReportStatus.values

SEES = {
    "reporter": {DRAFT, SUBMITTED, RETURNED, APPROVED},
    "reviewer": {DRAFT, SUBMITTED, RETURNED, APPROVED},
    "leader": {APPROVED},
    "plan_admin": {DRAFT, SUBMITTED, RETURNED, APPROVED},
    "inspector": {DRAFT, SUBMITTED, RETURNED, APPROVED},
    "colleague": {APPROVED},
    "supporter": {APPROVED},
    "outsider": set(),
}
DOES = {
    "can_edit": {"reporter": {DRAFT, RETURNED}, "reviewer": {DRAFT, RETURNED}},
}
MOVES = {
    ReportMove.SUBMIT: {"reporter": {DRAFT, RETURNED}, "reviewer": {DRAFT, RETURNED}},
    ReportMove.RECALL: {"reporter": {SUBMITTED}, "reviewer": {SUBMITTED}},
    ReportMove.APPROVE: {"reviewer": {SUBMITTED}, "plan_admin": {SUBMITTED}},
    ReportMove.RETURN: {"reviewer": {SUBMITTED}, "plan_admin": {SUBMITTED}},
    ReportMove.WITHDRAW: {"plan_admin": {APPROVED}},
}


@pytest.fixture
def report(cast):
    return ReportFactory(
        measure=cast.measure, author=cast.reporter, submitted_by=cast.reporter, submitted_at=at("2025-06-20 09:00")
    )


@pytest.mark.parametrize("status", ReportStatus.values)
@pytest.mark.parametrize("person", SEES)
def test_who_sees_a_report(cast, report, person, status):
    Report.objects.update(status=status)

    seen = reports_visible_to(getattr(cast, person)).exists()

    assert seen == (status in SEES[person])


@pytest.mark.parametrize("status", ReportStatus.values)
@pytest.mark.parametrize("person", SEES)
@pytest.mark.parametrize("act", DOES)
def test_who_acts_on_a_report(cast, report, act, person, status):
    report.status = status

    allowed = getattr(permissions, act)(getattr(cast, person), report)

    assert allowed == (status in DOES[act].get(person, set()))


def test_every_move_has_its_mover_and_every_mover_a_predicate():
    assert set(WORKFLOW.actors) == set(ReportMove) == set(MOVES)
    assert set(permissions.PREDICATES) == set(ReportActor)


@pytest.mark.parametrize("status", ReportStatus.values)
@pytest.mark.parametrize("person", SEES)
@pytest.mark.parametrize("move", MOVES)
def test_who_makes_which_move(cast, report, move, person, status):
    report.status = status

    allowed = permissions.can_transition(getattr(cast, person), report, move)

    assert allowed == (status in MOVES[move].get(person, set()))


@pytest.mark.parametrize("move", MOVES)
def test_closed_plan_takes_no_move(cast, report, move):
    report.measure.plan.status = "closed"

    for status in ReportStatus.values:
        report.status = status
        assert not any(permissions.can_transition(getattr(cast, person), report, move) for person in SEES)


@pytest.mark.parametrize(
    ("person", "sees"),
    [
        ("reporter", True),
        ("reviewer", True),
        ("plan_admin", True),
        ("inspector", True),
        ("leader", False),
        ("colleague", False),
        ("supporter", False),
        ("outsider", False),
    ],
)
def test_who_reads_what_came_back(cast, report, person, sees):
    assert permissions.can_see_versions(getattr(cast, person), report) is sees


@pytest.mark.parametrize("person", SEES)
def test_who_finds_it_waiting(cast, report, person):
    Report.objects.update(status=SUBMITTED)

    waiting = reports_waiting_for(getattr(cast, person)).exists()

    assert waiting == (person in ("reviewer", "plan_admin"))


@pytest.mark.parametrize("hand", ["author", "saved_by", "submitted_by"])
def test_nobody_decides_on_what_they_had_a_hand_in(cast, report, hand):
    report.status = SUBMITTED
    setattr(report, hand, cast.reviewer)
    report.save()

    assert permissions.can_transition(cast.reviewer, report, ReportMove.APPROVE) is False
    assert list(reports_waiting_for(cast.reviewer)) == []


@pytest.mark.parametrize(
    ("person", "writes"),
    [
        ("reporter", True),
        ("reviewer", True),
        ("supporter", True),
        ("leader", False),
        ("plan_admin", False),
        ("inspector", False),
        ("colleague", False),
        ("outsider", False),
    ],
)
def test_who_writes_on_a_measure(cast, person, writes):
    assert permissions.can_write(getattr(cast, person), cast.measure) is writes


def test_supervising_court_sees_but_does_not_act(cast, report):
    court = cast.measure.plan.court
    court.parent = cast.outsider.court
    court.save()
    report.status = APPROVED
    report.save()
    superior = User.objects.get(pk=cast.outsider.pk)
    superior.groups.set(Group.objects.filter(name__in=[Role.REVIEWER, Role.PLAN_ADMIN]))

    assert list(reports_visible_to(superior)) == [report]
    assert permissions.can_transition(superior, report, ReportMove.WITHDRAW) is False
