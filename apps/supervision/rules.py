"""Workflows of an instruction, an extension and a closing, and what each move must say. Values in, values out."""

from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from apps.assessment.choices import Standing
from apps.assessment.rules import IndicatorFacts, IndicatorVerdict
from apps.core.problems import Problems
from apps.core.wording import written_day
from apps.core.workflow import Workflow
from apps.indicators.choices import Kind, Strength
from apps.indicators.rules import MEASURED
from apps.supervision.choices import (
    ClosingMove,
    ClosingStatus,
    ExtensionMove,
    ExtensionStatus,
    InstructionMove,
    InstructionStatus,
    SupervisionActor,
)

MAX_TEXT = 1000
MAX_REASON = 500

INSTRUCTION = Workflow(
    initial=InstructionStatus.OPEN,
    transitions={
        InstructionStatus.OPEN: {
            InstructionMove.ANSWER: InstructionStatus.ANSWERED,
            InstructionMove.FOLLOW_UP: InstructionStatus.OPEN,
            InstructionMove.CLOSE: InstructionStatus.CLOSED,
            InstructionMove.WITHDRAW: InstructionStatus.WITHDRAWN,
        },
        InstructionStatus.ANSWERED: {
            InstructionMove.ANSWER: InstructionStatus.ANSWERED,
            InstructionMove.FOLLOW_UP: InstructionStatus.OPEN,
            InstructionMove.CLOSE: InstructionStatus.CLOSED,
        },
        InstructionStatus.CLOSED: {},
        InstructionStatus.WITHDRAWN: {},
    },
    actors={
        InstructionMove.ANSWER: SupervisionActor.ADDRESSEE,
        InstructionMove.FOLLOW_UP: SupervisionActor.INSTRUCTING_LEADER,
        InstructionMove.CLOSE: SupervisionActor.INSTRUCTING_LEADER,
        InstructionMove.WITHDRAW: SupervisionActor.INSTRUCTING_LEADER,
    },
    needs_text=frozenset({InstructionMove.ANSWER, InstructionMove.FOLLOW_UP, InstructionMove.WITHDRAW}),
)

EXTENSION = Workflow(
    initial=ExtensionStatus.ASKED,
    transitions={
        ExtensionStatus.ASKED: {
            ExtensionMove.ENDORSE: ExtensionStatus.ENDORSED,
            ExtensionMove.DECLINE: ExtensionStatus.NOT_ENDORSED,
            ExtensionMove.WITHDRAW: ExtensionStatus.WITHDRAWN,
        },
        ExtensionStatus.ENDORSED: {
            ExtensionMove.GRANT: ExtensionStatus.GRANTED,
            ExtensionMove.REFUSE: ExtensionStatus.REFUSED,
            ExtensionMove.WITHDRAW: ExtensionStatus.WITHDRAWN,
        },
        ExtensionStatus.NOT_ENDORSED: {},
        ExtensionStatus.GRANTED: {},
        ExtensionStatus.REFUSED: {},
        ExtensionStatus.WITHDRAWN: {},
    },
    actors={
        ExtensionMove.ENDORSE: SupervisionActor.LEAD_REVIEWER,
        ExtensionMove.DECLINE: SupervisionActor.LEAD_REVIEWER,
        ExtensionMove.GRANT: SupervisionActor.DECIDER,
        ExtensionMove.REFUSE: SupervisionActor.DECIDER,
        ExtensionMove.WITHDRAW: SupervisionActor.LEAD_REPORTER,
    },
    needs_text=frozenset({ExtensionMove.DECLINE, ExtensionMove.GRANT, ExtensionMove.REFUSE, ExtensionMove.WITHDRAW}),
)

