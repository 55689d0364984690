"""Small pieces of sentences that differ from language to language."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def joined(names: Iterable[object]) -> str:
    """Names one after the other: “甲、乙”."""
    return pgettext("between names", "、").join(str(name) for name in names)


def bracketed(text: object) -> str:
    """A remark behind a name: “（…）”; nothing where there is no remark."""
    return _("（%(text)s）") % {"text": text} if text else ""


def written_day(value: date | None) -> str:
    """A day without leading zeros, as the court's papers write it: 2025年3月5日; empty where there is none."""
    if value is None:
        return ""
    return _("%(year)s年%(month)s月%(day)s日") % {"year": value.year, "month": value.month, "day": value.day}
