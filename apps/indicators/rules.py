"""Which values a target of each kind carries, and which of them fit together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.problems import Problems
from apps.indicators.choices import Kind, Pace

COMPOSITE = frozenset({Kind.ALL_MET, Kind.COUNT_MET})
# Kinds whose facts are figures of a period.
MEASURED = frozenset(
    {Kind.AT_LEAST, Kind.AT_MOST, Kind.WITHIN, Kind.BELOW_BASELINE, Kind.ABOVE_BASELINE, Kind.RANK_WITHIN}
)

BOUNDS = ("low", "high", "stretch", "baseline")


@dataclass(frozen=True, kw_only=True)
class TargetValues:
    """What a target sets. `steps` are days with the value due on each."""

    low: Decimal | None = None
    high: Decimal | None = None
    stretch: Decimal | None = None
    baseline: Decimal | None = None
    pace: str = ""
    steps: Sequence[Sequence[object]] = ()
    due: date | None = None

    @property
    def bounds(self) -> dict[str, Decimal]:
        """The bounds that are set, by name."""
        return {name: value for name in BOUNDS if (value := getattr(self, name)) is not None}


def _stretch_not_below_low(values: TargetValues) -> Problems:
    if values.low is not None and values.stretch is not None and values.stretch < values.low:
        return {"stretch": _("争取值不能小于目标值。")}
    return {}


def _range_in_order(values: TargetValues) -> Problems:
    if values.low is None and values.high is None:
        return {"low": _("合理区间至少填写下限或上限。")}
    if values.low is not None and values.high is not None and values.low > values.high:
        return {"high": _("上限不能小于下限。")}
    return {}


def _high_is_a_rank(values: TargetValues) -> Problems:
    if values.high is not None and (values.high < 1 or values.high != values.high.to_integral_value()):
        return {"high": _("位次须为 1 或更大的整数。")}
    return {}


def _has_due_day(values: TargetValues) -> Problems:
    if values.due is None and not values.bounds:
        return {"due": _("这类指标没有数值目标，只能调整考核日期。")}
    return {}


@dataclass(frozen=True, kw_only=True)
class TargetShape:
    """Which bounds a target of one kind must and may carry, and what else must hold of its values."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    has_pace: bool = False
    check: Callable[[TargetValues], Problems] = lambda values: {}


SHAPES = {
    Kind.AT_LEAST: TargetShape(
        required=frozenset({"low"}), optional=frozenset({"stretch"}), has_pace=True, check=_stretch_not_below_low
    ),
    Kind.AT_MOST: TargetShape(required=frozenset({"high"})),
    Kind.WITHIN: TargetShape(optional=frozenset({"low", "high"}), check=_range_in_order),
    Kind.ACHIEVED: TargetShape(check=_has_due_day),
    Kind.BELOW_BASELINE: TargetShape(required=frozenset({"baseline"})),
    Kind.ABOVE_BASELINE: TargetShape(required=frozenset({"baseline"})),
    Kind.RANK_WITHIN: TargetShape(required=frozenset({"high"}), check=_high_is_a_rank),
    Kind.ALL_MET: TargetShape(check=_has_due_day),
    Kind.COUNT_MET: TargetShape(required=frozenset({"low"})),
    Kind.JUDGED: TargetShape(check=_has_due_day),
}
BOUNDS_OF = {kind: shape.required | shape.optional for kind, shape in SHAPES.items()}


def problems_of_target(kind: Kind | str, values: TargetValues, *, first_day: date | None = None) -> Problems:
    """What is wrong with a target of this kind, as {field: sentence}.

    `first_day` is the plan's: no target is due before it.
    """
    shape = SHAPES[Kind(kind)]
    bounds = values.bounds
    problems: Problems = {name: _("不能小于 0。") for name, value in bounds.items() if value < 0}
    problems |= {name: _("这类指标不用填写此项。") for name in bounds.keys() - BOUNDS_OF[Kind(kind)]}
    problems |= {name: _("这类指标必须填写此项。") for name in shape.required - bounds.keys()}
    if values.due is not None and first_day is not None and values.due < first_day:
        problems["due"] = _("考核日期早于本年度计划。")
    if values.pace in (Pace.LINEAR, Pace.STEPS) and not shape.has_pace:
        problems["pace"] = _("只有“不低于”类指标可以按时间进度或分步目标考核。")
    if (values.pace == Pace.STEPS) != bool(values.steps):
        problems["steps"] = _("按分步目标考核时须填写各步，其他情形不填。")
    return problems | shape.check(values)


# 100% of cases closed within the time limit is discouraged: it makes courts turn cases away at the year's end.
RATE_NOT_TO_MAXIMISE = "审限内结案率"
WHOLE = 100


def warnings_of_target(
    *,
    name: str,
    kind: Kind | str,
    low: Decimal | None,
    high: Decimal | None,
    range_low: Decimal | None = None,
    range_high: Decimal | None = None,
) -> list[str]:
    """Warnings about a target, as sentences. The range is the published reference range."""
    warnings = []
    if RATE_NOT_TO_MAXIMISE in name and low is not None and low >= WHOLE:
        warnings.append(_("最高人民法院不提倡追求 100% 的审限内结案率，请再斟酌。"))
    tighter_below = low is not None and range_low is not None and low > range_low
    tighter_above = high is not None and range_high is not None and high < range_high
    beyond = kind == Kind.AT_LEAST and low is not None and range_high is not None and low > range_high
    if tighter_below or tighter_above or beyond:
        warnings.append(_("目标值严于参考区间，可能构成额外加码，请写明依据。"))
    return warnings
