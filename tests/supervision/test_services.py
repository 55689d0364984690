import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from apps.assessment.choices import Light
from apps.assessment.selectors import standing_of
from apps.audit.models import AuditEvent
from apps.indicators.choices import Kind, Strength
from apps.ledger.models import LedgerEntry
from apps.ledger.services import withdraw_entry
from apps.plans.models import Deadline
from apps.plans.services import OrderDetails, add_node, order_deadline, transition_plan
from apps.supervision import services
from apps.supervision.models import Closing, Extension, Instruction, InstructionStep, Receipt
from apps.supervision.selectors import open_instructions, requests_waiting_for
from tests.conftest import at
from tests.factories import GoalFactory, IndicatorFactory, ReadingEntryFactory
from tests.supervision.conftest import ASKED

LATER = at("2025-06-10 15:00")


# Instructions


def test_instruction_goes_to_the_department_and_into_the_trail(cast, instruction):
    assert (instruction.status, instruction.department, instruction.by) == ("open", cast.measure.lead, cast.leader)
    event = AuditEvent.objects.get()
    assert (event.action, event.data["text"], event.data["answer_by"]) == (
        "instruction.given",
        "请说明进展慢的原因",
        "2025-06-20",
    )


def test_form_sent_twice_makes_one_instruction(cast):
    key = uuid.uuid4()
    same = [
        services.instruct(
            measure=cast.measure,
            department=cast.measure.lead,
            text="请核实",
            answer_by=date(2025, 6, 20),
            by=cast.leader,
            at=ASKED,
            key=key,
        )
        for _time in range(2)
    ]

    assert same[0] == same[1]
    assert Instruction.objects.count() == AuditEvent.objects.count() == 1


def test_instruction_about_an_indicator_under_a_goal(cast):
    indicator = IndicatorFactory(plan=cast.measure.plan, measure=None, goal=GoalFactory(plan=cast.measure.plan))

    instruction = services.instruct(
        indicator=indicator,
        department=cast.supporter.department,
        text="请核实数据",
        answer_by=date(2025, 6, 20),
        by=cast.leader,
        at=ASKED,
    )

    assert instruction.about == indicator
    assert services.transition(item=instruction, move="answer", text="属实", by=cast.supporter, at=LATER).status == (
        "answered"
    )


def test_instruction_to_another_courts_department_is_refused(cast):
    with pytest.raises(ValidationError) as refusal:
        services.instruct(
            measure=cast.measure,
            department=cast.outsider.department,
            text="请核实",
            answer_by=date(2025, 6, 20),
            by=cast.leader,
            at=ASKED,
        )

    assert refusal.value.message_dict == {"department": ["请选择本院的承办部门。"]}


def test_instruction_is_answered_followed_up_answered_and_closed(cast, instruction):
    def step(move, by, **more):
        return services.transition(item=instruction, move=move, by=by, at=LATER, **more)

    assert step("answer", cast.reporter, text="设备未到货").status == "answered"
    assert step("follow_up", cast.leader, text="何时到货", answer_by=date(2025, 6, 30)).status == "open"
    assert instruction.answer_by_at() == date(2025, 6, 30)
    assert step("answer", cast.reviewer, text="6月底").status == "answered"
    assert step("close", cast.leader).status == "closed"
    assert [(step.number, step.move) for step in InstructionStep.objects.all()] == [
        (1, "answer"),
        (2, "follow_up"),
        (3, "answer"),
        (4, "close"),
    ]


def test_answer_sent_twice_is_told_and_written_once(cast, instruction):
    services.transition(item=instruction, move="answer", text="已办", seen=0, by=cast.reporter, at=LATER)

    with pytest.raises(services.StaleItem) as stale:
        services.transition(item=instruction, move="answer", text="已办", seen=0, by=cast.reporter, at=LATER)

    assert stale.value.item.status == "answered"
    assert InstructionStep.objects.count() == 1


