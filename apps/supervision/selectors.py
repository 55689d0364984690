"""Which instructions, extensions and closings there are, for whom."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q
from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.selectors import courts_visible_to
from apps.assessment.selectors import standing_of
from apps.core.remembered import Remembered
from apps.plans.choices import PlanStatus
from apps.plans.models import PREPARING
from apps.supervision.choices import ClosingMove, ExtensionMove, ExtensionStatus, InstructionMove, InstructionStatus
from apps.supervision.models import Closing, Extension, Instruction
from apps.supervision.permissions import can_step, is_addressed, may_see_request
from apps.supervision.rules import lacks_its_reading

ENDING = {
    Instruction: (InstructionMove.CLOSE, InstructionMove.WITHDRAW),
    Extension: (ExtensionMove.DECLINE, ExtensionMove.GRANT, ExtensionMove.REFUSE, ExtensionMove.WITHDRAW),
    Closing: (ClosingMove.CONFIRM, ClosingMove.RETURN, ClosingMove.WITHDRAW),
}
WITHIN_A_PLAN = ("measure__lead", "measure__leader", "measure__pillar", "department", "by")
CONTEXT = ("plan__court", *WITHIN_A_PLAN)


def _with_steps(matters, context=CONTEXT):
    more = {Instruction: ("indicator",), Extension: ("node",), Closing: ()}[matters.model]
    beside = ("by", "entry") if matters.model is Closing else ("by",)
    steps = matters.model.steps.rel.related_model.objects.select_related(*beside)
    return matters.select_related(*context, *more).prefetch_related(Prefetch("steps", queryset=steps))


def all_of(model, plan):
    """Every matter of the kind in a plan, newest first, with its steps."""
    return _of_plan(plan, _with_steps(model.objects.filter(plan=plan), WITHIN_A_PLAN))


def _of_plan(plan, matters):
    """Matters of a plan that the reader has in hand already, so that none of them brings it along."""
    matters = list(matters)
    for matter in matters:
        matter.plan = plan
    return matters


def pending_of(model, **of):
    """Those on which somebody still has to move, in open plans."""
    step = model.steps.rel.related_model.objects
    ended = step.filter(**{model._meta.model_name: OuterRef("pk")}, move__in=ENDING[model])
    return _with_steps(model.objects.filter(~Exists(ended), plan__status=PlanStatus.OPEN, **of)).order_by("at", "pk")


def matter_visible_to(user, model, *, court, year, pk):
    """The one matter of that address, for this person; None where there is none they may see."""
    found = (
        _with_steps(model.objects.filter(plan__court__in=courts_visible_to(user)))
        .exclude(plan__status__in=PREPARING)
        .filter(plan__court__slug=court, plan__year=year, pk=pk)
        .first()
    )
    if found is None or (model is not Instruction and not may_see_request(user, found)):
        return None
    return found


# Instructions


def open_instructions(plan, *, on, known, revision=None):
    """The plan's instructions that wanted something on a day, as known then: overdue first, then by the day to answer.

    `revision` where the reader has asked for it already, outside any act: what was read before may then be used again.
    """
    given = [one for one in _instructions_of(plan, revision) if one.at <= known]
    pending = [one for one in given if one.way.is_pending(one.status_at(known))]
    return sorted(pending, key=lambda one: (not one.is_overdue(on=on, known=known), one.answer_by_at(known), one.pk))


# A court gives some dozens of them a year; with its steps, one takes some 10 KB.
_kept = Remembered(most=32, seconds=60 * 60)


def _instructions_of(plan, revision):
    """All instructions of the plan, for reading only. None is ever edited or removed: as many are the same ones.

    The names on them are of people, departments, measures: as good as promised, and so is what was read with them.
    """
    if revision is None or not settings.PROMISES_ARE_KEPT:
        return _read_instructions(plan)
    there_are = Instruction.objects.filter(plan=plan).aggregate(
        rows=Count("pk"), last=Max("pk"), last_step=Max("steps__pk")
    )
    key = (plan.pk, revision.definitions, *there_are.values())
    kept = _kept.get(key)
    if kept is None:
        kept = _read_instructions(plan)
        _kept.put(key, kept)
    return kept


def _read_instructions(plan):
    return _of_plan(plan, _with_steps(Instruction.objects.filter(plan=plan), ("measure", "department", "by")))


@dataclass(frozen=True)
class InstructionRow:
    """An instruction as a list shows it, on a day and as known at a moment."""

    instruction: Instruction
    status: InstructionStatus
    answer_by: date
    is_overdue: bool


def instruction_rows(instructions, *, on, known=None):
    return [
        InstructionRow(
            instruction=one,
            status=one.status_at(known),
            answer_by=one.answer_by_at(known),
            is_overdue=one.is_overdue(on=on, known=known),
        )
        for one in instructions
    ]


def instructions_to_answer(user):
    """Those that wait for the person's department, the nearest day first."""
    if user.department_id is None:
        return []
    pending = pending_of(Instruction, department=user.department_id)
    waiting = [
        one for one in pending if can_step(user, one, InstructionMove.ANSWER) and one.status == InstructionStatus.OPEN
    ]
    return sorted(waiting, key=lambda one: (one.answer_by_at(), one.pk))


