"""Which reports there are, for whom."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.permissions import has_role, is_plan_admin
from apps.accounts.selectors import of_courts_visible_to
from apps.audit.choices import Action
from apps.audit.models import AuditEvent
from apps.ledger.choices import Declared, EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.choices import Cadence, PlanStatus
from apps.plans.models import PREPARING
from apps.plans.rules import MONTHS_IN, windows_of
from apps.reporting.choices import ReportMove, ReportStatus
from apps.reporting.models import Report, ReportNode, ReportReading
from apps.reporting.permissions import may_see_versions

CONTEXT = (
    "measure__plan__court",
    "measure__pillar",
    "measure__lead",
    "department",
    "author",
    "saved_by",
    "submitted_by",
)


def _content():
    """What is read along with a report: its figures and nodes, with what they are of."""
    return (
        Prefetch("readings", queryset=ReportReading.objects.select_related("indicator")),
        Prefetch("nodes_done", queryset=ReportNode.objects.select_related("node")),
    )


def reports_visible_to(user):
    """Approved reports are the whole court's; drafts and what came back are the department's, the plan
    admin's and the inspector's; what waits for review is also the lead department's."""
    reports = Report.objects.filter(of_courts_visible_to(user, "measure__plan__court")).exclude(
        measure__plan__status__in=PREPARING
    )
    if user.is_superuser:
        return reports.select_related(*CONTEXT)
    visible = Q(status=ReportStatus.APPROVED)
    if user.roles & {Role.PLAN_ADMIN, Role.INSPECTOR}:
        visible |= Q(measure__plan__court=user.court_id)
    if user.department_id and user.roles & {Role.REPORTER, Role.REVIEWER}:
        visible |= Q(department=user.department_id)
        if Role.REVIEWER in user.roles:
            visible |= Q(status=ReportStatus.SUBMITTED, measure__lead=user.department_id)
    return reports.filter(visible).select_related(*CONTEXT)


def reports_waiting_for(user):
    """What this person may decide now, longest waiting first; never what they wrote themselves."""
    waiting = (
        reports_visible_to(user)
        .filter(status=ReportStatus.SUBMITTED, measure__plan__status=PlanStatus.OPEN)
        .exclude(Q(author=user) | Q(saved_by=user) | Q(submitted_by=user))
    )
    if user.is_superuser:
        return waiting.order_by("submitted_at", "pk")
    if user.court_id is None:
        return waiting.none()
    waiting = waiting.filter(measure__plan__court=user.court_id)
    if not is_plan_admin(user, user.court):
        if not has_role(user, Role.REVIEWER, user.court) or user.department_id is None:
            return waiting.none()
        waiting = waiting.filter(measure__lead=user.department_id)
    return waiting.order_by("submitted_at", "pk")


@dataclass(frozen=True, kw_only=True)
class WaitingRow:
    """A report that waits, with the percent last approved before it (None: nothing was)."""

    report: Report
    percent_before: Decimal | None
    has_previous: bool

    @property
    def needs_help(self):
        return self.report.declared != Declared.NORMAL


def waiting_rows(reports):
    """Reports that wait, each beside the last approved one of its department. One query, however many."""
    reports = list(reports)
    approved = Report.objects.filter(
        measure__in={one.measure_id for one in reports}, status=ReportStatus.APPROVED
    ).order_by("window_end")
    rows = []
    before = list(approved.values_list("measure_id", "department_id", "window_end", "percent")) if reports else []
    for one in reports:
        own = [row for row in before if row[:2] == (one.measure_id, one.department_id) and row[2] < one.window_end]
        rows.append(WaitingRow(report=one, percent_before=own[-1][3] if own else None, has_previous=bool(own)))
    return rows


def evidence_of(report):
    """What lies beside a report now; nothing for a report that was not begun."""
    if report is None:
        return []
    listed = list(report.evidence.filter(removed_at=None).select_related("indicator"))
    for one in listed:
        one.report = report
    return listed


def was_handed_in(evidence):
    """Whether a file that was taken off had been handed in before that, so that others may have read it."""
    submitted = AuditEvent.objects.filter(
        target=f"progress.report:{evidence.report_id}", action=Action.REPORT_SUBMITTED
    )
    return submitted.filter(at__gte=evidence.added_at, at__lte=evidence.removed_at).exists()


def versions_of(report, user):
    """The decisions on a report with the words they were made on, the latest first: all of them for those who may
    read what came back, else the approvals only."""
    decisions = report.reviews.select_related("by").order_by("-pk")
    if not may_see_versions(user, report):
        decisions = decisions.filter(decision=ReportMove.APPROVE)
    return list(decisions)