def test_another_leader_may_follow_up_only_when_its_author_leads_no_more(cast, instruction):
    other = type(cast.leader).objects.create(username="new-leader", name="新任", court=cast.leader.court)
    other.groups.set(cast.leader.groups.all())

    with pytest.raises(PermissionDenied):
        services.transition(item=instruction, move="close", by=other, at=LATER)

    cast.leader.groups.clear()
    instruction = Instruction.objects.get()
    assert services.transition(item=instruction, move="close", by=other, at=LATER).status == "closed"


def test_receipt_is_written_once_until_the_leader_speaks_again(cast, instruction):
    def read(by, when):
        return services.mark_read(instruction=Instruction.objects.get(), by=by, at=at(when))

    assert read(cast.leader, "2025-06-04 09:00") is None
    assert read(cast.colleague, "2025-06-04 09:00") is None
    assert read(cast.reporter, "2025-06-04 09:00").by == cast.reporter
    assert read(cast.reporter, "2025-06-04 10:00") is None
    services.transition(
        item=instruction,
        move="follow_up",
        text="请速办",
        answer_by=date(2025, 6, 30),
        by=cast.leader,
        at=at("2025-06-05 09:00"),
    )
    assert read(cast.reporter, "2025-06-05 10:00") is not None
    assert Receipt.objects.count() == 2


def test_open_instructions_are_those_of_the_day_as_known_then(cast, instruction):
    services.transition(item=instruction, move="close", by=cast.leader, at=at("2025-06-25 09:00"))
    plan = cast.measure.plan

    def open_on(day):
        return open_instructions(plan, on=day, known=at(f"{day} 23:59"))

    assert open_on(date(2025, 6, 2)) == []
    assert [
        instruction.is_overdue(on=date(2025, 6, 10), known=at("2025-06-10 23:59"))
        for instruction in open_on(date(2025, 6, 10))
    ] == [False]
    assert [
        instruction.is_overdue(on=date(2025, 6, 21), known=at("2025-06-21 23:59"))
        for instruction in open_on(date(2025, 6, 21))
    ] == [True]
    assert open_on(date(2025, 6, 25)) == []


