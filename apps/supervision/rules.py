"""The ways of an instruction, an extension and a closing: which step leads where, who takes it, and what it must say.

Values in, values out. What is not in a table is not allowed.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.assessment.choices import Standing
from apps.core.wording import written_day
from apps.indicators.choices import Kind, Strength
from apps.indicators.rules import MEASURED
from apps.supervision.choices import (
    ClosingMove,
    ClosingStatus,
    ExtensionMove,
    ExtensionStatus,
    InstructionMove,
    InstructionStatus,
    Mover,
)

LONGEST_TEXT = 1000
LONGEST_REASON = 500


@dataclass(frozen=True)
class Way:
    """Where a matter begins, which move leads from state to state, and who may make each move."""

    begins: str
    moves: dict
    movers: dict
    needs_text: frozenset

    def after(self, status, move):
        """The state that a move leads to; None where it is not allowed."""
        return self.moves.get(status, {}).get(move)

    def status_after(self, moves):
        """The state after these moves, one after the other, from the beginning."""
        status = self.begins
        for move in moves:
            status = self.moves[status][move]
        return status

    def is_pending(self, status):
        """Whether somebody still has to move."""
        return any(move not in REOPENING for move in self.moves.get(status, ()))


REOPENING = frozenset({ClosingMove.REOPEN})

INSTRUCTION = Way(
    begins=InstructionStatus.OPEN,
    moves={
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
    movers={
        InstructionMove.ANSWER: Mover.ADDRESSEE,
        InstructionMove.FOLLOW_UP: Mover.INSTRUCTING_LEADER,
        InstructionMove.CLOSE: Mover.INSTRUCTING_LEADER,
        InstructionMove.WITHDRAW: Mover.INSTRUCTING_LEADER,
    },
    needs_text=frozenset({InstructionMove.ANSWER, InstructionMove.FOLLOW_UP, InstructionMove.WITHDRAW}),
)

EXTENSION = Way(
    begins=ExtensionStatus.ASKED,
    moves={
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
    movers={
        ExtensionMove.ENDORSE: Mover.LEAD_REVIEWER,
        ExtensionMove.DECLINE: Mover.LEAD_REVIEWER,
        ExtensionMove.GRANT: Mover.DECIDER,
        ExtensionMove.REFUSE: Mover.DECIDER,
        ExtensionMove.WITHDRAW: Mover.LEAD_REPORTER,
    },
    needs_text=frozenset({ExtensionMove.DECLINE, ExtensionMove.GRANT, ExtensionMove.REFUSE, ExtensionMove.WITHDRAW}),
)

CLOSING = Way(
    begins=ClosingStatus.ASKED,
    moves={
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
    movers={
        ClosingMove.CONFIRM: Mover.PLAN_ADMIN,
        ClosingMove.RETURN: Mover.PLAN_ADMIN,
        ClosingMove.REOPEN: Mover.PLAN_ADMIN,
        ClosingMove.WITHDRAW: Mover.LEAD_DEPARTMENT,
    },
    needs_text=frozenset({ClosingMove.RETURN, ClosingMove.REOPEN, ClosingMove.WITHDRAW}),
)


def problems_of_step(way, move, *, text, answer_by=None, today):
    """What a step still lacks, as {field: sentence}."""
    problems = _problems_of_text(text, is_needed=move in way.needs_text, longest=LONGEST_TEXT)
    if move == InstructionMove.FOLLOW_UP:
        problems |= _problems_of_answer_day(answer_by, today=today)
    return problems


def problems_of_instruction(*, text, answer_by, today):
    return _problems_of_text(text, is_needed=True, longest=LONGEST_TEXT) | _problems_of_answer_day(
        answer_by, today=today
    )


def _problems_of_text(text, *, is_needed, longest, name="text"):
    if is_needed and not text.strip():
        return {name: _("请填写此项。")}
    if len(text) > longest:
        return {name: _("最多 %(longest)d 字，现有 %(now)d 字。") % {"longest": longest, "now": len(text)}}
    return {}


def _problems_of_answer_day(answer_by, *, today):
    if answer_by is None:
        return {"answer_by": _("请填写答复期限。")}
    if answer_by < today:
        return {"answer_by": _("答复期限不能早于今天。")}
    return {}


def problem_of_asking_late(*, due, today):
    """Why an extension can't be asked for any more; None while it can. `due` is the day in force, moved to a workday."""
    if today <= due:
        return None
    return _("完成时限 %(day)s 已过，延期须在到期前申请。请在填报中说明情况，或请计划管理员按程序调整时限。") % {
        "day": written_day(due)
    }


def problems_of_extension(*, reason, progress, new_due, due, today, last_day):
    """What speaks against asking, as {field: sentence}: `due` is the day in force as ordered."""
    problems = _problems_of_text(reason, is_needed=True, longest=LONGEST_REASON, name="reason")
    problems |= _problems_of_text(progress, is_needed=True, longest=LONGEST_TEXT, name="progress")
    if new_due is None:
        problems["new_due"] = _("请填写申请延至的日期。")
    elif new_due <= max(due, today):
        problems["new_due"] = _("申请延至的日期须晚于现定时限和今天。")
    elif new_due > last_day:
        problems["new_due"] = _("申请延至的日期不能晚于 %(day)s。") % {"day": written_day(last_day)}
    return problems


def problems_of_result(result):
    return _problems_of_text(result, is_needed=True, longest=LONGEST_TEXT, name="result")


def lacks_its_reading(facts, verdict):
    """Whether a binding indicator still lacks what would tell how it ended.

    A figure needs a reading and no missed window behind it; a thing to achieve its day; a verdict by hand its
    verdict. `facts` and `verdict` as assessment has them.
    """
    if facts.strength != Strength.MUST:
        return False
    if facts.kind == Kind.ACHIEVED:
        return facts.achieved_on is None
    if facts.kind in MEASURED:
        return not facts.observations or facts.readings_missed > 0
    return verdict.standing == Standing.NO_DATA
