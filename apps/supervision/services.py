"""Instructing, requesting and deciding. Each act is one transaction."""

import uuid
from datetime import date, datetime
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Department, User
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.problems import raise_problems
from apps.core.wording import joined
from apps.core.workdays import next_workday
from apps.indicators.models import Indicator
from apps.ledger.models import LedgerEntry
from apps.ledger.services import close_measure, problems_of_closing, withdraw_entry
from apps.plans.models import Measure, Node
from apps.plans.selectors import due_of
from apps.plans.services import OrderDetails, lock_plan, set_deadline
from apps.supervision.choices import ClosingMove, ExtensionMove, InstructionMove
from apps.supervision.models import STEP_MODELS, Closing, Extension, Instruction, Receipt, WorkflowItem
from apps.supervision.permissions import can_ask_closing, can_ask_extension, can_instruct, is_actor
from apps.supervision.rules import (
    problem_of_late_request,
    problems_of_extension,
    problems_of_instruction,
    problems_of_result,
    problems_of_transition,
)
from apps.supervision.selectors import indicators_lacking_readings, owes_receipt, pending_request

Item = TypeVar("Item", bound=WorkflowItem)


class StaleItem(Exception):
    """Somebody else made a move since this person read the item; nothing was written. `item` is the current one."""

    def __init__(self, item: WorkflowItem):
        super().__init__(str(item))
        self.item = item


# Instructions


@transaction.atomic
def instruct(
    *,
    department: Department,
    text: str,
    answer_by: date,
    by: User,
    at: datetime,
    measure: Measure | None = None,
    indicator: Indicator | None = None,
    key: uuid.UUID | None = None,
) -> Instruction:
    """A leader instructs a department on a measure or an indicator, to be answered by a day."""
    plan = lock_plan(cast(Measure | Indicator, measure or indicator).plan)
    require(can_instruct(by, plan))
    if existing := _created_with(Instruction, key):
        return existing
    problems = problems_of_instruction(text=text, answer_by=answer_by, today=timezone.localdate(at))
    if department is None or department.court_id != plan.court_id:
        problems["department"] = _("请选择本院的承办部门。")
    raise_problems(problems)
    return _create(
        Instruction(
            plan=plan, measure=measure, indicator=indicator, department=department, text=text, answer_by=answer_by
        ),
        action=Action.INSTRUCTION_GIVEN,
        data={"text": text, "to": department.name, "answer_by": answer_by},
        key=key,
        by=by,
        at=at,
    )


@transaction.atomic
def mark_read(*, instruction: Instruction, by: User, at: datetime) -> Receipt | None:
    """Record that a person addressed has read what the leader last said: once, and for nobody else."""
    lock_plan(instruction.plan)
    if not owes_receipt(by, instruction):
        return None
    receipt = Receipt.objects.create(instruction=instruction, by=by, at=at)
    record(by=by, action=Action.INSTRUCTION_READ, target=instruction, at=at, made=[receipt])
    return receipt


# Extensions


@transaction.atomic
def ask_extension(
    *,
    measure: Measure,
    reason: str,
    progress: str,
    new_due: date,
    by: User,
    at: datetime,
    node: Node | None = None,
    key: uuid.UUID | None = None,
) -> Extension:
    """A lead department asks for a later day, before the day in force has passed."""
    plan = measure.plan = lock_plan(measure.plan)
    require(can_ask_extension(by, measure))
    if existing := _created_with(Extension, key):
        return existing
    if node is not None and node.measure_id != measure.pk:
        raise ValidationError({"node": _("该节点不属于这项举措。")})
    due, today = due_of(measure, node=node, at=at), timezone.localdate(at)
    if problem := problem_of_late_request(due=next_workday(due), today=today):
        raise ValidationError({"new_due": problem})
    if LedgerEntry.objects.closing_of(measure, known=at):
        raise ValidationError(_("这项举措已经销号。"))
    if pending_request(Extension, measure, node=node):
        raise ValidationError(_("这一时限已有延期申请在办理，办完后再申请。"))
    raise_problems(
        problems_of_extension(
            reason=reason,
            progress=progress,
            new_due=new_due,
            due=due,
            today=today,
            last_day=plan.ends_on.replace(year=plan.year + 1),
        )
    )
    return _create(
        Extension(
            plan=plan,
            measure=measure,
            node=node,
            department=measure.lead,
            reason=reason,
            progress=progress,
            new_due=new_due,
        ),
        action=Action.EXTENSION_ASKED,
        data={"reason": reason, "due": due, "new_due": new_due},
        key=key,
        by=by,
        at=at,
    )


# Closings


