from apps.accounts.choices import Role
from apps.accounts.permissions import has_role, is_plan_admin
from apps.accounts.selectors import has_leader
from apps.plans.choices import PlanMover, PlanStatus
from apps.plans.rules import MOVERS, MOVES


def can_edit_draft(user, plan):
    """Change a plan's own words and figures: only while it is a draft."""
    return plan.status == PlanStatus.DRAFT and is_plan_admin(user, plan.court)


def can_give_orders(user, plan):
    """Change a deadline, target, threshold, pause or weight by a dated order. What a leader is to confirm, or has
    confirmed, stands still."""
    return plan.status in (PlanStatus.DRAFT, PlanStatus.OPEN) and is_plan_admin(user, plan.court)


def can_assign(user, plan):
    """Change who leads, supports or answers for a measure."""
    return can_give_orders(user, plan)


def can_read_draft(user, plan):
    """Read a plan that is being prepared: who writes it, who confirms it, who may see everything."""
    return is_plan_admin(user, plan.court) or any(
        has_role(user, role, plan.court) for role in (Role.LEADER, Role.INSPECTOR)
    )


def can_move_plan(user, plan, move):
    """Take a plan one step further in its life."""
    return move in MOVES[plan.status] and PREDICATES[MOVERS[move]](user, plan)


def _confirms(user, plan):
    """A new plan needs a leader's word before it counts; where no leader has an account, the plan admin's."""
    if has_role(user, Role.LEADER, plan.court):
        return True
    return is_plan_admin(user, plan.court) and not has_leader(plan.court)


PREDICATES = {
    PlanMover.OFFICE: lambda user, plan: is_plan_admin(user, plan.court),
    PlanMover.LEADER: _confirms,
}


def acts_for(user, department, court, roles):
    """Whether the person belongs to the department and holds one of the roles in its court."""
    return (
        department is not None
        and user.department_id == department.pk
        and any(has_role(user, role, court) for role in roles)
    )
