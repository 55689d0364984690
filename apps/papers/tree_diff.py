"""Two trees of one plan beside each other: which lights changed, what moved, which targets changed.

A tree is what `assessment.archive.document_of` makes of a standing, and what an issued paper keeps.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

Tree: TypeAlias = dict[str, Any]


class Pair(NamedTuple):
    """One measure or indicator as it stands in both trees."""

    before: Tree
    after: Tree


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed between two trees. A figure is in `percent`, a measure in `percents`, where known in both."""

    turned: list[Pair]
    percents: list[tuple[Tree, Decimal]]
    days: list[Pair]
    values: list[Pair]
    targets: list[Pair]
    added: list[Tree]
    gone: list[Tree]
    percent: Decimal | None

    @property
    def is_empty(self) -> bool:
        return not any(vars(self).values())


def difference_of(before: Tree, after: Tree) -> Difference:
    """What changed from one tree to another; each list is in the plan's order."""
    old, new = measures_in(before), measures_in(after)
    measures, indicators = _pairs(old, new), _pairs(indicators_in(before), indicators_in(after))
    moves = [(pair.after, moved(pair.before["percent"], pair.after["percent"])) for pair in measures]
    return Difference(
        turned=_changed(measures, "light"),
        percents=[(measure, by) for measure, by in moves if by],
        days=_changed(measures, "due"),
        values=_changed(indicators, "value"),
        targets=_changed(indicators, "target", "due"),
        added=[measure for code, measure in new.items() if code not in old],
        gone=[measure for code, measure in old.items() if code not in new],
        percent=moved(before["percent"], after["percent"]),
    )


def _pairs(old: Tree, new: Tree) -> list[Pair]:
    return [Pair(old[code], after) for code, after in new.items() if code in old]


def _changed(pairs: list[Pair], *names: str) -> list[Pair]:
    return [pair for pair in pairs if any(pair.before[name] != pair.after[name] for name in names)]


def measures_in(tree: Tree) -> dict[str, Tree]:
    """The tree's measures by their code, in the plan's order."""
    return {measure["code"]: measure for pillar in tree["pillars"] for measure in pillar["measures"]}


def indicators_in(tree: Tree) -> dict[str, Tree]:
    """The tree's indicators by their code: those of measures, then those of goals."""
    holders = [*measures_in(tree).values(), *tree["goals"]]
    return {indicator["code"]: indicator for holder in holders for indicator in holder["indicators"]}


def moved(before: Decimal | str | None, after: Decimal | str | None) -> Decimal | None:
    """The difference of two figures; None where one is not known."""
    return None if before is None or after is None else Decimal(after) - Decimal(before)
