"""What holds for any facts on any day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.assessment.choices import Accumulation, Declared, Kind, Light, Pace, Standing, Strength
from apps.assessment.rules import (
    IndicatorFacts,
    IndicatorVerdict,
    MeasureFacts,
    NodeFacts,
    Observation,
    Thresholds,
    judge_indicator,
    judge_measure,
    roll_up,
    worst,
)
from tests.extent import examples

pytestmark = pytest.mark.once("规则只算数字和日期，不用数据库")

settings.register_profile("here", deadline=None, database=None, max_examples=examples(100, 1000))
settings.load_profile("here")

FIRST, LAST = date(2025, 1, 1), date(2026, 3, 1)
days = st.dates(FIRST, LAST)
figures = st.decimals(-1000, 1000, places=2)
maybe_figures = st.none() | figures
MORE_IS_BETTER = [Kind.AT_LEAST, Kind.ABOVE_BASELINE]
LESS_IS_BETTER = [Kind.AT_MOST, Kind.BELOW_BASELINE]
MEASURED = [*MORE_IS_BETTER, *LESS_IS_BETTER, Kind.WITHIN, Kind.RANK_WITHIN]
# Best first. NO_TARGET stands outside: no value can bring it about.
RANKED = [
    Standing.MET,
    Standing.ON_COURSE,
    Standing.PENDING,
    Standing.NO_DATA,
    Standing.BEHIND,
    Standing.OUT,
    Standing.MISSED,
]


@st.composite
def spans(draw):
    """A start and a day not before it."""
    start = draw(days)
    return start, start + timedelta(days=draw(st.integers(0, 400)))


@st.composite
def observations(draw):
    start, end = draw(spans())
    return Observation(
        start=start, end=end, value=draw(maybe_figures), numerator=draw(maybe_figures), denominator=draw(maybe_figures)
    )


@st.composite
def members(draw):
    return IndicatorVerdict(standing=draw(st.sampled_from(Standing)), light=draw(st.sampled_from(Light)))


@st.composite
def indicators(draw, **fixed):
    start, due = draw(spans())
    return IndicatorFacts(
        **{
            "kind": draw(st.sampled_from(Kind)),
            "start": start,
            "due": due,
            "low": draw(maybe_figures),
            "high": draw(maybe_figures),
            "stretch": draw(maybe_figures),
            "baseline": draw(maybe_figures),
            "accumulation": draw(st.sampled_from(Accumulation)),
            "pace": draw(st.none() | st.sampled_from(Pace)),
            "steps": tuple(draw(st.lists(st.tuples(days, figures), max_size=4))),
            "scale": draw(st.sampled_from([Decimal(1), Decimal(100)])),
            "strength": draw(st.sampled_from(Strength)),
            "observations": tuple(draw(st.lists(observations(), max_size=5))),
            "readings_missed": draw(st.integers(0, 5)),
            "achieved_on": draw(st.none() | days),
            "judged_met": draw(st.none() | st.booleans()),
            "members": tuple(draw(st.lists(members(), max_size=4))),
            **fixed,
        }
    )


@st.composite
def nodes(draw):
    return NodeFacts(due=draw(days), done_on=draw(st.none() | days), weight=draw(st.decimals(0, 10, places=1)))


@st.composite
def measures(draw):
    start, due = draw(spans())
    return MeasureFacts(
        start=start,
        due=due,
        nodes=tuple(draw(st.lists(nodes(), max_size=4))),
        percent=draw(maybe_figures),
        reports_missed=draw(st.integers(0, 5)),
        declared=draw(st.sampled_from(Declared)),
        closed_on=draw(st.none() | days),
        paused=draw(st.booleans()),
        indicators=tuple(draw(st.lists(st.tuples(st.sampled_from(Light), st.sampled_from(Strength)), max_size=3))),
    )


@st.composite
def thresholds(draw):
    watch_gap = draw(st.decimals(0, 50, places=1))
    return Thresholds(
        watch_gap=watch_gap,
        late_gap=watch_gap + draw(st.decimals(0, 50, places=1)),
        due_soon_days=draw(st.integers(0, 60)),
        node_late_days=draw(st.integers(0, 90)),
    )


# Judging


@given(indicators(), days, thresholds())
def test_any_indicator_is_judged_and_twice_the_same(facts, on, limits):
    once, twice = (judge_indicator(facts, on=on, thresholds=limits) for _time in range(2))

    assert once == twice


@given(measures(), days, thresholds())
def test_any_measure_is_judged_and_twice_the_same(facts, on, limits):
    once, twice = (judge_measure(facts, on=on, thresholds=limits) for _time in range(2))

    assert once == twice


@given(measures(), days, thresholds())
def test_no_finding_is_worse_than_the_light_of_its_measure(facts, on, limits):
    verdict = judge_measure(facts, on=on, thresholds=limits)

    severities = [finding.severity for finding in verdict.findings if finding.severity is not None]
    assert worst([verdict.light, *severities]) == verdict.light


@given(indicators(), days, thresholds())
def test_no_finding_is_worse_than_the_light_of_its_indicator_unless_it_is_done(facts, on, limits):
    verdict = judge_indicator(facts, on=on, thresholds=limits)

    severities = [finding.severity for finding in verdict.findings if finding.severity is not None]
    assert verdict.light in (Light.DONE, worst([verdict.light, *severities]))


@given(st.sampled_from(MEASURED).flatmap(lambda kind: indicators(kind=kind)), days)
def test_missing_data_is_never_green_and_never_red(facts, on):
    verdict = judge_indicator(facts, on=on)

    is_judged = verdict.standing not in (Standing.NO_TARGET, Standing.NO_DATA, Standing.PENDING)
    is_coloured = verdict.light in (Light.DONE, Light.ON_TRACK, Light.LATE)
    assert verdict.value is not None or not (is_judged or is_coloured)


@given(indicators(), days)
def test_missed_is_said_after_the_day_only_and_what_can_still_change_until_then_only(facts, on):
    standing = judge_indicator(facts, on=on).standing

    still_open = {Standing.ON_COURSE, Standing.BEHIND, Standing.OUT, Standing.PENDING}
    assert standing not in ({Standing.MISSED} if on <= facts.due else still_open)


@given(st.lists(st.tuples(measures(), st.decimals("0.1", 10, places=1)), max_size=5), days)
def test_any_measures_roll_up_and_their_order_changes_nothing(items, on):
    judged = [(judge_measure(facts, on=on), weight) for facts, weight in items]

    forward, backward = roll_up(judged), roll_up(reversed(judged))

    assert _shown(forward) == _shown(backward)
    assert sum(forward.counts.values()) == len(items)


def _shown(whole):
    """A sum of endless fractions may differ in its twenty-eighth digit with their order; never in one that is shown."""
    return replace(whole, percent=None if whole.percent is None else round(whole.percent, 15))


@given(indicators(), days, st.randoms(use_true_random=False))
def test_order_of_observations_changes_nothing(facts, on, random: Random):
    shuffled = list(facts.observations)
    random.shuffle(shuffled)
    other = replace(facts, observations=tuple(shuffled))

    assert judge_indicator(other, on=on) == judge_indicator(facts, on=on)


@given(indicators(), days)
def test_order_of_members_and_steps_changes_nothing(facts, on):
    other = replace(facts, members=facts.members[::-1], steps=facts.steps[::-1])

    assert judge_indicator(other, on=on) == judge_indicator(facts, on=on)


@given(measures(), days)
def test_order_of_nodes_and_indicators_changes_nothing(facts, on):
    other = replace(facts, nodes=facts.nodes[::-1], indicators=facts.indicators[::-1])

    assert judge_measure(other, on=on) == judge_measure(facts, on=on)


@given(indicators(), days, st.integers(1, 400))
def test_later_day_never_turns_missed_into_pending(facts, on, later):
    before = judge_indicator(facts, on=on).standing
    after = judge_indicator(facts, on=on + timedelta(days=later)).standing

    assert not (before == Standing.MISSED and after == Standing.PENDING)


# Better


def _never_worse(worse, better, on):
    found = [judge_indicator(facts, on=on).standing for facts in (worse, better)]
    if Standing.NO_TARGET in found:
        assert found == [Standing.NO_TARGET] * 2
    else:
        assert RANKED.index(found[1]) <= RANKED.index(found[0])


def _with_value(facts, value):
    return replace(
        facts,
        observations=(Observation(start=FIRST, end=FIRST, value=Decimal(value)),),
        accumulation=Accumulation.LATEST,
    )


def _of_kind(kinds, **fixed):
    return st.sampled_from(kinds).flatmap(lambda kind: indicators(kind=kind, **fixed))


@given(_of_kind(MORE_IS_BETTER), figures, figures, days)
def test_more_is_never_worse_where_more_is_wanted(facts, first, other, on):
    _never_worse(_with_value(facts, min(first, other)), _with_value(facts, max(first, other)), on)


@given(_of_kind(LESS_IS_BETTER), figures, figures, days)
def test_less_is_never_worse_where_less_is_wanted(facts, first, other, on):
    _never_worse(_with_value(facts, max(first, other)), _with_value(facts, min(first, other)), on)


@given(indicators(kind=Kind.RANK_WITHIN), st.integers(1, 500), st.integers(1, 500), days)
def test_higher_place_is_never_worse(facts, first, other, on):
    _never_worse(_with_value(facts, max(first, other)), _with_value(facts, min(first, other)), on)


@given(indicators(kind=Kind.WITHIN), figures, figures, days)
def test_inside_the_range_all_values_are_alike(facts, first, other, on):
    inside = [value for value in (first, other) if _is_inside(facts, value)]

    standings = {judge_indicator(_with_value(facts, value), on=on).standing for value in inside}

    assert len(standings) <= 1


@given(indicators(kind=Kind.WITHIN), figures, figures, days)
def test_outside_the_range_is_never_better_than_inside(facts, first, other, on):
    if _is_inside(facts, first) and not _is_inside(facts, other):
        _never_worse(_with_value(facts, other), _with_value(facts, first), on)


def _is_inside(facts, value):
    return (facts.low is None or facts.low <= value) and (facts.high is None or value <= facts.high)


@st.composite
def better_readings(draw, kinds, part):
    """(facts, the same with one reading's value or numerator raised), each reading having all its parts."""
    whole = st.builds(
        lambda span, value, numerator, denominator: Observation(
            start=span[0], end=span[1], value=value, numerator=numerator, denominator=denominator
        ),
        spans(),
        figures if part == "value" else st.none(),
        figures,
        st.decimals(1, 1000, places=2),
    )
    readings = draw(st.lists(whole, min_size=1, max_size=5))
    facts = draw(_of_kind(kinds, observations=tuple(readings)))
    position, more = draw(st.integers(0, len(readings) - 1)), draw(st.decimals(0, 100, places=2))
    readings[position] = replace(readings[position], **{part: getattr(readings[position], part) + more})
    return facts, replace(facts, observations=tuple(readings))


@given(st.sampled_from(["value", "numerator"]).flatmap(lambda part: better_readings(MORE_IS_BETTER, part)), days)
def test_more_in_one_reading_is_never_worse_however_they_add_up(pair, on):
    facts, raised = pair

    _never_worse(facts, raised, on)


@given(st.sampled_from(["value", "numerator"]).flatmap(lambda part: better_readings(LESS_IS_BETTER, part)), days)
def test_more_in_one_reading_is_never_better_where_less_is_wanted(pair, on):
    facts, raised = pair

    _never_worse(raised, facts, on)


@given(indicators(kind=Kind.ACHIEVED), days, days, days)
def test_achieved_earlier_is_never_worse(facts, first, other, on):
    _never_worse(replace(facts, achieved_on=max(first, other)), replace(facts, achieved_on=min(first, other)), on)


@given(indicators(kind=Kind.JUDGED), st.sampled_from([None, False]), days)
def test_judged_as_met_is_never_worse(facts, before, on):
    _never_worse(replace(facts, judged_met=before), replace(facts, judged_met=True), on)


# Only at the pace these kinds have by default: at AT_DUE, a failing member leaves ALL_MET pending.
@given(_of_kind([Kind.ALL_MET, Kind.COUNT_MET], pace=None), members(), days)
def test_one_member_met_is_never_worse(facts, before, on):
    after = IndicatorVerdict(standing=Standing.MET, light=Light.ON_TRACK)

    _never_worse(replace(facts, members=(*facts.members, before)), replace(facts, members=(*facts.members, after)), on)


@given(measures(), figures, figures, days)
def test_more_progress_is_never_a_worse_light(facts, first, other, on):
    order = [Light.LATE, Light.WATCH, Light.NO_DATA, Light.ON_TRACK, Light.NOT_DUE, Light.DONE, Light.PAUSED]
    lights = [
        judge_measure(replace(facts, percent=percent), on=on).light
        for percent in (min(first, other), max(first, other))
    ]

    # “Not due” is what is said of zero before the start; any progress there is “on track”.
    assert order.index(lights[1]) >= order.index(lights[0]) or set(lights) == {Light.NOT_DUE, Light.ON_TRACK}
