"""Who may write, read and decide on reports. docs/architecture.md has the table for people."""

from collections.abc import Callable

from django.db.models import TextChoices

from apps.accounts.choices import Role
from apps.accounts.models import Department, User
from apps.accounts.permissions import has_role, is_plan_admin
from apps.plans.models import Measure
from apps.reporting.choices import ReportActor, ReportMove
from apps.reporting.models import Report
from apps.reporting.rules import EDITABLE, WORKFLOW, next_status


def is_of_department(user: User, department: Department) -> bool:
    return user.department_id is not None and user.department_id == department.pk


def writes_for(user: User, measure: Measure) -> Department | None:
    """The person's department, where it leads or supports the measure and the person may write; else None."""
    court = measure.plan.court
    if user.department_id is None or not (has_role(user, Role.REPORTER, court) or has_role(user, Role.REVIEWER, court)):
        return None
    if user.department_id == measure.lead_id:
        return user.department
    return next((department for department in measure.support.all() if department.pk == user.department_id), None)


def can_write(user: User, measure: Measure) -> bool:
    return measure.plan.is_open and writes_for(user, measure) is not None


def can_edit(user: User, report: Report) -> bool:
    return report.status in EDITABLE and _writes(user, report)


def has_written(user: User, report: Report) -> bool:
    """Whether the person wrote, saved or submitted the report: nobody decides on their own."""
    return user.pk in (report.author_id, report.saved_by_id, report.submitted_by_id)


def _writes(user: User, report: Report) -> bool:
    return can_write(user, report.measure) and is_of_department(user, report.department)


def _reviews(user: User, report: Report) -> bool:
    """The reviewer of the lead department, or the plan admin; never a writer of the report."""
    court = report.measure.plan.court
    is_lead_reviewer = has_role(user, Role.REVIEWER, court) and user.department_id == report.measure.lead_id
    return (is_lead_reviewer or is_plan_admin(user, court)) and not has_written(user, report)


PREDICATES: dict[TextChoices, Callable[[User, Report], bool]] = {
    ReportActor.WRITER: _writes,
    ReportActor.REVIEWER: _reviews,
    ReportActor.PLAN_ADMIN: lambda user, report: is_plan_admin(user, report.measure.plan.court),
}


def is_actor(user: User, report: Report, move: ReportMove) -> bool:
    """Whether the move is this person's to make, whatever the status."""
    return report.measure.plan.is_open and PREDICATES[WORKFLOW.actors[move]](user, report)


def can_transition(user: User, report: Report, move: ReportMove) -> bool:
    return next_status(report.status, move) is not None and is_actor(user, report, move)


def can_see_versions(user: User, report: Report) -> bool:
    """Read what a report said before, and why it was returned."""
    court = report.measure.plan.court
    writes = has_role(user, Role.REPORTER, court) or has_role(user, Role.REVIEWER, court)
    return (
        (writes and is_of_department(user, report.department))
        or (has_role(user, Role.REVIEWER, court) and user.department_id == report.measure.lead_id)
        or is_plan_admin(user, court)
        or has_role(user, Role.INSPECTOR, court)
    )
