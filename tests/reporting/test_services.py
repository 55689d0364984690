from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.assessment.selectors import standing_of
from apps.audit.models import AuditEvent
from apps.indicators.choices import Accumulation, Kind
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.services import OrderDetails, add_node, transition_plan
from apps.reporting import services
from apps.reporting.choices import ReportMove, ReportStatus
from apps.reporting.content import ReportContent, reading_input
from apps.reporting.models import Report, Review
from tests.conftest import at
from tests.factories import IndicatorFactory, ReadingEntryFactory

WRITTEN = at("2025-06-26 09:00")
DECIDED = at("2025-06-27 10:00")


def test_draft_is_kept_without_being_complete(cast, save):
    report = save(text="", percent=None)

    assert (report.status, report.revision, report.author) == (ReportStatus.DRAFT, 1, cast.reporter)
    assert LedgerEntry.objects.count() == 0


def test_draft_saved_from_an_old_page_is_refused_and_changes_nothing(cast, save):
    save(text="第一版")
    save(revision=1, text="第二版", by=cast.reviewer)

    with pytest.raises(services.StaleReport) as refusal:
        save(revision=1, text="过时的一版")

    assert refusal.value.report.text == "第二版"
    assert Report.objects.get().text == "第二版"


def test_second_report_for_the_same_window_is_the_first_one(save):
    save()

    with pytest.raises(services.StaleReport):
        save(revision=0, text="另开一份")

    assert Report.objects.count() == 1


def test_submitting_needs_text_and_percent(cast, save):
    report = save(text=" ", percent=None)

    with pytest.raises(ValidationError) as refusal:
        services.submit_report(report=report, by=cast.reporter, at=WRITTEN)

    assert refusal.value.message_dict == {"text": ["请填写进展情况。"], "percent": ["请填写完成进度。"]}


def test_measure_with_nodes_needs_no_percent(cast, save):
    add_node(
        measure=cast.measure,
        title="方案",
        due=date(2025, 5, 30),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )

    report = services.submit_report(report=save(percent=None), by=cast.reporter, at=WRITTEN)

    assert report.status == ReportStatus.SUBMITTED


def test_submitted_report_is_read_only_to_its_writer(cast, save, submitted):
    with pytest.raises(services.StaleReport):
        save(revision=submitted.revision, text="改写")

    assert Report.objects.get().text == "进展顺利"


def test_approval_writes_ledger_and_audit_and_the_light_follows(cast, approved):
    entry = LedgerEntry.objects.get()
    standing = standing_of(cast.measure.plan, on=date(2025, 6, 27)).measure(cast.measure.code)

    assert (entry.kind, entry.percent, entry.speaks_of, entry.accepted_by, entry.is_late) == (
        EntryKind.PROGRESS,
        Decimal(50),
        date(2025, 6, 26),
        cast.reviewer,
        False,
    )
    assert standing.verdict.percent == Decimal(50)
    assert list(AuditEvent.objects.order_by("number").values_list("action", flat=True)) == [
        "report.saved",
        "report.submitted",
        "report.approved",
    ]
    assert Review.objects.get().content["text"] == "进展顺利"


def test_late_report_speaks_of_its_windows_last_day_and_is_marked(cast, save):
    late = at("2026-11-20 09:00")
    report = services.submit_report(report=save(when=late), by=cast.reporter, at=late)

    services.approve_report(report=report, by=cast.reviewer, at=at("2026-11-20 10:00"))

    entry = LedgerEntry.objects.get()
    assert (entry.speaks_of, entry.is_late) == (date(2025, 6, 30), True)


def test_report_in_time_stays_in_time_after_a_return(cast, save, submitted):
    services.return_report(report=submitted, reason="请补充", by=cast.reviewer, at=DECIDED)
    late = at("2025-08-20 09:00")
    report = save(revision=submitted.revision, when=late)
    services.submit_report(report=report, by=cast.reporter, at=late)

    services.approve_report(report=report, by=cast.reviewer, at=at("2025-08-20 10:00"))

    assert LedgerEntry.objects.get().is_late is False


def test_figures_and_nodes_go_into_the_ledger(cast, save):
    node = add_node(
        measure=cast.measure,
        title="方案",
        due=date(2025, 5, 30),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )
    ratio = IndicatorFactory(measure=cast.measure, has_parts=True, scale=100)
    built = IndicatorFactory(measure=cast.measure, kind=Kind.ACHIEVED)
    report = save(
        percent=None,
        readings=(
            reading_input(
                ratio,
                numerator=Decimal(3),
                denominator=Decimal(4),
                period_start=date(2025, 1, 1),
                period_end=date(2025, 6, 26),
            ),
            reading_input(built, achieved_on=date(2025, 6, 1)),
        ),
        nodes_done=((node.pk, date(2025, 5, 28)),),
    )
    services.submit_report(report=report, by=cast.reporter, at=WRITTEN)

    services.approve_report(report=report, by=cast.reviewer, at=DECIDED)

    facts = {entry.kind: entry.speaks_of for entry in LedgerEntry.objects.all()}
    assert facts == {
        EntryKind.PROGRESS: date(2025, 6, 26),
        EntryKind.READING: date(2025, 6, 26),
        EntryKind.ACHIEVED: date(2025, 6, 1),
        EntryKind.NODE_DONE: date(2025, 5, 28),
    }
    assert LedgerEntry.objects.values("batch").distinct().count() == 1


