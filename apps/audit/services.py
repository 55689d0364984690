import json
from datetime import UTC

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from apps.audit.models import AuditEvent, Chain
from apps.audit.rules import GENESIS, hash_of
from apps.audit.seals import late_seals_of, seals_of

# What is on record although no page of a plan says anything else for it.
CHANGES_NO_PAGE = frozenset({"refused", "audit.checked", "audit.exported", "instruction.read"})


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
    Chain.objects.get_or_create(court=chain_name, defaults={"last_hash": GENESIS})
    chain = Chain.objects.select_for_update().get(court=chain_name)
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
    chain.save(update_fields=["last_number", "last_hash", "revision", "revised_at"])
    return event
