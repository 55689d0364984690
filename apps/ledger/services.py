"""All writes to the ledger."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.problems import Problems, raise_problems
from apps.indicators.choices import Kind
from apps.indicators.models import Indicator
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.ledger.permissions import can_write_ledger
from apps.plans.models import Measure, Plan
from apps.plans.services import lock_plan

LINKS = [field.name for field in LedgerEntry._meta.fields if field.is_relation]


@transaction.atomic
def accept(
    *, plan: Plan, kind: str, speaks_of: date, by: User, at: datetime, batch: uuid.UUID, **columns: Any
) -> LedgerEntry:
    """Write one accepted fact. The caller has asked whether the person may, and records the act."""
    entry = LedgerEntry(
        plan=plan, kind=kind, speaks_of=speaks_of, accepted_by=by, accepted_at=at, batch=batch, **columns
    )
    # The shape of an entry and what it hangs on are our own doing, and held by the database; asking it before each
    # saving as well took most of the time of taking in a long table. That a measure is closed once is not.
    if kind == EntryKind.CLOSED:
        entry.full_clean()
    else:
        entry.full_clean(exclude=LINKS, validate_constraints=False)
    entry.save()
    return entry


@transaction.atomic
def withdraw_batch(*, batch: Any, reason: str, by: User, at: datetime) -> list[LedgerEntry]:
    """Take back what one act of acceptance wrote. The rows stay, with who took them back, when and why.

    The caller has asked whether the person may, and records the act. Returns the entries it took back.
    """
    entries = list(LedgerEntry.objects.select_for_update().filter(batch=batch, withdrawn_at=None))
    for entry in entries:
        _withdraw(entry, reason=reason, by=by, at=at)
    return entries


def _withdraw(entry: LedgerEntry, *, reason: str, by: User, at: datetime) -> None:
    entry.withdrawn_at, entry.withdrawn_by, entry.withdrawn_reason = at, by, reason
    entry.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])


def _enter(
    about: Measure | Indicator,
    action: Action,
    *,
    kind: EntryKind,
    speaks_of: date,
    data: dict[str, Any],
    by: User,
    at: datetime,
    **columns: Any,
) -> LedgerEntry:
    """One entry by hand, which is an act of its own. The plan is locked and the person may."""
    if isinstance(about, Indicator):
        columns |= {"indicator": about, "measure": about.measure}
    else:
        columns |= {"measure": about}
    entry = accept(plan=about.plan, kind=kind, speaks_of=speaks_of, by=by, at=at, batch=uuid.uuid4(), **columns)
    record(by=by, action=action, target=about, at=at, data=data, made=[entry])
    return entry


@transaction.atomic
def close_measure(*, measure: Measure, closed_on: date, result: str, by: User, at: datetime) -> LedgerEntry:
    """Take a measure off the list as finished (销号), with its result."""
    measure.plan = lock_plan(measure.plan)
    require(can_write_ledger(by, measure.plan))
    raise_problems(problems_of_closing(measure, closed_on, today=timezone.localdate(at)))
    data = {"closed_on": closed_on, "result": result}
    return _enter(
        measure,
        Action.MEASURE_CLOSED,
        kind=EntryKind.CLOSED,
        speaks_of=closed_on,
        text=result,
        data=data,
        by=by,
        at=at,
    )


def problems_of_closing(measure: Measure, closed_on: date, *, today: date) -> Problems:
    """Why the measure can't be closed on that day."""
    if LedgerEntry.objects.filter(measure=measure, kind=EntryKind.CLOSED, withdrawn_at=None).exists():
        return {"measure": _("这项举措已经销号。")}
    if closed_on < measure.starts_on:
        return {"speaks_of": _("销号日期不能早于举措的开始日期。")}
    if closed_on > today:
        return {"speaks_of": _("销号日期还没有到。")}
    return {}


@transaction.atomic
def enter_reading(
    *,
    indicator: Indicator,
    period_start: date,
    period_end: date,
    by: User,
    at: datetime,
    value: Decimal | None = None,
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
    **more: Any,
) -> LedgerEntry:
    """Enter a figure that the office has from a source of its own (`source`, and `out_of` for a rank).

    Which figures fit an indicator is decided above, where the rules of a reading are.
    """
    indicator.plan = lock_plan(indicator.plan)
    require(can_write_ledger(by, indicator.plan))
    figures = {"value": value, "numerator": numerator, "denominator": denominator, **more}
    return _enter(
        indicator,
        Action.READING_ENTERED,
        kind=EntryKind.READING,
        period_start=period_start,
        speaks_of=period_end,
        data={"from": period_start, "to": period_end, **figures},
        by=by,
        at=at,
        **figures,
    )


@transaction.atomic
def judge_indicator(
    *, indicator: Indicator, is_met: bool, judged_on: date, reason: str, by: User, at: datetime
) -> LedgerEntry:
    """Enter a person's verdict on an indicator that no figure decides, with the reason for it."""
    indicator.plan = lock_plan(indicator.plan)
    require(can_write_ledger(by, indicator.plan))
    raise_problems(problems_of_judgement(indicator, judged_on, reason, today=timezone.localdate(at)))
    return _enter(
        indicator,
        Action.INDICATOR_JUDGED,
        kind=EntryKind.JUDGED,
        judged_met=is_met,
        speaks_of=judged_on,
        text=reason,
        data={"is_met": is_met, "judged_on": judged_on, "reason": reason},
        by=by,
        at=at,
    )


def problems_of_judgement(indicator: Indicator, judged_on: date, reason: str, *, today: date) -> Problems:
    """Why the verdict can't be entered."""
    if indicator.kind != Kind.JUDGED:
        return {"indicator": _("这项指标由数据判定，不作人工评定。")}
    if not reason.strip():
        return {"text": _("请写明评定理由。")}
    if not indicator.plan.starts_on <= judged_on <= today:
        return {"speaks_of": _("评定日期须在本年度计划开始之后，且不晚于今天。")}
    return {}


@transaction.atomic
def withdraw_entry(*, entry: LedgerEntry, reason: str, by: User, at: datetime) -> None:
    """Take back one fact entered by hand, such as a closing."""
    require(can_write_ledger(by, lock_plan(entry.plan)))
    if not reason.strip():
        raise ValidationError({"reason": _("请写明撤回理由。")})
    entry = LedgerEntry.objects.select_for_update(of=("self",)).select_related("plan__court").get(pk=entry.pk)
    if entry.is_withdrawn:
        raise ValidationError(_("这条记录已经撤回。"))
    _withdraw(entry, reason=reason, by=by, at=at)
    record(by=by, action=Action.LEDGER_WITHDRAWN, target=entry, at=at, data={"reason": reason}, ended=[entry])
