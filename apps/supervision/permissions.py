"""Who may instruct, request and decide. docs/architecture.md has the table for people."""

from collections.abc import Callable, Iterable

from django.db.models import TextChoices

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.permissions import has_role, is_plan_admin
from apps.plans.models import Measure, Plan
from apps.plans.permissions import acts_for
from apps.supervision.choices import ClosingStatus, ExtensionStatus, SupervisionActor
from apps.supervision.models import Extension, Instruction, MeasureRequest, WorkflowItem

WRITERS = (Role.REPORTER, Role.REVIEWER)


def can_instruct(user: User, plan: Plan) -> bool:
    return plan.is_open and has_role(user, Role.LEADER, plan.court)


def can_ask_extension(user: User, measure: Measure) -> bool:
    return measure.plan.is_open and acts_for(user, measure.lead, measure.plan.court, [Role.REPORTER])


def can_ask_closing(user: User, measure: Measure) -> bool:
    return measure.plan.is_open and acts_for(user, measure.lead, measure.plan.court, WRITERS)


def is_addressed(user: User, instruction: Instruction) -> bool:
    """Whether the person may answer for the department that the instruction went to."""
    return acts_for(user, instruction.department, instruction.plan.court, WRITERS)


def can_transition(user: User, item: WorkflowItem, move: TextChoices) -> bool:
    return item.workflow.after(item.status, move) is not None and is_actor(user, item, move)


def transitions_open_to(user: User, item: WorkflowItem) -> list[TextChoices]:
    """The moves this person may make now, in the order of the workflow."""
    return [move for move in item.workflow.transitions[item.status] if is_actor(user, item, move)]


def is_actor(user: User, item: WorkflowItem, move: TextChoices) -> bool:
    """Whether the move is this person's to make, whatever the status."""
    return item.plan.is_open and PREDICATES[item.workflow.actors[move]](user, item)


def _instructs(user: User, instruction: Instruction) -> bool:
    """Its author; any leader of the court once the author is none any more."""
    court = instruction.plan.court
    if not has_role(user, Role.LEADER, court):
        return False
    return user.pk == instruction.by_id or not has_role(instruction.by, Role.LEADER, court)


def _decides(user: User, extension: Extension) -> bool:
    """A leader of the court; the plan admin where no active leader answers for the measure."""
    court = extension.plan.court
    if has_role(user, Role.LEADER, court):
        return True
    leader = extension.measure.leader
    return (leader is None or not leader.is_active) and is_plan_admin(user, court)


def _acts_for_lead(roles: Iterable[Role]) -> Callable[[User, MeasureRequest], bool]:
    return lambda user, item: acts_for(user, item.measure.lead, item.plan.court, roles)


PREDICATES: dict[TextChoices, Callable[..., bool]] = {
    SupervisionActor.INSTRUCTING_LEADER: _instructs,
    SupervisionActor.ADDRESSEE: is_addressed,
    SupervisionActor.LEAD_REPORTER: _acts_for_lead([Role.REPORTER]),
    SupervisionActor.LEAD_REVIEWER: _acts_for_lead([Role.REVIEWER]),
    SupervisionActor.LEAD_DEPARTMENT: _acts_for_lead(WRITERS),
    SupervisionActor.DECIDER: _decides,
    SupervisionActor.PLAN_ADMIN: lambda user, item: is_plan_admin(user, item.plan.court),
}

# Everybody of the court may read what was granted; not what is pending or was refused.
ACCEPTED = frozenset({ExtensionStatus.GRANTED, ClosingStatus.CONFIRMED, ClosingStatus.REOPENED})


def can_see_request(user: User, item: MeasureRequest) -> bool:
    court = item.plan.court
    return (
        item.status in ACCEPTED
        or is_plan_admin(user, court)
        or has_role(user, Role.LEADER, court)
        or has_role(user, Role.INSPECTOR, court)
        or acts_for(user, item.measure.lead, court, WRITERS)
        or acts_for(user, item.department, court, WRITERS)
    )
