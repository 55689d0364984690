"""Saving drafts, and the report without changes."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.assessment.selectors import measure_standing_of
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.problems import raise_problems
from apps.indicators.choices import Kind
from apps.plans.models import Measure
from apps.plans.rules import Window
from apps.plans.services import lock_plan
from apps.reporting.content import (
    ReportContent,
    columns_of,
    content_of,
    is_same_content,
    is_unchanged,
    parts_of,
    unchanged,
)
from apps.reporting.models import Report, ReportNode, ReportReading
from apps.reporting.permissions import can_edit, can_write, writes_for
from apps.reporting.rules import why_not_unchanged
from apps.reporting.selectors import RELATED, last_approved, owed_in, problems_of_content, report_for
from apps.reporting.services.conflicts import AlreadyDecided, StaleReport
from apps.reporting.services.decisions import submit_report

RELATIONS = [field.name for field in Report._meta.fields if field.is_relation]


@transaction.atomic
def save_draft(
    *,
    measure: Measure,
    department: Department,
    window: Window,
    content: ReportContent,
    revision: int,
    by: User,
    at: datetime,
    automatically: bool = False,
) -> Report:
    """Save what was written so far. `revision` is the one the writer saw, 0 where there was none yet.

    A form that is sent twice is saved once. Raises StaleReport where somebody else has saved since, and
    ValidationError by field.
    """
    measure.plan = lock_plan(measure.plan)
    require(can_write(by, measure) and writes_for(by, measure) == department)
    of_window = Report.objects.filter(measure=measure, department=department, window_end=window.end)
    report = of_window.select_for_update(of=("self",)).select_related(*RELATED).first()
    if report is None:
        report = Report(
            measure=measure,
            department=department,
            window_start=window.start,
            window_end=window.end,
            author=by,
            created_at=at,
            revision=0,
        )
    elif not can_edit(by, report):
        raise StaleReport(report)
    elif report.revision != revision:
        if report.saved_by_id == by.pk and is_same_content(content, content_of(report)):
            return report
        raise StaleReport(report)
    raise_problems(problems_of_content(measure, content, window=window, at=at))
    # The trail tells who has written on a draft, not how often a browser saved it: that would be a record of
    # somebody's minutes. Handing in is always recorded, with the revision.
    is_recorded = not automatically or report.revision == 0 or report.saved_by_id != by.pk
    _write(report, content, by=by, at=at)
    if is_recorded:
        record(by=by, action=Action.REPORT_SAVED, target=report, at=at, data={"revision": report.revision})
    return report


def _write(report: Report, content: ReportContent, *, by: User, at: datetime) -> None:
    """Save the content as the report's next revision."""
    for column, value in columns_of(content).items():
        setattr(report, column, value)
    if not report.is_lead:
        report.percent = None
    report.saved_by, report.saved_at = by, at
    report.revision += 1
    # Relations were set above; what the columns may say together is held by the rules and the database.
    report.full_clean(exclude=RELATIONS, validate_constraints=False)
    report.save()
    if report.is_lead:
        _replace_rows(report, content)


def _replace_rows(report: Report, content: ReportContent) -> None:
    report.readings.all().delete()
    for reading in content.readings:
        if not reading.is_empty:
            parts = parts_of(reading)
            if reading.kind == Kind.ACHIEVED:
                parts |= {"period_start": None, "period_end": None}
            ReportReading.objects.create(report=report, indicator_id=reading.indicator_id, **parts)
    report.nodes_done.all().delete()
    for node_id, done_on in content.nodes_done:
        ReportNode.objects.create(report=report, node_id=node_id, done_on=done_on)


@transaction.atomic
def report_no_change(*, measure: Measure, department: Department, window: Window, by: User, at: datetime) -> Report:
    """Create and submit a report that repeats the last approved one.

    Raises AlreadyDecided where the report has been handed in, and ValidationError where there is more to say.
    """
    measure.plan = lock_plan(measure.plan)
    require(can_write(by, measure) and writes_for(by, measure) == department)
    report = report_for(measure, department, window)
    if report is not None and not can_edit(by, report):
        raise AlreadyDecided(report)
    previous = last_approved(measure, department, before=window.end)
    standing = measure_standing_of(measure, on=timezone.localdate(at), known=at)
    problem = why_not_unchanged(
        status=report.status if report else None,
        has_previous=previous is not None,
        is_unchanged=report is None or (previous is not None and is_unchanged(report, previous)),
        owed=owed_in(window, standing) if department.pk == measure.lead_id else [],
    )
    if problem or previous is None:
        raise ValidationError(problem or "")
    draft = save_draft(
        measure=measure,
        department=department,
        window=window,
        content=unchanged(previous),
        revision=report.revision if report else 0,
        by=by,
        at=at,
    )
    return submit_report(report=draft, by=by, at=at)
