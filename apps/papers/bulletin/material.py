"""What a bulletin is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.assessment.choices import Light
from apps.assessment.tree import IndicatorStanding, MeasureStanding, PlanStanding
from apps.ledger.models import LedgerEntry
from apps.papers.tree_diff import measures_in
from apps.plans.models import Measure
from apps.supervision.selectors import InstructionRow


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which measures a paper is about: of these pillars, led by these departments; empty is all."""

    pillars: frozenset[int] = frozenset()
    departments: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        return not self.pillars and not self.departments

    def holds(self, measure: Measure) -> bool:
        return (not self.pillars or measure.pillar.number in self.pillars) and (
            not self.departments or (measure.lead is not None and measure.lead.slug in self.departments)
        )


@dataclass(frozen=True, kw_only=True)
class ComparedTree:
    """What a paper compares with: the tree of a day, and what that day is called."""

    tree: dict[str, Any]
    name: str


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What the office itself says in the paper; empty where it leaves the usual words."""

    title: str = ""
    demands: str = ""
    signature: str = ""


@dataclass(frozen=True, kw_only=True)
class BulletinData:
    """All that the sentences are made from: what the scope holds of the standing, and what was said of it.

    Of indicators, those of goals come last, and only in a paper about everything.
    """

    standing: PlanStanding
    scope: Scope
    earlier: ComparedTree
    wording: Wording
    measures: Sequence[MeasureStanding]
    indicators: Sequence[IndicatorStanding]
    reports: Mapping[int, LedgerEntry]
    instructions: Sequence[InstructionRow]

    def of_light(self, *lights: Light) -> list[MeasureStanding]:
        return [item for item in self.measures if item.verdict.light in lights]

    def before(self, item: MeasureStanding) -> dict[str, Any] | None:
        """The measure in the tree compared with; None where it is not in it."""
        return measures_in(self.earlier.tree).get(item.measure.code)

    def report(self, item: MeasureStanding) -> LedgerEntry:
        """The last accepted report; empty and unsaved where there is none."""
        return self.reports[item.measure.pk]
