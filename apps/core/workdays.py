"""Chinese working days, with 调休.

The State Council publishes a year's holidays in the November before it. For a year the calendar
does not know yet, Monday to Friday are taken as working days; `calendar_knows` lets a page say so.
"""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

SATURDAY = 5


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY


def calendar_knows(year: int) -> bool:
    """Whether the published holidays of this year are in the calendar."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def next_workday(day: date) -> date:
    """The day itself where people work on it, else the next day on which they do."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def add_workdays(day: date, n: int) -> date:
    """The n-th working day after `day`."""
    for _step in range(n):
        day = next_workday(day + timedelta(days=1))
    return day
