from datetime import date
from itertools import permutations
from types import SimpleNamespace

import pytest

from apps.core.orders import known_orders, order_in_force
from tests.conftest import at

FIRST = SimpleNamespace(number=1, effective_from=date(2025, 1, 1), made_at=at("2024-12-31 09:00"))
SECOND = SimpleNamespace(number=2, effective_from=date(2025, 6, 12), made_at=at("2025-06-12 10:00"))
BACKDATED = SimpleNamespace(number=3, effective_from=date(2025, 3, 1), made_at=at("2025-08-01 09:00"))
SAME_DAY = SimpleNamespace(number=4, effective_from=date(2025, 6, 12), made_at=at("2025-06-12 11:00"))
ALL = [BACKDATED, SECOND, FIRST]


@pytest.mark.parametrize(
    ("on", "known", "holds"),
    [
        (date(2024, 12, 31), "2025-12-31 09:00", None),
        (date(2025, 1, 1), "2025-01-01 09:00", FIRST),
        (date(2025, 6, 11), "2025-06-30 09:00", FIRST),
        (date(2025, 6, 12), "2025-06-12 09:59", FIRST),
        (date(2025, 6, 12), "2025-06-12 10:00", SECOND),
        (date(2025, 4, 1), "2025-07-31 09:00", FIRST),
        (date(2025, 4, 1), "2025-08-01 09:00", BACKDATED),
        (date(2025, 7, 1), "2025-08-01 09:00", SECOND),
    ],
)
def test_order_that_holds(on, known, holds):
    assert order_in_force(ALL, on=on, known=at(known)) == holds


@pytest.mark.parametrize("orders", list(permutations([FIRST, SECOND, SAME_DAY])))
@pytest.mark.parametrize(("known", "holds"), [("2025-06-12 10:59", SECOND), ("2025-06-12 11:00", SAME_DAY)])
def test_of_two_orders_for_the_same_day_the_later_number_holds_once_known(orders, known, holds):
    assert order_in_force(orders, on=date(2025, 7, 1), known=at(known)) == holds


def test_number_decides_and_not_the_moment():
    earlier_moment = SimpleNamespace(number=5, effective_from=date(2025, 6, 12), made_at=at("2025-06-01 09:00"))

    assert (
        order_in_force([earlier_moment, SAME_DAY], on=date(2025, 7, 1), known=at("2025-07-01 09:00")) == earlier_moment
    )


def test_without_orders_none_holds():
    assert order_in_force([], on=date(2025, 7, 1), known=at("2025-07-01 09:00")) is None


def test_known_orders_stand_in_the_order_of_their_days():
    assert known_orders(ALL, on=date(2025, 12, 31), known=at("2025-12-31 09:00")) == [FIRST, BACKDATED, SECOND]