def is_under_review(measure):
    """Whether a report on the measure waits for its reviewer: said to everybody, without its words."""
    return Report.objects.filter(measure=measure, status=ReportStatus.SUBMITTED).exists()


def reports_sent_by(user):
    """What the person's department has handed in and nobody has decided on yet."""
    if user.department_id is None or not user.roles & {Role.REPORTER, Role.REVIEWER}:
        return Report.objects.none()
    return reports_visible_to(user).filter(
        department=user.department_id, status=ReportStatus.SUBMITTED, measure__plan__status=PlanStatus.OPEN
    )


def windows_for(measure, *, on):
    """The windows of a measure that have begun by the day, earliest first.

    Where reports are asked for at no set times, every month is a window that nobody is held to.
    """
    cadence = Cadence.MONTHLY if measure.cadence == Cadence.NONE else measure.cadence
    windows = windows_of(year=measure.plan.year, cadence=cadence, grace_days=measure.plan.grace_days)
    return [window for window in windows if window.start <= on and window.end >= measure.starts_on]


def reports_of(measure, department):
    """The department's reports on the measure, of all windows: what the desk where one is written starts from."""
    reports = Report.objects.filter(measure=measure, department=department)
    reports = list(reports.select_related("author", "saved_by", "submitted_by").order_by("window_end"))
    for report in reports:
        report.measure, report.department = measure, department
    return reports


def window_to_report(measure, department, reports, *, on):
    """The window a report form opens on: the first after the last one handed in, or the latest there is.

    A supporting department, which owes nothing, begins with the latest.

    None where the measure's year has not begun.
    """
    windows = windows_for(measure, on=on)
    if not windows:
        return None
    handed_in = [
        report.window_end for report in reports if report.status in (ReportStatus.SUBMITTED, ReportStatus.APPROVED)
    ]
    last = max(handed_in, default=None)
    if last is None and department.pk != measure.lead_id:
        return windows[-1]
    return next((window for window in windows if last is None or window.end > last), windows[-1])


def report_for(measure, department, window):
    """The department's report for the window, with its figures; None where none was begun."""
    return (
        Report.objects.filter(measure=measure, department=department, window_end=window.end)
        .select_related(*CONTEXT)
        .prefetch_related(*_content())
        .first()
    )


def last_approved(measure, department, *, before=None):
    """The department's latest approved report on the measure, of an earlier window where `before` is given."""
    approved = Report.objects.filter(measure=measure, department=department, status=ReportStatus.APPROVED)
    if before is not None:
        approved = approved.filter(window_end__lt=before)
    return approved.prefetch_related(*_content()).order_by("-window_end").first()


def with_content(report):
    """The report, which may be None, with its figures and nodes read."""
    if report is not None:
        prefetch_related_objects([report], *_content())
    return report


def owed_in(window, standing):
    """What a window asks of a measure besides words, by name: figures not accepted yet, and nodes that fall due.

    `standing` is the measure's, on a day in the window or after it.
    """
    figures = [one.indicator.name for one in standing.indicators if _owes_figure(one.reporting, window)]
    nodes = [one.node.title for one in standing.nodes if one.done_on is None and window.start <= one.due <= window.end]
    return figures + nodes


def _owes_figure(reporting, window):
    """Whether the last period for which a figure is asked in the window is still without one."""
    asked = [one for one in reporting.windows if window.contains(one.end) and one.start <= reporting.on]
    return bool(asked) and not any(asked[-1].contains(fact.speaks_of) for fact in reporting.facts)


def periods_taken(indicator):
    """(start, end) of the readings accepted for an indicator and not withdrawn."""
    return tuple(
        LedgerEntry.objects.filter(indicator=indicator, kind=EntryKind.READING, withdrawn_at=None).values_list(
            "period_start", "speaks_of"
        )
    )


def who_may_help(court):
    """Whom one may ask for help, by name: the court's leaders, then its departments in their fixed order."""
    leaders = User.objects.filter(court=court, is_active=True, groups__name=Role.LEADER).order_by("username")
    departments = court.departments.order_by("order")
    return [*leaders.values_list("name", flat=True), *departments.values_list("name", flat=True)]


def came_late(report):
    """Whether the report was first handed in after its window had closed."""
    first = report.first_submitted_at or report.submitted_at
    return first is not None and window_of(report).has_closed(on=timezone.localdate(first))


def window_of(report):
    """The report's window with its last day in time."""
    plan = report.measure.plan
    n_months = report.window_end.month - report.window_start.month + 1
    cadence = next(cadence for cadence, months in MONTHS_IN.items() if months == n_months)
    windows = windows_of(year=plan.year, cadence=cadence, grace_days=plan.grace_days)
    return next(window for window in windows if window.end == report.window_end)