def instructions_given_by(user):
    """The person's own instructions that are not closed: answered ones first, since they wait for the person."""
    pending = pending_of(Instruction, by=user)
    return sorted(pending, key=lambda one: (one.status == InstructionStatus.OPEN, one.answer_by_at(), one.pk))


def has_read(user, instruction):
    """Whether the person opened it since the leader last spoke."""
    return instruction.receipts.filter(by=user, at__gte=instruction.leader_spoke_at()).exists()


def owes_receipt(user, instruction):
    return instruction.is_pending and is_addressed(user, instruction) and not has_read(user, instruction)


# Extensions and closings


def _of_court(user):
    return {} if user.is_superuser else {"plan__court": user.court_id}


def requests_waiting_for(user):
    """Extensions and closings on which this person may decide now, longest waiting first."""
    if not (user.is_superuser or (user.court_id and user.roles & {Role.REVIEWER, Role.LEADER, Role.PLAN_ADMIN})):
        return []
    decisive = [(Extension, (ExtensionMove.ENDORSE, ExtensionMove.GRANT))]
    if user.is_superuser or Role.PLAN_ADMIN in user.roles:
        decisive.append((Closing, (ClosingMove.CONFIRM,)))
    waiting = [
        one
        for model, moves in decisive
        for one in pending_of(model, **_of_court(user))
        if any(can_step(user, one, move) for move in moves) and _is_asked_of(user, one)
    ]
    return sorted(waiting, key=lambda one: (one.at, one.pk))


def _is_asked_of(user, matter):
    """Any leader of the court may decide on an extension; each is asked about the measures they answer for."""
    leader = matter.measure.leader
    return (
        not isinstance(matter, Extension)
        or Role.LEADER not in user.roles
        or leader is None
        or not leader.is_active
        or leader.pk == user.pk
        or matter.status == ExtensionStatus.ASKED
    )


def requests_on(measure, user):
    """The measure's extensions and closings that the person may see, newest first."""
    found = [
        one
        for model in (Extension, Closing)
        for one in _of_plan(measure.plan, _with_steps(model.objects.filter(measure=measure), WITHIN_A_PLAN))
        if may_see_request(user, one)
    ]
    return sorted(found, key=lambda one: (one.at, one.pk), reverse=True)


def latest_of(model, measures):
    """The last request on each of the measures, by the measure's key."""
    return {one.measure_id: one for one in _with_steps(model.objects.filter(measure__in=measures)).order_by("at", "pk")}


def pending_request(model, measure, **more):
    return next(iter(pending_of(model, measure=measure, **more)), None)


def instructions_on(measure):
    """Every instruction on a measure or one of its indicators, newest first."""
    found = Instruction.objects.filter(Q(measure=measure) | Q(indicator__measure=measure), plan=measure.plan_id)
    return _of_plan(measure.plan, _with_steps(found, WITHIN_A_PLAN))


def instructions_about(indicator):
    """Every instruction on this indicator itself, newest first."""
    return list(_with_steps(Instruction.objects.filter(indicator=indicator)))


def lacking_readings(measure, *, on, known):
    """The measure's binding indicators that lack what a closing needs, as of a day."""
    shown = standing_of(measure.plan, on=on, known=known).measure(measure.code)
    return [one.indicator for one in shown.indicators if lacks_its_reading(one.facts, one.verdict)]


def moves_of_deadline(measure, *, at, node=None):
    """The orders that set the day so far, first to last: 原定, 现定, 第几次."""
    orders = measure.deadlines.filter(node=node, made_at__lte=at, effective_from__lte=timezone.localdate(at))
    return list(orders.select_related("made_by").order_by("effective_from", "number"))
