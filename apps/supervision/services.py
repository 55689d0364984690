"""Instructing, asking and deciding. Each act is one transaction."""

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.wording import joined
from apps.core.workdays import next_workday
from apps.ledger.models import LedgerEntry
from apps.ledger.services import close_measure, problems_of_closing, withdraw_entry
from apps.plans.selectors import due_of
from apps.plans.services import lock_plan, set_deadline
from apps.supervision.choices import ClosingMove, ExtensionMove, InstructionMove
from apps.supervision.models import (
    Closing,
    ClosingStep,
    Extension,
    ExtensionStep,
    Instruction,
    InstructionStep,
    Receipt,
)
from apps.supervision.permissions import can_ask_closing, can_ask_extension, can_instruct, is_mover
from apps.supervision.rules import (
    problem_of_asking_late,
    problems_of_extension,
    problems_of_instruction,
    problems_of_result,
    problems_of_step,
)
from apps.supervision.selectors import lacking_readings, owes_receipt, pending_request


class NotNow(Exception):
    """Somebody moved the matter on since this person looked; nothing was written. `matter` is how it stands."""

    def __init__(self, matter):
        super().__init__(str(matter))
        self.matter = matter


# Instructions


@transaction.atomic
def instruct(*, department, text, answer_by, by, at, measure=None, indicator=None, key=None):
    """A leader's word on a measure or an indicator, to a department, to be answered by a day."""
    plan = lock_plan((measure or indicator).plan)
    require(can_instruct(by, plan))
    if sent := _sent_already(Instruction, key):
        return sent
    problems = problems_of_instruction(text=text, answer_by=answer_by, today=timezone.localdate(at))
    if department is None or department.court_id != plan.court_id:
        problems["department"] = _("请选择本院的承办部门。")
    _raise_problems(problems)
    return _begin(
        Instruction(
            plan=plan,
            measure=measure,
            indicator=indicator,
            department=department,
            text=text,
            answer_by=answer_by,
        ),
        action=Action.INSTRUCTION_GIVEN,
        data={"text": text, "to": department.name, "answer_by": answer_by},
        key=key,
        by=by,
        at=at,
    )


@transaction.atomic
def step_instruction(*, instruction, move, by, at, text="", answer_by=None, seen=None):
    """Answer it, follow it up with a new day, close it, or withdraw it.

    `seen` is how many steps the person had before them; NotNow where there are others by now.
    """
    return _step(
        instruction,
        InstructionMove(move),
        InstructionStep(instruction=instruction, answer_by=answer_by if move == InstructionMove.FOLLOW_UP else None),
        text=text,
        answer_by=answer_by,
        seen=seen,
        by=by,
        at=at,
    )


@transaction.atomic
def mark_read(*, instruction, by, at):
    """Note that a person of the department has seen what the leader last said; once, and only for those addressed."""
    lock_plan(instruction.plan)
    if not owes_receipt(by, instruction):
        return None
    receipt = Receipt.objects.create(instruction=instruction, by=by, at=at)
    record(
        by=by,
        action=Action.INSTRUCTION_READ,
        target=instruction,
        court=instruction.plan.court,
        at=at,
        made=[receipt],
    )
    return receipt


# Extensions


