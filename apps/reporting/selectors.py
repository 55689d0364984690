"""Which reports there are, for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.models import Court, Department, User
from apps.accounts.permissions import has_role, is_plan_admin
from apps.accounts.selectors import leaders_of, of_courts_visible_to
from apps.assessment.tree import MeasureStanding, Reporting
from apps.audit.choices import Action
from apps.audit.models import AuditEvent
from apps.core.problems import Problems
from apps.indicators.models import Indicator
from apps.ledger.choices import Declared, EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.choices import Cadence, PlanStatus
from apps.plans.models import PREPARING, Measure
from apps.plans.rules import MONTHS_IN, Window, windows_of
from apps.reporting.choices import ReportMove, ReportStatus
from apps.reporting.content import ReportContent
from apps.reporting.models import Evidence, Report, ReportNode, ReportReading, Review
from apps.reporting.permissions import can_see_versions
from apps.reporting.rules import problems_of_node, problems_of_percent, problems_of_reading

RELATED = (
    "measure__plan__court",
    "measure__pillar",
    "measure__lead",
    "department",
    "author",
    "saved_by",
    "submitted_by",
)


def _content() -> tuple[Prefetch, Prefetch]:
    """A report's readings and nodes, with what they are of."""
    return (
        Prefetch("readings", queryset=ReportReading.objects.select_related("indicator")),
        Prefetch("nodes_done", queryset=ReportNode.objects.select_related("node")),
    )


def reports_visible_to(user: User) -> QuerySet[Report]:
    """Approved reports are the whole court's; drafts and returned ones the department's, the plan admin's and the
    inspector's; what waits for review is also the lead department's."""
    reports = Report.objects.filter(of_courts_visible_to(user, "measure__plan__court")).exclude(
        measure__plan__status__in=PREPARING
    )
    if user.is_superuser:
        return reports.select_related(*RELATED)
    visible = Q(status=ReportStatus.APPROVED)
    if user.roles & {Role.PLAN_ADMIN, Role.INSPECTOR}:
        visible |= Q(measure__plan__court=user.court_id)
    if user.department_id and user.roles & {Role.REPORTER, Role.REVIEWER}:
        visible |= Q(department=user.department_id)
        if Role.REVIEWER in user.roles:
            visible |= Q(status=ReportStatus.SUBMITTED, measure__lead=user.department_id)
    return reports.filter(visible).select_related(*RELATED)


def reports_waiting_for(user: User) -> QuerySet[Report]:
    """What this person may decide now, longest waiting first; never what they wrote themselves."""
    waiting = (
        reports_visible_to(user)
        .filter(status=ReportStatus.SUBMITTED, measure__plan__status=PlanStatus.OPEN)
        .exclude(Q(author=user) | Q(saved_by=user) | Q(submitted_by=user))
        .order_by("submitted_at", "pk")
    )
    if user.is_superuser:
        return waiting
    if user.court is None:
        return waiting.none()
    waiting = waiting.filter(measure__plan__court=user.court_id)
    if is_plan_admin(user, user.court):
        return waiting
    if not has_role(user, Role.REVIEWER, user.court) or user.department_id is None:
        return waiting.none()
    return waiting.filter(measure__lead=user.department_id)


@dataclass(frozen=True, kw_only=True)
class WaitingRow:
    """A report that waits, with the percent last approved before it (None: nothing was)."""

    report: Report
    percent_before: Decimal | None
    has_previous: bool

    @property
    def needs_help(self) -> bool:
        return self.report.declared != Declared.NORMAL


def waiting_rows(reports: Iterable[Report]) -> list[WaitingRow]:
    """Reports that wait, each beside the last approved one of its department. One query, however many."""
    reports = list(reports)
    approved = Report.objects.filter(
        measure__in={report.measure_id for report in reports}, status=ReportStatus.APPROVED
    ).order_by("window_end")
    before = list(approved.values_list("measure_id", "department_id", "window_end", "percent")) if reports else []
    rows = []
    for report in reports:
        percents = [
            percent
            for measure_id, department_id, window_end, percent in before
            if (measure_id, department_id) == (report.measure_id, report.department_id)
            and window_end < report.window_end
        ]
        rows.append(
            WaitingRow(report=report, percent_before=percents[-1] if percents else None, has_previous=bool(percents))
        )
    return rows


def evidence_of(report: Report | None) -> list[Evidence]:
    """The report's evidence that was not removed."""
    if report is None:
        return []
    rows = list(report.evidence.filter(removed_at=None).select_related("indicator"))
    for evidence in rows:
        evidence.report = report
    return rows


def was_handed_in(evidence: Evidence) -> bool:
    """Whether a removed file had been submitted before, so that others may have read it."""
    submitted = AuditEvent.objects.filter(
        target=f"progress.report:{evidence.report_id}", action=Action.REPORT_SUBMITTED
    )
    return submitted.filter(at__gte=evidence.added_at, at__lte=evidence.removed_at).exists()


def versions_newest_first(report: Report, user: User) -> list[Review]:
    """The decisions on a report with the content they were made on: all of them for those who may read what came
    back, else the approvals only."""
    decisions = report.reviews.select_related("by").order_by("-pk")
    if not can_see_versions(user, report):
        decisions = decisions.filter(decision=ReportMove.APPROVE)
    return list(decisions)


def last_decision(report: Report) -> Review | None:
    return report.reviews.select_related("by").order_by("pk").last()


def is_under_review(measure: Measure) -> bool:
    """Whether a report on the measure waits for its reviewer. Everybody may know that; not what it says."""
    return Report.objects.filter(measure=measure, status=ReportStatus.SUBMITTED).exists()


