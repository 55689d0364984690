"""Changes to a plan: dated orders with a reason, assignments, and its workflow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Department, User
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.models import DatedOrder
from apps.core.permissions import require
from apps.core.problems import Problems, raise_problems
from apps.core.wording import joined
from apps.plans.choices import Adjustment, PlanMove, PlanStatus
from apps.plans.models import Deadline, Measure, MeasureOrder, Node, Plan, ThresholdOrder
from apps.plans.permissions import can_give_orders, can_transition_plan
from apps.plans.rules import WORKFLOW

REASON_FIRST = "计划下达"


Order = TypeVar("Order", bound=DatedOrder)


@dataclass(frozen=True, kw_only=True)
class OrderDetails:
    """Who gives an order, when and why. Without `effective_from` it takes effect on the day it is made."""

    reason: str
    by: User
    at: datetime
    document: str = ""
    effective_from: date | None = None


def lock_plan(plan: Plan) -> Plan:
    """Lock and re-read the plan's row, so that changes to one plan are serialised."""
    return Plan.objects.select_for_update().select_related("court").get(pk=plan.pk)


def issue_order(order: Order, *, plan: Plan, action: Action, changes: dict[str, Any], details: OrderDetails) -> Order:
    """Number, check, save and record an order. The caller holds the plan's lock: it keeps the numbers without gaps.

    `changes` are what it sets, for the audit trail.
    """
    effective_from = details.effective_from or default_day(plan, today=timezone.localdate(details.at))
    problem = problem_of_effective_day(plan, effective_from)
    if problem:
        raise ValidationError({"effective_from": problem})
    order.number = (order.series.aggregate(last=Max("number"))["last"] or 0) + 1
    order.effective_from = effective_from
    order.reason, order.document = details.reason, details.document
    order.made_by, order.made_at = details.by, details.at
    order.full_clean()
    order.save()
    why = {"reason": details.reason, "document": details.document, "effective_from": effective_from}
    record(
        by=details.by,
        action=action,
        target=order.subject,
        court=plan.court,
        at=details.at,
        data={**changes, **why},
        made=[order],
    )
    return order


def default_day(plan: Plan, *, today: date) -> date:
    """The day from which a new order takes effect unless it names another: today, within the plan's year."""
    return min(max(today, plan.starts_on), plan.ends_on)


def problem_of_effective_day(plan: Plan, day: date) -> str | None:
    """An order that took effect outside the plan's year would change nothing on any page."""
    if plan.starts_on <= day <= plan.ends_on:
        return None
    return _("生效日期须在 %(first)s 至 %(last)s 之间。") % {"first": plan.starts_on, "last": plan.ends_on}


@transaction.atomic
def order_deadline(*, measure: Measure, due: date, details: OrderDetails, node: Node | None = None) -> Deadline:
    """Set the last day of a measure or of one of its nodes. The order before it stays on record."""
    require(can_give_orders(details.by, lock_plan(measure.plan)))
    return set_deadline(measure=measure, node=node, due=due, details=details)


@transaction.atomic
def set_deadline(*, measure: Measure, due: date, details: OrderDetails, node: Node | None = None) -> Deadline:
    """As `order_deadline`, for a service that has its own permission check, such as granting an extension."""
    plan = lock_plan(measure.plan)
    if node is not None and node.measure_id != measure.pk:
        raise ValidationError({"node": _("该节点不属于这项举措。")})
    if due < measure.starts_on:
        raise ValidationError({"due": _("完成时限不能早于开始日期。")})
    order = Deadline(measure=measure, node=node, due=due)
    before = order.series.order_by("number").last()
    return issue_order(
        order,
        plan=plan,
        action=Action.DEADLINE_ORDERED,
        changes={"before": before and before.due, "after": due},
        details=details,
    )


@transaction.atomic
def add_node(*, measure: Measure, title: str, due: date, details: OrderDetails, weight: Decimal = Decimal(1)) -> Node:
    """Add a node to a measure, with its first deadline."""
    measure.plan = lock_plan(measure.plan)
    require(can_give_orders(details.by, measure.plan))
    node = Node(
        measure=measure,
        title=title,
        weight=weight,
        order=(Node.objects.filter(measure=measure).aggregate(last=Max("order"))["last"] or 0) + 1,
    )
    node.full_clean()
    node.save()
    record(by=details.by, action=Action.NODE_ADDED, target=node, at=details.at, data={"measure": measure.code})
    order_deadline(measure=measure, node=node, due=due, details=details)
    return node


