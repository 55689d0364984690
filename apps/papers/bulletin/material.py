"""What a bulletin is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from apps.assessment.choices import Light
from apps.assessment.tree import IndicatorStanding, MeasureStanding, PlanStanding
from apps.ledger.models import LedgerEntry
from apps.papers.tree_diff import Tree, indicators_in, measures_in, moved
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
    """The earlier tree that a bulletin compares with, and its name in sentences."""

    tree: Tree
    name: str


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The office's own texts in a bulletin; empty for the default ones."""

    title: str = ""
    demands: str = ""
    signature: str = ""


WHOLE_PLAN, USUAL_WORDING = Scope(), Wording()


@dataclass(frozen=True, kw_only=True)
class BulletinData:
    """Everything that the sections use: the part of the standing in the scope, its reports and instructions.

    Of indicators, those of goals come last, and only in a paper about everything.
    """

    standing: PlanStanding
    scope: Scope
    earlier: ComparedTree
    wording: Wording
    measures: Sequence[MeasureStanding]
    indicators: Sequence[IndicatorStanding]
    reports: Mapping[int | None, LedgerEntry]
    instructions: Sequence[InstructionRow]

    def of_light(self, *lights: Light) -> list[MeasureStanding]:
        return [item for item in self.measures if item.verdict.light in lights]

    @cached_property
    def measures_before(self) -> dict[str, Tree]:
        return measures_in(self.earlier.tree)

    @cached_property
    def indicators_before(self) -> dict[str, Tree]:
        return indicators_in(self.earlier.tree)

    def light_before(self, item: MeasureStanding) -> Light | None:
        """The light in the tree compared with; None where the measure is not in it."""
        before = self.measures_before.get(item.measure.code)
        return Light(before["light"]) if before else None

    def percent_change(self, item: MeasureStanding) -> Decimal | None:
        before = self.measures_before.get(item.measure.code)
        return moved(before["percent"], item.verdict.percent) if before else None

    def value_change(self, item: IndicatorStanding) -> Decimal | None:
        before = self.indicators_before.get(item.indicator.code)
        return moved(before["value"], item.verdict.value) if before else None

    def report(self, item: MeasureStanding) -> LedgerEntry:
        """The last accepted report; empty and unsaved where there is none."""
        return self.reports[item.measure.pk]
