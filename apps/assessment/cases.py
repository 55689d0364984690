"""Worked cases of the judgement: what the tests run and what the page /rules/ shows, from the same files.

Each file in `worked_cases/` holds cases of one kind. Figures are written as strings, so that they are read as
decimals; days as TOML dates. What a case leaves out has the default of the facts it fills in.
"""

import re
import tomllib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from apps.assessment.choices import Accumulation, Declared, Kind, Light, Pace, Standing, Strength
from apps.assessment.rules import (
    IndicatorFacts,
    IndicatorVerdict,
    MeasureFacts,
    MeasureVerdict,
    NodeFacts,
    Observation,
    Thresholds,
    expected_of,
    judge_indicator,
    judge_measure,
    roll_up,
)

Values = dict[str, Any]

FOLDER = Path(__file__).parent / "worked_cases"
TWO_PLACES = Decimal("0.01")
FIGURE = re.compile(r"-?\d+(\.\d+)?")
WORDS = {
    "declared": Declared,
    "kind": Kind,
    "accumulation": Accumulation,
    "pace": Pace,
    "strength": Strength,
    "light": Light,
    "standing": Standing,
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One worked case: `facts` as written, what the rules find, and what they should."""

    group: str
    name: str
    name_en: str
    rule: str
    facts: Values
    found: Values
    expect: Values

    @property
    def holds(self) -> bool:
        return all(self.found[key] == value for key, value in self.expect.items())


@lru_cache(maxsize=1)
def worked_cases() -> tuple[Case, ...]:
    """Every case, in the order of the files and within them."""
    return tuple(
        _case(path.stem, table)
        for path in sorted(FOLDER.glob("*.toml"))
        for table in tomllib.loads(path.read_text("utf-8"))["case"]
    )


def _case(group: str, table: Values) -> Case:
    facts = _read(table["given"])
    judge = {"measures": _judge_measure, "indicators": _judge_indicator, "roll_up": _roll_up}[group]
    return Case(
        group=group,
        name=table["name"],
        name_en=table["name_en"],
        rule=table["rule"],
        facts=facts,
        found=judge(dict(facts)),
        expect=_read(table["expect"]),
    )


def _judge_measure(facts: Values) -> Values:
    on, thresholds = facts.pop("on"), Thresholds(**facts.pop("thresholds", {}))
    facts["nodes"] = tuple(NodeFacts(**node) for node in facts.get("nodes", ()))
    facts["indicators"] = tuple((Light(light), Strength(strength)) for light, strength in facts.get("indicators", ()))
    verdict = judge_measure(MeasureFacts(**facts), on=on, thresholds=thresholds)
    return {
        "light": verdict.light,
        "percent": _rounded(verdict.percent),
        "expected": _rounded(verdict.expected),
        "findings": _findings(verdict),
    }


def _judge_indicator(facts: Values) -> Values:
    on, thresholds = facts.pop("on"), Thresholds(**facts.pop("thresholds", {}))
    facts["observations"] = tuple(Observation(**observation) for observation in facts.get("observations", ()))
    facts["steps"] = tuple((day, Decimal(value)) for day, value in facts.get("steps", ()))
    facts["members"] = tuple(
        IndicatorVerdict(standing=Standing(standing), light=Light.ON_TRACK) for standing in facts.get("members", ())
    )
    verdict = judge_indicator(IndicatorFacts(**facts), on=on, thresholds=thresholds)
    return {
        "standing": verdict.standing,
        "light": verdict.light,
        "value": _rounded(verdict.value),
        "expected": _rounded(verdict.expected),
        "attainment": _rounded(verdict.attainment),
        "findings": _findings(verdict),
    }


def _roll_up(facts: Values) -> Values:
    items = [
        (
            MeasureVerdict(
                light=measure["light"], percent=measure.get("percent"), expected=measure.get("expected", Decimal(0))
            ),
            measure.get("weight", Decimal(1)),
        )
        for measure in facts["measures"]
    ]
    whole = roll_up(items)
    return {
        "light": whole.light,
        "percent": _rounded(whole.percent),
        "expected": _rounded(expected_of(items)),
        "unknown": whole.unknown,
        "counts": {light.value: n for light, n in whole.counts.items() if n},
    }


def _findings(verdict: MeasureVerdict | IndicatorVerdict) -> list[Values]:
    """Findings as the files write them: code, severity (left out for information), and numbers."""
    return [
        {"code": finding.code.value}
        | ({"severity": finding.severity.value} if finding.severity else {})
        | {
            name: _rounded(number) if isinstance(number, Decimal) else number
            for name, number in finding.numbers.items()
        }
        for finding in verdict.findings
    ]


def _rounded(number: Decimal | None) -> Decimal | None:
    return None if number is None else Decimal(number).quantize(TWO_PLACES, rounding=ROUND_HALF_UP)


def _read(value: Any, name: str = "") -> Any:
    """The TOML value with figures as decimals, words as choices, and “none” as nothing."""
    if value == "none":
        return None
    if isinstance(value, dict):
        return {key: _read(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_read(inner) for inner in value]
    if name and isinstance(value, str) and FIGURE.fullmatch(value):
        return Decimal(value)
    if name in WORDS:
        return WORDS[name](value)
    return value