CLOSING = Workflow(
    initial=ClosingStatus.ASKED,
    transitions={
        ClosingStatus.ASKED: {
            ClosingMove.CONFIRM: ClosingStatus.CONFIRMED,
            ClosingMove.RETURN: ClosingStatus.RETURNED,
            ClosingMove.WITHDRAW: ClosingStatus.WITHDRAWN,
        },
        ClosingStatus.CONFIRMED: {ClosingMove.REOPEN: ClosingStatus.REOPENED},
        ClosingStatus.RETURNED: {},
        ClosingStatus.REOPENED: {},
        ClosingStatus.WITHDRAWN: {},
    },
    actors={
        ClosingMove.CONFIRM: SupervisionActor.PLAN_ADMIN,
        ClosingMove.RETURN: SupervisionActor.PLAN_ADMIN,
        ClosingMove.REOPEN: SupervisionActor.PLAN_ADMIN,
        ClosingMove.WITHDRAW: SupervisionActor.LEAD_DEPARTMENT,
    },
    needs_text=frozenset({ClosingMove.RETURN, ClosingMove.REOPEN, ClosingMove.WITHDRAW}),
    reopening=frozenset({ClosingMove.REOPEN}),
)


def problems_of_transition(
    workflow: Workflow, move: TextChoices, *, text: str, answer_by: date | None = None, today: date
) -> Problems:
    """What a move still lacks."""
    problems = _problems_of_text(text, is_required=move in workflow.needs_text, max_length=MAX_TEXT)
    if move == InstructionMove.FOLLOW_UP:
        problems |= _problems_of_answer_day(answer_by, today=today)
    return problems


def problems_of_instruction(*, text: str, answer_by: date | None, today: date) -> Problems:
    problems = _problems_of_text(text, is_required=True, max_length=MAX_TEXT)
    return problems | _problems_of_answer_day(answer_by, today=today)


def _problems_of_text(text: str, *, is_required: bool, max_length: int, field: str = "text") -> Problems:
    if is_required and not text.strip():
        return {field: _("请填写此项。")}
    if len(text) > max_length:
        return {field: _("最多 %(longest)d 字，现有 %(now)d 字。") % {"longest": max_length, "now": len(text)}}
    return {}


def _problems_of_answer_day(answer_by: date | None, *, today: date) -> Problems:
    if answer_by is None:
        return {"answer_by": _("请填写答复期限。")}
    if answer_by < today:
        return {"answer_by": _("答复期限不能早于今天。")}
    return {}


def problem_of_late_request(*, due: date, today: date) -> str | None:
    """Why an extension can no longer be requested; None while it can. `due` is already moved to a working day."""
    if today <= due:
        return None
    return _("完成时限 %(day)s 已过，延期须在到期前申请。请在填报中说明情况，或请计划管理员按程序调整时限。") % {
        "day": written_day(due)
    }


def problems_of_extension(
    *, reason: str, progress: str, new_due: date | None, due: date, today: date, last_day: date
) -> Problems:
    """`due` is the day in force as ordered, not moved to a working day; `last_day` the latest day that may be asked for."""
    problems = _problems_of_text(reason, is_required=True, max_length=MAX_REASON, field="reason")
    problems |= _problems_of_text(progress, is_required=True, max_length=MAX_TEXT, field="progress")
    if new_due is None:
        problems["new_due"] = _("请填写申请延至的日期。")
    elif new_due <= max(due, today):
        problems["new_due"] = _("申请延至的日期须晚于现定时限和今天。")
    elif new_due > last_day:
        problems["new_due"] = _("申请延至的日期不能晚于 %(day)s。") % {"day": written_day(last_day)}
    return problems


def problems_of_result(result: str) -> Problems:
    return _problems_of_text(result, is_required=True, max_length=MAX_TEXT, field="result")


def lacks_reading(facts: IndicatorFacts, verdict: IndicatorVerdict) -> bool:
    """Whether a binding indicator lacks the data that says how it ended, so that its measure can't be closed.

    A measured figure needs a reading and no missed window; a thing to achieve its day; a manual verdict that verdict.
    """
    if facts.strength != Strength.MUST:
        return False
    if facts.kind == Kind.ACHIEVED:
        return facts.achieved_on is None
    if facts.kind in MEASURED:
        return not facts.observations or facts.readings_missed > 0
    return verdict.standing == Standing.NO_DATA
