"""Two trees of one plan beside each other: what turned, what moved, which targets changed.

A tree is what `assessment.archive.document_of` makes of a standing, and what an issued paper keeps.
"""

from dataclasses import dataclass
from decimal import Decimal

from apps.assessment.choices import Light
from apps.assessment.rules.severity import SEVERITY

RANK = {str(light): rank for rank, light in enumerate((*SEVERITY, Light.PAUSED))}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One measure or indicator in both trees: `before` and `after` as they stand there."""

    before: dict
    after: dict

    @property
    def is_worse(self):
        return RANK[self.after["light"]] < RANK[self.before["light"]]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed between two trees. A figure is in `percent`, a measure in `percents`, where known in both."""

    turned: tuple[Pair, ...]
    percents: tuple[tuple[dict, Decimal], ...]
    days: tuple[Pair, ...]
    values: tuple[Pair, ...]
    targets: tuple[Pair, ...]
    added: tuple[dict, ...]
    gone: tuple[dict, ...]
    percent: Decimal | None

    @property
    def worse(self):
        return [pair for pair in self.turned if pair.is_worse]

    @property
    def better(self):
        return [pair for pair in self.turned if not pair.is_worse]

    @property
    def is_empty(self):
        return not any(
            (self.turned, self.percents, self.days, self.values, self.targets, self.added, self.gone, self.percent)
        )


def difference_of(before, after):
    """From one tree to another, each list in the plan's order."""
    old, new = measures_in(before), measures_in(after)
    both = [Pair(before=old[code], after=row) for code, row in new.items() if code in old]
    shifts = [(pair.after, moved(pair.before["percent"], pair.after["percent"])) for pair in both]
    old_indicators, new_indicators = indicators_in(before), indicators_in(after)
    pairs = [
        Pair(before=old_indicators[code], after=row) for code, row in new_indicators.items() if code in old_indicators
    ]
    return Difference(
        turned=tuple(pair for pair in both if pair.before["light"] != pair.after["light"]),
        percents=tuple((row, by) for row, by in shifts if by),
        days=tuple(pair for pair in both if pair.before["due"] != pair.after["due"]),
        values=tuple(pair for pair in pairs if pair.before["value"] != pair.after["value"]),
        targets=tuple(
            pair
            for pair in pairs
            if (pair.before["target"], pair.before["due"]) != (pair.after["target"], pair.after["due"])
        ),
        added=tuple(row for code, row in new.items() if code not in old),
        gone=tuple(row for code, row in old.items() if code not in new),
        percent=moved(before["percent"], after["percent"]),
    )


def measures_in(tree):
    """The tree's measures by their code, in the plan's order."""
    return {row["code"]: row for pillar in tree["pillars"] for row in pillar["measures"]}


def indicators_in(tree):
    """The tree's indicators by their code: those of measures, then those of goals."""
    holders = [*measures_in(tree).values(), *tree["goals"]]
    return {row["code"]: row for holder in holders for row in holder["indicators"]}


def moved(before, after):
    """The difference of two figures as text; None where one is not known."""
    return None if before is None or after is None else Decimal(after) - Decimal(before)
