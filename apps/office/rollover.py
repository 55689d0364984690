"""Next year's draft from this year's plan: what goes on is copied, its days move by a year, its figures stay empty."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from apps.core.figures import plain
from apps.indicators.choices import Kind
from apps.indicators.rules import BOUNDS, MEASURED

FOUR_PLACES = Decimal("0.0001")  # as many as a target has
ON_BASELINE = frozenset({Kind.BELOW_BASELINE, Kind.ABOVE_BASELINE})


def next_year_of(document, standing, *, codes, keeps_targets):
    """The document of next year's draft.

    `document` is this year's, `standing` its last day's. Of the measures only those in `codes` go on, without the
    nodes that are done and without what paused them. Targets stay empty unless they are kept; where an indicator is
    compared with a year before, this year's last value becomes its baseline.
    """
    year = document["year"] + 1
    first_day = str(date(year, 1, 1))
    by_code = {one.measure.code: one for one in standing.measures}
    values = {one.indicator.code: one.verdict.value for one in standing.indicators}
    given = {"effective_from": first_day, "reason": _("沿用上年安排"), "document": ""}
    measures = [_measure(one, by_code[one["code"]], given) for one in document["measures"] if one["code"] in codes]
    indicators = [
        _indicator(one, values.get(one["code"]), given, keeps_targets=keeps_targets)
        for one in document["indicators"]
        if one["goal"] is not None or one["measure"] in codes
    ]
    kept = {one["code"] for one in indicators}
    for one in indicators:
        one["members"] = [code for code in one["members"] if code in kept]
    last = document["thresholds"][-1:]
    return document | {
        "year": year,
        "title": document["title"].replace(str(document["year"]), str(year)),
        "source_text": "",
        "thresholds": [one | given for one in last],
        "goals": [one | {"quote": ""} for one in document["goals"]],
        "measures": measures,
        "indicators": indicators,
    }


def moved(day):
    """The same day a year later; the last of February where there is none."""
    return _moved(day if isinstance(day, date) else date.fromisoformat(day))


def _moved(day):
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _measure(one, standing, given):
    year_begins = given["effective_from"]
    return one | {
        "starts_on": year_begins,
        "weight": plain(standing.weight),
        "quotes": [],
        "deadlines": [{"due": str(_within(moved(standing.due), year_begins))} | given] if one["deadlines"] else [],
        "nodes": [
            {
                "title": node.node.title,
                "weight": plain(node.node.weight),
                "deadlines": [{"due": str(_within(moved(node.due), year_begins))} | given],
            }
            for node in standing.nodes
            if node.done_on is None
        ],
        "orders": [],
    }


def _within(day, year_begins):
    """A day that had been put off into the next year stays in it."""
    return min(day, date(int(year_begins[:4]), 12, 31))


def _indicator(one, last_value, given, *, keeps_targets):
    empty = dict.fromkeys(BOUNDS) | {"pace": "", "steps": [], "due": None}
    targets = []
    if one["kind"] in ON_BASELINE and last_value is not None and last_value >= 0:
        targets = [
            empty
            | {"baseline": plain(last_value.quantize(FOUR_PLACES, rounding=ROUND_HALF_UP))}
            | given
            | {"reason": _("以上年最后的数值为基期值")}
        ]
    elif keeps_targets and one["targets"]:
        target = one["targets"][-1]
        targets = [
            target
            | {
                "steps": [[str(moved(day)), value] for day, value in target["steps"]],
                "due": str(moved(target["due"])) if target["due"] else None,
            }
            | given
        ]
        if one["kind"] not in MEASURED and not targets[0]["due"]:
            targets = []
    return one | {"quote": "", "targets": targets}
