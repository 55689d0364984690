"""Reading the trail, and verifying that neither its events nor the rows they sealed were altered."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

from apps.audit.models import AuditEvent, Chain, Verification
from apps.audit.rules import GENESIS, hash_of
from apps.audit.seals import is_sealed_by, key_of, late_seals_of
from apps.core import guards

BATCH = 2000
PKS_AT_ONCE = 500


@dataclass(frozen=True)
class Revision:
    """Counts the changes of courts' pages; `revised_at` is the latest moment of such a change."""

    numbers: tuple[int, ...]
    revised_at: datetime | None

    def is_settled(self, now: datetime) -> bool:
        """False while some act bears a later time than `now`, as from a machine whose clock is ahead."""
        return self.revised_at is None or self.revised_at <= now


def revision_of_all(slugs: Iterable[str]) -> Revision:
    """The revision of these courts together: two reads with the same numbers read the same facts.

    The installation's own chain counts along: a superuser without a court is named on a court's pages, too. It has to
    be read before what it stands for. Read with every page, and so in plain SQL: building the query took three times
    as long as running it.
    """
    names = ["", *slugs]
    with connection.cursor() as cursor:
        cursor.execute(f"{REVISIONS} ({', '.join(['%s'] * len(names))})", names)
        chains = {court: row for court, *row in cursor.fetchall()}
    rows = [chains.get(name, (0, None)) for name in names]
    moments = [_moment(revised_at) for _revision, revised_at in rows if revised_at is not None]
    return Revision(numbers=tuple(revision for revision, _at in rows), revised_at=max(moments, default=None))


REVISIONS = "SELECT court, revision, revised_at FROM audit_chain WHERE court IN"


def _moment(value: datetime) -> datetime:
    """SQLite stores naive datetimes in UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ChainState:
    """What checking a chain found: `broken` are the numbers that were altered or do not follow, `missing`
    the numbers that are not there. Both empty: every event stands as it was written.

    `last_number` and `last_hash` are the chain's end: noted down elsewhere, they prove later that nothing
    before it was changed or cut off.
    """

    court: str
    n_events: int
    broken: tuple[int, ...]
    missing: tuple[int, ...]
    last_number: int = 0
    last_hash: str = GENESIS

    @property
    def is_whole(self) -> bool:
        return not self.broken and not self.missing


COLUMNS = ("number", "at", "by", "action", "target", "target_label", "data", "previous_hash", "hash")


def chain_state(chain: Chain) -> ChainState:
    """Read one court's chain from its first event to its last and check every link."""
    broken: list[int] = []
    missing: list[int] = []
    expected, previous, n_events = 1, GENESIS, 0
    rows = AuditEvent.objects.filter(court=chain.court).order_by("number").values_list(*COLUMNS)
    for number, at, by, action, target, target_label, data, previous_hash, own_hash in rows.iterator(BATCH):
        missing.extend(range(expected, number))
        stands = previous_hash == previous and own_hash == hash_of(
            previous_hash=previous_hash,
            chain=chain.court,
            number=number,
            at=at.astimezone(UTC),
            by=by,
            action=action,
            target=target,
            target_label=target_label,
            data=data,
        )
        if not stands:
            broken.append(number)
        previous, expected, n_events = own_hash, number + 1, n_events + 1
    missing.extend(range(expected, chain.last_number + 1))
    if expected == chain.last_number + 1 and previous != chain.last_hash:
        broken.append(chain.last_number)
    broken.extend(range(chain.last_number + 1, expected))  # behind the end that the chain knows of
    return ChainState(
        court=chain.court,
        n_events=n_events,
        broken=tuple(dict.fromkeys(broken)),
        missing=tuple(missing),
        last_number=expected - 1,
        last_hash=previous,
    )


def chain_states(courts: Collection[str] | None = None) -> list[ChainState]:
    """The chains of these courts (their address names), or all; also of a court whose chain has lost its end."""
    chains = {chain.court: chain for chain in Chain.objects.all()}
    recorded = chains.keys() | set(AuditEvent.objects.order_by().values_list("court", flat=True).distinct())
    names = recorded if courts is None else recorded & set(courts)
    return [chain_state(chains.get(court) or Chain(court=court, last_hash=GENESIS)) for court in sorted(names)]