@transaction.atomic
def ask_extension(*, measure, reason, progress, new_due, by, at, node=None, key=None):
    """A lead department asks, before the day, for a later one."""
    plan = measure.plan = lock_plan(measure.plan)
    require(can_ask_extension(by, measure))
    if sent := _sent_already(Extension, key):
        return sent
    if node is not None and node.measure_id != measure.pk:
        raise ValidationError({"node": _("该节点不属于这项举措。")})
    due, today = due_of(measure, node=node, at=at), timezone.localdate(at)
    late = problem_of_asking_late(due=next_workday(due), today=today)
    if late:
        raise ValidationError({"new_due": late})
    _refuse_closed(measure, at=at)
    if pending_request(Extension, measure, node=node):
        raise ValidationError(_("这一时限已有延期申请在办理，办完后再申请。"))
    _raise_problems(
        problems_of_extension(
            reason=reason,
            progress=progress,
            new_due=new_due,
            due=due,
            today=today,
            last_day=plan.ends_on.replace(year=plan.year + 1),
        )
    )
    return _begin(
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


@transaction.atomic
def step_extension(*, extension, move, by, at, text="", seen=None):
    """Endorse, decline, grant, refuse or withdraw. Granting gives the dated order that moves the day."""
    move = ExtensionMove(move)
    step = ExtensionStep(extension=extension)

    def grant():
        if move == ExtensionMove.GRANT:
            step.deadline = set_deadline(
                measure=extension.measure,
                node=extension.node,
                due=extension.new_due,
                reason=extension.reason,
                by=by,
                at=at,
            )

    return _step(extension, move, step, effect=grant, text=text, seen=seen, by=by, at=at)


# Closings


@transaction.atomic
def ask_closing(*, measure, finished_on, result, by, at, key=None):
    """A lead department asks that its measure be closed (销号), with the result."""
    plan = measure.plan = lock_plan(measure.plan)
    require(can_ask_closing(by, measure))
    if sent := _sent_already(Closing, key):
        return sent
    if pending_request(Closing, measure):
        raise ValidationError(_("这项举措的销号申请正在等待确认。"))
    _raise_problems(problems_of_result(result))
    _refuse_unfinished(measure, finished_on, at=at)
    return _begin(
        Closing(plan=plan, measure=measure, department=measure.lead, finished_on=finished_on, result=result),
        action=Action.CLOSING_ASKED,
        data={"finished_on": finished_on, "result": result},
        key=key,
        by=by,
        at=at,
    )


@transaction.atomic
def step_closing(*, closing, move, by, at, text="", seen=None):
    """Confirm, return, reopen or withdraw. Confirming writes the ledger; reopening withdraws what it wrote."""
    move = ClosingMove(move)
    step = ClosingStep(closing=closing)

    def write():
        if move == ClosingMove.CONFIRM:
            _refuse_unfinished(closing.measure, closing.finished_on, at=at)
            step.entry = close_measure(
                measure=closing.measure, closed_on=closing.finished_on, result=closing.result, by=by, at=at
            )
        elif move == ClosingMove.REOPEN:
            withdraw_entry(entry=closing.entry, reason=text, by=by, at=at)

    return _step(closing, move, step, effect=write, text=text, seen=seen, by=by, at=at)


def _refuse_unfinished(measure, finished_on, *, at):
    """Stop where the measure can't be closed on that day, or a binding indicator lacks its reading."""
    if finished_on is None:
        raise ValidationError({"finished_on": _("请填写完成日期。")})
    problems = problems_of_closing(measure, finished_on, today=timezone.localdate(at))
    if problems:
        raise ValidationError({_FIELDS.get(name, name): sentence for name, sentence in problems.items()})
    lacking = lacking_readings(measure, on=finished_on, known=at)
    if lacking:
        raise ValidationError(
            _("必须完成的指标还缺数据，不能销号：%(names)s。请先填报到完成日期为止的数据。")
            % {"names": joined(lacking)}
        )


_FIELDS = {"speaks_of": "finished_on", "measure": "__all__"}


def _refuse_closed(measure, *, at):
    if LedgerEntry.objects.closing_of(measure, known=at):
        raise ValidationError(_("这项举措已经销号。"))


# What all have in common


def _sent_already(model, key):
    """What the same form made when it was sent before."""
    return model.objects.filter(key=key).first() if key else None


def _begin(matter, *, action, data, key, by, at):
    matter.key, matter.by, matter.at = key or uuid.uuid4(), by, at
    matter.full_clean()
    matter.save()
    record(by=by, action=action, target=matter, court=matter.plan.court, at=at, data=data, made=[matter])
    return matter


def _step(matter, move, step, *, text, seen, by, at, answer_by=None, effect=None):
    """One step of any matter: who, whether now, what it must say, what it brings about, the row and the record."""
    matter.plan = lock_plan(matter.plan)
    taken = list(step.__class__.objects.filter(**{matter._meta.model_name: matter}).order_by("number"))
    matter._prefetched_objects_cache = {"steps": taken}
    require(matter.plan.is_open and is_mover(by, matter, matter.way.movers[move]))
    if (seen is not None and seen != len(taken)) or matter.way.after(matter.status, move) is None:
        raise NotNow(matter)
    _raise_problems(problems_of_step(matter.way, move, text=text, answer_by=answer_by, today=timezone.localdate(at)))
    if effect:
        effect()
    step.number, step.move, step.text, step.by, step.at = len(taken) + 1, move, text.strip(), by, at
    step.full_clean()
    step.save()
    matter._prefetched_objects_cache = {"steps": [*taken, step]}
    record(
        by=by,
        action=f"{matter._meta.model_name}.{move}",
        target=matter,
        court=matter.plan.court,
        at=at,
        data={"text": step.text} | ({"answer_by": answer_by} if answer_by else {}),
        made=[step],
    )
    return matter


def _raise_problems(problems):
    if problems:
        raise ValidationError(problems)
