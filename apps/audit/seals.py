"""Seals: the digest of a row, stored in the event that records it, so that a changed row is found.

The fixed columns are sealed when the row is made; columns that are written once, later, when they are.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from apps.audit.rules import digest_of
from apps.core.guards import columns_of


def key_of(row: models.Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"


def seals_of(rows: Iterable[models.Model]) -> dict[str, str]:
    """The seals of the rows' fixed columns."""
    return {key_of(row): seal(row, columns_of(row._meta.model)[0]) for row in rows}


def is_sealed_by(row: Any, stored: str) -> bool:
    """Whether the row matches its stored seal, or matched it before its model had the columns that were added later."""
    fixed, _once = columns_of(row._meta.model)
    added = [field for field in fixed if field.name in row.append_only.added]
    # The columns came one after another, so the seal may know the first of them, or all.
    for n_known in range(len(added), -1, -1):
        unknown = added[n_known:]
        if all(getattr(row, field.attname) == field.get_default() for field in unknown) and stored == seal(
            row, [field for field in fixed if field not in unknown]
        ):
            return True
    return False


def late_seals_of(rows: Iterable[models.Model]) -> dict[str, str]:
    """The seals of the columns that are written once, later, such as a withdrawal."""
    return {key_of(row): seal(row, columns_of(row._meta.model)[1]) for row in rows}


def seal(row: models.Model, fields: Iterable[models.Field]) -> str:
    """The digest of these columns, whatever type their values come in: as typed, or as the database gives them back."""
    return digest_of([[field.column, _plain(field, getattr(row, field.attname))] for field in fields])


def _plain(field: models.Field, value: Any) -> str | int | None:
    if value is None:
        return None
    if isinstance(field, models.DecimalField):
        return f"{Decimal(value):.{field.decimal_places}f}"
    if isinstance(field, models.JSONField):
        return DjangoJSONEncoder(sort_keys=True, ensure_ascii=False).encode(value)
    if isinstance(value, bytes | memoryview):
        return sha256(value).hexdigest()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int):
        return int(value)
    return str(value)
