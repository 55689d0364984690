"""Submitting a report, and deciding on it. An approved report becomes facts in the ledger."""

import uuid
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.problems import raise_problems
from apps.ledger.choices import Declared, EntryKind
from apps.ledger.models import LedgerEntry
from apps.ledger.services import accept, withdraw_batch
from apps.reporting.choices import ReportMove
from apps.reporting.content import columns_of, content_of, ledger_columns, snapshot
from apps.reporting.models import Report, Review
from apps.reporting.rules import day_spoken_of, next_status, problems_of_report
from apps.reporting.selectors import came_late, problems_of_content, window_of
from apps.reporting.services.conflicts import lock_for_transition


@transaction.atomic
def submit_report(*, report: Report, by: User, at: datetime) -> Report:
    """Hand a report to its reviewer; from here its writer may only read it."""
    report = lock_for_transition(report, ReportMove.SUBMIT, by=by)
    problems = problems_of_report(
        text=report.text,
        percent=report.percent,
        needs_percent=report.is_lead and not report.measure.nodes.exists(),
        asks_for_help=report.declared != Declared.NORMAL,
        problems_text=report.problems,
    )
    raise_problems(problems | problems_of_content(report.measure, content_of(report), window=window_of(report), at=at))
    report.submitted_by, report.submitted_at = by, at
    # A report that came in time and was returned stays in time.
    report.first_submitted_at = report.first_submitted_at or at
    _set_status(report, ReportMove.SUBMIT, "submitted_by", "submitted_at", "first_submitted_at")
    record(by=by, action=Action.REPORT_SUBMITTED, target=report, at=at, data={"revision": report.revision})
    return report


@transaction.atomic
def approve_report(*, report: Report, by: User, at: datetime, seen: int | None = None) -> Report:
    """Accept a report as true: its facts go into the ledger, and the lights follow.

    `seen` is the revision that was read; ChangedSince where another has been handed in meanwhile.
    """
    report = lock_for_transition(report, ReportMove.APPROVE, by=by, seen=seen)
    # Since it was handed in, another figure for the same days may have been accepted.
    raise_problems(
        problems_of_content(report.measure, content_of(report), window=window_of(report), at=report.submitted_at or at)
    )
    review = _review(report, ReportMove.APPROVE, by=by, at=at, batch=uuid.uuid4())
    entries = _accept_facts(report, review)
    _set_status(report, ReportMove.APPROVE)
    data = {"revision": report.revision, "ledger": [entry.pk for entry in entries]}
    record(by=by, action=Action.REPORT_APPROVED, target=report, at=at, data=data, made=[review, *entries])
    return report


@transaction.atomic
def return_report(*, report: Report, reason: str, by: User, at: datetime, seen: int | None = None) -> Report:
    """Send a report back to its department with a reason; `seen` as in `approve_report`."""
    report = lock_for_transition(report, ReportMove.RETURN, by=by, seen=seen)
    review = _review(report, ReportMove.RETURN, reason=reason, by=by, at=at)
    _set_status(report, ReportMove.RETURN)
    data = {"revision": report.revision, "reason": reason}
    record(by=by, action=Action.REPORT_RETURNED, target=report, at=at, data=data, made=[review])
    return report


@transaction.atomic
def withdraw_approval(*, report: Report, reason: str, by: User, at: datetime) -> Report:
    """Take an approval back: its ledger entries are withdrawn, and the report goes back to its department."""
    report = lock_for_transition(report, ReportMove.WITHDRAW, by=by)
    approval = report.reviews.filter(decision=ReportMove.APPROVE).latest("pk")
    review = _review(report, ReportMove.WITHDRAW, reason=reason, by=by, at=at, batch=approval.batch)
    _set_status(report, ReportMove.WITHDRAW)
    entries = withdraw_batch(batch=approval.batch, reason=reason, by=by, at=at)
    data = {"reason": reason, "ledger": [entry.pk for entry in entries]}
    record(
        by=by, action=Action.REPORT_APPROVAL_WITHDRAWN, target=report, at=at, data=data, made=[review], ended=entries
    )
    return report


@transaction.atomic
def recall_report(*, report: Report, by: User, at: datetime) -> Report:
    """Recall a submitted report before a decision, to edit it further."""
    report = lock_for_transition(report, ReportMove.RECALL, by=by)
    _set_status(report, ReportMove.RECALL)
    record(by=by, action=Action.REPORT_RECALLED, target=report, at=at, data={"revision": report.revision})
    return report


def _review(
    report: Report, move: ReportMove, *, by: User, at: datetime, reason: str = "", batch: uuid.UUID | None = None
) -> Review:
    """The decision's own row, with the content it was made on."""
    if move != ReportMove.APPROVE and not reason.strip():
        raise ValidationError({"reason": _("请写明理由。")})
    return Review.objects.create(
        report=report, decision=move, reason=reason, by=by, at=at, content=snapshot(report), batch=batch
    )


def _set_status(report: Report, move: ReportMove, *other_fields: str) -> None:
    report.status = str(next_status(report.status, move))
    report.save(update_fields=["status", *other_fields])


def _accept_facts(report: Report, review: Review) -> list[LedgerEntry]:
    """Write the report into the ledger. A supporting department's text has no weight in the judgement."""
    written_on = timezone.localdate(report.submitted_at)
    common: dict[str, Any] = {
        "plan": report.measure.plan,
        "measure": report.measure,
        "department": report.department,
        "is_late": came_late(report),
        "by": review.by,
        "at": review.at,
        "batch": review.batch,
    }
    progress = accept(
        kind=EntryKind.PROGRESS if report.is_lead else EntryKind.SUPPORT,
        speaks_of=day_spoken_of(window_end=report.window_end, written_on=written_on),
        **columns_of(report),
        **common,
    )
    readings = [
        accept(indicator=reading.indicator, **ledger_columns(reading), **common)
        for reading in report.readings.select_related("indicator")
    ]
    nodes = [
        accept(kind=EntryKind.NODE_DONE, node=done.node, speaks_of=done.done_on, **common)
        for done in report.nodes_done.select_related("node")
    ]
    return [progress, *readings, *nodes]
