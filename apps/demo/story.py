"""What happens in the made-up year, as fixtures/demo_year_2025.json has it."""

import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings

from apps.indicators.rules import BOUNDS, TargetValues

PATH = settings.BASE_DIR / "fixtures" / "demo_year_2025.json"
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, kw_only=True)
class Story:
    """A measure's year. Percents run from the first quarter to the fourth; the other numbers are quarters.

    `last_report` is what becomes of the last quarter's: approved, unwritten, submitted or returned. `declared` gives
    the state by quarter, where it isn't normal; `nodes` title, due day and the day it was done.
    """

    percents: tuple[int | None, ...] = (None,) * 4
    is_slow: bool = False
    last_report: str = "approved"
    unreported: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    late: tuple[int, ...] = ()
    declared: dict[str, str]
    nodes: tuple[tuple[str, date, date | None], ...] = ()
    closed_on: date | None = None


def load_story():
    """The file's content; each measure's as a Story, the values of targets as the services take them."""
    story = _with_dates(json.loads(PATH.read_text(encoding="utf-8")))
    story["measures"] = {code: Story(**{"declared": {}} | fields) for code, fields in story["measures"].items()}
    for target in story["targets"]:
        target["values"] = TargetValues(
            **{name: Decimal(value) if name in BOUNDS else value for name, value in target["values"].items()}
        )
    return story


def _with_dates(value):
    if isinstance(value, dict):
        return {key: _with_dates(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_with_dates(child) for child in value]
    return date.fromisoformat(value) if isinstance(value, str) and ISO_DATE.fullmatch(value) else value
