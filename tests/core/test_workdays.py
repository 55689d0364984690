from datetime import date

import pytest

from apps.core.workdays import add_workdays, calendar_knows, is_workday, next_workday


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 1, 1), False),
        (date(2025, 1, 26), True),  # a Sunday, worked for Spring Festival
        (date(2025, 1, 28), False),
        (date(2025, 2, 4), False),
        (date(2025, 2, 8), True),  # a Saturday, likewise
        (date(2025, 9, 28), True),  # a Sunday, worked for National Day
        (date(2025, 9, 30), True),
        (date(2025, 10, 1), False),
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),  # a Saturday, worked for National Day
        (date(2025, 10, 12), False),
        (date(2026, 1, 4), True),  # a Sunday, worked for New Year
        (date(2026, 2, 14), True),  # a Saturday, worked for Spring Festival
        (date(2026, 2, 15), False),
        (date(2039, 10, 3), True),  # no calendar yet: a Monday
        (date(2039, 9, 30), True),  # a Friday
        (date(2039, 10, 1), False),  # a Saturday
        (date(2039, 10, 2), False),  # a Sunday
    ],
)
def test_workdays_follow_the_published_calendar(day, works):
    assert is_workday(day) is works


def test_calendar_says_which_years_it_knows():
    assert [calendar_knows(year) for year in (2025, 2026, 2039)] == [True, True, False]


@pytest.mark.parametrize(
    ("day", "moved_to"),
    [
        (date(2025, 10, 9), date(2025, 10, 9)),
        (date(2025, 10, 1), date(2025, 10, 9)),
        (date(2025, 10, 11), date(2025, 10, 11)),
        (date(2025, 10, 12), date(2025, 10, 13)),
        (date(2026, 1, 1), date(2026, 1, 4)),
        (date(2025, 6, 28), date(2025, 6, 30)),
        (date(2039, 10, 1), date(2039, 10, 3)),
    ],
)
def test_next_workday_is_the_day_itself_where_people_work(day, moved_to):
    assert next_workday(day) == moved_to


@pytest.mark.parametrize(
    ("n", "day"),
    [(0, date(2025, 9, 30)), (1, date(2025, 10, 9)), (3, date(2025, 10, 11)), (4, date(2025, 10, 13))],
)
def test_working_days_are_counted_over_holidays(n, day):
    assert add_workdays(date(2025, 9, 30), n) == day
