"""Two trees of one plan beside each other: what turned, what moved, which targets changed.

A tree is what `assessment.archive.document_of` makes of a standing, and what an issued paper keeps.
"""

from dataclasses import dataclass
from decimal import Decimal

from apps.assessment.choices import Light
from apps.assessment.rules.severity import SEVERITY

PLACE = {str(light): place for place, light in enumerate((*SEVERITY, Light.PAUSED))}


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One measure or indicator in both trees: `before` and `after` as they stand there."""

    before: dict
    after: dict

    @property
    def is_worse(self):
        return PLACE[self.after["light"]] < PLACE[self.before["light"]]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed between two trees. A figure is in `percent`, a measure in `percents`, where known in both."""

    turned: tuple[Moved, ...]
    percents: tuple[tuple[dict, Decimal], ...]
    days: tuple[Moved, ...]
    values: tuple[Moved, ...]
    targets: tuple[Moved, ...]
    added: tuple[dict, ...]
    gone: tuple[dict, ...]
    percent: Decimal | None

    @property
    def worse(self):
        return [one for one in self.turned if one.is_worse]

    @property
    def better(self):
        return [one for one in self.turned if not one.is_worse]

    @property
    def is_empty(self):
        return not any(
            (self.turned, self.percents, self.days, self.values, self.targets, self.added, self.gone, self.percent)
        )


def difference_of(before, after):
    """From one tree to another, each list in the plan's order."""
    old, new = measures_in(before), measures_in(after)
    both = [Moved(before=old[code], after=one) for code, one in new.items() if code in old]
    shifts = [(one.after, moved(one.before["percent"], one.after["percent"])) for one in both]
    old_indicators, new_indicators = indicators_in(before), indicators_in(after)
    pairs = [
        Moved(before=old_indicators[code], after=one) for code, one in new_indicators.items() if code in old_indicators
    ]
    return Difference(
        turned=tuple(one for one in both if one.before["light"] != one.after["light"]),
        percents=tuple((one, by) for one, by in shifts if by),
        days=tuple(one for one in both if one.before["due"] != one.after["due"]),
        values=tuple(one for one in pairs if one.before["value"] != one.after["value"]),
        targets=tuple(
            one for one in pairs if (one.before["target"], one.before["due"]) != (one.after["target"], one.after["due"])
        ),
        added=tuple(one for code, one in new.items() if code not in old),
        gone=tuple(one for code, one in old.items() if code not in new),
        percent=moved(before["percent"], after["percent"]),
    )


def measures_in(tree):
    """The tree's measures by their code, in the plan's order."""
    return {one["code"]: one for pillar in tree["pillars"] for one in pillar["measures"]}


def indicators_in(tree):
    """The tree's indicators by their code: those of measures, then those of goals."""
    holders = [*measures_in(tree).values(), *tree["goals"]]
    return {one["code"]: one for holder in holders for one in holder["indicators"]}


def moved(before, after):
    """The difference of two figures as text; None where one is not known."""
    return None if before is None or after is None else Decimal(after) - Decimal(before)
