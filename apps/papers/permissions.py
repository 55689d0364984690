"""Who may issue papers. Whoever sees the plan may read its papers."""

from apps.accounts.models import Court, User
from apps.accounts.permissions import is_plan_admin
from apps.plans.choices import PlanStatus
from apps.plans.models import Plan


def can_issue(user: User, plan: Plan) -> bool:
    """Issue and withdraw papers: the plan admin."""
    return plan.status in (PlanStatus.OPEN, PlanStatus.CLOSED) and is_plan_admin(user, plan.court)


def can_keep_template(user: User, court: Court) -> bool:
    return is_plan_admin(user, court)
