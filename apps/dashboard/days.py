"""Which day a page shows, and as known when."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from apps.assessment.selectors import end_of_day
from apps.core.wording import written_day
from apps.dashboard.comparison import month_ends_of


@dataclass(frozen=True, kw_only=True)
class ShownDay:
    """The day judged, the moment of knowledge, and how both came about.

    `is_year_end`: the plan's year is over and nobody asked for a day (年终口径). `refused` is what was
    asked for and could not be shown, as typed.
    """

    on: date
    known: datetime
    is_asked: bool
    knows_now: bool
    is_year_end: bool
    refused: str = ""

    @property
    def query(self):
        """The part of an address that keeps this day on the next page; empty for the default day."""
        if not self.is_asked:
            return ""
        return f"?on={self.on}" + ("&known=now" if self.knows_now else "")

    @property
    def hidden(self):
        """What the form that asks for another day carries along."""
        return [{"name": "known", "value": "now"}] if self.is_asked and self.knows_now else []

    @property
    def hidden_with_day(self):
        """What a form that keeps this day carries along."""
        return [{"name": "on", "value": str(self.on)}, *self.hidden] if self.is_asked else []

    @property
    def describing(self):
        values = {"day": written_day(self.on)}
        if self.is_year_end:
            return _("年终口径：截至%(day)s，按现在所知（补报计入）") % values
        if self.is_asked and self.knows_now:
            return _("截至%(day)s，按现在所知") % values
        if self.is_asked:
            return _("截至%(day)s，按当日所知") % values
        return _("截至今天（%(day)s）") % values


def shown_day(plan, on, known, *, now, today):
    """The day to show for `?on=` and `?known=`; what can't be read falls back to the default day."""
    day = _parsed(on, first=plan.starts_on, last=max(plan.ends_on, today))
    refused = (on or "") if day is None else ""
    if day is None:
        is_over = today > plan.ends_on
        return ShownDay(
            on=plan.ends_on if is_over else today,
            known=now,
            is_asked=False,
            knows_now=True,
            is_year_end=is_over,
            refused=refused[:40],
        )
    knows_now = known == "now"
    return ShownDay(
        on=day,
        known=now if knows_now else min(end_of_day(day), now),
        is_asked=True,
        knows_now=knows_now,
        is_year_end=False,
    )


def _parsed(text, *, first, last):
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return day if first <= day <= last else None


@dataclass(frozen=True)
class Shortcut:
    label: str
    url: str
    is_current: bool


def month_ends(plan, day, query, *, today):
    """The plan's month ends that have come, each one click away, and the way back to the default day.

    `query` is what else the address asks for, such as a search; it stays.
    """
    rest = query.copy()
    for name in ("on", "known"):
        rest.pop(name, None)
    suffix = f"&{rest.urlencode()}" if rest else ""
    shortcuts = [Shortcut(label=_("最新"), url=f"?{suffix[1:]}", is_current=not day.is_asked)]
    for end in month_ends_of(plan.year):
        if end <= today:
            label = _("%(month)s月底") % {"month": end.month}
            shortcuts.append(Shortcut(label=label, url=f"?on={end}{suffix}", is_current=day.is_asked and day.on == end))
    return shortcuts
