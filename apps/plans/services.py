"""Changes to what was promised: orders with a date and a reason, and a plan's life."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.wording import joined
from apps.plans.choices import Adjustment, PlanMove
from apps.plans.models import Deadline, Measure, MeasureOrder, Node, Plan, ThresholdOrder
from apps.plans.permissions import can_assign, can_give_orders, can_move_plan
from apps.plans.rules import MOVES, NEEDS_REASON

REASON_FIRST = "计划下达"


def lock_plan(plan):
    """The plan's row, re-read and held, so that orders and acts on one plan come one after the other."""
    return Plan.objects.select_for_update().select_related("court").get(pk=plan.pk)


def issue(order, *, series, action, target, changes, reason, document, effective_from, by, at, plan):
    """What all dated orders have in common: a number in their series, a day, a reason, a maker; checked, saved, recorded.

    `series` are the orders before it; `changes` what it sets, for the record. Without `effective_from` it holds
    from the day it is made, or from the plan's last day where the year is over.
    """
    effective_from = effective_from or default_day(plan, today=timezone.localdate(at))
    problem = problem_of_effective_day(plan, effective_from)
    if problem:
        raise ValidationError({"effective_from": problem})
    order.number = (series.aggregate(last=Max("number"))["last"] or 0) + 1
    order.effective_from = effective_from
    order.reason, order.document = reason, document
    order.made_by, order.made_at = by, at
    order.full_clean()
    order.save()
    why = {"reason": reason, "document": document, "effective_from": order.effective_from}
    record(by=by, action=action, target=target, court=plan.court, at=at, data={**changes, **why}, made=[order])
    return order


def default_day(plan, *, today):
    """The day a new order holds from unless another is named."""
    return min(max(today, plan.starts_on), plan.ends_on)


def problem_of_effective_day(plan, day):
    """An order that held on no day of the plan's year would change nothing that anybody sees."""
    if plan.starts_on <= day <= plan.ends_on:
        return None
    return _("生效日期须在 %(first)s 至 %(last)s 之间。") % {"first": plan.starts_on, "last": plan.ends_on}


@transaction.atomic
def order_deadline(*, measure, due, reason, by, at, node=None, document="", effective_from=None):
    """Set the last day of a measure or of one of its nodes; the day before it stays in its own order."""
    require(can_give_orders(by, lock_plan(measure.plan)))
    return set_deadline(
        measure=measure,
        node=node,
        due=due,
        reason=reason,
        document=document,
        effective_from=effective_from,
        by=by,
        at=at,
    )


@transaction.atomic
def set_deadline(*, measure, due, reason, by, at, node=None, document="", effective_from=None):
    """As `order_deadline`, for an act above that has asked whether the person may, such as granting an extension."""
    plan = lock_plan(measure.plan)
    if node is not None and node.measure_id != measure.pk:
        raise ValidationError({"node": _("该节点不属于这项举措。")})
    if due < measure.starts_on:
        raise ValidationError({"due": _("完成时限不能早于开始日期。")})
    series = Deadline.objects.filter(measure=measure, node=node)
    before = series.order_by("number").last()
    return issue(
        Deadline(measure=measure, node=node, due=due),
        series=series,
        action=Action.DEADLINE_ORDERED,
        target=node or measure,
        changes={"before": before and before.due, "after": due},
        reason=reason,
        document=document,
        effective_from=effective_from,
        by=by,
        at=at,
        plan=plan,
    )


@transaction.atomic
def add_node(*, measure, title, due, by, at, weight=1, effective_from=None, reason=REASON_FIRST, document=""):
    """Add a step to a measure, with its first deadline."""
    measure.plan = lock_plan(measure.plan)
    require(can_give_orders(by, measure.plan))
    node = Node(
        measure=measure,
        title=title,
        weight=weight,
        order=(Node.objects.filter(measure=measure).aggregate(last=Max("order"))["last"] or 0) + 1,
    )
    node.full_clean()
    node.save()
    record(
        by=by, action=Action.NODE_ADDED, target=node, court=measure.plan.court, at=at, data={"measure": measure.code}
    )
    order_deadline(
        measure=measure,
        node=node,
        due=due,
        reason=reason,
        document=document,
        by=by,
        at=at,
        effective_from=effective_from,
    )
    return node


