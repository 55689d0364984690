"""A plan's life: draft → a leader's word → open → closed; every person tries every move in every state."""

from itertools import product

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.plans.choices import PlanMove, PlanStatus
from apps.plans.models import PREPARING, Plan
from apps.plans.rules import WORKFLOW
from apps.plans.selectors import current_plan, plans_prepared_for, plans_to_confirm, plans_visible_to
from apps.plans.services import OrderDetails, order_deadline, transition_plan
from tests.conftest import at
from tests.factories import PlanFactory

NOW = at("2025-01-10 09:00")
PEOPLE = ("reporter", "reviewer", "leader", "plan_admin", "inspector", "colleague", "outsider")


def test_tables_are_complete():
    transitions = WORKFLOW.transitions

    assert set(transitions) == set(PlanStatus)
    assert {move for moves in transitions.values() for move in moves} == set(WORKFLOW.actors) == set(PlanMove)
    assert {after for moves in transitions.values() for after in moves.values()} == set(PlanStatus)
    assert set(PlanMove) >= WORKFLOW.needs_text


def bring(plan, status, by):
    """The plan in a state, as if it had come there."""
    Plan.objects.filter(pk=plan.pk).update(
        status=status,
        opened_at=None if status in PREPARING else NOW,
        closed_by=by if status == PlanStatus.CLOSED else None,
        closed_at=NOW if status == PlanStatus.CLOSED else None,
    )
    return Plan.objects.get(pk=plan.pk)


@pytest.mark.parametrize(("status", "move"), list(product(PlanStatus, PlanMove)))
def test_only_the_moves_of_the_table_by_whom_it_names(cast, status, move):
    may = {"leader"} if move in (PlanMove.CONFIRM, PlanMove.RETURN) else {"plan_admin"}
    done = set()
    for name in PEOPLE:
        plan = bring(cast.measure.plan, status, cast.plan_admin)
        try:
            transition_plan(plan=plan, move=move, reason="有理由", by=getattr(cast, name), at=NOW)
        except PermissionDenied:
            assert Plan.objects.get().status == status
        else:
            done.add(name)
            assert Plan.objects.get().status == WORKFLOW.transitions[status][move]

    assert done == (may if move in WORKFLOW.transitions[status] else set())


def test_whole_life_leaves_its_trail(cast):
    plan = bring(cast.measure.plan, PlanStatus.DRAFT, cast.plan_admin)
    for move, by in (
        ("ask", cast.plan_admin),
        ("return", cast.leader),
        ("ask", cast.plan_admin),
        ("confirm", cast.leader),
        ("open", cast.plan_admin),
        ("close", cast.plan_admin),
    ):
        plan = transition_plan(plan=plan, move=move, reason="请补充时限" if move == "return" else "", by=by, at=NOW)

    assert (plan.confirmed_by, plan.opened_at, plan.closed_by) == (cast.leader, NOW, cast.plan_admin)
    events = AuditEvent.objects.order_by("number")
    assert [event.action for event in events] == [
        "plan.ask",
        "plan.return",
        "plan.ask",
        "plan.confirm",
        "plan.open",
        "plan.close",
    ]
    assert events[1].data["reason"] == "请补充时限"


@pytest.mark.parametrize(
    ("status", "move", "by"), [("asked", "return", "leader"), ("confirmed", "redraft", "plan_admin")]
)
def test_going_back_needs_a_reason(cast, status, move, by):
    plan = bring(cast.measure.plan, status, cast.plan_admin)

    with pytest.raises(ValidationError) as refusal:
        transition_plan(plan=plan, move=move, reason="  ", by=getattr(cast, by), at=NOW)

    assert refusal.value.message_dict == {"reason": ["请写明理由。"]}


def test_plan_taken_back_loses_its_confirmation(cast):
    plan = bring(cast.measure.plan, PlanStatus.ASKED, cast.plan_admin)
    plan = transition_plan(plan=plan, move="confirm", by=cast.leader, at=NOW)
    plan = transition_plan(plan=plan, move="redraft", reason="漏了一项", by=cast.plan_admin, at=NOW)

    assert (plan.status, plan.confirmed_by, plan.confirmed_at) == (PlanStatus.DRAFT, None, None)


def test_plan_admin_confirms_only_where_no_leader_has_an_account(cast):
    plan = bring(cast.measure.plan, PlanStatus.ASKED, cast.plan_admin)
    with pytest.raises(PermissionDenied):
        transition_plan(plan=plan, move="confirm", by=cast.plan_admin, at=NOW)
    User.objects.filter(pk=cast.leader.pk).update(is_active=False)

    assert transition_plan(plan=plan, move="confirm", by=cast.plan_admin, at=NOW).confirmed_by == cast.plan_admin


def test_plan_without_content_or_leads_is_not_asked_for(cast):
    empty = PlanFactory(court=cast.plan_admin.court, year=2026, status=PlanStatus.DRAFT, opened_at=None)
    with pytest.raises(ValidationError) as refusal:
        transition_plan(plan=empty, move="ask", by=cast.plan_admin, at=NOW)
    assert refusal.value.messages == ["计划中还没有支柱或举措，不能启用。"]

    plan = bring(cast.measure.plan, PlanStatus.DRAFT, cast.plan_admin)
    plan.measures.update(lead=None)
    with pytest.raises(ValidationError) as refusal:
        transition_plan(plan=plan, move="ask", by=cast.plan_admin, at=NOW)
    assert refusal.value.messages == ["还没有牵头部门的举措：1.1。"]


@pytest.mark.parametrize("status", [PlanStatus.ASKED, PlanStatus.CONFIRMED])
def test_what_a_leader_is_to_confirm_stands_still(cast, status):
    bring(cast.measure.plan, status, cast.plan_admin)

    with pytest.raises(PermissionDenied):
        order_deadline(
            measure=cast.measure, due=NOW.date(), details=OrderDetails(reason="调整", by=cast.plan_admin, at=NOW)
        )


@pytest.mark.parametrize("status", PREPARING)
def test_plan_being_prepared_is_seen_by_those_who_prepare_it(cast, status):
    plan = bring(cast.measure.plan, status, cast.plan_admin)

    assert {name for name in PEOPLE if plan in plans_prepared_for(getattr(cast, name))} == {
        "leader",
        "plan_admin",
        "inspector",
    }
    assert {name for name in PEOPLE if plans_to_confirm(getattr(cast, name))} == (
        {"leader"} if status == PlanStatus.ASKED else set()
    )
    assert all(plan not in plans_visible_to(getattr(cast, name)) for name in PEOPLE)
    assert current_plan(cast.leader) is None
