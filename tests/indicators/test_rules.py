from datetime import date
from decimal import Decimal

import pytest

from apps.indicators.choices import Kind, Pace
from apps.indicators.rules import BOUNDS_OF, TargetValues, problems_of_target

STEPS = ((date(2025, 6, 30), 1),)


def wrong(kind, first_day=None, **values):
    values = TargetValues(**{name: _decimal(value) for name, value in values.items()})
    return set(problems_of_target(kind, values, first_day=first_day))


def _decimal(value):
    return Decimal(value) if isinstance(value, int) else value


# Bounds that fit each kind, and the bounds it carries.
FITTING = {
    Kind.AT_LEAST: ({"low": 5}, {"low", "stretch"}),
    Kind.AT_MOST: ({"high": 5}, {"high"}),
    Kind.WITHIN: ({"low": 5, "high": 9}, {"low", "high"}),
    Kind.BELOW_BASELINE: ({"baseline": 5}, {"baseline"}),
    Kind.ABOVE_BASELINE: ({"baseline": 5}, {"baseline"}),
    Kind.RANK_WITHIN: ({"high": 5}, {"high"}),
    Kind.COUNT_MET: ({"low": 5}, {"low"}),
    Kind.ACHIEVED: ({"due": date(2025, 6, 30)}, set()),
    Kind.ALL_MET: ({"due": date(2025, 6, 30)}, set()),
    Kind.JUDGED: ({"due": date(2025, 6, 30)}, set()),
}


def test_every_kind_says_what_it_carries():
    assert {kind: carried for kind, (_bounds, carried) in FITTING.items()} == BOUNDS_OF
    assert set(BOUNDS_OF) == set(Kind)


@pytest.mark.parametrize("bound", ["low", "high", "stretch", "baseline"])
@pytest.mark.parametrize("kind", Kind)
def test_bound_is_refused_where_its_kind_does_not_carry_it(kind, bound):
    bounds, carried = FITTING[kind]

    assert wrong(kind, **{bound: 7, **bounds}) == (set() if bound in carried else {bound})


@pytest.mark.parametrize(
    ("pace", "steps", "fields"),
    [
        ("", (), set()),
        (Pace.AT_DUE, (), set()),
        (Pace.ALWAYS, (), set()),
        (Pace.LINEAR, (), {"pace"}),
        (Pace.STEPS, STEPS, {"pace"}),
        (Pace.STEPS, (), {"pace", "steps"}),
        (Pace.LINEAR, STEPS, {"pace", "steps"}),
        (Pace.AT_DUE, STEPS, {"steps"}),
    ],
)
@pytest.mark.parametrize("kind", Kind)
def test_only_what_is_to_be_reached_can_be_asked_for_by_and_by(kind, pace, steps, fields):
    allowed = {"pace"} if kind == Kind.AT_LEAST else set()

    assert wrong(kind, pace=pace, steps=steps, **FITTING[kind][0]) == fields - allowed


@pytest.mark.parametrize(
    ("due", "fields"), [(date(2024, 12, 31), {"due"}), (date(2025, 1, 1), set()), (date(2026, 3, 1), set())]
)
@pytest.mark.parametrize("kind", Kind)
def test_no_target_is_due_before_the_plan_begins(kind, due, fields):
    assert wrong(kind, **{**FITTING[kind][0], "due": due, "first_day": date(2025, 1, 1)}) == fields


@pytest.mark.parametrize(
    ("kind", "bounds", "fields"),
    [
        (Kind.AT_LEAST, {"low": 0}, set()),
        (Kind.AT_LEAST, {"low": -1}, {"low"}),
        (Kind.AT_LEAST, {"low": 0, "stretch": -1}, {"stretch"}),
        (Kind.AT_MOST, {"high": 0}, set()),
        (Kind.AT_MOST, {"high": -1}, {"high"}),
        (Kind.WITHIN, {"low": 0, "high": 0}, set()),
        (Kind.WITHIN, {"low": -1, "high": 1}, {"low"}),
        (Kind.ABOVE_BASELINE, {"baseline": 0}, set()),
        (Kind.ABOVE_BASELINE, {"baseline": -1}, {"baseline"}),
        (Kind.COUNT_MET, {"low": -1}, {"low"}),
    ],
)
def test_bounds_are_not_below_zero(kind, bounds, fields):
    assert wrong(kind, **bounds) == fields


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
        (Kind.AT_MOST, {}, {"high"}),
        (Kind.BELOW_BASELINE, {}, {"baseline"}),
        (Kind.BELOW_BASELINE, {"low": 3}, {"low", "baseline"}),
        (Kind.ABOVE_BASELINE, {}, {"baseline"}),
        (Kind.RANK_WITHIN, {}, {"high"}),
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
