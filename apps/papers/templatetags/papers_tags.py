"""Filters for the HTML of a paper's blocks."""

from datetime import date
from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from apps.core.figures import figure
from apps.core.wording import joined
from apps.papers import word
from apps.papers.blocks import SIGNS
from apps.papers.sentences import signed

register = template.Library()
register.filter("written", word.cell_text)
register.filter("signed", signed)


@register.filter
def drawn(block):
    return f"papers/blocks/{type(block).__name__.lower()}.html"


@register.filter
def sign(light):
    return SIGNS[light]


@register.filter
def is_number(cell):
    return isinstance(cell, date | Decimal | int)


@register.filter
def shares(grid, shape):
    """How much of the table's width each column takes, in whole hundredths."""
    return word.shares(grid, shape=shape)


FORM_NAMES = {"xlsx": "Excel", "docx": "Word", "pdf": "PDF"}


@register.filter
def form_name(form):
    return FORM_NAMES[form]


@register.filter
def figure_or_dash(text):
    """A figure that a tree keeps as text."""
    return figure(None if text is None else Decimal(text))


@register.filter
def aim(indicator):
    """What an indicator of a tree aims at, and by when."""
    bounds = indicator["target"]
    parts = [
        f"{sign}{figure(Decimal(bounds[name]))}"
        for name, sign in (("low", "≥ "), ("high", "≤ "))
        if bounds.get(name) is not None
    ]
    if bounds.get("baseline") is not None:
        parts.append(_("基期 %(value)s") % {"value": figure(Decimal(bounds["baseline"]))})
    parts.append(_("%(day)s前") % {"day": indicator["due"]})
    return joined(parts)
