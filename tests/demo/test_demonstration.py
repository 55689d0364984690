"""The made-up year: told through the services, different every day, never over other people's data."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.assessment.choices import Light, Standing
from apps.assessment.selectors import PlanHistory, measure_standings_of, standing_of
from apps.audit.models import AuditEvent
from apps.audit.selectors import chain_states
from apps.ledger.models import LedgerEntry
from apps.plans.models import Plan
from apps.reporting.choices import ReportMove, ReportStatus
from apps.reporting.models import Report, Review
from apps.reporting.selectors import reports_waiting_for
from apps.supervision.models import Closing, Extension, Instruction
from apps.supervision.selectors import items_of_plan
from tests.dashboard.test_replay import tree_of

ACCOUNTS = ["admin", "inspector", "leader", "outsider", "planadmin", "reporter", "reviewer"]


@pytest.fixture
def plan(example_year, db):
    return Plan.objects.select_related("court").get()


def test_every_light_and_standing_occurs_and_no_two_days_are_alike(plan):
    lights, standings, states = Counter(), Counter(), set()
    for number in range(365):
        standing = standing_of(plan, on=date(2025, 1, 1) + timedelta(days=number))
        lights.update(measure.verdict.light for measure in standing.measures)
        standings.update(indicator.verdict.standing for indicator in standing.indicators)
        states.add(tuple((measure.verdict.percent, measure.verdict.expected) for measure in standing.measures))

    assert set(lights) == set(Light)
    assert set(standings) == set(Standing)
    assert len(states) == 365


def test_whole_record_read_once_says_of_each_day_what_one_reading_says(plan, django_assert_num_queries):
    days = [date(2025, month, 28) for month in range(1, 13)] + [date(2025, 7, 9), date(2025, 12, 31)]
    with django_assert_num_queries(14):
        history = PlanHistory(plan)
        trees = {day: tree_of(history.standing(on=day)) for day in days}
        now_tree = tree_of(history.standing(on=date(2025, 12, 31), known=timezone.now()))

    assert trees == {day: tree_of(standing_of(plan, on=day)) for day in days}
    assert now_tree == tree_of(standing_of(plan, on=date(2025, 12, 31), known=timezone.now()))


@pytest.mark.parametrize("day", [date(2025, 5, 6), date(2025, 12, 31)])
def test_a_measure_judged_alone_stands_as_in_the_whole_plan(plan, day):
    whole = {standing.measure.code: standing for standing in standing_of(plan, on=day).measures}

    assert {code: measure_standings_of(plan, Q(code=code), on=day) for code in whole} == {
        code: (standing,) for code, standing in whole.items()
    }
    assert measure_standings_of(plan, Q(code="0.0"), on=day) == ()


def test_the_measures_of_a_department_stand_as_in_the_whole_plan(plan):
    day = date(2025, 12, 31)
    whole = standing_of(plan, on=day).measures

    for lead in {standing.measure.lead_id for standing in whole}:
        assert measure_standings_of(plan, Q(lead=lead), on=day) == tuple(
            standing for standing in whole if standing.measure.lead_id == lead
        )


def test_the_year_went_through_the_services(plan):
    acts = set(AuditEvent.objects.filter(court="kfq").values_list("action", flat=True))

    assert acts >= {
        "report.saved",
        "report.submitted",
        "report.approved",
        "report.returned",
        "report.approval_withdrawn",
        "target.ordered",
        "deadline.ordered",
        "measure.adjusted",
        "measure.closed",
        "measure.assigned",
        "node.added",
    }
    assert all(state.is_whole for state in chain_states())
    assert set(Review.objects.values_list("decision", flat=True)) == {
        ReportMove.APPROVE,
        ReportMove.RETURN,
        ReportMove.WITHDRAW,
    }
    assert not LedgerEntry.objects.filter(accepted_at__gt=timezone.now()).exists()


def test_oversight_shows_each_state_that_people_meet(plan):
    assert Counter(item.status for item in items_of_plan(Instruction, plan)) == {"open": 2, "answered": 1, "closed": 2}
    assert Counter(item.status for item in items_of_plan(Extension, plan)) == {
        "asked": 1,
        "endorsed": 1,
        "granted": 1,
        "refused": 1,
    }
    assert Counter(item.status for item in items_of_plan(Closing, plan)) == {"asked": 1, "confirmed": 4, "returned": 1}


def test_each_role_finds_work(plan):
    reporter, reviewer = (User.objects.get(username=name) for name in ("reporter", "reviewer"))

    states = Counter(Report.objects.filter(window_end=date(2025, 12, 31)).values_list("status", flat=True))
    own = Report.objects.filter(window_end=date(2025, 12, 31), department=reporter.department)

    assert set(states) == {ReportStatus.APPROVED, ReportStatus.SUBMITTED, ReportStatus.RETURNED}
    assert sum(states.values()) < 35
    assert own.filter(status=ReportStatus.RETURNED).exists()
    assert reports_waiting_for(reviewer).count() == 2


def test_late_report_still_changes_the_year_end(plan, client):
    dashboard = reverse("dashboard:measure", args=["kfq", 2025, "5.4"])
    report = Report.objects.get(measure__code="5.4", window_end=date(2025, 12, 31))
    client.force_login(User.objects.get(username="reviewer"))
    before = client.get(dashboard).context["standing"].verdict.percent

    client.post(reverse("reporting:approve", args=["kfq", 2025, "5.4", report.pk]))

    after = client.get(dashboard).context["standing"].verdict.percent
    assert (before, after) == (90, 100)


def test_accounts_sign_in_and_stand_on_the_sign_in_page(plan, client):
    page = client.get(reverse("accounts:login"))
    assert sorted(account["username"] for account in page.context["demo_accounts"]) == ACCOUNTS

    for username in ACCOUNTS:
        response = client.post(reverse("accounts:login"), {"username": username, "password": "courtplan-demo"})
        assert response.status_code == 302, username
        client.logout()


def test_seeding_twice_changes_nothing(plan):
    before = (Report.objects.count(), AuditEvent.objects.count(), User.objects.count())

    call_command("seed_demo", verbosity=0)

    assert (Report.objects.count(), AuditEvent.objects.count(), User.objects.count()) == before


def test_same_seed_tells_the_same_year(plan):
    entries = list(
        LedgerEntry.objects.order_by("accepted_at", "pk").values_list("accepted_at", "kind", "percent", "value")[:5]
    )

    assert [str(at)[:10] for at, *_rest in entries] == sorted(str(at)[:10] for at, *_rest in entries)
    assert (LedgerEntry.objects.count(), Report.objects.count()) == (N_ENTRIES, N_REPORTS)


N_ENTRIES, N_REPORTS = 178, 125
