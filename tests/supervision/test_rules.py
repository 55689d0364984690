from datetime import date
from decimal import Decimal

import pytest

from apps.assessment.choices import Light, Standing
from apps.assessment.rules import IndicatorFacts, IndicatorVerdict, Observation
from apps.indicators.choices import Kind, Strength
from apps.supervision.choices import ClosingMove, ExtensionMove, InstructionMove, SupervisionActor
from apps.supervision.permissions import PREDICATES
from apps.supervision.rules import (
    CLOSING,
    EXTENSION,
    INSTRUCTION,
    MAX_TEXT,
    lacks_reading,
    problem_of_late_request,
    problems_of_extension,
    problems_of_instruction,
    problems_of_transition,
)

TODAY = date(2025, 6, 3)
NEVER = ()

# Every state of each workflow, and what leads out of it; what is missing here is not allowed.
WORKFLOWS = {
    "instruction": (
        INSTRUCTION,
        {
            "open": {"answer": "answered", "follow_up": "open", "close": "closed", "withdraw": "withdrawn"},
            "answered": {"answer": "answered", "follow_up": "open", "close": "closed"},
            "closed": {},
            "withdrawn": {},
        },
        {
            "answer": "addressee",
            "follow_up": "instructing_leader",
            "close": "instructing_leader",
            "withdraw": "instructing_leader",
        },
    ),
    "extension": (
        EXTENSION,
        {
            "asked": {"endorse": "endorsed", "decline": "not_endorsed", "withdraw": "withdrawn"},
            "endorsed": {"grant": "granted", "refuse": "refused", "withdraw": "withdrawn"},
            "not_endorsed": {},
            "granted": {},
            "refused": {},
            "withdrawn": {},
        },
        {
            "endorse": "lead_reviewer",
            "decline": "lead_reviewer",
            "grant": "decider",
            "refuse": "decider",
            "withdraw": "lead_reporter",
        },
    ),
    "closing": (
        CLOSING,
        {
            "asked": {"confirm": "confirmed", "return": "returned", "withdraw": "withdrawn"},
            "confirmed": {"reopen": "reopened"},
            "returned": {},
            "reopened": {},
            "withdrawn": {},
        },
        {
            "confirm": "plan_admin",
            "return": "plan_admin",
            "reopen": "plan_admin",
            "withdraw": "lead_department",
        },
    ),
}
STATUSES = {
    "instruction": {"open", "answered", "closed", "withdrawn"},
    "extension": {"asked", "endorsed", "not_endorsed", "granted", "refused", "withdrawn"},
    "closing": {"asked", "confirmed", "returned", "reopened", "withdrawn"},
}
MOVES = {"instruction": InstructionMove, "extension": ExtensionMove, "closing": ClosingMove}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_is_complete(name):
    workflow, transitions, actors = WORKFLOWS[name]

    assert {
        str(status): {str(m): str(s) for m, s in out.items()} for status, out in workflow.transitions.items()
    } == transitions
    assert {str(move): str(actor) for move, actor in workflow.actors.items()} == actors
    assert set(transitions) == STATUSES[name]
    assert set(actors) == set(MOVES[name])
    assert {move for out in transitions.values() for move in out} == set(MOVES[name])


def test_every_actor_has_a_predicate():
    assert set(PREDICATES) == set(SupervisionActor)


@pytest.mark.parametrize(
    ("workflow", "moves", "status", "is_pending"),
    [
        (INSTRUCTION, [], "open", True),
        (INSTRUCTION, ["answer"], "answered", True),
        (INSTRUCTION, ["answer", "follow_up", "answer", "close"], "closed", False),
        (EXTENSION, ["endorse"], "endorsed", True),
        (EXTENSION, ["endorse", "grant"], "granted", False),
        (CLOSING, ["confirm"], "confirmed", False),
        (CLOSING, ["confirm", "reopen"], "reopened", False),
    ],
)
def test_status_follows_from_the_steps(workflow, moves, status, is_pending):
    assert workflow.status_after(moves) == status
    assert workflow.is_pending(workflow.status_after(moves)) is is_pending


@pytest.mark.parametrize(
    ("workflow", "move", "text", "answer_by", "fields"),
    [
        (INSTRUCTION, "answer", "已整改", None, []),
        (INSTRUCTION, "answer", " ", None, ["text"]),
        (INSTRUCTION, "close", "", None, []),
        (INSTRUCTION, "withdraw", "", None, ["text"]),
        (INSTRUCTION, "follow_up", "再查", TODAY, []),
        (INSTRUCTION, "follow_up", "再查", date(2025, 6, 2), ["answer_by"]),
        (INSTRUCTION, "follow_up", "", None, ["answer_by", "text"]),
        (EXTENSION, "endorse", "", None, []),
        (EXTENSION, "decline", "", None, ["text"]),
        (EXTENSION, "grant", "", None, ["text"]),
        (EXTENSION, "refuse", "", None, ["text"]),
        (CLOSING, "confirm", "", None, []),
        (CLOSING, "return", "", None, ["text"]),
        (CLOSING, "reopen", "", None, ["text"]),
        (CLOSING, "return", "字" * (MAX_TEXT + 1), None, ["text"]),
    ],
)
def test_what_a_move_must_say(workflow, move, text, answer_by, fields):
    assert sorted(problems_of_transition(workflow, move, text=text, answer_by=answer_by, today=TODAY)) == fields


