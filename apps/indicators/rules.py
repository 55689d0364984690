"""Which bounds a target of each kind carries, and which of them fit together."""

from django.utils.translation import gettext_lazy as _

from apps.indicators.choices import Kind, Pace

COMPOSITE = frozenset({Kind.ALL_MET, Kind.COUNT_MET})
# Kinds whose facts are figures of a period.
MEASURED = frozenset(
    {Kind.AT_LEAST, Kind.AT_MOST, Kind.WITHIN, Kind.BELOW_BASELINE, Kind.ABOVE_BASELINE, Kind.RANK_WITHIN}
)

BOUNDS_OF = {
    Kind.AT_LEAST: frozenset({"low", "stretch"}),
    Kind.AT_MOST: frozenset({"high"}),
    Kind.WITHIN: frozenset({"low", "high"}),
    Kind.ACHIEVED: frozenset(),
    Kind.BELOW_BASELINE: frozenset({"baseline"}),
    Kind.ABOVE_BASELINE: frozenset({"baseline"}),
    Kind.RANK_WITHIN: frozenset({"high"}),
    Kind.ALL_MET: frozenset(),
    Kind.COUNT_MET: frozenset({"low"}),
    Kind.JUDGED: frozenset(),
}
OPTIONAL = frozenset({"stretch"})


# Of this rate the whole is not wanted: it makes courts turn cases away at the year's end.
NOT_WANTED_WHOLE = "审限内结案率"
WHOLE = 100


def warnings_of_target(*, name, kind, low, high, range_low=None, range_high=None):
    """What speaks against a target although it may be set, as sentences. The range is the published reference range."""
    warnings = []
    if NOT_WANTED_WHOLE in name and low is not None and low >= WHOLE:
        warnings.append(_("最高人民法院不提倡追求 100% 的审限内结案率，请再斟酌。"))
    tighter_below = low is not None and range_low is not None and low > range_low
    tighter_above = high is not None and range_high is not None and high < range_high
    beyond = kind == Kind.AT_LEAST and low is not None and range_high is not None and low > range_high
    if tighter_below or tighter_above or beyond:
        warnings.append(_("目标值严于参考区间，可能构成额外加码，请写明依据。"))
    return warnings


def problems_of_target(*, kind, low, high, stretch, baseline, pace, steps, due, first_day=None):
    """What is wrong with a target's bounds, as {field: sentence}; empty where nothing is.

    `first_day` is the plan's: no target is due before it.
    """
    bounds = {"low": low, "high": high, "stretch": stretch, "baseline": baseline}
    given = {name for name, value in bounds.items() if value is not None}
    fitting = BOUNDS_OF[kind]
    problems = {name: _("不能小于 0。") for name in given if bounds[name] < 0}
    problems |= {name: _("这类指标不用填写此项。") for name in given - fitting}
    if due is not None and first_day is not None and due < first_day:
        problems["due"] = _("考核日期早于本年度计划。")
    if kind == Kind.WITHIN:
        if not given & fitting:
            problems["low"] = _("合理区间至少填写下限或上限。")
        elif low is not None and high is not None and low > high:
            problems["high"] = _("上限不能小于下限。")
    else:
        for name in fitting - OPTIONAL - given:
            problems[name] = _("这类指标必须填写此项。")
    if kind == Kind.AT_LEAST and low is not None and stretch is not None and stretch < low:
        problems["stretch"] = _("争取值不能小于目标值。")
    if kind == Kind.RANK_WITHIN and high is not None and (high < 1 or high != high.to_integral_value()):
        problems["high"] = _("位次须为 1 或更大的整数。")
    if pace in (Pace.LINEAR, Pace.STEPS) and kind != Kind.AT_LEAST:
        problems["pace"] = _("只有“不低于”类指标可以按时间进度或分步目标考核。")
    if (pace == Pace.STEPS) != bool(steps):
        problems["steps"] = _("按分步目标考核时须填写各步，其他情形不填。")
    if not fitting and not given and due is None and kind in COMPOSITE | {Kind.JUDGED, Kind.ACHIEVED}:
        problems["due"] = _("这类指标没有数值目标，只能调整考核日期。")
    return problems