@transaction.atomic
def ask_closing(
    *,
    measure: Measure,
    finished_on: date,
    result: str,
    by: User,
    at: datetime,
    key: uuid.UUID | None = None,
) -> Closing:
    """A lead department asks that its measure be closed (销号), with the result."""
    plan = measure.plan = lock_plan(measure.plan)
    require(can_ask_closing(by, measure))
    if existing := _created_with(Closing, key):
        return existing
    if pending_request(Closing, measure):
        raise ValidationError(_("这项举措的销号申请正在等待确认。"))
    raise_problems(problems_of_result(result))
    _check_can_close(measure, finished_on, at=at)
    return _create(
        Closing(plan=plan, measure=measure, department=measure.lead, finished_on=finished_on, result=result),
        action=Action.CLOSING_ASKED,
        data={"finished_on": finished_on, "result": result},
        key=key,
        by=by,
        at=at,
    )


# The ledger's names of fields, as the closing's form has them.
FORM_FIELDS = {"speaks_of": "finished_on", "measure": "__all__"}


def _check_can_close(measure: Measure, finished_on: date | None, *, at: datetime) -> None:
    """Raise ValidationError where the measure can't be closed on that day, or a binding indicator lacks its data."""
    if finished_on is None:
        raise ValidationError({"finished_on": _("请填写完成日期。")})
    problems = problems_of_closing(measure, finished_on, today=timezone.localdate(at))
    raise_problems({FORM_FIELDS.get(field, field): problem for field, problem in problems.items()})
    lacking = indicators_lacking_readings(measure, on=finished_on, known=at)
    if lacking:
        raise ValidationError(
            _("必须完成的指标还缺数据，不能销号：%(names)s。请先填报到完成日期为止的数据。")
            % {"names": joined(lacking)}
        )


# Shared by all kinds


def _created_with(model: type[Item], key: uuid.UUID | None) -> Item | None:
    """The item that the same form created when it was sent before."""
    return model._default_manager.filter(key=key).first() if key else None


def _create(item: Item, *, action: Action, data: dict[str, Any], key: uuid.UUID | None, by: User, at: datetime) -> Item:
    item.key, item.by, item.at = key or uuid.uuid4(), by, at
    item.full_clean()
    item.save()
    record(by=by, action=action, target=item, at=at, data=data, made=[item])
    return item


@transaction.atomic
def transition(
    *,
    item: Item,
    move: str,
    by: User,
    at: datetime,
    text: str = "",
    answer_by: date | None = None,
    seen: int | None = None,
) -> Item:
    """Make one move on an item: permission, status, text, effect, the step's row and the record.

    `answer_by` is the new day of a follow-up. `seen` is how many steps there were when the person read the item;
    StaleItem where there are others by now.
    """
    move = item.move_choices(move)
    # Moves on one item are serialised by the lock on its plan. The steps are read again after it, so that the second
    # person sees what the first one did.
    item.plan = lock_plan(item.plan)
    step = STEP_MODELS[type(item)](**{str(item._meta.model_name): item})
    item.all_steps = steps = list(item.steps.order_by("number"))
    require(is_actor(by, item, move))
    if (seen is not None and seen != len(steps)) or item.workflow.after(item.status, move) is None:
        raise StaleItem(item)
    raise_problems(
        problems_of_transition(item.workflow, move, text=text, answer_by=answer_by, today=timezone.localdate(at))
    )
    _apply(move, item, step, text=text, answer_by=answer_by, by=by, at=at)
    step.number, step.move, step.text, step.by, step.at = len(steps) + 1, move, text.strip(), by, at
    step.full_clean()
    step.save()
    item.all_steps = [*steps, step]
    record(
        by=by,
        action=Action[f"{item._meta.model_name}_{move}".upper()],
        target=item,
        at=at,
        data={"text": step.text} | ({"answer_by": answer_by} if answer_by else {}),
        made=[step],
    )
    return item


def _apply(
    move: TextChoices, item: Any, step: Any, *, text: str, answer_by: date | None, by: User, at: datetime
) -> None:
    """What a move changes besides the status."""
    match move:
        case InstructionMove.FOLLOW_UP:
            step.answer_by = answer_by
        case ExtensionMove.GRANT:
            details = OrderDetails(reason=item.reason, by=by, at=at)
            step.deadline = set_deadline(measure=item.measure, node=item.node, due=item.new_due, details=details)
        case ClosingMove.CONFIRM:
            # Asked weeks ago perhaps: what held then is checked again.
            _check_can_close(item.measure, item.finished_on, at=at)
            step.entry = close_measure(
                measure=item.measure, closed_on=item.finished_on, result=item.result, by=by, at=at
            )
        case ClosingMove.REOPEN:
            withdraw_entry(entry=item.entry, reason=text, by=by, at=at)
