"""Concurrent work on one report: it is locked and re-read, and the act refused where another came first."""

from apps.accounts.models import User
from apps.core.permissions import require
from apps.plans.services import lock_plan
from apps.reporting.choices import ReportMove
from apps.reporting.models import Report
from apps.reporting.permissions import can_edit, can_write, is_actor, is_of_department
from apps.reporting.rules import next_status
from apps.reporting.selectors import RELATED


class ReportConflict(Exception):
    """Somebody else was first; nothing was written. `report` is the current one."""

    def __init__(self, report: Report):
        super().__init__(str(report))
        self.report = report


class StaleReport(ReportConflict):
    """The draft was saved since this writer opened it."""


class ChangedSince(ReportConflict):
    """Another revision was handed in since this reviewer read the report."""


class AlreadyDecided(ReportConflict):
    """The report has left the status in which this can be done."""


def lock_for_edit(report: Report, *, by: User) -> Report:
    """Lock and re-read the report; raises AlreadyDecided where it is no longer a draft."""
    report = _lock(report)
    require(can_write(by, report.measure) and is_of_department(by, report.department))
    if not can_edit(by, report):
        raise AlreadyDecided(report)
    return report


def lock_for_transition(report: Report, move: ReportMove, *, by: User, seen: int | None = None) -> Report:
    """Lock and re-read the report, so that concurrent decisions are serialised.

    `seen` is the revision that was read; ChangedSince where there is another. A person whose move it is not is refused
    whatever the status, and learns nothing about it.
    """
    report = _lock(report)
    require(is_actor(by, report, move))
    if next_status(report.status, move) is None:
        raise AlreadyDecided(report)
    if seen is not None and seen != report.revision:
        raise ChangedSince(report)
    return report


def _lock(report: Report) -> Report:
    # The plan first, as everywhere: two acts never wait for each other's rows.
    lock_plan(report.measure.plan)
    return Report.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=report.pk)
