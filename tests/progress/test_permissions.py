"""Who may do what with a report: house.md's table as a truth table."""

import pytest
from django.contrib.auth.models import Group

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.progress import permissions
from apps.progress.choices import ReportStatus
from apps.progress.models import Report
from apps.progress.selectors import reports_visible_to, reports_waiting_for
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
    "can_submit": {"reporter": {DRAFT, RETURNED}, "reviewer": {DRAFT, RETURNED}},
    "can_review": {"reviewer": {SUBMITTED}, "plan_admin": {SUBMITTED}},
    "can_withdraw_approval": {"plan_admin": {APPROVED}},
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

    assert permissions.can_review(cast.reviewer, report) is False
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
    assert permissions.can_withdraw_approval(superior, report) is False
