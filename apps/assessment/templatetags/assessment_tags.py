from dataclasses import dataclass
from decimal import Decimal

from django import template

from apps.assessment import sentences, wording
from apps.assessment.choices import Light
from apps.assessment.rules import readings
from apps.core.figures import figure

register = template.Library()
register.filter("sentence", sentences.sentence_of)
register.filter("note", sentences.note_of)
register.filter("forecast_text", sentences.forecast_text)
HUNDRED = Decimal(100)


@register.filter
def light_word(light):
    return Light(light).label


@dataclass(frozen=True)
class Slice:
    """One light's share of a spread bar, in percent of its width."""

    light: Light
    n: int
    x: str
    width: str


@register.filter
def spread(roll_up):
    """The lights that occur, worst first, each with its place in a bar of width 100."""
    total, x, slices = sum(roll_up.counts.values()), Decimal(0), []
    for light in Light:
        n = roll_up.counts[light]
        if n:
            width = HUNDRED * n / total
            slices.append(Slice(light=light, n=n, x=figure(x), width=figure(width)))
            x += width
    return tuple(slices)


@register.filter
def total(roll_up):
    return sum(roll_up.counts.values())


@register.filter
def bar_width(percent):
    """A percent held between 0 and 100 for drawing; empty where there is none."""
    return "" if percent is None else figure(min(max(percent, Decimal(0)), HUNDRED))


@register.simple_tag
def target_of(standing):
    """What an indicator aims at on the day, in words."""
    return sentences.target_text(standing.indicator, standing.target)


@register.simple_tag
def target_words(standing, target):
    """What one of an indicator's targets aims at, in words; for those without a bound, their day."""
    return sentences.target_text(standing.indicator, target) or sentences.day_text(target)


@register.filter
def own_value(entry, indicator):
    """A reading's value as the rules take it: as given, else from its parts."""
    return readings.own_value(entry, scale=indicator.scale)


@register.filter
def labelled(values):
    """The parts of a worked case with their names, in order; the light is a component of its own."""
    return [(wording.label_of(key), wording.in_words(value)) for key, value in values.items() if key != "light"]
