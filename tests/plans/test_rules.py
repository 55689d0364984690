from datetime import date, timedelta
from itertools import pairwise

import pytest

from apps.plans.choices import Cadence
from apps.plans.rules import missed_in_a_row, windows_of
from apps.plans.wording import window_label

ONE_DAY = timedelta(days=1)


def windows(cadence, *, year=2025, grace_days=5):
    return windows_of(year=year, cadence=cadence, grace_days=grace_days)


@pytest.mark.parametrize(
    ("cadence", "n_windows"),
    [
        (Cadence.MONTHLY, 12),
        (Cadence.QUARTERLY, 4),
        (Cadence.HALF_YEARLY, 2),
        (Cadence.YEARLY, 1),
        (Cadence.NONE, 0),
    ],
)
def test_windows_fill_the_year_without_gap_or_overlap(cadence, n_windows):
    found = windows(cadence)

    assert len(found) == n_windows
    if found:
        assert (found[0].start, found[-1].end) == (date(2025, 1, 1), date(2025, 12, 31))
    assert all((after.start - before.end).days == 1 for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("cadence", "position", "start", "end"),
    [
        (Cadence.MONTHLY, 1, date(2025, 1, 1), date(2025, 1, 31)),
        (Cadence.MONTHLY, 2, date(2025, 2, 1), date(2025, 2, 28)),
        (Cadence.MONTHLY, 12, date(2025, 12, 1), date(2025, 12, 31)),
        (Cadence.QUARTERLY, 1, date(2025, 1, 1), date(2025, 3, 31)),
        (Cadence.QUARTERLY, 3, date(2025, 7, 1), date(2025, 9, 30)),
        (Cadence.QUARTERLY, 4, date(2025, 10, 1), date(2025, 12, 31)),
        (Cadence.HALF_YEARLY, 1, date(2025, 1, 1), date(2025, 6, 30)),
        (Cadence.HALF_YEARLY, 2, date(2025, 7, 1), date(2025, 12, 31)),
        (Cadence.YEARLY, 1, date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_window_is_a_period_of_the_calendar(cadence, position, start, end):
    window = windows(cadence)[position - 1]

    assert (window.start, window.end, window.position) == (start, end, position)
    assert [window.contains(day) for day in (start, end, start - ONE_DAY, end + ONE_DAY)] == [True, True, False, False]


def test_february_of_a_leap_year_has_a_day_more():
    assert windows(Cadence.MONTHLY, year=2024)[1].end == date(2024, 2, 29)


# Counted by hand from the published calendars: New Year on 1 January 2025; Spring Festival to 4 February, with
# Saturday 8 February worked; Qingming on 4 April; Labour Day from 1 to 5 May; National Day from 1 to 8 October,
# with Saturday 11 October worked; New Year from 1 to 3 January 2026, with Sunday 4 January worked.
@pytest.mark.parametrize(
    ("year", "cadence", "position", "closes_on"),
    [
        (2024, Cadence.MONTHLY, 12, date(2025, 1, 8)),
        (2024, Cadence.YEARLY, 1, date(2025, 1, 8)),
        (2025, Cadence.MONTHLY, 1, date(2025, 2, 10)),
        (2025, Cadence.MONTHLY, 4, date(2025, 5, 12)),
        (2025, Cadence.MONTHLY, 9, date(2025, 10, 14)),
        (2025, Cadence.QUARTERLY, 1, date(2025, 4, 8)),
        (2025, Cadence.QUARTERLY, 2, date(2025, 7, 7)),
        (2025, Cadence.QUARTERLY, 3, date(2025, 10, 14)),
        (2025, Cadence.QUARTERLY, 4, date(2026, 1, 8)),
        (2025, Cadence.HALF_YEARLY, 1, date(2025, 7, 7)),
        (2025, Cadence.HALF_YEARLY, 2, date(2026, 1, 8)),
        (2025, Cadence.YEARLY, 1, date(2026, 1, 8)),
    ],
)
def test_window_closes_on_the_fifth_working_day_after_its_period(year, cadence, position, closes_on):
    window = windows(cadence, year=year)[position - 1]

    assert window.closes_on == closes_on
    assert [window.has_closed(on=day) for day in (closes_on, closes_on + ONE_DAY)] == [False, True]


def test_grace_is_the_plans():
    assert windows(Cadence.QUARTERLY, grace_days=0)[0].closes_on == date(2025, 3, 31)
    assert windows(Cadence.QUARTERLY, grace_days=1)[0].closes_on == date(2025, 4, 1)


def test_year_without_a_calendar_counts_monday_to_friday():
    # 30 September 2039 is a Friday; five working days later is Friday 7 October, holidays or not.
    assert windows(Cadence.QUARTERLY, year=2039)[2].closes_on == date(2039, 10, 7)


@pytest.mark.parametrize(
    ("on", "fact_days", "missed"),
    [
        (date(2025, 4, 8), [], 0),
        (date(2025, 4, 9), [], 1),
        (date(2025, 4, 9), [date(2025, 3, 31)], 0),
        (date(2025, 4, 9), [date(2025, 4, 1)], 1),
        (date(2025, 7, 8), [], 2),
        (date(2025, 7, 8), [date(2025, 1, 1)], 1),
        (date(2025, 7, 8), [date(2025, 6, 30)], 0),
        (date(2026, 12, 31), [date(2025, 5, 1)], 2),
        # Only the latest closed windows count: an early gap is forgiven by a later report.
        (date(2025, 10, 15), [date(2025, 1, 31), date(2025, 9, 30)], 0),
        (date(2025, 10, 15), [date(2025, 1, 31), date(2025, 6, 30)], 1),
        (date(2025, 10, 14), [date(2025, 6, 30)], 0),
        (date(2026, 1, 9), [], 4),
        (date(2026, 1, 9), [date(2024, 12, 31), date(2026, 1, 1)], 4),
    ],
)
def test_missed_windows_are_counted_back_from_the_last(on, fact_days, missed):
    assert missed_in_a_row(windows(Cadence.QUARTERLY), fact_days=fact_days, on=on) == missed


def test_nothing_is_missed_where_nothing_is_asked_for():
    assert missed_in_a_row(windows(Cadence.NONE), fact_days=[], on=date(2026, 12, 31)) == 0


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        (date(2025, 3, 1), date(2025, 3, 31), "2025年3月"),
        (date(2025, 1, 1), date(2025, 3, 31), "2025年第一季度"),
        (date(2025, 10, 1), date(2025, 12, 31), "2025年第四季度"),
        (date(2025, 1, 1), date(2025, 6, 30), "2025年上半年"),
        (date(2025, 7, 1), date(2025, 12, 31), "2025年下半年"),
        (date(2025, 1, 1), date(2025, 12, 31), "2025年全年"),
    ],
)
def test_windows_are_called_as_people_call_them(start, end, label):
    assert window_label(start, end) == label