@pytest.mark.parametrize(
    ("text", "answer_by", "fields"),
    [
        ("请核实", TODAY, []),
        ("请核实", date(2025, 6, 2), ["answer_by"]),
        ("请核实", None, ["answer_by"]),
        ("\n", TODAY, ["text"]),
    ],
)
def test_instruction_needs_words_and_a_day_to_come(text, answer_by, fields):
    assert sorted(problems_of_instruction(text=text, answer_by=answer_by, today=TODAY)) == fields


@pytest.mark.parametrize(
    ("due", "today", "is_late"),
    [(TODAY, TODAY, False), (date(2025, 6, 4), TODAY, False), (date(2025, 6, 2), TODAY, True)],
)
def test_extension_is_asked_for_before_the_day_has_passed(due, today, is_late):
    assert (problem_of_late_request(due=due, today=today) is not None) is is_late


@pytest.mark.parametrize(
    ("due", "new_due", "fields"),
    [
        (date(2025, 6, 30), date(2025, 7, 1), []),
        (date(2025, 6, 30), date(2025, 6, 30), ["new_due"]),
        (date(2025, 6, 1), TODAY, ["new_due"]),
        (date(2025, 6, 30), date(2027, 1, 1), ["new_due"]),
        (date(2025, 6, 30), None, ["new_due"]),
    ],
)
def test_new_day_lies_behind_the_old_one(due, new_due, fields):
    problems = problems_of_extension(
        reason="施工延期", progress="完成六成", new_due=new_due, due=due, today=TODAY, last_day=date(2026, 12, 31)
    )

    assert list(problems) == fields


def test_extension_needs_reason_and_progress():
    problems = problems_of_extension(
        reason=" ",
        progress="",
        new_due=date(2025, 7, 1),
        due=date(2025, 6, 30),
        today=TODAY,
        last_day=date(2026, 12, 31),
    )

    assert sorted(problems) == ["progress", "reason"]


@pytest.mark.parametrize(
    ("kind", "strength", "standing", "has_reading", "missed", "achieved_on", "lacks"),
    [
        (Kind.AT_LEAST, Strength.MUST, Standing.NO_DATA, False, 0, None, True),
        (Kind.AT_LEAST, Strength.MUST, Standing.NO_TARGET, False, 0, None, True),
        (Kind.AT_LEAST, Strength.MUST, Standing.NO_TARGET, True, 0, None, False),
        (Kind.AT_LEAST, Strength.MUST, Standing.MET, True, 0, None, False),
        (Kind.AT_LEAST, Strength.MUST, Standing.MISSED, True, 0, None, False),
        (Kind.AT_LEAST, Strength.MUST, Standing.MET, True, 1, None, True),
        (Kind.AT_LEAST, Strength.AIM, Standing.NO_DATA, False, 2, None, False),
        (Kind.ACHIEVED, Strength.MUST, Standing.PENDING, False, 0, None, True),
        (Kind.ACHIEVED, Strength.MUST, Standing.MET, False, 0, TODAY, False),
        (Kind.ACHIEVED, Strength.AIM, Standing.PENDING, False, 0, None, False),
        (Kind.JUDGED, Strength.MUST, Standing.NO_DATA, False, 0, None, True),
        (Kind.JUDGED, Strength.MUST, Standing.MISSED, False, 0, None, False),
        (Kind.ALL_MET, Strength.MUST, Standing.NO_DATA, False, 0, None, True),
        (Kind.ALL_MET, Strength.MUST, Standing.OUT, False, 0, None, False),
    ],
)
def test_binding_indicator_lacks_its_reading(kind, strength, standing, has_reading, missed, achieved_on, lacks):
    facts = IndicatorFacts(
        kind=kind,
        strength=strength,
        start=date(2025, 1, 1),
        due=date(2025, 12, 31),
        observations=(Observation(start=TODAY, end=TODAY, value=Decimal(5)),) if has_reading else (),
        readings_missed=missed,
        achieved_on=achieved_on,
    )

    assert lacks_reading(facts, IndicatorVerdict(standing=standing, light=Light.ON_TRACK)) is lacks
