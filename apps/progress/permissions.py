"""Who may write, see and decide on reports: house.md's table, in functions."""

from apps.accounts.choices import Role
from apps.accounts.permissions import has_role, is_plan_admin
from apps.progress.choices import Move, ReportStatus
from apps.progress.rules import EDITABLE, may_move


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


def can_submit(user, report):
    return may_move(report.status, Move.SUBMIT) and can_edit(user, report)


def wrote(user, report):
    """Whether the person had a hand in the report: nobody decides on their own."""
    return user.pk in (report.author_id, report.saved_by_id, report.submitted_by_id)


def can_review(user, report):
    """Approve or return it: the head of the lead department, or the plan admin, and never the writer."""
    court = report.measure.plan.court
    reviews_here = has_role(user, Role.REVIEWER, court) and user.department_id == report.measure.lead_id
    return (
        report.status == ReportStatus.SUBMITTED
        and report.measure.plan.is_open
        and (reviews_here or is_plan_admin(user, court))
        and not wrote(user, report)
    )


def can_withdraw_approval(user, report):
    plan = report.measure.plan
    return may_move(report.status, Move.WITHDRAW) and plan.is_open and is_plan_admin(user, plan.court)