def test_figure_outside_its_period_is_refused_at_its_field(cast, save):
    indicator = IndicatorFactory(measure=cast.measure)
    reading = reading_input(indicator, value=Decimal(1), period_start=date(2019, 1, 1), period_end=date(2025, 6, 26))

    with pytest.raises(ValidationError) as refusal:
        save(readings=(reading,))

    assert list(refusal.value.message_dict) == [f"reading-{indicator.pk}-start"]
    assert Report.objects.count() == 0


def test_figure_that_adds_up_is_not_counted_twice(cast, save):
    indicator = IndicatorFactory(measure=cast.measure, accumulation=Accumulation.SUM)
    ReadingEntryFactory(indicator=indicator, period_start=date(2025, 4, 1), speaks_of=date(2025, 4, 30))
    reading = reading_input(indicator, value=Decimal(1), period_start=date(2025, 4, 1), period_end=date(2025, 6, 26))

    with pytest.raises(ValidationError) as refusal:
        save(readings=(reading,))

    assert refusal.value.message_dict == {
        f"reading-{indicator.pk}-start": ["这段时间的数据已经报过，重复填报会被重复累加。"]
    }


def test_supporting_department_adds_text_without_percent(cast, window):
    report = services.save_draft(
        measure=cast.measure,
        department=cast.supporter.department,
        window=window,
        content=ReportContent(text="已配合", percent=Decimal(90)),
        revision=0,
        by=cast.supporter,
        at=WRITTEN,
    )
    services.submit_report(report=report, by=cast.supporter, at=WRITTEN)
    services.approve_report(report=report, by=cast.reviewer, at=DECIDED)

    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.percent, entry.text) == (EntryKind.SUPPORT, None, "已配合")


def test_return_needs_a_reason_and_keeps_what_was_submitted(cast, submitted):
    with pytest.raises(ValidationError) as refusal:
        services.return_report(report=submitted, reason="  ", by=cast.reviewer, at=DECIDED)
    assert list(refusal.value.message_dict) == ["reason"]

    report = services.return_report(report=submitted, reason="请补充", by=cast.reviewer, at=DECIDED)

    review = Review.objects.get()
    assert report.status == ReportStatus.RETURNED
    assert (review.decision, review.reason, review.content["percent"]) == (ReportMove.RETURN, "请补充", "50.00")
    assert LedgerEntry.objects.count() == 0


def test_returned_report_can_be_handed_in_again(cast, save, submitted):
    services.return_report(report=submitted, reason="请补充", by=cast.reviewer, at=DECIDED)

    report = save(revision=submitted.revision, text="已补充", when=DECIDED)
    services.submit_report(report=report, by=cast.reporter, at=DECIDED)

    assert Report.objects.get().status == ReportStatus.SUBMITTED
    assert Review.objects.get().content["text"] == "进展顺利"


def test_second_decision_is_refused_and_doubles_nothing(cast, approved):
    for act in (
        lambda: services.approve_report(report=approved, by=cast.reviewer, at=DECIDED),
        lambda: services.return_report(report=approved, reason="x", by=cast.reviewer, at=DECIDED),
        lambda: services.submit_report(report=approved, by=cast.reporter, at=DECIDED),
    ):
        with pytest.raises(services.AlreadyDecided):
            act()

    assert LedgerEntry.objects.count() == 1


def test_withdrawn_approval_takes_its_facts_back(cast, approved):
    report = services.withdraw_approval(report=approved, reason="多报", by=cast.plan_admin, at=at("2025-07-10 09:00"))

    entry = LedgerEntry.objects.get()
    assert report.status == ReportStatus.RETURNED
    assert (entry.withdrawn_by, entry.withdrawn_reason) == (cast.plan_admin, "多报")
    assert standing_of(cast.measure.plan, on=date(2025, 7, 9)).measure(cast.measure.code).verdict.percent == 50
    assert standing_of(cast.measure.plan, on=date(2025, 7, 10)).measure(cast.measure.code).verdict.percent is None


def test_closed_plan_takes_no_report_and_no_approval(cast, submitted, save):
    transition_plan(plan=cast.measure.plan, move="close", by=cast.plan_admin, at=DECIDED)

    with pytest.raises(PermissionDenied):
        services.approve_report(report=submitted, by=cast.reviewer, at=DECIDED)
    with pytest.raises(PermissionDenied):
        save(revision=submitted.revision)