@transaction.atomic
def order_adjustment(*, measure, adjustment, reason, by, at, weight=None, document="", effective_from=None):
    """Pause a measure, resume it, or change its weight, from a day on."""
    plan = lock_plan(measure.plan)
    require(can_give_orders(by, plan))
    return issue(
        MeasureOrder(measure=measure, adjustment=Adjustment(adjustment), weight=weight),
        series=MeasureOrder.objects.filter(measure=measure),
        action=Action.MEASURE_ADJUSTED,
        target=measure,
        changes={"adjustment": adjustment, "weight": weight},
        reason=reason,
        document=document,
        effective_from=effective_from,
        by=by,
        at=at,
        plan=plan,
    )


@transaction.atomic
def order_thresholds(*, plan, reason, by, at, document="", effective_from=None, **values):
    """Set from when on a gap or a delay turns a light; `values` are ThresholdOrder's own fields."""
    plan = lock_plan(plan)
    require(can_give_orders(by, plan))
    return issue(
        ThresholdOrder(plan=plan, **values),
        series=ThresholdOrder.objects.filter(plan=plan),
        action=Action.THRESHOLDS_ORDERED,
        target=plan,
        changes=values,
        reason=reason,
        document=document,
        effective_from=effective_from,
        by=by,
        at=at,
        plan=plan,
    )


@transaction.atomic
def assign_measure(*, measure, by, at, lead, leader, support):
    """Say which department leads a measure, which support it and which leader answers for it."""
    measure.plan = lock_plan(measure.plan)
    require(can_assign(by, measure.plan))
    problems = problems_of_assignment(lead, support)
    if problems:
        raise ValidationError(problems)
    before = _assignment(measure)
    measure.lead, measure.leader = lead, leader
    measure.clean()
    measure.save(update_fields=["lead", "leader"])
    measure.support.set(support)
    after = _assignment(measure)
    if after != before:
        record(
            by=by,
            action=Action.MEASURE_ASSIGNED,
            target=measure,
            court=measure.plan.court,
            at=at,
            data={"before": before, "after": after},
        )


def problems_of_assignment(lead, support):
    """What is wrong with who leads and who supports, as {field: sentence}."""
    if lead is None:
        return {"lead": _("请选择牵头部门：没有牵头部门的举措无人填报和审核。")}
    if lead in support:
        return {"support": _("牵头部门不同时作为配合部门。")}
    return {}


def _assignment(measure):
    current = Measure.objects.select_related("lead", "leader").get(pk=measure.pk)
    return {
        "lead": str(current.lead or ""),
        "leader": str(current.leader or ""),
        "support": sorted(department.name for department in current.support.all()),
    }


@transaction.atomic
def step_plan(*, plan, move, by, at, reason=""):
    """Take a plan one step further: ask for a leader's word, give it, open the plan, close it.

    From the opening on it is judged and reported on, and its words stand; closed, it takes no more reports and
    orders. Raises ValidationError where the plan lacks something, and where a step asks for its reason.
    """
    plan = lock_plan(plan)
    move = PlanMove(move)
    require(can_move_plan(by, plan, move))
    if move in NEEDS_REASON and not reason.strip():
        raise ValidationError({"reason": _("请写明理由。")})
    if move in (PlanMove.ASK, PlanMove.OPEN):
        lacking = lacking_to_open(plan)
        if lacking:
            raise ValidationError(lacking)
    before, plan.status = plan.status, MOVES[plan.status][move]
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
    told = {"before": before, "after": plan.status} | ({"reason": reason.strip()} if reason.strip() else {})
    record(by=by, action=f"plan.{move}", target=plan, court=plan.court, at=at, data=told)
    return plan


def lacking_to_open(plan):
    """Without what a plan cannot be carried out, as sentences; empty where it has all that."""
    measures = list(plan.measures.select_related("pillar").order_by("pillar__number", "order"))
    lacking = []
    if not measures or not plan.pillars.exists():
        lacking.append(_("计划中还没有支柱或举措，不能启用。"))
    without_lead = [measure.code for measure in measures if measure.lead_id is None]
    if without_lead:
        lacking.append(_("还没有牵头部门的举措：%(codes)s。") % {"codes": joined(without_lead)})
    return lacking
