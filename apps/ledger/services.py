"""All writes to the ledger."""

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.problems import raise_problems
from apps.indicators.choices import Kind
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.ledger.permissions import can_close_measure, can_enter_readings, can_judge, can_withdraw
from apps.plans.services import lock_plan

LINKS = [field.name for field in LedgerEntry._meta.fields if field.is_relation]


@transaction.atomic
def accept(*, plan, kind, speaks_of, by, at, batch, **facts):
    """Write one accepted fact. The caller has asked whether the person may, and records the act."""
    entry = LedgerEntry(plan=plan, kind=kind, speaks_of=speaks_of, accepted_by=by, accepted_at=at, batch=batch, **facts)
    # The shape of an entry and what it hangs on are our own doing, and held by the database; asking it before each
    # saving as well took most of the time of taking in a long table. That a measure is closed once is not.
    if kind == EntryKind.CLOSED:
        entry.full_clean()
    else:
        entry.full_clean(exclude=LINKS, validate_constraints=False)
    entry.save()
    return entry


@transaction.atomic
def withdraw_batch(*, batch, reason, by, at):
    """Take back what one act of acceptance wrote. The rows stay, with who took them back, when and why.

    The caller has asked whether the person may, and records the act. Returns the entries it took back.
    """
    entries = list(LedgerEntry.objects.select_for_update().filter(batch=batch, withdrawn_at=None))
    for entry in entries:
        _withdraw(entry, reason=reason, by=by, at=at)
    return entries


def _withdraw(entry, *, reason, by, at):
    entry.withdrawn_at, entry.withdrawn_by, entry.withdrawn_reason = at, by, reason
    entry.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])


@transaction.atomic
def close_measure(*, measure, closed_on, result, by, at):
    """Take a measure off the list as finished (销号), with its result."""
    plan = measure.plan = lock_plan(measure.plan)
    require(can_close_measure(by, measure))
    raise_problems(problems_of_closing(measure, closed_on, today=timezone.localdate(at)))
    entry = accept(
        plan=plan,
        kind=EntryKind.CLOSED,
        measure=measure,
        speaks_of=closed_on,
        text=result,
        by=by,
        at=at,
        batch=uuid.uuid4(),
    )
    record(
        by=by,
        action=Action.MEASURE_CLOSED,
        target=measure,
        court=plan.court,
        at=at,
        data={"closed_on": closed_on, "result": result},
        made=[entry],
    )
    return entry


def problems_of_closing(measure, closed_on, *, today):
    """What speaks against closing a measure on that day, as {field: sentence}."""
    if LedgerEntry.objects.filter(measure=measure, kind=EntryKind.CLOSED, withdrawn_at=None).exists():
        return {"measure": _("这项举措已经销号。")}
    if closed_on < measure.starts_on:
        return {"speaks_of": _("销号日期不能早于举措的开始日期。")}
    if closed_on > today:
        return {"speaks_of": _("销号日期还没有到。")}
    return {}


@transaction.atomic
def enter_reading(*, indicator, period_start, period_end, by, at, value=None, numerator=None, denominator=None, **more):
    """Enter a figure that the office has from a source of its own (`source`, and `out_of` for a rank).

    Which figures fit an indicator is decided above, where the rules of a reading are.
    """
    plan = indicator.plan = lock_plan(indicator.plan)
    require(can_enter_readings(by, plan))
    entry = accept(
        plan=plan,
        kind=EntryKind.READING,
        measure=indicator.measure,
        indicator=indicator,
        period_start=period_start,
        speaks_of=period_end,
        value=value,
        numerator=numerator,
        denominator=denominator,
        by=by,
        at=at,
        batch=uuid.uuid4(),
        **more,
    )
    record(
        by=by,
        action=Action.READING_ENTERED,
        target=indicator,
        court=plan.court,
        at=at,
        data={
            "from": period_start,
            "to": period_end,
            "value": value,
            "numerator": numerator,
            "denominator": denominator,
            **more,
        },
        made=[entry],
    )
    return entry


@transaction.atomic
def judge_indicator(*, indicator, is_met, judged_on, reason, by, at):
    """Enter a person's verdict on an indicator that no figure decides, with the reason for it."""
    plan = indicator.plan = lock_plan(indicator.plan)
    require(can_judge(by, indicator))
    raise_problems(problems_of_judgement(indicator, judged_on, reason, today=timezone.localdate(at)))
    entry = accept(
        plan=plan,
        kind=EntryKind.JUDGED,
        measure=indicator.measure,
        indicator=indicator,
        judged_met=is_met,
        speaks_of=judged_on,
        text=reason,
        by=by,
        at=at,
        batch=uuid.uuid4(),
    )
    record(
        by=by,
        action=Action.INDICATOR_JUDGED,
        target=indicator,
        court=plan.court,
        at=at,
        data={"is_met": is_met, "judged_on": judged_on, "reason": reason},
        made=[entry],
    )
    return entry


def problems_of_judgement(indicator, judged_on, reason, *, today):
    """What speaks against a person's verdict, as {field: sentence}."""
    if indicator.kind != Kind.JUDGED:
        return {"indicator": _("这项指标由数据判定，不作人工评定。")}
    if not reason.strip():
        return {"text": _("请写明评定理由。")}
    if not indicator.plan.starts_on <= judged_on <= today:
        return {"speaks_of": _("评定日期须在本年度计划开始之后，且不晚于今天。")}
    return {}


@transaction.atomic
def withdraw_entry(*, entry, reason, by, at):
    """Take back one fact entered by hand, such as a closing."""
    plan = lock_plan(entry.plan)
    require(can_withdraw(by, plan))
    if not reason.strip():
        raise ValidationError({"reason": _("请写明撤回理由。")})
    entry = LedgerEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.is_withdrawn:
        raise ValidationError(_("这条记录已经撤回。"))
    _withdraw(entry, reason=reason, by=by, at=at)
    record(
        by=by,
        action=Action.LEDGER_WITHDRAWN,
        target=entry,
        court=plan.court,
        at=at,
        data={"reason": reason},
        ended=[entry],
    )
