"""Which instructions, extensions and closings there are, for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, TextChoices
from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.selectors import courts_visible_to
from apps.assessment.selectors import measure_standing_of
from apps.indicators.models import Indicator
from apps.plans.choices import PlanStatus
from apps.plans.models import PREPARING, Deadline, Measure, Node, Plan
from apps.supervision.choices import ClosingMove, ExtensionMove, ExtensionStatus, InstructionMove, InstructionStatus
from apps.supervision.models import STEP_MODELS, Closing, Extension, Instruction, MeasureRequest, WorkflowItem
from apps.supervision.permissions import can_see_request, can_transition, is_addressed
from apps.supervision.rules import lacks_reading

Item = TypeVar("Item", bound=WorkflowItem)
AnyRequest = TypeVar("AnyRequest", bound=MeasureRequest)

FINAL_MOVES: dict[type[WorkflowItem], tuple[TextChoices, ...]] = {
    Instruction: (InstructionMove.CLOSE, InstructionMove.WITHDRAW),
    Extension: (ExtensionMove.DECLINE, ExtensionMove.GRANT, ExtensionMove.REFUSE, ExtensionMove.WITHDRAW),
    Closing: (ClosingMove.CONFIRM, ClosingMove.RETURN, ClosingMove.WITHDRAW),
}
RELATED_IN_PLAN = ("measure__lead", "measure__leader", "measure__pillar", "department", "by")
RELATED = ("plan__court", *RELATED_IN_PLAN)


def _with_steps(items: QuerySet[Item], related: Iterable[str] = RELATED) -> QuerySet[Item]:
    own = {Instruction: ("indicator",), Extension: ("node",), Closing: ()}[items.model]
    steps = STEP_MODELS[items.model]._default_manager.select_related(
        *(("by", "entry") if items.model is Closing else ("by",))
    )
    return items.select_related(*related, *own).prefetch_related(Prefetch("steps", queryset=steps))


def items_of_plan(model: type[Item], plan: Plan) -> list[Item]:
    """Every item of the kind in a plan, newest first, with its steps."""
    return _with_plan(plan, _with_steps(model._default_manager.filter(plan=plan), RELATED_IN_PLAN))


def _with_plan(plan: Plan, items: Iterable[Item]) -> list[Item]:
    """The items with the plan that the caller has already, so that it is not read again for each."""
    items = list(items)
    for item in items:
        item.plan = plan
    return items


def pending_items(model: type[Item], **filters: Any) -> QuerySet[Item]:
    """Items in open plans on which somebody still has to act, oldest first."""
    items = model._default_manager.filter(plan__status=PlanStatus.OPEN, **filters)
    return _with_steps(_pending(items)).order_by("at", "pk")


def _pending(items: QuerySet[Item], *, known: datetime | None = None) -> QuerySet[Item]:
    """Those without a final move; made later than `known`, a move counts for nothing."""
    until = {} if known is None else {"at__lte": known}
    final = {str(items.model._meta.model_name): OuterRef("pk"), "move__in": FINAL_MOVES[items.model], **until}
    return items.filter(~Exists(STEP_MODELS[items.model]._default_manager.filter(**final)))


def item_visible_to(user: User, model: type[Item], *, court: str, year: int, pk: int) -> Item | None:
    """The item at that address; None where there is none that the person may see."""
    item = (
        _with_steps(model._default_manager.filter(plan__court__in=courts_visible_to(user)))
        .exclude(plan__status__in=PREPARING)
        .filter(plan__court__slug=court, plan__year=year, pk=pk)
        .first()
    )
    if isinstance(item, MeasureRequest) and not can_see_request(user, item):
        return None
    return item


# Instructions


def open_instructions(plan: Plan, *, on: date, known: datetime) -> list[Instruction]:
    """The plan's instructions that wanted something on a day, as known then: overdue first, then by the day to answer."""
    pending = _pending(Instruction.objects.filter(plan=plan, at__lte=known), known=known)
    return sorted(
        _with_plan(plan, _with_steps(pending, ("measure", "department", "by"))),
        key=lambda instruction: (
            not instruction.is_overdue(on=on, known=known),
            instruction.answer_by_at(known),
            instruction.pk,
        ),
    )


@dataclass(frozen=True)
class InstructionRow:
    """An instruction as a list shows it, on a day and as known at a moment."""

    instruction: Instruction
    status: TextChoices
    answer_by: date
    is_overdue: bool


def instruction_rows(
    instructions: Iterable[Instruction], *, on: date, known: datetime | None = None
) -> list[InstructionRow]:
    return [
        InstructionRow(
            instruction=instruction,
            status=instruction.status_at(known),
            answer_by=instruction.answer_by_at(known),
            is_overdue=instruction.is_overdue(on=on, known=known),
        )
        for instruction in instructions
    ]


