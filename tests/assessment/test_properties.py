"""What holds for any facts on any day."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.assessment.choices import Accumulation, Declared, Kind, Light, Pace, Standing, Strength
from apps.assessment.rules import (
    IndicatorFacts,
    IndicatorVerdict,
    MeasureFacts,
    NodeFacts,
    Observation,
    judge_indicator,
    judge_measure,
    roll_up,
)

settings.register_profile("here", deadline=None, database=None, max_examples=150)
settings.load_profile("here")

FIRST, LAST = date(2025, 1, 1), date(2026, 3, 1)
days = st.dates(FIRST, LAST)
figures = st.decimals(-1000, 1000, places=2)
maybe_figures = st.none() | figures
# Best first; those that no better value can bring about, or that have no value, stand outside.
RANKED = [Standing.MET, Standing.ON_COURSE, Standing.PENDING, Standing.BEHIND, Standing.OUT, Standing.MISSED]


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


@given(indicators(), days)
def test_any_indicator_is_judged_and_twice_the_same(facts, on):
    assert judge_indicator(facts, on=on) == judge_indicator(facts, on=on)


@given(measures(), days)
def test_any_measure_is_judged_and_twice_the_same(facts, on):
    assert judge_measure(facts, on=on) == judge_measure(facts, on=on)


@given(st.lists(st.tuples(measures(), st.decimals("0.1", 10, places=1)), max_size=5), days)
def test_any_measures_roll_up_and_their_order_changes_nothing(items, on):
    judged = [(judge_measure(facts, on=on), weight) for facts, weight in items]

    forward, backward = roll_up(judged), roll_up(reversed(judged))

    assert (forward.light, forward.counts, forward.unknown) == (backward.light, backward.counts, backward.unknown)
    assert sum(forward.counts.values()) == len(items)


@given(indicators(), days, st.randoms(use_true_random=False))
def test_order_of_observations_changes_nothing(facts, on, random: Random):
    shuffled = list(facts.observations)
    random.shuffle(shuffled)
    other = IndicatorFacts(**{**vars(facts), "observations": tuple(shuffled)})

    assert judge_indicator(other, on=on) == judge_indicator(facts, on=on)


@given(indicators(), days, st.integers(1, 400))
def test_later_day_never_turns_missed_into_pending(facts, on, later):
    before = judge_indicator(facts, on=on).standing
    after = judge_indicator(facts, on=on + timedelta(days=later)).standing

    assert not (before == Standing.MISSED and after == Standing.PENDING)


def _with_value(facts, value):
    one = Observation(start=FIRST, end=FIRST, value=value)
    return IndicatorFacts(**{**vars(facts), "observations": (one,), "accumulation": Accumulation.LATEST})


def _never_worse(facts, worse, better, on):
    found = [judge_indicator(_with_value(facts, value), on=on).standing for value in (worse, better)]
    if Standing.NO_TARGET not in found:
        assert RANKED.index(found[1]) <= RANKED.index(found[0])


@given(
    st.sampled_from([Kind.AT_LEAST, Kind.ABOVE_BASELINE]).flatmap(lambda kind: indicators(kind=kind)),
    figures,
    figures,
    days,
)
def test_more_is_never_worse_where_more_is_wanted(facts, one, other, on):
    _never_worse(facts, min(one, other), max(one, other), on)


@given(
    st.sampled_from([Kind.AT_MOST, Kind.BELOW_BASELINE]).flatmap(lambda kind: indicators(kind=kind)),
    figures,
    figures,
    days,
)
def test_less_is_never_worse_where_less_is_wanted(facts, one, other, on):
    _never_worse(facts, max(one, other), min(one, other), on)


@given(indicators(kind=Kind.RANK_WITHIN), st.integers(1, 500), st.integers(1, 500), days)
def test_higher_place_is_never_worse(facts, one, other, on):
    _never_worse(facts, Decimal(max(one, other)), Decimal(min(one, other)), on)


@given(indicators(kind=Kind.WITHIN), figures, figures, days)
def test_inside_the_range_all_values_are_alike(facts, one, other, on):
    low, high = facts.low, facts.high
    inside = [value for value in (one, other) if (low is None or value >= low) and (high is None or value <= high)]

    standings = {judge_indicator(_with_value(facts, value), on=on).standing for value in inside}

    assert len(standings) <= 1


@given(measures(), figures, figures, days)
def test_more_progress_is_never_a_worse_light(facts, one, other, on):
    order = [Light.LATE, Light.WATCH, Light.NO_DATA, Light.ON_TRACK, Light.NOT_DUE, Light.DONE, Light.PAUSED]
    lights = [
        judge_measure(MeasureFacts(**{**vars(facts), "percent": percent}), on=on).light
        for percent in (min(one, other), max(one, other))
    ]

    # “Not due” is what is said of zero before the start; any progress there is “on track”.
    assert order.index(lights[1]) >= order.index(lights[0]) or set(lights) == {Light.NOT_DUE, Light.ON_TRACK}