def test_words_once_written_are_held_by_the_database(cast, instruction):
    services.transition(item=instruction, move="answer", text="已办", by=cast.reporter, at=LATER)

    for rows, change in (
        (Instruction.objects.all(), {"text": "改写"}),
        (InstructionStep.objects.all(), {"text": "改写"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


# Extensions


def endorse(extension, by):
    return services.transition(item=extension, move="endorse", by=by, at=LATER)


def test_granted_extension_becomes_a_dated_order(cast, extension):
    endorse(extension, cast.reviewer)

    services.transition(item=extension, move="grant", text="同意", by=cast.leader, at=LATER)

    order = Deadline.objects.get(measure=cast.measure, number=2)
    assert (order.due, order.reason, order.made_by, order.effective_from) == (
        date(2026, 3, 31),
        "施工延期",
        cast.leader,
        date(2025, 6, 10),
    )
    assert extension.steps.all()[1].deadline == order
    before, after = (
        standing_of(cast.measure.plan, on=day).measure("1.1") for day in (date(2025, 6, 9), date(2025, 6, 10))
    )
    assert (before.due, after.due, after.original_due, after.n_moves) == (
        date(2025, 12, 31),
        date(2026, 3, 31),
        date(2025, 12, 31),
        1,
    )


@pytest.mark.parametrize(("move", "text"), [("grant", "同意"), ("refuse", "按期完成")])
def test_extension_is_not_decided_before_it_is_endorsed(cast, extension, move, text):
    with pytest.raises(services.StaleItem):
        services.transition(item=extension, move=move, text=text, by=cast.leader, at=LATER)

    assert Deadline.objects.filter(measure=cast.measure).count() == 1


def test_refused_extension_leaves_the_day_and_may_be_asked_again(cast, extension):
    endorse(extension, cast.reviewer)
    services.transition(item=extension, move="refuse", text="按期完成", by=cast.leader, at=LATER)

    again = services.ask_extension(
        measure=cast.measure,
        reason="设备停产",
        progress="完成七成",
        new_due=date(2026, 1, 31),
        by=cast.reporter,
        at=LATER,
    )

    assert (extension.status, again.status) == ("refused", "asked")
    assert Deadline.objects.filter(measure=cast.measure).count() == 1


def test_second_request_while_one_is_pending_is_refused(cast, extension):
    with pytest.raises(ValidationError) as refusal:
        services.ask_extension(
            measure=cast.measure, reason="理由", progress="进展", new_due=date(2026, 1, 31), by=cast.reporter, at=LATER
        )

    assert refusal.value.messages == ["这一时限已有延期申请在办理，办完后再申请。"]


@pytest.mark.parametrize(
    ("asked_on", "is_refused"),
    [
        ("2025-08-29 17:00", False),
        ("2025-08-31 23:59", False),  # a Sunday: its last day is the Monday after
        ("2025-09-01 23:59", False),
        ("2025-09-02 00:01", True),
    ],
)
def test_asked_too_late_is_said(cast, asked_on, is_refused):
    order_deadline(
        measure=cast.measure,
        due=date(2025, 8, 31),
        details=OrderDetails(reason="提前", by=cast.plan_admin, at=at("2025-02-01 09:00")),
    )

    def ask():
        return services.ask_extension(
            measure=cast.measure,
            reason="理由",
            progress="进展",
            new_due=date(2025, 12, 1),
            by=cast.reporter,
            at=at(asked_on),
        )

    if is_refused:
        with pytest.raises(ValidationError) as refusal:
            ask()
        assert "2025年8月31日" not in refusal.value.message_dict["new_due"][0]
        assert refusal.value.message_dict["new_due"][0].startswith("完成时限 2025年9月1日 已过，延期须在到期前申请。")
    else:
        assert ask().status == "asked"


def test_plan_admin_decides_where_no_leader_is_set(cast, extension):
    endorse(extension, cast.reviewer)

    assert requests_waiting_for(cast.plan_admin) == [extension]
    granted = services.transition(item=extension, move="grant", text="同意", by=cast.plan_admin, at=LATER)

    assert granted.status == "granted"


def test_plan_admin_does_not_decide_where_a_leader_is_set(cast, extension):
    cast.measure.leader = cast.leader
    cast.measure.save(update_fields=["leader"])
    extension = Extension.objects.get()
    endorse(extension, cast.reviewer)

    assert requests_waiting_for(cast.plan_admin) == []
    assert requests_waiting_for(cast.leader) == [extension]
    with pytest.raises(PermissionDenied):
        services.transition(item=extension, move="grant", text="同意", by=cast.plan_admin, at=LATER)


def test_extension_of_a_node_moves_the_nodes_day(cast):
    node = add_node(
        measure=cast.measure,
        title="方案",
        due=date(2025, 7, 31),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )
    extension = services.ask_extension(
        measure=cast.measure,
        node=node,
        reason="论证",
        progress="初稿",
        new_due=date(2025, 8, 15),
        by=cast.reporter,
        at=ASKED,
    )
    endorse(extension, cast.reviewer)
    services.transition(item=extension, move="grant", text="同意", by=cast.leader, at=LATER)

    standing = standing_of(cast.measure.plan, on=date(2025, 6, 11)).measure("1.1")
    assert ([row.due for row in standing.nodes], standing.due) == ([date(2025, 8, 15)], date(2025, 12, 31))


# Closings


def test_confirmed_closing_is_in_the_ledger_and_reopened_it_is_withdrawn(cast, closing):
    services.transition(item=closing, move="confirm", by=cast.plan_admin, at=LATER)
    entry = LedgerEntry.objects.get()
    assert (closing.status, entry.speaks_of, entry.text) == ("confirmed", date(2025, 6, 1), "任务完成")
    assert standing_of(cast.measure.plan, on=date(2025, 6, 10)).measure("1.1").verdict.light == Light.DONE

    services.transition(item=closing, move="reopen", text="发现遗漏", by=cast.plan_admin, at=at("2025-06-12 09:00"))

    entry.refresh_from_db()
    assert (closing.status, entry.withdrawn_reason, entry.withdrawn_by) == ("reopened", "发现遗漏", cast.plan_admin)
    assert standing_of(cast.measure.plan, on=date(2025, 6, 12)).measure("1.1").verdict.light != Light.DONE


def test_closing_whose_entry_was_withdrawn_by_hand_counts_as_reopened(cast, closing):
    services.transition(item=closing, move="confirm", by=cast.plan_admin, at=LATER)
    withdraw_entry(entry=LedgerEntry.objects.get(), reason="误确认", by=cast.plan_admin, at=at("2025-06-12 09:00"))

    assert Closing.objects.get().status == "reopened"


def test_returned_closing_may_be_asked_again(cast, closing):
    services.transition(item=closing, move="return", text="请补充结果", by=cast.plan_admin, at=LATER)

    again = services.ask_closing(
        measure=cast.measure, finished_on=date(2025, 6, 1), result="任务完成，已验收", by=cast.reviewer, at=LATER
    )

    assert (closing.status, again.status) == ("returned", "asked")


@pytest.mark.parametrize("strength", Strength)
def test_closing_waits_for_the_reading_of_a_binding_indicator(cast, strength):
    indicator = IndicatorFactory(
        plan=cast.measure.plan, measure=cast.measure, kind=Kind.AT_LEAST, strength=strength, code="1.1-1"
    )

    def ask():
        return services.ask_closing(
            measure=cast.measure, finished_on=date(2025, 3, 20), result="完成", by=cast.reporter, at=ASKED
        )

    if strength == Strength.MUST:
        with pytest.raises(ValidationError) as refusal:
            ask()
        assert "1.1-1" in refusal.value.messages[0]
        ReadingEntryFactory(
            plan=cast.measure.plan,
            indicator=indicator,
            measure=cast.measure,
            value=Decimal(5),
            speaks_of=date(2025, 3, 20),
            accepted_at=ASKED,
        )
    assert ask().status == "asked"


def test_reading_withdrawn_after_asking_stops_the_confirmation(cast):
    indicator = IndicatorFactory(plan=cast.measure.plan, measure=cast.measure, kind=Kind.AT_LEAST, code="1.1-1")
    reading = ReadingEntryFactory(
        plan=cast.measure.plan,
        indicator=indicator,
        measure=cast.measure,
        value=Decimal(5),
        speaks_of=date(2025, 3, 20),
        accepted_at=at("2025-04-01 09:00"),
    )
    closing = services.ask_closing(
        measure=cast.measure, finished_on=date(2025, 3, 20), result="完成", by=cast.reporter, at=ASKED
    )
    withdraw_entry(entry=reading, reason="数据有误", by=cast.plan_admin, at=ASKED)

    with pytest.raises(ValidationError):
        services.transition(item=closing, move="confirm", by=cast.plan_admin, at=LATER)

    assert not LedgerEntry.objects.filter(kind="closed").exists()
    assert Closing.objects.get().status == "asked"


def test_closed_measure_takes_neither_extension_nor_second_closing(cast, closing):
    services.transition(item=closing, move="confirm", by=cast.plan_admin, at=LATER)

    for ask in (
        lambda: services.ask_extension(
            measure=cast.measure, reason="理由", progress="进展", new_due=date(2026, 1, 31), by=cast.reporter, at=LATER
        ),
        lambda: services.ask_closing(
            measure=cast.measure, finished_on=date(2025, 6, 2), result="完成", by=cast.reporter, at=LATER
        ),
    ):
        with pytest.raises(ValidationError) as refusal:
            ask()
        assert refusal.value.messages == ["这项举措已经销号。"]


def test_closed_plan_takes_no_step(cast, instruction, extension, closing):
    transition_plan(plan=cast.measure.plan, move="close", by=cast.plan_admin, at=LATER)

    for act in (
        lambda: services.transition(item=instruction, move="close", by=cast.leader, at=LATER),
        lambda: services.transition(item=extension, move="endorse", by=cast.reviewer, at=LATER),
        lambda: services.transition(item=closing, move="confirm", by=cast.plan_admin, at=LATER),
        lambda: services.instruct(
            measure=cast.measure,
            department=cast.measure.lead,
            text="请核实",
            answer_by=date(2025, 7, 1),
            by=cast.leader,
            at=LATER,
        ),
    ):
        with pytest.raises(PermissionDenied):
            act()
