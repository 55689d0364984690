"""The document of next year's draft, made from this year's: copied, with all days a year later and figures left empty."""

from collections.abc import Container
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.assessment.tree import MeasureStanding, PlanStanding
from apps.core.figures import plain
from apps.indicators.choices import Kind
from apps.indicators.rules import BOUNDS, MEASURED

Part = dict[str, Any]

TARGET_PRECISION = Decimal("0.0001")
ON_BASELINE = frozenset({Kind.BELOW_BASELINE, Kind.ABOVE_BASELINE})


def next_year_of(document: Part, standing: PlanStanding, *, codes: Container[str], keeps_targets: bool) -> Part:
    """`document` is this year's, `standing` the standing on its last day.

    Only the measures in `codes` continue, without finished nodes and adjustments. Targets stay empty unless
    `keeps_targets`; an indicator compared with a baseline takes this year's last value as the new one.
    """
    year = document["year"] + 1
    first_day = str(date(year, 1, 1))
    standings = {measure.measure.code: measure for measure in standing.measures}
    values = {indicator.indicator.code: indicator.verdict.value for indicator in standing.indicators}
    details = {"effective_from": first_day, "reason": _("沿用上年安排"), "document": ""}
    measures = [
        _measure(part, standings[part["code"]], details) for part in document["measures"] if part["code"] in codes
    ]
    indicators = [
        _indicator(part, values.get(part["code"]), details, keeps_targets=keeps_targets)
        for part in document["indicators"]
        if part["goal"] is not None or part["measure"] in codes
    ]
    continued = {part["code"] for part in indicators}
    for part in indicators:
        part["members"] = [code for code in part["members"] if code in continued]
    return document | {
        "year": year,
        "title": document["title"].replace(str(document["year"]), str(year)),
        "source_text": "",
        "thresholds": [order | details for order in document["thresholds"][-1:]],
        "goals": [goal | {"quote": ""} for goal in document["goals"]],
        "measures": measures,
        "indicators": indicators,
    }


def a_year_later(day: date | str) -> date:
    """The same day a year later; 28 February where there is none."""
    day = day if isinstance(day, date) else date.fromisoformat(day)
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _measure(part: Part, standing: MeasureStanding, details: Part) -> Part:
    first_day = details["effective_from"]
    last_day = date(int(first_day[:4]), 12, 31)

    def deadline(day: date) -> Part:
        # One that was extended into next year stays in that year.
        return {"due": str(min(a_year_later(day), last_day))} | details

    return part | {
        "starts_on": first_day,
        "weight": plain(standing.weight),
        "quotes": [],
        "deadlines": [deadline(standing.due)] if part["deadlines"] else [],
        "nodes": [
            {
                "title": node.node.title,
                "weight": plain(node.node.weight),
                "deadlines": [deadline(node.due)],
            }
            for node in standing.nodes
            if node.done_on is None
        ],
        "orders": [],
    }


def _indicator(part: Part, last_value: Decimal | None, details: Part, *, keeps_targets: bool) -> Part:
    empty = dict.fromkeys(BOUNDS) | {"pace": "", "steps": [], "due": None}
    targets = []
    if part["kind"] in ON_BASELINE and last_value is not None and last_value >= 0:
        targets = [
            empty
            | {"baseline": plain(last_value.quantize(TARGET_PRECISION, rounding=ROUND_HALF_UP))}
            | details
            | {"reason": _("以上年最后的数值为基期值")}
        ]
    elif keeps_targets and part["targets"]:
        target = part["targets"][-1]
        targets = [
            target
            | {
                "steps": [[str(a_year_later(day)), value] for day, value in target["steps"]],
                "due": str(a_year_later(target["due"])) if target["due"] else None,
            }
            | details
        ]
        if part["kind"] not in MEASURED and not targets[0]["due"]:
            targets = []
    return part | {"quote": "", "targets": targets}
