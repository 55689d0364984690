"""Changes to targets, members of composite indicators, and the set that a plan uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.problems import raise_problems
from apps.indicators.models import Indicator, IndicatorSet, Membership, SetEntry, Target
from apps.indicators.rules import COMPOSITE, TargetValues, problems_of_target
from apps.plans.models import Plan
from apps.plans.permissions import can_give_orders
from apps.plans.services import OrderDetails, issue_order, lock_plan


@transaction.atomic
def order_target(*, indicator: Indicator, values: TargetValues, details: OrderDetails) -> Target:
    """Set what an indicator aims at from a day on. Values that contradict each other are refused, field by field."""
    plan = lock_plan(indicator.plan)
    require(can_give_orders(details.by, plan))
    raise_problems(problems_of_target(indicator.kind, values, first_day=plan.starts_on))
    target = Target(
        indicator=indicator,
        **values.bounds,
        pace=values.pace,
        steps=[[str(day), str(value)] for day, value in values.steps],
        due=values.due,
    )
    before = target.series.order_by("number").last()
    return issue_order(
        target,
        plan=plan,
        action=Action.TARGET_ORDERED,
        changes={"before": before and before.set_values, "after": target.set_values},
        details=details,
    )


@transaction.atomic
def set_members(*, indicator: Indicator, members: Sequence[Indicator], by: User, at: datetime) -> None:
    """Set which indicators a composite one counts from now on; ended memberships stay on record."""
    indicator.plan = lock_plan(indicator.plan)
    require(can_give_orders(by, indicator.plan))
    if members and indicator.kind not in COMPOSITE:
        raise ValidationError({"members": _("只有“成员全部达标”和“成员达标数”两类指标有成员。")})
    if any(member.kind in COMPOSITE or member.plan_id != indicator.plan_id for member in members):
        raise ValidationError({"members": _("成员须是本计划中有自己读数的指标。")})
    current = indicator.memberships.filter(ended_at=None).select_related("member").order_by("member")
    before = {membership.member_id for membership in current}
    after = {member.pk for member in members}
    if before == after:
        return
    ended = [membership for membership in current if membership.member_id not in after]
    for membership in ended:
        membership.ended_at, membership.ended_by = at, by
        membership.save(update_fields=["ended_at", "ended_by"])
    made = [
        Membership.objects.create(composite=indicator, member_id=pk, made_by=by, made_at=at)
        for pk in sorted(after - before)
    ]
    record(
        by=by,
        action=Action.INDICATOR_MEMBERS_SET,
        target=indicator,
        at=at,
        data={
            "before": sorted(membership.member.code for membership in current),
            "after": sorted(member.code for member in members),
        },
        made=made,
        ended=ended,
    )


@dataclass(frozen=True, kw_only=True)
class SetMatch:
    """How a version of a set fits a plan: indicators with the entry of the same name, and the entries without one."""

    pairs: list[tuple[Indicator, SetEntry]]
    unmatched: list[SetEntry]


def match_set(plan: Plan, indicator_set: IndicatorSet) -> SetMatch:
    entries = {entry.name: entry for entry in indicator_set.entries.order_by("order")}
    pairs = [
        (indicator, entries[indicator.name])
        for indicator in Indicator.objects.filter(plan=plan).order_by("code")
        if indicator.name in entries
    ]
    matched = {entry.pk for _indicator, entry in pairs}
    return SetMatch(pairs=pairs, unmatched=[entry for entry in entries.values() if entry.pk not in matched])


@transaction.atomic
def adopt_set(*, plan: Plan, indicator_set: IndicatorSet, by: User, at: datetime) -> list[Indicator]:
    """Link a plan's indicators to the entries of the same name in a version of a set; returns those that changed.

    Only the reference ranges come from it: definitions, targets and readings stay. Raises ValidationError where the
    version is meant for courts of another level.
    """
    plan = lock_plan(plan)
    require(can_give_orders(by, plan))
    if indicator_set.level and indicator_set.level != plan.court.level:
        raise ValidationError(
            _("这个版本适用于%(level)s，不适用于本院。") % {"level": indicator_set.get_level_display()}
        )
    pairs = match_set(plan, indicator_set).pairs
    changed = [(indicator, entry) for indicator, entry in pairs if indicator.entry_id != entry.pk]
    for indicator, entry in changed:
        indicator.entry, indicator.indicator_set = entry, indicator_set
        indicator.save(update_fields=["entry", "indicator_set"])
    if changed:
        data = {"set": str(indicator_set), "indicators": [indicator.code for indicator, _entry in changed]}
        record(by=by, action=Action.PLAN_SET_ADOPTED, target=plan, at=at, data=data)
    return [indicator for indicator, _entry in changed]