def reports_sent_by(user: User) -> QuerySet[Report]:
    """The reports of the person's department that wait for a decision."""
    if user.department_id is None or not user.roles & {Role.REPORTER, Role.REVIEWER}:
        return Report.objects.none()
    return reports_visible_to(user).filter(
        department=user.department_id, status=ReportStatus.SUBMITTED, measure__plan__status=PlanStatus.OPEN
    )


def windows_for(measure: Measure, *, on: date) -> list[Window]:
    """The windows of a measure that have begun by the day, earliest first.

    Where no cadence is set, every month is a window that may be reported for and need not.
    """
    cadence = Cadence.MONTHLY if measure.cadence == Cadence.NONE else measure.cadence
    windows = windows_of(year=measure.plan.year, cadence=cadence, grace_days=measure.plan.grace_days)
    return [window for window in windows if window.start <= on and window.end >= measure.starts_on]


def reports_of(measure: Measure, department: Department) -> list[Report]:
    """The department's reports on the measure, of all windows, earliest first."""
    reports = Report.objects.filter(measure=measure, department=department)
    rows = list(reports.select_related("author", "saved_by", "submitted_by").order_by("window_end"))
    for report in rows:
        report.measure, report.department = measure, department
    return rows


def window_to_report(measure: Measure, department: Department, reports: Iterable[Report], *, on: date) -> Window | None:
    """The window a report form opens on: the first after the last one handed in, or the latest there is.

    A supporting department, which owes nothing, begins with the latest. None where the measure's year has not begun.
    """
    windows = windows_for(measure, on=on)
    if not windows:
        return None
    handed_in = [
        report.window_end for report in reports if report.status in (ReportStatus.SUBMITTED, ReportStatus.APPROVED)
    ]
    last = max(handed_in, default=None)
    if last is None:
        return windows[0] if department.pk == measure.lead_id else windows[-1]
    return next((window for window in windows if window.end > last), windows[-1])


def report_for(measure: Measure, department: Department, window: Window) -> Report | None:
    """The department's report for the window, with its content; None where none was begun."""
    return (
        Report.objects.filter(measure=measure, department=department, window_end=window.end)
        .select_related(*RELATED)
        .prefetch_related(*_content())
        .first()
    )


def last_approved(measure: Measure, department: Department, *, before: date) -> Report | None:
    """The department's latest approved report on the measure, of a window that ends before that day."""
    approved = Report.objects.filter(
        measure=measure, department=department, status=ReportStatus.APPROVED, window_end__lt=before
    )
    return approved.prefetch_related(*_content()).order_by("-window_end").first()


def with_content(report: Report | None) -> Report | None:
    """The report with its content prefetched."""
    if report is not None:
        prefetch_related_objects([report], *_content())
    return report


def problems_of_content(measure: Measure, content: ReportContent, *, window: Window, at: datetime) -> Problems:
    """What is wrong with the percent, readings and nodes of a report."""
    last_day = min(window.end, timezone.localdate(at))
    first_day = measure.plan.starts_on
    indicators = {indicator.pk: indicator for indicator in measure.indicators.all()}
    problems = problems_of_percent(content.percent)
    for reading in content.readings:
        if reading.is_empty:
            continue
        taken = periods_taken(indicators[reading.indicator_id]) if reading.adds_up else ()
        problems |= problems_of_reading(reading, first_day=first_day, last_day=last_day, taken=taken)
    for node_id, done_on in content.nodes_done:
        problems |= problems_of_node(node_id=node_id, done_on=done_on, first_day=first_day, last_day=last_day)
    return problems


def owed_in(window: Window, standing: MeasureStanding) -> list[str]:
    """What a window asks of a measure besides words, by name: figures not accepted yet, and nodes that fall due.

    `standing` is the measure's, on a day in the window or after it.
    """
    figures = [row.indicator.name for row in standing.indicators if _owes_figure(row.reporting, window)]
    nodes = [row.node.title for row in standing.nodes if row.done_on is None and window.start <= row.due <= window.end]
    return figures + nodes


def _owes_figure(reporting: Reporting, window: Window) -> bool:
    """Whether the last period for which a figure is asked in the window is still without one."""
    periods = [period for period in reporting.windows if window.contains(period.end) and period.start <= reporting.on]
    return bool(periods) and not any(periods[-1].contains(fact.speaks_of) for fact in reporting.facts)


def periods_taken(indicator: Indicator) -> list[tuple[date, date]]:
    """(start, end) of the readings accepted for an indicator and not withdrawn."""
    readings = LedgerEntry.objects.filter(indicator=indicator, kind=EntryKind.READING, withdrawn_at=None)
    return [(start, end) for start, end in readings.values_list("period_start", "speaks_of") if start]


def who_may_help(court: Court) -> list[str]:
    """Whom one may ask for help, by name: the court's leaders, then its departments in their fixed order."""
    departments = court.departments.order_by("order")
    return [*leaders_of(court).values_list("name", flat=True), *departments.values_list("name", flat=True)]


def came_late(report: Report) -> bool:
    """Whether the report was first handed in after its window had closed."""
    first = report.first_submitted_at or report.submitted_at
    return first is not None and window_of(report).has_closed(on=timezone.localdate(first))


def window_of(report: Report) -> Window:
    """The report's window with its last day in time."""
    plan = report.measure.plan
    n_months = report.window_end.month - report.window_start.month + 1
    cadence = next(cadence for cadence, months in MONTHS_IN.items() if months == n_months)
    windows = windows_of(year=plan.year, cadence=cadence, grace_days=plan.grace_days)
    return next(window for window in windows if window.end == report.window_end)
