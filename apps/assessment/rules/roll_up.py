from collections.abc import Iterable
from decimal import Decimal

from apps.assessment.choices import Light
from apps.assessment.rules.facts import MeasureVerdict, RollUp
from apps.assessment.rules.severity import worst


def roll_up(items: Iterable[tuple[MeasureVerdict, Decimal]]) -> RollUp:
    """Several measures' verdicts, each with its weight, as one. Paused ones are counted and otherwise left out."""
    items = list(items)
    judged = [(verdict, weight) for verdict, weight in items if verdict.light != Light.PAUSED]
    known = [(verdict.percent, weight) for verdict, weight in judged if verdict.percent is not None]
    whole = sum((weight for _percent, weight in known), Decimal(0))
    return RollUp(
        light=worst(verdict.light for verdict, _weight in judged),
        percent=sum((percent * weight for percent, weight in known), Decimal(0)) / whole if whole else None,
        counts={light: sum(verdict.light == light for verdict, _weight in items) for light in Light},
        unknown=len(judged) - len(known),
    )


def expected_of(items: Iterable[tuple[MeasureVerdict, Decimal]]) -> Decimal | None:
    """What was due by the day over the measures whose percent is known, so that the two figures speak of the
    same measures; None where none is known."""
    known = [
        (verdict.expected, weight)
        for verdict, weight in items
        if verdict.light != Light.PAUSED and verdict.percent is not None
    ]
    whole = sum((weight for _expected, weight in known), Decimal(0))
    return sum((expected * weight for expected, weight in known), Decimal(0)) / whole if whole else None
