"""Who may instruct, ask and decide: the table of docs/architecture.md, in functions."""

from apps.accounts.choices import Role
from apps.accounts.permissions import has_role, is_plan_admin
from apps.plans.permissions import acts_for
from apps.supervision.choices import ClosingStatus, ExtensionStatus, Mover

WRITERS = (Role.REPORTER, Role.REVIEWER)


def can_instruct(user, plan):
    """A leader of the court, on any of its measures and indicators."""
    return plan.is_open and has_role(user, Role.LEADER, plan.court)


def can_ask_extension(user, measure):
    return measure.plan.is_open and acts_for(user, measure.lead, measure.plan.court, [Role.REPORTER])


def can_ask_closing(user, measure):
    return measure.plan.is_open and acts_for(user, measure.lead, measure.plan.court, WRITERS)


def is_addressed(user, instruction):
    """Whether the instruction is the person's to answer."""
    return acts_for(user, instruction.department, instruction.plan.court, WRITERS)


def can_step(user, matter, move):
    """Take this step now: the plan is open, the matter stands where the step begins, and the person is its mover."""
    return (
        matter.plan.is_open
        and matter.way.after(matter.status, move) is not None
        and is_mover(user, matter, matter.way.movers[move])
    )


def steps_open_to(user, matter):
    """The steps this person may take now, in the order of the table."""
    return [move for move in matter.way.moves[matter.status] if can_step(user, matter, move)]


def is_mover(user, matter, mover):
    return PREDICATES[mover](user, matter)


def _gave_it(user, instruction):
    """Its author; another leader of the court where the author leads no more."""
    court = instruction.plan.court
    if not has_role(user, Role.LEADER, court):
        return False
    return user.pk == instruction.by_id or not has_role(instruction.by, Role.LEADER, court)


def _decides(user, extension):
    """A leader of the court; the plan admin where nobody is set to answer for the measure."""
    court = extension.plan.court
    if has_role(user, Role.LEADER, court):
        return True
    leader = extension.measure.leader
    return (leader is None or not leader.is_active) and is_plan_admin(user, court)


def _of_lead(*roles):
    return lambda user, matter: acts_for(user, matter.measure.lead, matter.plan.court, roles)


PREDICATES = {
    Mover.INSTRUCTING_LEADER: _gave_it,
    Mover.ADDRESSEE: is_addressed,
    Mover.LEAD_REPORTER: _of_lead(Role.REPORTER),
    Mover.LEAD_REVIEWER: _of_lead(Role.REVIEWER),
    Mover.LEAD_DEPARTMENT: _of_lead(*WRITERS),
    Mover.DECIDER: _decides,
    Mover.PLAN_ADMIN: lambda user, matter: is_plan_admin(user, matter.plan.court),
}

# What came of a request is everybody's to read; one that is pending, or came to nothing, is not.
ACCEPTED = frozenset({ExtensionStatus.GRANTED, ClosingStatus.CONFIRMED, ClosingStatus.REOPENED})


def may_see_request(user, matter):
    """An extension or closing: the lead department's writers, leaders, the plan admin and the inspector see each;
    the court sees what was granted."""
    court = matter.plan.court
    return (
        matter.status in ACCEPTED
        or is_plan_admin(user, court)
        or has_role(user, Role.LEADER, court)
        or has_role(user, Role.INSPECTOR, court)
        or acts_for(user, matter.measure.lead, court, WRITERS)
        or acts_for(user, matter.department, court, WRITERS)
    )
