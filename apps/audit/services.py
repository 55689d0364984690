import json
from datetime import UTC

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from apps.audit.models import AuditEvent, Chain, Verification
from apps.audit.rules import GENESIS, hash_of
from apps.audit.seals import late_seals_of, seals_of
from apps.audit.selectors import unsealed_rows
from apps.audit.wording import ranges

# What is on record although no page of a plan says anything else for it.
CHANGES_NO_PAGE = frozenset(
    {
        "refused",
        "audit.checked",
        "audit.exported",
        "instruction.read",
        "user.password_changed",
        "user.password_given",
        "user.recovery_code_used",
        "user.recovery_codes_renewed",
        "user.second_factor_dropped",
        "user.second_factor_reset",
        "user.second_factor_set_up",
        "user.signed_out",
        "user.wait_lifted",
        "paper.issued",
        "paper.withdrawn",
        "paper.template_put",
        "paper.template_dropped",
    }
)
# Acts that change what pages say, and nothing of what was promised: plans, measures, indicators, orders, people stay.
# Whatever is not named here is taken to change that, too.
CHANGES_NO_PROMISE = frozenset(
    {
        "evidence.added",
        "evidence.removed",
        "instruction.answer",
        "instruction.close",
        "instruction.follow_up",
        "instruction.given",
        "instruction.withdraw",
        "reading.entered",
        "report.approval_withdrawn",
        "report.approved",
        "report.recalled",
        "report.returned",
        "report.saved",
        "report.submitted",
    }
)

VERIFICATIONS_KEPT = 400  # a year of nights, and some by hand
SEALED = "audit.sealed"
# How a row of record leads to its court; the first of these that it has is the way.
WAYS_TO_COURT = ("court", "plan", "measure", "indicator", "composite", "report", "instruction", "extension", "closing")


@transaction.atomic
def seal_existing(*, at):
    """Take the rows written before there were seals as they stand now, once; returns how many.

    One event a court says so in its trail. ValueError where it has been done: what is unsealed later came in
    behind the product's back.
    """
    if AuditEvent.objects.filter(action=SEALED).exists():
        raise ValueError(SEALED)
    made, ended = unsealed_rows()
    courts = {}
    for name, rows in (("made", made), ("ended", ended)):
        for row in rows:
            court = _court_of(row)
            courts.setdefault(court, {"made": [], "ended": []})[name].append(row)
    for court, rows in courts.items():
        record(by=None, action=SEALED, target=court, court=court, at=at, data={"n_rows": len(rows["made"])}, **rows)
    return len(made) + len(ended)


def _court_of(row):
    while row._meta.label != "accounts.Court":
        row = next(found for name in WAYS_TO_COURT if (found := getattr(row, name, None)) is not None)
    return row


@transaction.atomic
def record(*, by, action, target, court, at, data=None, made=(), ended=()):
    """Add one event to the court's chain, inside the transaction of the act it tells of.

    `by` is a person, or None for what the installation itself does; `target` any saved row;
    `data` what changed, in plain values. `made` are the rows of record that the act added, `ended` those it
    withdrew or ended: the event keeps their seals.
    """
    seals = {name: kept for name, kept in (("made", seals_of(made)), ("ended", late_seals_of(ended))) if kept}
    told = {**(data or {}), **({"seals": seals} if seals else {})}
    chain_name = court.slug if court else ""
    chain = _held_chain(chain_name)
    content = {
        "number": chain.last_number + 1,
        "at": at.astimezone(UTC),
        "by": f"{by.name or by.username} ({by.username})" if by else "",
        "action": action,
        "target": f"{target._meta.label_lower}:{target.pk}",
        "target_label": str(target)[:300],
        "data": json.loads(json.dumps(told, cls=DjangoJSONEncoder)),
        "previous_hash": chain.last_hash,
    }
    event = AuditEvent.objects.create(court=chain_name, hash=hash_of(chain=chain_name, **content), **content)
    chain.last_number, chain.last_hash = event.number, event.hash
    if action not in CHANGES_NO_PAGE:
        chain.revision += 1
        chain.revised_at = max(at, chain.revised_at or at)
        if action not in CHANGES_NO_PROMISE:
            chain.promised = chain.revision
    chain.save(update_fields=["last_number", "last_hash", "revision", "promised", "revised_at"])
    return event


def _held_chain(name):
    """The chain's row, begun where there is none, and held until the act ends."""
    held = Chain.objects.select_for_update()
    chain = held.filter(court=name).first()
    if chain is None:
        Chain.objects.get_or_create(court=name, defaults={"last_hash": GENESIS})
        chain = held.get(court=name)
    return chain


@transaction.atomic
def note_verification(chains, records, *, at):
    """Keep what a check of the whole record found. It is no act of anybody's, so the trail doesn't grow by it."""
    made = Verification.objects.create(
        at=at,
        is_whole=records.is_whole and all(one.is_whole for one in chains),
        n_events=sum(one.n_events for one in chains),
        n_rows=records.n_rows,
        chains=[
            {
                "court": one.court,
                "n_events": one.n_events,
                "broken": ranges(one.broken),
                "missing": ranges(one.missing),
                "is_whole": one.is_whole,
            }
            for one in chains
        ],
        records={name: len(getattr(records, name)) for name in ("altered", "missing", "unrecorded", "unguarded")},
    )
    kept = list(Verification.objects.values_list("pk", flat=True)[:VERIFICATIONS_KEPT])
    Verification.objects.exclude(pk__in=kept).delete()
    return made
