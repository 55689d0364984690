from apps.accounts.models import User
from apps.accounts.permissions import is_plan_admin
from apps.plans.models import Plan


def can_write_ledger(user: User, plan: Plan) -> bool:
    """Write or withdraw entries by hand: readings from the office's own sources, verdicts, closings."""
    return plan.is_open and is_plan_admin(user, plan.court)