def instructions_to_answer(user: User) -> list[Instruction]:
    """Those that wait for the person's department, the nearest day first."""
    if user.department_id is None:
        return []
    waiting = [
        instruction
        for instruction in pending_items(Instruction, department=user.department_id)
        if instruction.status == InstructionStatus.OPEN and can_transition(user, instruction, InstructionMove.ANSWER)
    ]
    return sorted(waiting, key=lambda instruction: (instruction.answer_by_at(), instruction.pk))


def instructions_given_by(user: User) -> list[Instruction]:
    """The person's own instructions that are not closed: answered ones first, since they wait for the person."""

    def answered_first(instruction: Instruction) -> tuple[bool, date, int]:
        return instruction.status == InstructionStatus.OPEN, instruction.answer_by_at(), instruction.pk

    return sorted(pending_items(Instruction, by=user), key=answered_first)


def owes_receipt(user: User, instruction: Instruction) -> bool:
    """Whether the person is addressed and has not opened it since the leader last spoke."""
    if not instruction.is_pending or not is_addressed(user, instruction):
        return False
    return not instruction.receipts.filter(by=user, at__gte=instruction.leader_spoke_at()).exists()


# Extensions and closings


def requests_waiting_for(user: User) -> list[MeasureRequest]:
    """Extensions and closings on which this person may decide now, longest waiting first."""
    if not (user.is_superuser or (user.court_id and user.roles & {Role.REVIEWER, Role.LEADER, Role.PLAN_ADMIN})):
        return []
    in_court = {} if user.is_superuser else {"plan__court": user.court_id}
    waiting: list[MeasureRequest] = [
        extension
        for extension in pending_items(Extension, **in_court)
        if _decides_on_any(user, extension, ExtensionMove.ENDORSE, ExtensionMove.GRANT)
        and _is_addressed_to(user, extension)
    ]
    if user.is_superuser or Role.PLAN_ADMIN in user.roles:
        waiting += [
            closing
            for closing in pending_items(Closing, **in_court)
            if _decides_on_any(user, closing, ClosingMove.CONFIRM)
        ]
    return sorted(waiting, key=lambda item: (item.at, item.pk))


def _decides_on_any(user: User, item: WorkflowItem, *moves: TextChoices) -> bool:
    return any(can_transition(user, item, move) for move in moves)


def _is_addressed_to(user: User, extension: Extension) -> bool:
    """Any leader of the court may decide; each is asked about the measures they answer for."""
    leader = extension.measure.leader
    return (
        Role.LEADER not in user.roles
        or leader is None
        or not leader.is_active
        or leader.pk == user.pk
        or extension.status == ExtensionStatus.ASKED
    )


def requests_on(measure: Measure, user: User) -> list[MeasureRequest]:
    """The measure's extensions and closings that the person may see, newest first."""
    visible: list[MeasureRequest] = []
    for requests in (measure.extensions.all(), measure.closings.all()):
        items = _with_plan(measure.plan, _with_steps(requests, RELATED_IN_PLAN))
        visible += [item for item in items if can_see_request(user, item)]
    return sorted(visible, key=lambda item: (item.at, item.pk), reverse=True)


def latest_of(model: type[AnyRequest], measures: Iterable[Measure]) -> dict[int, AnyRequest]:
    """The last request on each of the measures, by the measure's key."""
    items = _with_steps(model._default_manager.filter(measure__in=measures)).order_by("at", "pk")
    return {item.measure_id: item for item in items}


def pending_request(model: type[AnyRequest], measure: Measure, **filters: Any) -> AnyRequest | None:
    return next(iter(pending_items(model, measure=measure, **filters)), None)


def instructions_on(measure: Measure) -> list[Instruction]:
    """Every instruction on a measure or one of its indicators, newest first."""
    instructions = Instruction.objects.filter(Q(measure=measure) | Q(indicator__measure=measure), plan=measure.plan_id)
    return _with_plan(measure.plan, _with_steps(instructions, RELATED_IN_PLAN))


def instructions_about(indicator: Indicator) -> list[Instruction]:
    """Every instruction on this indicator itself, newest first."""
    return list(_with_steps(Instruction.objects.filter(indicator=indicator)))


def indicators_lacking_readings(measure: Measure, *, on: date, known: datetime) -> list[Indicator]:
    """The measure's binding indicators that lack the data a closing needs, as of a day."""
    standing = measure_standing_of(measure, on=on, known=known)
    return [row.indicator for row in standing.indicators if lacks_reading(row.facts, row.verdict)]


def deadlines_first_to_last(measure: Measure, *, at: datetime, node: Node | None = None) -> list[Deadline]:
    """The orders that set the day so far: the original one, then each change."""
    orders = measure.deadlines.filter(node=node, made_at__lte=at, effective_from__lte=timezone.localdate(at))
    return list(orders.select_related("made_by").order_by("effective_from", "number"))
