"""Accepted facts, as judgement reads them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, TextField, Value, When

from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.models import Plan


class Fact(NamedTuple):
    """One ledger entry without its texts, but for the reason of a manual verdict.

    A plain row: a plan's year has thousands, and each page reads them all.
    """

    pk: int
    kind: str
    measure_id: int | None
    indicator_id: int | None
    node_id: int | None
    speaks_of: date
    percent: Decimal | None
    declared: str
    period_start: date | None
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    out_of: int | None
    source: str
    judged_met: bool | None
    reason: str
    is_late: bool
    accepted_at: datetime
    withdrawn_at: datetime | None
    accepted_by: str
    department: str | None


EMPTY: dict[str, Any] = dict.fromkeys(Fact._fields) | {"declared": "", "source": "", "reason": "", "is_late": False}


def hypothetical_fact(kind: EntryKind, **columns: Any) -> Fact:
    """A fact that was not accepted: it has no row and no day of acceptance."""
    return Fact(**EMPTY | {"kind": kind} | columns)


COLUMNS = (*Fact._fields[:-2], "accepted_by__name", "own_department__name")


def facts_of(plan: Plan, *, on: date, known: datetime, about: Q) -> list[Fact]:
    """The facts that speak of a day up to `on`, accepted by the moment `known` and not withdrawn by then.

    In the order of the days they speak of, then of their acceptance. `about` narrows them to some of the entries.
    """
    return _facts(plan, LedgerEntry.objects.filter(about).known_at(known).speaking_until(on))


def all_facts_of(plan: Plan) -> list[Fact]:
    """Every fact that was ever accepted, those withdrawn since among them: to be looked at on many days."""
    return _facts(plan, LedgerEntry.objects.all())


def known_facts(facts: Iterable[Fact], *, on: date, known: datetime) -> list[Fact]:
    """Of all facts, those that `facts_of` would give for the day and the moment."""
    return [
        fact
        for fact in facts
        if fact.speaks_of <= on
        and fact.accepted_at <= known
        and (fact.withdrawn_at is None or fact.withdrawn_at > known)
    ]


def _facts(plan: Plan, entries: QuerySet[LedgerEntry]) -> list[Fact]:
    # Of all courts' departments only the plan's own are to be looked through.
    own = FilteredRelation("department", condition=Q(department__court=plan.court_id))
    rows = (
        entries.filter(plan=plan)
        .order_by("speaks_of", "accepted_at", "pk")
        .annotate(own_department=own)
        .annotate(reason=Case(When(kind=EntryKind.JUDGED, then=F("text")), default=Value(""), output_field=TextField()))
        .values_list(*COLUMNS)
    )
    return [Fact._make(row) for row in rows]
