"""What new orders would change, shown before they are saved for good."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.assessment.choices import Light
from apps.assessment.selectors import standing_of
from apps.assessment.sentences import day_text, target_text
from apps.assessment.tree import IndicatorStanding, PlanStanding
from apps.core.figures import figure
from apps.core.models import DatedOrder
from apps.core.wording import written_day
from apps.indicators.models import Target
from apps.indicators.rules import warnings_of_target
from apps.plans.models import Deadline, MeasureOrder, Node, Plan
from apps.plans.services import default_day


@dataclass(frozen=True, kw_only=True)
class OrderChange:
    """One order: what it is about, the value in force and the new one."""

    about: str
    before: str
    after: str
    effective_from: str = ""
    is_backdated: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class IndicatorLightChange:
    standing: IndicatorStanding
    before: Light


@dataclass(frozen=True, kw_only=True)
class OrderPreview:
    """New orders, and the plan as it would stand with them on the first day when all are in force, today at the earliest."""

    changes: tuple[OrderChange, ...]
    on: date
    known: datetime
    standing: PlanStanding


def preview_orders(plan: Plan, orders: list[DatedOrder | Node], *, known: datetime) -> OrderPreview:
    """Call it in the transaction that issued the orders and that will be rolled back."""
    today = timezone.localdate(known)
    dated = [order.effective_from for order in orders if not isinstance(order, Node)]
    on = max([default_day(plan, today=today), *dated])
    return OrderPreview(
        changes=tuple(_change(order, today=today) for order in orders),
        on=on,
        known=known,
        standing=standing_of(plan, on=on, known=known),
    )


def indicator_light_changes(before: PlanStanding, after: PlanStanding) -> list[IndicatorLightChange]:
    """The indicators whose light differs between two standings of the same day."""
    lights = {standing.indicator.pk: standing.verdict.light for standing in before.indicators}
    return [
        IndicatorLightChange(standing=standing, before=light)
        for standing in after.indicators
        if (light := lights.get(standing.indicator.pk, standing.verdict.light)) != standing.verdict.light
    ]


def _change(order: DatedOrder | Node, *, today: date) -> OrderChange:
    if isinstance(order, Node):
        due = order.deadlines.get(number=1).due
        return OrderChange(
            about=str(order.measure), before=_("没有这个节点"), after=f"{order.title} · {written_day(due)}"
        )
    before = _order_before(order)
    return OrderChange(
        about=str(order.subject),
        before=_value_text(before) if before else _("未设"),
        after=_value_text(order),
        effective_from=written_day(order.effective_from),
        is_backdated=order.effective_from < today,
        warnings=tuple(_warnings(order)) if isinstance(order, Target) else (),
    )


def _order_before(order: DatedOrder) -> DatedOrder | None:
    """The order before it in its series; for a weight, the last one that set a weight."""
    series = order.series.filter(number__lt=order.number)
    if isinstance(order, MeasureOrder):
        series = series.filter(weight__isnull=order.weight is None)
    return series.order_by("number").last()


def _value_text(order: Any) -> str:
    match order:
        case Target():
            return " · ".join(filter(None, [target_text(order.indicator, order), day_text(order)])) or _("未设")
        case Deadline():
            return written_day(order.due)
        case MeasureOrder():
            weight = f" {figure(order.weight)}" if order.weight is not None else ""
            return f"{order.get_adjustment_display()}{weight}"
    return _("关注 %(watch)s、滞后 %(late)s 个百分点，临期 %(soon)s 天，节点 %(node)s 天") % {
        "watch": figure(order.watch_gap),
        "late": figure(order.late_gap),
        "soon": order.due_soon_days,
        "node": order.node_late_days,
    }


def _warnings(target: Target) -> list[str]:
    entry = target.indicator.entry
    return warnings_of_target(
        name=target.indicator.name,
        kind=target.indicator.kind,
        low=target.low,
        high=target.high,
        range_low=entry.low if entry else None,
        range_high=entry.high if entry else None,
    )
