"""Who may issue. To read a paper is to read the plan."""

from apps.accounts.permissions import is_plan_admin
from apps.plans.choices import PlanStatus


def can_issue(user, plan):
    """Issue papers, and take back what was issued: the plan's office."""
    return plan.status in (PlanStatus.OPEN, PlanStatus.CLOSED) and is_plan_admin(user, plan.court)


def can_keep_template(user, court):
    return is_plan_admin(user, court)
