from datetime import date
from decimal import Decimal

import pytest

from apps.indicators.choices import Kind, Pace
from apps.indicators.rules import BOUNDS_OF, problems_of_target

NOTHING = {"low": None, "high": None, "stretch": None, "baseline": None, "pace": "", "steps": (), "due": None}
STEPS = ((date(2025, 6, 30), 1),)


def wrong(kind, **bounds):
    return set(problems_of_target(kind=kind, **{**NOTHING, **{k: _decimal(v) for k, v in bounds.items()}}))


def _decimal(value):
    return Decimal(value) if isinstance(value, int) else value


def test_every_kind_says_what_it_carries():
    assert set(BOUNDS_OF) == set(Kind)


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [
        (Kind.AT_LEAST, {"low": 2}),
        (Kind.AT_LEAST, {"low": 2, "stretch": 2}),
        (Kind.AT_LEAST, {"low": 2, "pace": Pace.LINEAR}),
        (Kind.AT_LEAST, {"low": 2, "pace": Pace.STEPS, "steps": STEPS}),
        (Kind.AT_MOST, {"high": 2}),
        (Kind.WITHIN, {"low": 2}),
        (Kind.WITHIN, {"high": 2}),
        (Kind.WITHIN, {"low": 2, "high": 2}),
        (Kind.BELOW_BASELINE, {"baseline": 0}),
        (Kind.ABOVE_BASELINE, {"baseline": 5}),
        (Kind.RANK_WITHIN, {"high": 1}),
        (Kind.COUNT_MET, {"low": 3}),
        (Kind.ACHIEVED, {"due": date(2025, 6, 30)}),
        (Kind.ALL_MET, {"due": date(2025, 6, 30)}),
        (Kind.JUDGED, {"due": date(2025, 6, 30)}),
    ],
)
def test_target_that_fits_its_kind(kind, bounds):
    assert wrong(kind, **bounds) == set()


@pytest.mark.parametrize(
    ("kind", "bounds", "fields"),
    [
        (Kind.AT_LEAST, {}, {"low"}),
        (Kind.AT_LEAST, {"low": 3, "stretch": 2}, {"stretch"}),
        (Kind.AT_LEAST, {"low": 3, "high": 9}, {"high"}),
        (Kind.AT_LEAST, {"low": 3, "pace": Pace.STEPS}, {"steps"}),
        (Kind.AT_LEAST, {"low": 3, "steps": STEPS}, {"steps"}),
        (Kind.AT_MOST, {"low": 3}, {"low", "high"}),
        (Kind.AT_MOST, {"high": 3, "pace": Pace.LINEAR}, {"pace"}),
        (Kind.WITHIN, {}, {"low"}),
        (Kind.WITHIN, {"low": 9, "high": 5}, {"high"}),
        (Kind.BELOW_BASELINE, {"low": 3}, {"low", "baseline"}),
        (Kind.RANK_WITHIN, {"high": 0}, {"high"}),
        (Kind.RANK_WITHIN, {"high": Decimal("1.5")}, {"high"}),
        (Kind.ACHIEVED, {}, {"due"}),
        (Kind.ACHIEVED, {"low": 1}, {"low"}),
        (Kind.ALL_MET, {}, {"due"}),
        (Kind.JUDGED, {}, {"due"}),
        (Kind.COUNT_MET, {}, {"low"}),
    ],
)
def test_target_that_does_not_is_refused_at_its_fields(kind, bounds, fields):
    assert wrong(kind, **bounds) == fields
