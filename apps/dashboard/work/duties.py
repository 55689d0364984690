"""The reports that a person's department owes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.assessment.tree import MeasureStanding
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure
from apps.plans.rules import Window
from apps.reporting.choices import ReportStatus
from apps.reporting.models import Report
from apps.reporting.selectors import owed_in

SENT = (ReportStatus.SUBMITTED, ReportStatus.APPROVED)


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A report that a department owes: for a window that has begun, and not handed in.

    `may_stay_unchanged` where nothing but words is asked for, and there is a report before to stand by.
    """

    measure: Measure
    window: Window
    report: Report | None
    may_stay_unchanged: bool

    @property
    def is_returned(self) -> bool:
        return self.report is not None and self.report.status == ReportStatus.RETURNED


def writes_reports(user: User) -> bool:
    return user.department_id is not None and bool(user.roles & {Role.REPORTER, Role.REVIEWER})


def supported_by(user: User) -> QuerySet[Measure]:
    """The measures a person's department may add a text to."""
    if not writes_reports(user):
        return Measure.objects.none()
    return (
        Measure.objects.filter(plan__court=user.court_id, plan__status=PlanStatus.OPEN, support=user.department_id)
        .select_related("plan__court", "pillar", "lead")
        .order_by("-plan__year", "pillar__number", "order")
    )


def duties_of(user: User, standings: Sequence[MeasureStanding], *, on: date) -> list[Duty]:
    """The reports that the person's department owes on these measures, those that came back first.

    A window before one that has been handed in is no longer asked for.
    """
    reports: dict[int, dict[date, Report]] = {standing.measure.pk: {} for standing in standings}
    for report in Report.objects.filter(measure__in=list(reports), department=user.department_id):
        reports[report.measure_id][report.window_end] = report
    duties = [duty for row in standings for duty in _duties_on(row, reports[row.measure.pk], on=on)]
    return sorted(duties, key=lambda duty: (not duty.is_returned, duty.window.closes_on))


def _duties_on(standing: MeasureStanding, reports: Mapping[date, Report], *, on: date) -> Iterator[Duty]:
    """`reports` by the last day of their window."""
    begun = [row.window for row in standing.reporting.standings() if row.window.start <= on]
    sent = [window.end for window in begun if window.end in reports and reports[window.end].status in SENT]
    for window in begun:
        report = reports.get(window.end)
        is_returned = report is not None and report.status == ReportStatus.RETURNED
        if is_returned or not sent or window.end > max(sent):
            has_previous = any(
                end < window.end and previous.status == ReportStatus.APPROVED for end, previous in reports.items()
            )
            yield Duty(
                measure=standing.measure,
                window=window,
                report=report,
                may_stay_unchanged=report is None and has_previous and not owed_in(window, standing),
            )
