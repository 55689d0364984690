"""Reviewing in the browser: what is shown beside what, and what a decision is made on."""

from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from apps.ledger.models import LedgerEntry
from apps.reporting.models import Report, Review
from apps.reporting.services import (
    AlreadyDecided,
    ChangedSince,
    approve_report,
    recall_report,
    return_report,
    submit_report,
)
from tests.conftest import at
from tests.factories import MeasureFactory, ReportFactory

NOW = at("2025-06-27 10:00")
SEVERAL = reverse("reporting:approve_several")


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def returned(cast, submitted):
    return return_report(report=submitted, reason="请补充做法", by=cast.reviewer, at=NOW)


@pytest.fixture
def again(cast, save, returned):
    """Handed in again with other words."""
    return submit_report(
        report=save(revision=1, text="进展顺利，已召开推进会", percent=Decimal(55)), by=cast.reporter, at=NOW
    )


def act(client, user, report, name, **typed):
    client.force_login(user)
    return client.post(report.get_absolute_url() + f"{name}/", typed, follow=True)


def test_second_submission_is_laid_beside_the_version_that_came_back(client, cast, again):
    client.force_login(cast.reviewer)

    page = client.get(again.get_absolute_url())

    assert page.context["baseline"].name == "returned"
    text = page.content.decode()
    assert '<ins class="marked"><span class="visually-hidden">新增：</span>' in text
    assert "+5" in text


def test_reader_chooses_what_it_is_laid_beside(client, cast, again):
    ReportFactory(
        measure=cast.measure,
        author=cast.reporter,
        window_start="2025-01-01",
        window_end="2025-03-31",
        status="approved",
        submitted_by=cast.reporter,
        submitted_at=NOW,
        percent=30,
    )
    client.force_login(cast.reviewer)

    page = client.get(again.get_absolute_url() + "?against=approved")

    assert [baseline.name for baseline in page.context["baselines"]] == ["returned", "approved"]
    assert page.context["baseline"].name == "approved"
    assert client.get(again.get_absolute_url() + "?against=x").context["baseline"].name == "returned"


def test_every_version_is_kept_with_its_words(client, cast, again):
    approve_report(report=again, by=cast.reviewer, at=NOW)
    client.force_login(cast.inspector)

    versions = client.get(again.get_absolute_url()).context["versions"]

    assert [(review.decision, review.content["text"]) for review, _lines in versions] == [
        ("approve", "进展顺利，已召开推进会"),
        ("return", "进展顺利"),
    ]


@pytest.mark.parametrize(("who", "n_versions"), [("inspector", 2), ("reporter", 2), ("leader", 1), ("colleague", 1)])
def test_what_came_back_stays_with_those_it_concerns(client, cast, again, who, n_versions):
    approve_report(report=again, by=cast.reviewer, at=NOW)
    client.force_login(getattr(cast, who))

    page = client.get(again.get_absolute_url())

    assert len(page.context["versions"]) == n_versions
    assert ("请补充做法" in page.content.decode()) is (n_versions == 2)


@pytest.mark.parametrize("service", [approve_report, return_report])
def test_decision_on_words_that_were_not_read_is_refused(cast, again, service):
    more = {"reason": "理由"} if service is return_report else {}

    with pytest.raises(ChangedSince):
        service(report=again, by=cast.reviewer, at=NOW, seen=1, **more)

    assert Report.objects.get().status == "submitted"
    assert not LedgerEntry.objects.exists()


def test_reviewer_of_an_old_page_is_told_to_look_again(client, cast, again):
    page = act(client, cast.reviewer, again, "approve", seen="1").content.decode()

    assert "内容已更新，请重新查看后再决定。" in page
    assert Report.objects.get().status == "submitted"


def test_withdrawal_without_a_reason_is_said_in_its_own_form(client, cast, approved):
    page = act(client, cast.plan_admin, approved, "withdraw", reason=" ")

    assert dict(page.context["withdraw_form"].errors) == {"reason": ["请写明理由。"]}
    assert not page.context["return_form"].errors


# Recall


def test_department_takes_its_report_back_while_nobody_has_decided(client, cast, submitted):
    page = act(client, cast.reporter, submitted, "recall")

    assert page.redirect_chain[-1][0].endswith("/report/?window=2025-06-30")
    report = Report.objects.get()
    assert (report.status, report.first_submitted_at) == ("draft", submitted.first_submitted_at)


def test_decided_report_is_not_taken_back(cast, approved):
    with pytest.raises(AlreadyDecided):
        recall_report(report=approved, by=cast.reporter, at=NOW)


def test_report_handed_in_again_after_recall_stays_in_time(cast, submitted, save):
    recall_report(report=submitted, by=cast.reporter, at=NOW)
    report = submit_report(report=save(revision=1), by=cast.reporter, at=at("2025-08-01 09:00"))

    assert report.first_submitted_at == submitted.first_submitted_at


# Several at once


@pytest.fixture
def three(cast):
    return [
        ReportFactory(
            measure=MeasureFactory(plan=cast.measure.plan, pillar=cast.measure.pillar, lead=cast.measure.lead),
            author=cast.reporter,
            status="submitted",
            submitted_by=cast.reporter,
            submitted_at=NOW,
            first_submitted_at=NOW,
            percent=40,
        )
        for _number in range(3)
    ]


def ticks(reports):
    return [f"{report.pk}:{report.revision}" for report in reports]


def test_several_are_shown_once_more_before_they_are_approved(client, cast, three):
    client.force_login(cast.reviewer)

    page = client.post(SEVERAL, {"report": ticks(three[:2])})

    assert [row.report for row, _tick in page.context["rows"]] == three[:2]
    assert not Review.objects.exists()


def test_each_of_several_goes_through_the_same_checks(client, cast, three):
    changed, own, fine = three
    changed.revision = 2
    changed.save()
    ticked = [f"{changed.pk}:1", *ticks([own, fine])]
    own.saved_by = cast.reviewer
    own.save()
    client.force_login(cast.reviewer)

    page = client.post(SEVERAL, {"report": ticked, "confirmed": "yes"})

    assert page.context["approved"] == [fine]
    assert [(report, str(why)) for report, why in page.context["refused"]] == [(changed, "内容已更新，请重新查看。")]
    assert page.context["n_gone"] == 1
    assert {report.pk: report.status for report in Report.objects.all()} == {
        changed.pk: "submitted",
        own.pk: "submitted",
        fine.pk: "approved",
    }
    assert LedgerEntry.objects.count() == 1


@pytest.mark.parametrize("typed", [[], ["x"], ["1:x"], ["٣:1"], ["9" * 400 + ":1"], ["\x00:1"]])
def test_nothing_that_can_be_read_ticks_nothing(client, cast, three, typed):
    client.force_login(cast.reviewer)

    page = client.post(SEVERAL, {"report": typed, "confirmed": "yes"}, follow=True)

    assert "请先勾选要通过的填报。" in page.content.decode()
    assert not Review.objects.exists()


@pytest.mark.parametrize("who", ["reporter", "leader", "colleague", "outsider", "inspector"])
def test_several_are_not_for_others(client, cast, three, who):
    client.force_login(getattr(cast, who))

    client.post(SEVERAL, {"report": ticks(three), "confirmed": "yes"})

    assert not Review.objects.exists()
