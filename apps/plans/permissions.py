from collections.abc import Callable, Iterable

from django.db.models import TextChoices

from apps.accounts.choices import Role
from apps.accounts.models import Court, Department, User
from apps.accounts.permissions import has_role, is_plan_admin
from apps.accounts.selectors import leaders_of
from apps.plans.choices import PlanActor, PlanMove, PlanStatus
from apps.plans.models import Plan
from apps.plans.rules import WORKFLOW


def can_edit_draft(user: User, plan: Plan) -> bool:
    """Change a plan's own words and figures: only while it is a draft."""
    return plan.status == PlanStatus.DRAFT and is_plan_admin(user, plan.court)


def can_give_orders(user: User, plan: Plan) -> bool:
    """Change a deadline, target, threshold, pause or weight by a dated order, or who answers for a measure.

    Not while a leader is asked to confirm the plan, nor between that and its opening.
    """
    return plan.status in (PlanStatus.DRAFT, PlanStatus.OPEN) and is_plan_admin(user, plan.court)


def can_read_draft(user: User, plan: Plan) -> bool:
    """Read a plan that is being prepared: those who write it, confirm it or inspect everything."""
    return is_plan_admin(user, plan.court) or any(
        has_role(user, role, plan.court) for role in (Role.LEADER, Role.INSPECTOR)
    )


def can_transition_plan(user: User, plan: Plan, move: PlanMove) -> bool:
    return WORKFLOW.after(PlanStatus(plan.status), move) is not None and PREDICATES[WORKFLOW.actors[move]](user, plan)


def moves_open_to(user: User, plan: Plan) -> list[PlanMove]:
    """The moves that this person may make now."""
    return [move for move in PlanMove if can_transition_plan(user, plan, move)]


def _can_confirm(user: User, plan: Plan) -> bool:
    """A leader confirms a plan; where no leader has an account, the plan admin does."""
    if has_role(user, Role.LEADER, plan.court):
        return True
    return is_plan_admin(user, plan.court) and not leaders_of(plan.court).exists()


PREDICATES: dict[TextChoices, Callable[[User, Plan], bool]] = {
    PlanActor.OFFICE: lambda user, plan: is_plan_admin(user, plan.court),
    PlanActor.LEADER: _can_confirm,
}


def acts_for(user: User, department: Department | None, court: Court, roles: Iterable[Role]) -> bool:
    """Whether the person belongs to the department and holds one of the roles in its court."""
    return (
        department is not None
        and user.department_id == department.pk
        and any(has_role(user, role, court) for role in roles)
    )
