"""What goes into a judgement and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from apps.assessment.choices import Accumulation, Declared, FindingCode, Kind, Light, Pace, Standing, Strength


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From when on a gap (in percentage points) or a delay (in days) turns a light."""

    watch_gap: Decimal = Decimal(10)
    late_gap: Decimal = Decimal(25)
    due_soon_days: int = 10
    node_late_days: int = 30


@dataclass(frozen=True)
class Finding:
    """One thing found. `severity` None is information only: it turns no light."""

    code: FindingCode
    severity: Light | None
    numbers: Mapping[str, int | Decimal | date] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NodeFacts:
    """A step of a measure: the last day that is in time, and the day it was done."""

    due: date
    done_on: date | None = None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class MeasureFacts:
    """All that decides a measure's light. `due` is the last day that is still in time."""

    start: date
    due: date
    nodes: tuple[NodeFacts, ...] = ()
    percent: Decimal | None = None
    reports_missed: int = 0
    declared: Declared = Declared.NORMAL
    closed_on: date | None = None
    paused: bool = False
    indicators: tuple[tuple[Light, Strength], ...] = ()


@dataclass(frozen=True, kw_only=True)
class MeasureVerdict:
    """`percent` None: nobody knows. `expected`: what was due by the day, in percent."""

    light: Light
    percent: Decimal | None
    expected: Decimal
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Observation:
    """A figure over a period, as one value, as two parts, or both."""

    start: date
    end: date
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class IndicatorVerdict:
    """`attainment` in percent of the target where that means something; not capped."""

    standing: Standing
    light: Light
    value: Decimal | None = None
    expected: Decimal | None = None
    attainment: Decimal | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class IndicatorFacts:
    """All that decides where an indicator stands. `pace` None is the default of its kind."""

    kind: Kind
    start: date
    due: date
    low: Decimal | None = None
    high: Decimal | None = None
    stretch: Decimal | None = None
    baseline: Decimal | None = None
    accumulation: Accumulation = Accumulation.LATEST
    pace: Pace | None = None
    steps: tuple[tuple[date, Decimal], ...] = ()
    scale: Decimal = Decimal(1)
    strength: Strength = Strength.MUST
    observations: tuple[Observation, ...] = ()
    readings_missed: int = 0
    achieved_on: date | None = None
    judged_met: bool | None = None
    members: tuple[IndicatorVerdict, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """Several measures as one: the worst light, the weighted percent, and the spread that explains both."""

    light: Light
    percent: Decimal | None
    counts: Mapping[Light, int]
    unknown: int