@transaction.atomic
def order_adjustment(
    *, measure: Measure, adjustment: str, details: OrderDetails, weight: Decimal | None = None
) -> MeasureOrder:
    """Pause a measure, resume it, or change its weight, from a day on."""
    plan = lock_plan(measure.plan)
    require(can_give_orders(details.by, plan))
    return issue_order(
        MeasureOrder(measure=measure, adjustment=Adjustment(adjustment), weight=weight),
        plan=plan,
        action=Action.MEASURE_ADJUSTED,
        changes={"adjustment": adjustment, "weight": weight},
        details=details,
    )


@transaction.atomic
def order_thresholds(*, plan: Plan, details: OrderDetails, **values: Decimal | int) -> ThresholdOrder:
    """Set how large a gap or a delay changes a light; `values` are the fields of ThresholdOrder."""
    plan = lock_plan(plan)
    require(can_give_orders(details.by, plan))
    return issue_order(
        ThresholdOrder(plan=plan, **values),
        plan=plan,
        action=Action.THRESHOLDS_ORDERED,
        changes=dict(values),
        details=details,
    )


@transaction.atomic
def assign_measure(
    *,
    measure: Measure,
    by: User,
    at: datetime,
    lead: Department | None,
    leader: User | None,
    support: Sequence[Department],
) -> None:
    """Set which department leads a measure, which support it and which leader answers for it."""
    measure.plan = lock_plan(measure.plan)
    require(can_give_orders(by, measure.plan))
    raise_problems(problems_of_assignment(lead, support))
    before = _assignment(measure)
    measure.lead, measure.leader = lead, leader
    measure.clean()
    measure.save(update_fields=["lead", "leader"])
    measure.support.set(support)
    after = _assignment(measure)
    if after != before:
        data = {"before": before, "after": after}
        record(by=by, action=Action.MEASURE_ASSIGNED, target=measure, at=at, data=data)


def problems_of_assignment(lead: Department | None, support: Sequence[Department]) -> Problems:
    if lead is None:
        return {"lead": _("请选择牵头部门：没有牵头部门的举措无人填报和审核。")}
    if lead in support:
        return {"support": _("牵头部门不同时作为配合部门。")}
    return {}


def _assignment(measure: Measure) -> dict[str, Any]:
    current = Measure.objects.select_related("lead", "leader").get(pk=measure.pk)
    return {
        "lead": str(current.lead or ""),
        "leader": str(current.leader or ""),
        "support": sorted(department.name for department in current.support.all()),
    }


@transaction.atomic
def transition_plan(*, plan: Plan, move: str, by: User, at: datetime, reason: str = "") -> Plan:
    """Make one move in the plan's workflow.

    From the opening on it is judged and reported on, and its text is fixed; closed, it takes no more reports and
    orders. Raises ValidationError where the plan lacks something, or a move its reason.
    """
    plan = lock_plan(plan)
    move = PlanMove(move)
    require(can_transition_plan(by, plan, move))
    if move in WORKFLOW.needs_text and not reason.strip():
        raise ValidationError({"reason": _("请写明理由。")})
    if move in (PlanMove.ASK, PlanMove.OPEN):
        missing = missing_to_open(plan)
        if missing:
            raise ValidationError(missing)
    before, plan.status = plan.status, WORKFLOW.transitions[PlanStatus(plan.status)][move]
    match move:
        case PlanMove.CONFIRM:
            plan.confirmed_by, plan.confirmed_at = by, at
        case PlanMove.REDRAFT:
            plan.confirmed_by = plan.confirmed_at = None
        case PlanMove.OPEN:
            plan.opened_at = at
        case PlanMove.CLOSE:
            plan.closed_by, plan.closed_at = by, at
    plan.save(update_fields=["status", "confirmed_by", "confirmed_at", "opened_at", "closed_by", "closed_at"])
    data = {"before": before, "after": plan.status} | ({"reason": reason.strip()} if reason.strip() else {})
    record(by=by, action=f"plan.{move}", target=plan, at=at, data=data)
    return plan


def missing_to_open(plan: Plan) -> list[str]:
    """What the plan lacks to be carried out, as sentences."""
    measures = list(plan.measures.order_by("pillar__number", "order"))
    missing = []
    if not measures or not plan.pillars.exists():
        missing.append(_("计划中还没有支柱或举措，不能启用。"))
    without_lead = [measure.code for measure in measures if measure.lead_id is None]
    if without_lead:
        missing.append(_("还没有牵头部门的举措：%(codes)s。") % {"codes": joined(without_lead)})
    return missing
