"""What an act would change, seen before it counts: it is done, looked at, and undone."""

from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from apps.assessment.choices import Light
from apps.assessment.sentences import day_text, target_text
from apps.assessment.tree import IndicatorStanding
from apps.core.figures import figure
from apps.core.wording import written_day
from apps.indicators.models import Target
from apps.indicators.rules import warnings_of_target
from apps.plans.choices import Adjustment
from apps.plans.models import Deadline, MeasureOrder, Node, ThresholdOrder
from apps.plans.services import default_day


class _Undone(Exception):
    pass


@contextmanager
def undone():
    """A transaction whose work is taken back at its end, whatever became of it."""
    try:
        with transaction.atomic():
            yield
            raise _Undone
    except _Undone:
        pass


@dataclass(frozen=True, kw_only=True)
class Line:
    """One order: what it is about, what holds now and what would hold."""

    about: str
    before: str
    after: str
    effective_from: str
    is_backdated: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Turned:
    """An indicator whose light would be another one."""

    standing: IndicatorStanding
    before: Light


def day_looked_at(plan, orders, *, today):
    """Today, or the day from which the last of the orders holds."""
    dated = [order.effective_from for order in orders if not isinstance(order, Node)]
    return max([default_day(plan, today=today), *dated])


def lines_of(orders, *, today):
    """Orders just given, each with what held before; to be asked while they stand in the database."""
    return [_line(order, today=today) for order in orders]


def turned_indicators(before, after):
    """The indicators whose light differs between two standings of the same day."""
    lights = {one.indicator.pk: one.verdict.light for one in before.indicators}
    return [
        Turned(standing=one, before=lights[one.indicator.pk])
        for one in after.indicators
        if lights.get(one.indicator.pk, one.verdict.light) != one.verdict.light
    ]


def _line(order, *, today):
    if isinstance(order, Node):
        due = order.deadlines.get(number=1).due
        return Line(
            about=str(order.measure),
            before=_("没有这个节点"),
            after=f"{order.title} · {written_day(due)}",
            effective_from="",
            is_backdated=False,
        )
    before = _before(order)
    return Line(
        about=str(_about(order)),
        before=_words(before) if before else _("未设"),
        after=_words(order),
        effective_from=written_day(order.effective_from),
        is_backdated=order.effective_from < today,
        warnings=tuple(_warnings(order)),
    )


def _about(order):
    match order:
        case Target():
            return order.indicator
        case Deadline():
            return order.node or order.measure
        case MeasureOrder():
            return order.measure
    return order.plan


def _before(order):
    """The order before it in its series; for a weight, the last one that set it."""
    match order:
        case Target():
            series = Target.objects.filter(indicator=order.indicator_id)
        case Deadline():
            series = Deadline.objects.filter(measure=order.measure_id, node=order.node_id)
        case MeasureOrder(adjustment=Adjustment.WEIGHT):
            series = MeasureOrder.objects.filter(measure=order.measure_id, adjustment=Adjustment.WEIGHT)
        case MeasureOrder():
            series = MeasureOrder.objects.filter(measure=order.measure_id).exclude(adjustment=Adjustment.WEIGHT)
        case _:
            series = ThresholdOrder.objects.filter(plan=order.plan_id)
    return series.filter(number__lt=order.number).order_by("number").last()


def _words(order):
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


def _warnings(order):
    if not isinstance(order, Target):
        return []
    indicator = order.indicator
    entry = indicator.entry
    return warnings_of_target(
        name=indicator.name,
        kind=indicator.kind,
        low=order.low,
        high=order.high,
        range_low=entry and entry.low,
        range_high=entry and entry.high,
    )
