"""Who may write, see and decide on reports: the table of docs/architecture.md, in functions."""

from apps.accounts.choices import Role
from apps.accounts.permissions import has_role, is_plan_admin
from apps.reporting.choices import ReportActor
from apps.reporting.rules import EDITABLE, WORKFLOW, next_status


def is_of_department(user, department):
    return user.department_id is not None and user.department_id == department.pk


def writes_for(user, measure):
    """The person's department, where it leads or supports the measure and the person may write; else None."""
    court = measure.plan.court
    if user.department_id is None or not (has_role(user, Role.REPORTER, court) or has_role(user, Role.REVIEWER, court)):
        return None
    if user.department_id == measure.lead_id:
        return user.department
    return next((department for department in measure.support.all() if department.pk == user.department_id), None)


def can_write(user, measure):
    """Report on this measure: one's own department leads or supports it, and its plan is open."""
    return measure.plan.is_open and writes_for(user, measure) is not None


def can_edit(user, report):
    return report.status in EDITABLE and can_write(user, report.measure) and is_of_department(user, report.department)


def wrote(user, report):
    """Whether the person had a hand in the report: nobody decides on their own."""
    return user.pk in (report.author_id, report.saved_by_id, report.submitted_by_id)


def _writes_it(user, report):
    return can_write(user, report.measure) and is_of_department(user, report.department)


def _reviews_it(user, report):
    """The head of the lead department, or the plan admin, and never the writer."""
    court = report.measure.plan.court
    is_head = has_role(user, Role.REVIEWER, court) and user.department_id == report.measure.lead_id
    return (is_head or is_plan_admin(user, court)) and not wrote(user, report)


PREDICATES = {
    ReportActor.WRITER: _writes_it,
    ReportActor.REVIEWER: _reviews_it,
    ReportActor.PLAN_ADMIN: lambda user, report: is_plan_admin(user, report.measure.plan.court),
}


def is_actor(user, report, move):
    """Whether the move is this person's to make, wherever the report stands."""
    return report.measure.plan.is_open and PREDICATES[WORKFLOW.actors[move]](user, report)


def can_transition(user, report, move):
    """Make the move now: the report stands where it begins, and it is the person's to make."""
    return next_status(report.status, move) is not None and is_actor(user, report, move)


def may_see_versions(user, report):
    """Read what a report said before, and why it came back: its department, who reviews it, the plan admin, the inspector."""
    court = report.measure.plan.court
    writes = has_role(user, Role.REPORTER, court) or has_role(user, Role.REVIEWER, court)
    return (
        (writes and is_of_department(user, report.department))
        or (has_role(user, Role.REVIEWER, court) and user.department_id == report.measure.lead_id)
        or is_plan_admin(user, court)
        or has_role(user, Role.INSPECTOR, court)
    )
