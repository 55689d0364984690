"""Days, and the share of a span that has gone by."""

from datetime import date
from decimal import Decimal

NOTHING, EVERYTHING = Decimal(0), Decimal(1)


def elapsed_share(*, start: date, due: date, on: date) -> Decimal:
    """The share of the days from `start` to `due` that has gone by on the day, between 0 and 1."""
    if start >= due:
        return EVERYTHING if on > due else NOTHING
    share = Decimal((on - start).days) / Decimal((due - start).days)
    return min(max(share, NOTHING), EVERYTHING)


def is_due_soon(*, due: date, on: date, days: int) -> bool:
    return 0 <= (due - on).days <= days
