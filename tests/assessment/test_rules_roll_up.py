"""Several measures as one."""

from decimal import Decimal

import pytest

from apps.assessment.choices import Light
from apps.assessment.rules import MeasureVerdict, expected_of, roll_up

LATE, WATCH, NO_DATA, ON_TRACK, NOT_DUE, DONE, PAUSED = Light


def item(light, percent=None, weight=1, expected=0):
    return (
        MeasureVerdict(light=light, percent=None if percent is None else Decimal(percent), expected=Decimal(expected)),
        Decimal(weight),
    )


@pytest.mark.parametrize(
    ("items", "light"),
    [
        ([], PAUSED),
        ([item(PAUSED)], PAUSED),
        ([item(PAUSED), item(DONE)], DONE),
        ([item(DONE), item(NOT_DUE)], NOT_DUE),
        ([item(NOT_DUE), item(ON_TRACK)], ON_TRACK),
        ([item(ON_TRACK), item(NO_DATA)], NO_DATA),
        ([item(NO_DATA), item(WATCH)], WATCH),
        ([item(WATCH), item(LATE)], LATE),
        ([item(LATE), item(PAUSED), item(WATCH)], LATE),
        # Weight decides the percent, never the light.
        ([item(DONE, "100", weight=99), item(LATE, "0", weight="0.1")], LATE),
    ],
)
def test_worst_light_decides_and_paused_ones_do_not(items, light):
    assert roll_up(items).light == light


@pytest.mark.parametrize(
    ("items", "percent", "unknown"),
    [
        ([], None, 0),
        ([item(NOT_DUE)], None, 1),
        ([item(ON_TRACK, "0")], "0", 0),
        ([item(ON_TRACK, "40"), item(ON_TRACK, "60")], "50", 0),
        ([item(ON_TRACK, "40", weight=3), item(ON_TRACK, "60", weight=1)], "45", 0),
        ([item(ON_TRACK, "40", weight="0.5"), item(ON_TRACK, "60", weight="1.5")], "55", 0),
        ([item(ON_TRACK, "40", weight=3), item(NO_DATA, None, weight=9)], "40", 1),
        ([item(NO_DATA), item(NOT_DUE), item(LATE)], None, 3),
        ([item(PAUSED, "90", weight=9), item(ON_TRACK, "40")], "40", 0),
        ([item(PAUSED, "90")], None, 0),
        ([item(PAUSED), item(NO_DATA)], None, 1),
        ([item(ON_TRACK, "150"), item(LATE, "-50")], "50", 0),
        ([item(ON_TRACK, "40", weight=0)], None, 0),
    ],
)
def test_percent_is_the_weighted_mean_of_what_is_known(items, percent, unknown):
    whole = roll_up(items)

    assert (whole.percent, whole.unknown) == (percent and Decimal(percent), unknown)


def test_mean_is_not_rounded():
    assert roll_up([item(DONE, "100"), item(LATE, "0", weight=2)]).percent == Decimal(100) / Decimal(3)


def test_counts_name_every_light_and_paused_ones_too():
    items = [item(LATE), item(LATE, "5"), item(DONE, "100"), item(PAUSED, "5")]

    assert roll_up(items).counts == {LATE: 2, WATCH: 0, NO_DATA: 0, ON_TRACK: 0, NOT_DUE: 0, DONE: 1, PAUSED: 1}


def test_items_may_come_one_by_one():
    items = [item(ON_TRACK, "40"), item(WATCH, "60", weight=3), item(PAUSED)]

    assert roll_up(item for item in items) == roll_up(items)
    assert expected_of(item for item in items) == expected_of(items)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], None),
        ([item(NO_DATA, None, expected=50)], None),
        ([item(PAUSED, "10", expected=50)], None),
        ([item(ON_TRACK, "0", expected=0)], "0"),
        ([item(ON_TRACK, "10", expected=50, weight=3), item(LATE, "0", expected=90)], "60"),
        ([item(ON_TRACK, "10", expected=50), item(NO_DATA, None, expected=90)], "50"),
        ([item(ON_TRACK, "10", expected=50), item(PAUSED, "10", expected=90)], "50"),
        ([item(ON_TRACK, "10", expected=50, weight=0)], None),
    ],
)
def test_expected_speaks_of_the_measures_that_the_percent_speaks_of(items, expected):
    assert expected_of(items) == (expected and Decimal(expected))
