"""Which of several dated orders holds."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from apps.core.models import DatedOrder

Order = TypeVar("Order", bound=DatedOrder)


def known_orders(orders: Iterable[Order], *, on: date, known: datetime) -> list[Order]:
    """The orders that a reader on the day `on`, knowing what was known at `known`, sees; earliest first."""
    return sorted(
        (order for order in orders if order.effective_from <= on and order.made_at <= known),
        key=lambda order: (order.effective_from, order.number),
    )


def order_in_force(orders: Iterable[Order], *, on: date, known: datetime) -> Order | None:
    """The order that holds on the day `on`; None where none does.

    The latest effective day wins; of two with the same day, the later order.
    """
    return next(reversed(known_orders(orders, on=on, known=known)), None)
