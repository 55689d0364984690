import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from apps.audit.choices import Action, changes_pages
from apps.audit.models import AuditEvent, Chain, Verification
from apps.audit.rules import GENESIS, hash_of
from apps.audit.seals import late_seals_of, seals_of
from apps.audit.selectors import ChainState, RecordsState, unsealed_rows
from apps.audit.wording import ranges

MAX_VERIFICATIONS = 400  # a year of nights, and some by hand
TARGETS_OWN = object()
# How a row leads to its court; the first of these that it has is the way.
WAYS_TO_COURT = ("court", "plan", "measure", "indicator", "composite", "report", "instruction", "extension", "closing")


@transaction.atomic
def seal_existing(*, at: datetime) -> int:
    """Take the rows written before there were seals as they stand now, once; returns how many.

    One event a court says so in its trail. ValueError where it has been done: what is unsealed later came in
    behind the product's back.
    """
    if AuditEvent.objects.filter(action=Action.AUDIT_SEALED).exists():
        raise ValueError("sealed already")
    made, ended = unsealed_rows()
    by_court: dict[Any, dict[str, list[models.Model]]] = {}
    for name, rows in (("made", made), ("ended", ended)):
        for row in rows:
            by_court.setdefault(_court_of(row), {"made": [], "ended": []})[name].append(row)
    for court, sealed in by_court.items():
        data = {"n_rows": len(sealed["made"])}
        record(by=None, action=Action.AUDIT_SEALED, target=court, at=at, data=data, **sealed)
    return len(made) + len(ended)


def _court_of(row: Any) -> Any:
    """The court that a row belongs to; None where it belongs to all, or to the installation."""
    while row is not None and row._meta.label != "accounts.Court":
        row = next((found for name in WAYS_TO_COURT if (found := getattr(row, name, None)) is not None), None)
    return row


@transaction.atomic
def record(
    *,
    by: Any,
    action: str,
    target: models.Model,
    at: datetime,
    court: Any = TARGETS_OWN,
    data: Mapping[str, Any] | None = None,
    made: Iterable[models.Model] = (),
    ended: Iterable[models.Model] = (),
) -> AuditEvent:
    """Append one event to a court's chain, inside the transaction of the act it tells of.

    The court is the target's own unless another one is named; None is the installation.

    `by` is a person, or None for what the installation itself does; `target` any saved row; `data` what changed, in
    plain values. `made` are the rows of record that the act added, `ended` those it withdrew or ended: the event
    keeps their seals.
    """
    seals = {name: found for name, found in (("made", seals_of(made)), ("ended", late_seals_of(ended))) if found}
    if court is TARGETS_OWN:
        court = _court_of(target)
    chain = _lock_chain(court.slug if court else "")
    event = _append_event(
        chain,
        by=by,
        action=str(action),
        target=target,
        at=at,
        data={**(data or {}), **({"seals": seals} if seals else {})},
    )
    if changes_pages(action):
        chain.revision += 1
        # Never back: an act may bear an earlier time than one before it, from a machine whose clock is behind.
        chain.revised_at = max(at, chain.revised_at or at)
    chain.save(update_fields=["last_number", "last_hash", "revision", "revised_at"])
    return event


def _lock_chain(name: str) -> Chain:
    """The chain's row, created where there is none.

    The lock serialises the acts of one court: numbers have no gaps, each hash follows the last one committed. It lasts
    until the act's own transaction ends, so whoever reads the new revision reads the rows of the act, too.
    """
    locked = Chain.objects.select_for_update()
    chain = locked.filter(court=name).first()
    if chain is None:
        # Two first acts at once: the unique constraint lets one create the row, the other waits for its lock.
        Chain.objects.get_or_create(court=name, defaults={"last_hash": GENESIS})
        chain = locked.get(court=name)
    return chain


def _append_event(
    chain: Chain, *, by: Any, action: str, target: models.Model, at: datetime, data: dict[str, Any]
) -> AuditEvent:
    content = {
        "number": chain.last_number + 1,
        "at": at.astimezone(UTC),
        "by": f"{by.name or by.username} ({by.username})" if by else "",
        "action": action,
        "target": f"{target._meta.label_lower}:{target.pk}",
        "target_label": str(target)[:300],
        # The hash is over what the database gives back, not over Decimal or date as they were passed in.
        "data": json.loads(json.dumps(data, cls=DjangoJSONEncoder)),
        "previous_hash": chain.last_hash,
    }
    event = AuditEvent.objects.create(court=chain.court, hash=hash_of(chain=chain.court, **content), **content)
    chain.last_number, chain.last_hash = event.number, event.hash
    return event


@transaction.atomic
def note_verification(chains: Sequence[ChainState], records: RecordsState, *, at: datetime) -> Verification:
    """Keep what a check of the whole record found. It is no act of anybody's, so the trail doesn't grow by it."""
    verification = Verification.objects.create(
        at=at,
        is_whole=records.is_whole and all(chain.is_whole for chain in chains),
        n_events=sum(chain.n_events for chain in chains),
        n_rows=records.n_rows,
        chains=[
            {
                "court": chain.court,
                "n_events": chain.n_events,
                "broken": ranges(chain.broken),
                "missing": ranges(chain.missing),
                "is_whole": chain.is_whole,
            }
            for chain in chains
        ],
        records={name: len(getattr(records, name)) for name in ("altered", "missing", "unrecorded", "unguarded")},
    )
    newest = list(Verification.objects.values_list("pk", flat=True)[:MAX_VERIFICATIONS])
    Verification.objects.exclude(pk__in=newest).delete()
    return verification
