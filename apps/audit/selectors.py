from dataclasses import dataclass
from datetime import UTC

from apps.audit.models import AuditEvent, Chain
from apps.audit.rules import GENESIS, hash_of


@dataclass(frozen=True)
class ChainState:
    """What checking a chain found: `broken` are the numbers that were altered or do not follow, `missing`
    the numbers that are not there. Both empty: every event stands as it was written."""

    court: str
    n_events: int
    broken: tuple[int, ...]
    missing: tuple[int, ...]

    @property
    def is_whole(self):
        return not self.broken and not self.missing


def chain_state(chain):
    """Read one court's chain from its first event to its last and check every link."""
    broken, missing, expected, previous, n_events = [], [], 1, GENESIS, 0
    for event in AuditEvent.objects.filter(court=chain.court).order_by("number").iterator():
        missing.extend(range(expected, event.number))
        stands = event.previous_hash == previous and event.hash == hash_of(
            previous_hash=event.previous_hash,
            chain=event.court,
            number=event.number,
            at=event.at.astimezone(UTC),
            by=event.by,
            action=event.action,
            target=event.target,
            target_label=event.target_label,
            data=event.data,
        )
        if not stands:
            broken.append(event.number)
        previous, expected, n_events = event.hash, event.number + 1, n_events + 1
    missing.extend(range(expected, chain.last_number + 1))
    return ChainState(court=chain.court, n_events=n_events, broken=tuple(broken), missing=tuple(missing))


def chain_states():
    return [chain_state(chain) for chain in Chain.objects.order_by("court")]
