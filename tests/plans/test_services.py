from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.audit.models import AuditEvent
from apps.plans import services
from apps.plans.choices import Adjustment, PlanStatus
from apps.plans.models import Deadline
from apps.plans.services import OrderDetails
from tests.conftest import at
from tests.factories import NodeFactory

JUNE = at("2025-06-12 10:00")


def test_deadline_moves_by_an_order_and_the_first_day_stays(cast):
    services.order_deadline(
        measure=cast.measure, due=date(2026, 3, 31), details=OrderDetails(reason="延期", by=cast.plan_admin, at=JUNE)
    )

    orders = list(Deadline.objects.order_by("number").values_list("number", "due", "reason"))
    assert [(number, str(due), reason) for number, due, reason in orders] == [
        (1, "2025-12-31", "计划下达"),
        (2, "2026-03-31", "延期"),
    ]
    event = AuditEvent.objects.get()
    assert (event.action, event.data["before"], event.data["after"]) == ("deadline.ordered", "2025-12-31", "2026-03-31")


def test_deadline_before_the_start_is_refused(cast):
    with pytest.raises(ValidationError) as refusal:
        services.order_deadline(
            measure=cast.measure,
            due=date(2024, 12, 31),
            details=OrderDetails(reason="提前", by=cast.plan_admin, at=JUNE),
        )

    assert refusal.value.message_dict == {"due": ["完成时限不能早于开始日期。"]}


def test_node_of_another_measure_is_refused(cast):
    with pytest.raises(ValidationError) as refusal:
        services.order_deadline(
            measure=cast.measure,
            node=NodeFactory(),
            due=JUNE.date(),
            details=OrderDetails(reason="调整", by=cast.plan_admin, at=JUNE),
        )

    assert list(refusal.value.message_dict) == ["node"]


def test_node_comes_with_its_first_deadline(cast):
    node = services.add_node(
        measure=cast.measure,
        title="方案印发",
        due=JUNE.date(),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=JUNE),
    )

    assert [(order.number, order.due) for order in node.deadlines.all()] == [(1, JUNE.date())]


@pytest.mark.parametrize("person", ["reporter", "reviewer", "leader", "inspector", "colleague", "outsider"])
def test_only_the_plan_admin_gives_orders(cast, person):
    by = getattr(cast, person)

    for act in (
        lambda: services.order_deadline(
            measure=cast.measure, due=JUNE.date(), details=OrderDetails(reason="x", by=by, at=JUNE)
        ),
        lambda: services.add_node(
            measure=cast.measure, title="x", due=JUNE.date(), details=OrderDetails(reason="计划下达", by=by, at=JUNE)
        ),
        lambda: services.order_adjustment(
            measure=cast.measure, adjustment=Adjustment.PAUSE, details=OrderDetails(reason="x", by=by, at=JUNE)
        ),
        lambda: services.order_thresholds(plan=cast.measure.plan, details=OrderDetails(reason="x", by=by, at=JUNE)),
        lambda: services.assign_measure(measure=cast.measure, lead=None, leader=None, support=[], by=by, at=JUNE),
        lambda: services.transition_plan(plan=cast.measure.plan, move="close", by=by, at=JUNE),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert AuditEvent.objects.count() == 0


def test_order_without_reason_is_refused(cast):
    with pytest.raises(ValidationError) as refusal:
        services.order_adjustment(
            measure=cast.measure,
            adjustment=Adjustment.PAUSE,
            details=OrderDetails(reason="", by=cast.plan_admin, at=JUNE),
        )

    assert list(refusal.value.message_dict) == ["reason"]


def test_weight_goes_with_the_order_that_changes_it_only(cast):
    for adjustment, weight in ((Adjustment.WEIGHT, None), (Adjustment.PAUSE, 2)):
        with pytest.raises(ValidationError):
            services.order_adjustment(
                measure=cast.measure,
                adjustment=adjustment,
                weight=weight,
                details=OrderDetails(reason="x", by=cast.plan_admin, at=JUNE),
            )


def test_closed_plan_takes_no_orders(cast):
    plan = cast.measure.plan
    services.transition_plan(plan=plan, move="close", by=cast.plan_admin, at=JUNE)

    plan.refresh_from_db()
    assert plan.status == PlanStatus.CLOSED
    with pytest.raises(PermissionDenied):
        services.order_deadline(
            measure=cast.measure, due=JUNE.date(), details=OrderDetails(reason="x", by=cast.plan_admin, at=JUNE)
        )