def last_verification() -> Verification | None:
    """The newest check of the whole record; None where there was none."""
    return Verification.objects.first()


def last_event_at() -> datetime | None:
    """When the newest act on record was done; None where nothing was."""
    return AuditEvent.objects.order_by("-pk").values_list("at", flat=True).first()


def still_holds(*, court: str, number: int, noted_hash: str) -> bool:
    """Whether the event of that number still has the hash that somebody noted down earlier."""
    return AuditEvent.objects.filter(court=court, number=number, hash=noted_hash.strip().lower()).exists()


@dataclass(frozen=True)
class RecordsState:
    """What comparing the rows of record with their seals found, by the rows' names.

    `unrecorded` are rows that no event tells of; `unguarded` the tables whose guard in the database is gone.
    """

    n_rows: int
    altered: tuple[str, ...]
    missing: tuple[str, ...]
    unrecorded: tuple[str, ...]
    unguarded: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not (self.altered or self.missing or self.unrecorded or self.unguarded)


def records_state(courts: Collection[str] | None = None) -> RecordsState:
    """Compare the rows of record with the seals kept when they were made, and with those of their withdrawal.

    All rows, or those that the events of these courts tell of; rows that no event tells of are then looked for only
    where there is no other court's trail that might.
    """
    is_all = courts is None or not Chain.objects.exclude(court__in=[*courts, ""]).exists()
    made, ended = _seals(None if is_all else courts)
    altered: list[str] = []
    unrecorded: list[str] = []
    n_rows = 0
    for row in _rows(None if is_all else made):
        n_rows += 1
        key = key_of(row)
        first, later = made.pop(key, None), ended.pop(key, None)
        if first is None:
            if not _came_with_the_plan(row):
                unrecorded.append(key)
        elif not is_sealed_by(row, first):
            altered.append(key)
        if later != (late_seals_of([row])[key] if _has_ended(row) else None):
            altered.append(key)
    return RecordsState(
        n_rows=n_rows,
        altered=tuple(dict.fromkeys(altered)),
        missing=tuple(made),
        unrecorded=tuple(unrecorded),
        unguarded=tuple(guards.missing(connection)),
    )


def unsealed_rows() -> tuple[list[models.Model], list[models.Model]]:
    """Rows of record that no event keeps a seal of, and those whose withdrawal none keeps one of: what was written
    before there were seals, or behind the product's back."""
    made, ended = _seals(None)
    without: list[models.Model] = []
    withdrawn: list[models.Model] = []
    for row in _rows(None):
        if key_of(row) not in made and not _came_with_the_plan(row):
            without.append(row)
        if _has_ended(row) and key_of(row) not in ended:
            withdrawn.append(row)
    return without, withdrawn


def _rows(keys: Iterable[str] | None) -> Iterator[Any]:
    """Every row of record, or those of these keys."""
    for model in guards.guarded_models():
        rows = model._base_manager.order_by("pk")
        if model is AuditEvent:
            continue
        if keys is None:
            yield from rows.iterator(BATCH)
            continue
        own = [int(key.rpartition(":")[2]) for key in keys if key.startswith(f"{model._meta.label_lower}:")]
        for start in range(0, len(own), PKS_AT_ONCE):
            yield from rows.filter(pk__in=own[start : start + PKS_AT_ONCE])


def _seals(courts: Collection[str] | None) -> tuple[dict[str, str], dict[str, str]]:
    events = AuditEvent.objects.filter(data__has_key="seals")
    if courts is not None:
        events = events.filter(court__in=courts)
    made: dict[str, str] = {}
    ended: dict[str, str] = {}
    for seals in events.values_list("data__seals", flat=True).iterator(BATCH):
        made.update(seals.get("made", {}))
        ended.update(seals.get("ended", {}))
    return made, ended


def _has_ended(row: Any) -> bool:
    once = row.append_only.set_once
    return bool(once) and getattr(row, once[0]) is not None


def _came_with_the_plan(row: models.Model) -> bool:
    """The first orders of a plan that was loaded as a fixture have no maker and no event."""
    return getattr(row, "made_by_id", row.pk) is None
