"""An indicator's value: how the readings of a year become one figure."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from apps.assessment.choices import Accumulation, FindingCode
from apps.assessment.rules.facts import Finding, IndicatorFacts, Observation

CENT = Decimal("0.01")


class Figures(Protocol):
    """Any row of figures: a reading as typed, as accepted, or as judged."""

    @property
    def value(self) -> Decimal | None: ...
    @property
    def numerator(self) -> Decimal | None: ...
    @property
    def denominator(self) -> Decimal | None: ...


def value_on(facts: IndicatorFacts, *, on: date) -> tuple[Decimal | None, tuple[Finding, ...]]:
    """(value, findings) of the readings that had ended by the day; the value is None where there is none."""
    seen = sorted(
        (observation for observation in facts.observations if observation.end <= on), key=_in_order, reverse=True
    )
    findings = _findings(seen, scale=facts.scale)
    if not seen:
        return None, findings
    if facts.accumulation == Accumulation.SUM:
        values = [value for observation in seen if (value := own_value(observation, scale=facts.scale)) is not None]
        return (sum(values, Decimal(0)) if values else None), findings
    if facts.accumulation == Accumulation.POOLED:
        return _pooled(seen, scale=facts.scale), findings
    return own_value(seen[0], scale=facts.scale), findings


def own_value(reading: Figures, *, scale: Decimal) -> Decimal | None:
    """The value as given, else the ratio of the parts; None where neither can be had."""
    if reading.value is not None:
        return reading.value
    return _ratio(reading.numerator, reading.denominator, scale=scale)


def running_values(facts: IndicatorFacts) -> list[tuple[date, Decimal]]:
    """(day, value so far) at the end of each reading, in order: what a forecast goes on from."""
    ends = sorted({observation.end for observation in facts.observations})
    values = [(end, value_on(facts, on=end)[0]) for end in ends]
    return [(end, value) for end, value in values if value is not None]


def _ratio(numerator: Decimal | None, denominator: Decimal | None, *, scale: Decimal) -> Decimal | None:
    if numerator is None or denominator is None or denominator == 0:
        return None
    return numerator / denominator * scale


def _pooled(observations: Sequence[Observation], *, scale: Decimal) -> Decimal | None:
    parts = [
        (reading.numerator, reading.denominator)
        for reading in observations
        if reading.numerator is not None and reading.denominator is not None
    ]
    numerator = sum((numerator for numerator, _denominator in parts), Decimal(0))
    denominator = sum((denominator for _numerator, denominator in parts), Decimal(0))
    return _ratio(numerator, denominator, scale=scale)


def _in_order(observation: Observation) -> tuple[Any, ...]:
    """Newest end first; then the longer period, then the larger value, so that the order of entry never counts."""
    return (
        observation.end,
        -observation.start.toordinal(),
        *(
            (part is not None, part if part is not None else Decimal(0))
            for part in (observation.value, observation.numerator, observation.denominator)
        ),
    )


def _findings(observations: Sequence[Observation], *, scale: Decimal) -> tuple[Finding, ...]:
    codes = []
    if any(reading.value is None and reading.denominator == 0 for reading in observations):
        codes.append(FindingCode.ZERO_DENOMINATOR)
    if any(parts_disagree(reading, scale=scale) for reading in observations):
        codes.append(FindingCode.PARTS_DISAGREE)
    return tuple(Finding(code, None) for code in codes)


def parts_disagree(reading: Figures, *, scale: Decimal) -> bool:
    """Whether the value differs from its parts, as published figures often do; shown, never corrected silently."""
    ratio = _ratio(reading.numerator, reading.denominator, scale=scale)
    if reading.value is None or ratio is None:
        return False
    return _rounded(reading.value) != _rounded(ratio)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
