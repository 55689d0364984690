"""Who may issue. To read a paper is to read the plan."""

from apps.accounts.models import Court, User
from apps.accounts.permissions import is_plan_admin
from apps.plans.choices import PlanStatus
from apps.plans.models import Plan


def can_issue(user: User, plan: Plan) -> bool:
    """Issue papers, and take back what was issued: the plan's office."""
    return plan.status in (PlanStatus.OPEN, PlanStatus.CLOSED) and is_plan_admin(user, plan.court)


def can_keep_template(user: User, court: Court) -> bool:
    return is_plan_admin(user, court)
