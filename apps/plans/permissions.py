from apps.accounts.choices import Role
from apps.accounts.permissions import has_role, is_plan_admin
from apps.plans.choices import PlanStatus


def can_edit_draft(user, plan):
    """Change a plan's own words and figures: only while it is a draft."""
    return plan.status == PlanStatus.DRAFT and is_plan_admin(user, plan.court)


def can_give_orders(user, plan):
    """Change a deadline, target, threshold, pause or weight by a dated order."""
    return plan.status != PlanStatus.CLOSED and is_plan_admin(user, plan.court)


def can_assign(user, plan):
    """Change who leads, supports or answers for a measure."""
    return can_give_orders(user, plan)


def can_open_plan(user, plan):
    """A new plan needs a leader's word before it counts; where no leader is set, the plan admin's."""
    return plan.status == PlanStatus.DRAFT and (
        has_role(user, Role.LEADER, plan.court) or is_plan_admin(user, plan.court)
    )


def can_close_plan(user, plan):
    return plan.is_open and is_plan_admin(user, plan.court)


def acts_for(user, department, court, roles):
    """Whether the person belongs to the department and holds one of the roles in its court."""
    return (
        department is not None
        and user.department_id == department.pk
        and any(has_role(user, role, court) for role in roles)
    )
