from datetime import date

import pytest

from apps.core.workdays import add_workdays, calendar_knows, is_workday, next_workday


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 10, 1), False),
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),  # a Saturday, worked for the holiday
        (date(2025, 10, 12), False),
        (date(2026, 2, 14), True),  # likewise
        (date(2039, 10, 3), True),  # no calendar yet: a Monday
        (date(2039, 10, 1), False),  # a Saturday
    ],
)
def test_workdays_follow_the_published_calendar(day, works):
    assert is_workday(day) is works


def test_calendar_says_which_years_it_knows():
    assert (calendar_knows(2025), calendar_knows(2039)) == (True, False)


def test_next_workday_is_the_day_itself_where_people_work():
    assert next_workday(date(2025, 10, 9)) == date(2025, 10, 9)
    assert next_workday(date(2025, 10, 1)) == date(2025, 10, 9)


@pytest.mark.parametrize(("n", "day"), [(0, date(2025, 9, 30)), (1, date(2025, 10, 9)), (3, date(2025, 10, 11))])
def test_working_days_are_counted_over_holidays(n, day):
    assert add_workdays(date(2025, 9, 30), n) == day
