"""An indicator's standing and light, step by step: both sides of every edge.

The target runs for one hundred days and is due on day 100. Day 50 is early, day 95 near, day 100 the last that is
still in time, day 101 past. The worked cases tell what happens in a court; these tables hold the edges.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from apps.assessment.choices import Accumulation, FindingCode, Kind, Light, Pace, Standing, Strength
from apps.assessment.rules import Finding, IndicatorFacts, IndicatorVerdict, Observation, Thresholds, judge_indicator
from apps.assessment.rules.readings import running_values

START = date(2025, 1, 1)
DUE, EARLY, NEAR, PAST = 100, 50, 95, 101
USUAL = Thresholds()
FIGURES = ("low", "high", "stretch", "baseline", "scale")
LATE, WATCH, NO_DATA_LIGHT, ON_TRACK, NOT_DUE, DONE, PAUSED = Light
MET, ON_COURSE, BEHIND, OUT, PENDING, MISSED, NO_TARGET, NO_DATA = Standing
MUST, AIM = Strength.MUST, Strength.AIM
SUM, LATEST, POOLED = Accumulation

# A bound that each kind of figure needs, with a value that meets it and one that does not.
FIGURE_KINDS = [
    (Kind.AT_LEAST, {"low": 10}, "10", "9.99"),
    (Kind.AT_MOST, {"high": 10}, "10", "10.01"),
    (Kind.WITHIN, {"low": 5, "high": 10}, "5", "4.99"),
    (Kind.BELOW_BASELINE, {"baseline": 10}, "9.99", "10"),
    (Kind.ABOVE_BASELINE, {"baseline": 10}, "10.01", "10"),
    (Kind.RANK_WITHIN, {"high": 3}, "3", "4"),
]
ALWAYS_KINDS = {Kind.WITHIN, Kind.AT_MOST, Kind.BELOW_BASELINE, Kind.ABOVE_BASELINE, Kind.ALL_MET}


def day(number):
    return START + timedelta(days=number)


def decimal(figure):
    return None if figure is None else Decimal(figure)


def reading(value=None, *, parts=(None, None), start=0, end=40):
    numerator, denominator = parts
    return Observation(
        start=day(start),
        end=day(end),
        value=decimal(value),
        numerator=decimal(numerator),
        denominator=decimal(denominator),
    )


def member(standing):
    return IndicatorVerdict(standing=standing, light=ON_TRACK)


def judged(kind, value=None, *, on=EARLY, thresholds=USUAL, **facts):
    """The verdict on a day, given by its number; one value is short for one reading."""
    values = {"kind": kind, "start": START, "due": day(DUE), **facts}
    values |= {name: decimal(values[name]) for name in FIGURES if name in values}
    if value is not None:
        values["observations"] = (reading(value),)
    return judge_indicator(IndicatorFacts(**values), on=day(on), thresholds=thresholds)


def outcome(verdict):
    return verdict.standing, verdict.light


def codes(verdict):
    return [finding.code for finding in verdict.findings]


def due_soon(days):
    return Finding(FindingCode.DUE_SOON, WATCH, {"days": days})


# The value


@pytest.mark.parametrize(
    ("accumulation", "readings", "value"),
    [
        (SUM, [reading("1", end=20), reading("2", end=40)], "3"),
        (LATEST, [reading("1", end=20), reading("2", end=40)], "2"),
        (LATEST, [reading("5", end=20), reading("0", end=40)], "0"),
        (POOLED, [reading(parts=(1, 4), end=20), reading(parts=(3, 4), end=40)], "0.5"),
        (POOLED, [reading(parts=(1, 2), end=20), reading(parts=(0, 8), end=40)], "0.1"),
        (LATEST, [reading(parts=(1, 2), end=20), reading(parts=(1, 4), end=40)], "0.25"),
        (SUM, [reading(parts=(1, 2), end=20), reading("3", end=40)], "3.5"),
        # Where a reading has both, the value counts.
        (LATEST, [reading("9", parts=(1, 2))], "9"),
        (SUM, [reading("9", parts=(1, 2), end=20), reading("1", end=40)], "10"),
        # What ends later is not known yet; what ends today is.
        (SUM, [reading("1", end=EARLY), reading("2", end=EARLY + 1)], "1"),
        (LATEST, [reading("1", end=EARLY), reading("2", end=EARLY + 1)], "1"),
        (POOLED, [reading(parts=(1, 2), end=EARLY), reading(parts=(9, 9), end=EARLY + 1)], "0.5"),
        (LATEST, [reading("1", end=EARLY + 1)], None),
        (SUM, [], None),
        (LATEST, [], None),
        (POOLED, [], None),
        # A zero denominator is no value.
        (LATEST, [reading(parts=(0, 0))], None),
        (SUM, [reading(parts=(0, 0))], None),
        (POOLED, [reading(parts=(0, 0))], None),
        (SUM, [reading(parts=(0, 0), end=20), reading("2", end=40)], "2"),
        (POOLED, [reading(parts=(0, 0), end=20), reading(parts=(1, 2), end=40)], "0.5"),
        (LATEST, [reading("5", end=20), reading(parts=(0, 0), end=40)], None),
        # One part alone is no ratio.
        (LATEST, [reading(parts=(1, None))], None),
        (LATEST, [reading(parts=(None, 1))], None),
        # Of one end, the longer period; of one period, the larger value.
        (LATEST, [reading("1", start=0), reading("2", start=30)], "1"),
        (LATEST, [reading("1"), reading("2")], "2"),
    ],
)
def test_readings_become_one_value_in_whatever_order_they_come(accumulation, readings, value):
    values = {
        judged(Kind.AT_LEAST, low=99, accumulation=accumulation, observations=order).value
        for order in permutations(readings)
    }

    assert values == {decimal(value)}


def test_parts_are_scaled_and_values_are_not():
    readings = [reading(parts=(1, 8), end=20), reading("3", end=40)]

    assert judged(Kind.AT_LEAST, low=99, scale=100, accumulation=SUM, observations=readings).value == Decimal("15.5")
    assert judged(Kind.AT_LEAST, low=99, scale=100, accumulation=POOLED, observations=readings).value == Decimal("12.5")


@pytest.mark.parametrize(
    ("readings", "found"),
    [
        ([reading("33.33", parts=(1, 3))], []),
        ([reading("33.334", parts=(1, 3))], []),
        ([reading("33.34", parts=(1, 3))], [FindingCode.PARTS_DISAGREE]),
        ([reading("66.67", parts=(2, 3))], []),
        ([reading("66.66", parts=(2, 3))], [FindingCode.PARTS_DISAGREE]),
        # Half up: 0.125 is 0.13.
        ([reading("12.5", parts=(1, 8))], []),
        ([reading("0.13", parts=(1, 800))], []),
        ([reading("0.12", parts=(1, 800))], [FindingCode.PARTS_DISAGREE]),
        ([reading("5", parts=(0, 0))], []),
        ([reading(parts=(0, 0))], [FindingCode.ZERO_DENOMINATOR]),
        ([reading(parts=(None, 0))], [FindingCode.ZERO_DENOMINATOR]),
        (
            [reading("1", parts=(1, 3), end=20), reading(parts=(0, 0), end=40)],
            [FindingCode.ZERO_DENOMINATOR, FindingCode.PARTS_DISAGREE],
        ),
        ([reading("1", parts=(1, 3), end=EARLY + 1)], []),
        ([reading(parts=(0, 0), end=EARLY + 1)], []),
    ],
)
def test_what_is_odd_about_readings_is_said_and_turns_no_light(readings, found):
    verdict = judged(Kind.AT_LEAST, low=999, scale=100, observations=readings)

    assert verdict.findings == tuple(Finding(code, None) for code in found)
    assert outcome(verdict) == (PENDING, NOT_DUE)


@pytest.mark.parametrize(
    ("accumulation", "values"),
    [(SUM, [(20, "1"), (30, "1"), (40, "3")]), (LATEST, [(20, "1"), (40, "2")]), (POOLED, [])],
)
def test_value_so_far_stands_at_the_end_of_each_reading_that_leaves_one(accumulation, values):
    readings = (reading("2", end=40), reading(parts=(0, 0), end=30), reading("1", end=20))
    facts = IndicatorFacts(
        kind=Kind.AT_LEAST, start=START, due=day(DUE), accumulation=accumulation, observations=readings
    )

    assert running_values(facts) == [(day(number), Decimal(value)) for number, value in values]


# 1. No target


@pytest.mark.parametrize("on", [EARLY, NEAR, PAST])
@pytest.mark.parametrize(
    ("kind", "others"),
    [
        (Kind.AT_LEAST, {"high": 1, "stretch": 1, "baseline": 1}),
        (Kind.AT_MOST, {"low": 1, "stretch": 1, "baseline": 1}),
        (Kind.WITHIN, {"stretch": 1, "baseline": 1}),
        (Kind.BELOW_BASELINE, {"low": 1, "high": 1, "stretch": 1}),
        (Kind.ABOVE_BASELINE, {"low": 1, "high": 1, "stretch": 1}),
        (Kind.RANK_WITHIN, {"low": 1, "stretch": 1, "baseline": 1}),
        (Kind.ALL_MET, {"low": 1, "high": 1}),
        (Kind.COUNT_MET, {"low": 1, "high": 1}),
        (Kind.COUNT_MET, {"high": 1, "members": (member(MET),)}),
    ],
)
def test_without_the_bound_that_its_kind_needs_there_is_no_target(kind, others, on):
    assert outcome(judged(kind, on=on, **others)) == (NO_TARGET, NO_DATA_LIGHT)


@pytest.mark.parametrize("kind", [kind for kind, *_others in FIGURE_KINDS])
def test_value_without_a_target_is_shown_and_measured_against_nothing(kind):
    verdict = judged(kind, "7", on=PAST)

    assert (*outcome(verdict), verdict.value, verdict.attainment) == (NO_TARGET, NO_DATA_LIGHT, 7, None)


@pytest.mark.parametrize("bound", ["low", "high"])
def test_range_needs_one_bound_only(bound):
    assert outcome(judged(Kind.WITHIN, "7", **{bound: 7})) == (MET, ON_TRACK)


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [
        (Kind.AT_LEAST, {"low": 0}),
        (Kind.AT_MOST, {"high": 0}),
        (Kind.WITHIN, {"low": 0}),
        (Kind.WITHIN, {"high": 0}),
        (Kind.BELOW_BASELINE, {"baseline": 0}),
        (Kind.ABOVE_BASELINE, {"baseline": 0}),
        (Kind.RANK_WITHIN, {"high": 0}),
    ],
)
def test_bound_of_zero_is_a_bound(kind, bounds):
    assert outcome(judged(kind, **bounds)) == (PENDING, NOT_DUE)


# 2. No value


@pytest.mark.parametrize(
    ("on", "readings_missed", "standing", "light", "findings"),
    [
        (EARLY, 0, PENDING, NOT_DUE, ()),
        (89, 0, PENDING, NOT_DUE, ()),
        (90, 0, PENDING, WATCH, (due_soon(10),)),
        (DUE, 0, PENDING, WATCH, (due_soon(0),)),
        (PAST, 0, NO_DATA, NO_DATA_LIGHT, ()),
        (EARLY, 1, NO_DATA, NO_DATA_LIGHT, ()),
        (DUE, 2, NO_DATA, NO_DATA_LIGHT, ()),
    ],
)
@pytest.mark.parametrize(("kind", "bounds"), [row[:2] for row in FIGURE_KINDS])
def test_without_a_value_it_is_pending_until_a_reading_is_missed_or_the_day_has_passed(
    kind, bounds, on, readings_missed, standing, light, findings
):
    verdict = judged(kind, on=on, readings_missed=readings_missed, **bounds)

    assert (*outcome(verdict), verdict.findings) == (standing, light, findings)


# 3. Met


@pytest.mark.parametrize(
    ("kind", "bounds", "met", "not_met"),
    [
        (Kind.AT_LEAST, {"low": 10}, ["10", "10.01", "15"], ["9.99", "0", "-10"]),
        (Kind.AT_LEAST, {"low": 0}, ["0", "1"], ["-0.01"]),
        (Kind.AT_MOST, {"high": 10}, ["10", "9.99", "0"], ["10.01"]),
        (Kind.AT_MOST, {"high": 0}, ["0"], ["0.01"]),
        (Kind.WITHIN, {"low": 5, "high": 10}, ["5", "7", "10"], ["4.99", "10.01"]),
        (Kind.WITHIN, {"low": 5}, ["5", "999"], ["4.99"]),
        (Kind.WITHIN, {"high": 10}, ["10", "-999"], ["10.01"]),
        (Kind.WITHIN, {"low": 5, "high": 5}, ["5"], ["4.99", "5.01"]),
        (Kind.BELOW_BASELINE, {"baseline": 10}, ["9.99"], ["10", "10.01"]),
        (Kind.ABOVE_BASELINE, {"baseline": 10}, ["10.01"], ["10", "9.99"]),
        (Kind.RANK_WITHIN, {"high": 3}, ["1", "2", "3"], ["0", "4", "-1"]),
        (Kind.RANK_WITHIN, {"high": 1}, ["1"], ["0", "2"]),
    ],
)
def test_target_is_met_up_to_its_edge(kind, bounds, met, not_met):
    standings = {value: judged(kind, value, on=PAST, **bounds).standing for value in met + not_met}

    assert standings == dict.fromkeys(met, MET) | dict.fromkeys(not_met, MISSED)


@pytest.mark.parametrize(
    ("accumulation", "on", "light"),
    [
        (SUM, EARLY, DONE),
        (SUM, DUE, DONE),
        (SUM, PAST, DONE),
        (LATEST, EARLY, ON_TRACK),
        (LATEST, DUE, ON_TRACK),
        (LATEST, PAST, DONE),
    ],
)
def test_only_a_sum_is_met_for_good_before_the_day_has_passed(accumulation, on, light):
    assert outcome(judged(Kind.AT_LEAST, "10", on=on, low=10, accumulation=accumulation)) == (MET, light)


@pytest.mark.parametrize(("on", "light"), [(EARLY, ON_TRACK), (NEAR, ON_TRACK), (DUE, ON_TRACK), (PAST, DONE)])
@pytest.mark.parametrize(("kind", "bounds", "met"), [row[:3] for row in FIGURE_KINDS[1:]])
def test_every_other_kind_can_still_be_lost_even_as_a_sum(kind, bounds, met, on, light):
    assert outcome(judged(kind, met, on=on, accumulation=SUM, **bounds)) == (MET, light)


@pytest.mark.parametrize(("value", "is_said"), [("9.99", False), ("10", False), ("11.99", False), ("12", True)])
def test_stretch_is_said_from_its_value_on_and_turns_no_light(value, is_said):
    verdict = judged(Kind.AT_LEAST, value, low=10, stretch=12)

    assert verdict.findings == ((Finding(FindingCode.STRETCH_MET, None, {"stretch": Decimal(12)}),) if is_said else ())
    assert verdict.light == (NOT_DUE if value == "9.99" else ON_TRACK)


# 4. Missed


@pytest.mark.parametrize("pace", [None, *Pace])
@pytest.mark.parametrize(("strength", "light"), [(MUST, LATE), (AIM, WATCH)])
@pytest.mark.parametrize(("kind", "bounds", "not_met"), [(row[0], row[1], row[3]) for row in FIGURE_KINDS])
def test_missed_is_late_for_a_must_and_watched_for_an_aim(kind, bounds, not_met, strength, light, pace):
    verdict = judged(kind, not_met, on=PAST, strength=strength, pace=pace, **bounds)

    assert (*outcome(verdict), verdict.findings) == (MISSED, light, ())


# 5. Not met with time to go


@pytest.mark.parametrize("strength", Strength)
@pytest.mark.parametrize("on", [EARLY, NEAR, DUE])
@pytest.mark.parametrize(("kind", "bounds", "not_met"), [(row[0], row[1], row[3]) for row in FIGURE_KINDS])
def test_kept_always_is_out_while_it_is_not(kind, bounds, not_met, on, strength):
    verdict = judged(kind, not_met, on=on, pace=Pace.ALWAYS, strength=strength, **bounds)

    assert (*outcome(verdict), verdict.findings) == (OUT, WATCH, ())


@pytest.mark.parametrize(
    ("on", "light", "findings"),
    [(89, NOT_DUE, ()), (90, WATCH, (due_soon(10),)), (99, WATCH, (due_soon(1),)), (DUE, WATCH, (due_soon(0),))],
)
@pytest.mark.parametrize(("kind", "bounds", "not_met"), [(row[0], row[1], row[3]) for row in FIGURE_KINDS])
def test_judged_at_its_day_is_pending_until_then(kind, bounds, not_met, on, light, findings):
    verdict = judged(kind, not_met, on=on, pace=Pace.AT_DUE, **bounds)

    assert (*outcome(verdict), verdict.findings) == (PENDING, light, findings)


@pytest.mark.parametrize(("kind", "bounds", "not_met"), [(row[0], row[1], row[3]) for row in FIGURE_KINDS])
def test_each_kind_has_its_own_pace(kind, bounds, not_met):
    standing = judged(kind, not_met, **bounds).standing

    assert standing == (OUT if kind in ALWAYS_KINDS else PENDING)


@pytest.mark.parametrize(
    ("value", "standing", "light", "gap"),
    [
        ("50", ON_COURSE, ON_TRACK, None),
        ("99", ON_COURSE, ON_TRACK, None),
        ("40.01", ON_COURSE, ON_TRACK, None),
        ("40", BEHIND, WATCH, "10"),
        ("25.01", BEHIND, WATCH, "24.99"),
        ("25", BEHIND, LATE, "25"),
        ("0", BEHIND, LATE, "50"),
        ("-10", BEHIND, LATE, "60"),
    ],
)
@pytest.mark.parametrize("strength", Strength)
def test_linear_pace_of_a_hundred_on_the_fiftieth_day(value, standing, light, gap, strength):
    verdict = judged(Kind.AT_LEAST, value, low=100, pace=Pace.LINEAR, strength=strength)

    assert (*outcome(verdict), verdict.expected) == (standing, light, 50)
    assert verdict.findings == ((Finding(FindingCode.BEHIND, light, {"gap": Decimal(gap)}),) if gap else ())


@pytest.mark.parametrize(("on", "expected"), [(-10, 0), (0, 0), (25, 50), (99, 198), (DUE, 200)])
def test_linear_pace_runs_from_nothing_to_the_target(on, expected):
    verdict = judged(Kind.AT_LEAST, on=on, observations=(reading("1", end=-20),), low=200, pace=Pace.LINEAR)

    assert verdict.expected == expected


# Half of twenty is expected: as a share of that, the gaps would be twice as large.
@pytest.mark.parametrize(
    ("value", "standing", "light"),
    [("8.01", ON_COURSE, ON_TRACK), ("8", BEHIND, WATCH), ("5.01", BEHIND, WATCH), ("5", BEHIND, LATE)],
)
def test_shortfall_is_a_share_of_the_target_and_not_of_what_is_expected(value, standing, light):
    assert outcome(judged(Kind.AT_LEAST, value, low=20, pace=Pace.LINEAR)) == (standing, light)


STEPS = ((day(60), Decimal(6)), (day(30), Decimal(2)))


@pytest.mark.parametrize(
    ("on", "value", "expected", "standing"),
    [
        (29, "0", 0, ON_COURSE),
        (30, "0", 2, BEHIND),
        (30, "1.01", 2, ON_COURSE),
        (30, "1", 2, BEHIND),
        (59, "1.01", 2, ON_COURSE),
        (60, "1.01", 6, BEHIND),
        (60, "6", 6, ON_COURSE),
        (DUE, "6", 6, ON_COURSE),
    ],
)
def test_last_step_reached_says_what_is_expected(on, value, expected, standing):
    verdict = judged(Kind.AT_LEAST, on=on, observations=(reading(value, end=29),), low=10, pace=Pace.STEPS, steps=STEPS)

    assert (verdict.expected, verdict.standing) == (expected, standing)


@pytest.mark.parametrize("pace", [Pace.LINEAR, Pace.STEPS])
def test_met_early_by_pace_is_met(pace):
    assert outcome(judged(Kind.AT_LEAST, "10", low=10, pace=pace, steps=STEPS)) == (MET, ON_TRACK)


@pytest.mark.parametrize("low", [0, -5])
@pytest.mark.parametrize("pace", [Pace.LINEAR, Pace.STEPS])
def test_no_share_is_drawn_of_a_target_of_nothing(pace, low):
    assert outcome(judged(Kind.AT_LEAST, "-7", low=low, pace=pace, steps=STEPS)) == (PENDING, NOT_DUE)


@pytest.mark.parametrize(
    ("thresholds", "value", "standing", "light"),
    [
        ({"watch_gap": Decimal(5)}, "45.01", ON_COURSE, ON_TRACK),
        ({"watch_gap": Decimal(5)}, "45", BEHIND, WATCH),
        ({"late_gap": Decimal(40)}, "10.01", BEHIND, WATCH),
        ({"late_gap": Decimal(40)}, "10", BEHIND, LATE),
    ],
)
def test_gaps_are_the_plans(thresholds, value, standing, light):
    verdict = judged(Kind.AT_LEAST, value, low=100, pace=Pace.LINEAR, thresholds=Thresholds(**thresholds))

    assert outcome(verdict) == (standing, light)


@pytest.mark.parametrize(("on", "light"), [(96, NOT_DUE), (97, WATCH)])
@pytest.mark.parametrize("kind", [Kind.ACHIEVED, Kind.JUDGED])
def test_days_of_warning_are_the_plans(kind, on, light):
    assert outcome(judged(kind, on=on, thresholds=Thresholds(due_soon_days=3))) == (PENDING, light)


# 6. Facts without a figure


@pytest.mark.parametrize(
    ("achieved_on", "on", "standing", "light", "findings"),
    [
        (None, EARLY, PENDING, NOT_DUE, ()),
        (None, 90, PENDING, WATCH, (due_soon(10),)),
        (None, DUE, PENDING, WATCH, (due_soon(0),)),
        (None, PAST, MISSED, LATE, ()),
        (51, EARLY, PENDING, NOT_DUE, ()),
        (50, EARLY, MET, DONE, ()),
        (DUE, DUE, MET, DONE, ()),
        (DUE, PAST, MET, DONE, ()),
        (PAST, DUE, PENDING, WATCH, (due_soon(0),)),
        (PAST, PAST, MET, DONE, (Finding(FindingCode.DONE_LATE, None, {"days": 1}),)),
        (150, 149, MISSED, LATE, ()),
        (150, 200, MET, DONE, (Finding(FindingCode.DONE_LATE, None, {"days": 50}),)),
    ],
)
def test_achieved(achieved_on, on, standing, light, findings):
    verdict = judged(Kind.ACHIEVED, on=on, achieved_on=None if achieved_on is None else day(achieved_on))

    assert (*outcome(verdict), verdict.findings) == (standing, light, findings)


@pytest.mark.parametrize(
    ("judged_met", "on", "standing", "light", "findings"),
    [
        (True, EARLY, MET, ON_TRACK, ()),
        (True, DUE, MET, ON_TRACK, ()),
        (True, PAST, MET, DONE, ()),
        (False, EARLY, OUT, WATCH, ()),
        (False, DUE, OUT, WATCH, ()),
        (False, PAST, MISSED, LATE, ()),
        (None, EARLY, PENDING, NOT_DUE, ()),
        (None, DUE, PENDING, WATCH, (due_soon(0),)),
        (None, PAST, NO_DATA, NO_DATA_LIGHT, ()),
    ],
)
def test_judged_by_a_person(judged_met, on, standing, light, findings):
    verdict = judged(Kind.JUDGED, on=on, judged_met=judged_met)

    assert (*outcome(verdict), verdict.findings) == (standing, light, findings)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Kind.ACHIEVED, {}),
        (Kind.JUDGED, {"judged_met": False}),
        (Kind.ALL_MET, {"members": (member(OUT),)}),
        (Kind.COUNT_MET, {"members": (member(OUT),), "low": 1}),
    ],
)
def test_aim_missed_without_a_figure_is_watched(kind, facts):
    assert outcome(judged(kind, on=PAST, strength=AIM, **facts)) == (MISSED, WATCH)


# 7. Composites


@pytest.mark.parametrize(
    ("standing", "before", "after"),
    [
        (MET, (MET, ON_TRACK), (MET, DONE)),
        (ON_COURSE, (PENDING, NOT_DUE), (NO_DATA, NO_DATA_LIGHT)),
        (BEHIND, (OUT, WATCH), (MISSED, LATE)),
        (OUT, (OUT, WATCH), (MISSED, LATE)),
        (PENDING, (PENDING, NOT_DUE), (NO_DATA, NO_DATA_LIGHT)),
        (MISSED, (OUT, WATCH), (MISSED, LATE)),
        (NO_TARGET, (NO_DATA, NO_DATA_LIGHT), (NO_DATA, NO_DATA_LIGHT)),
        (NO_DATA, (NO_DATA, NO_DATA_LIGHT), (NO_DATA, NO_DATA_LIGHT)),
    ],
)
def test_all_met_beside_one_member_of_each_standing(standing, before, after):
    members = (member(MET), member(standing))

    assert [outcome(judged(Kind.ALL_MET, on=on, members=members)) for on in (EARLY, DUE + 1)] == [before, after]


@pytest.mark.parametrize("failing", [OUT, BEHIND, MISSED])
@pytest.mark.parametrize("unknown", [NO_DATA, NO_TARGET, PENDING])
def test_member_that_fails_outweighs_one_that_is_unknown(failing, unknown):
    for members in permutations([member(failing), member(unknown), member(MET)]):
        assert outcome(judged(Kind.ALL_MET, members=members)) == (OUT, WATCH)


@pytest.mark.parametrize(("on", "light"), [(89, NOT_DUE), (90, WATCH), (DUE, WATCH)])
@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"kind": Kind.ALL_MET, "members": (member(PENDING),)}, PENDING),
        ({"kind": Kind.ALL_MET, "members": (member(OUT),), "pace": Pace.AT_DUE}, PENDING),
        ({"kind": Kind.COUNT_MET, "members": (member(OUT),), "low": 1}, PENDING),
    ],
)
def test_pending_composite_is_watched_when_its_day_is_near(facts, found, on, light):
    verdict = judged(on=on, **facts)

    assert (*outcome(verdict), codes(verdict)) == (found, light, [FindingCode.DUE_SOON] if light == WATCH else [])


@pytest.mark.parametrize("standing", Standing)
def test_of_the_members_only_those_met_are_counted(standing):
    verdict = judged(Kind.COUNT_MET, low=2, members=(member(MET), member(standing)))

    n_met = 2 if standing == MET else 1
    assert (verdict.value, verdict.standing) == (n_met, MET if n_met == 2 else PENDING)


@pytest.mark.parametrize(
    ("low", "on", "standing", "light"),
    [
        (1, EARLY, MET, ON_TRACK),
        (2, EARLY, MET, ON_TRACK),
        (2, PAST, MET, DONE),
        (3, EARLY, PENDING, NOT_DUE),
        (3, DUE, PENDING, WATCH),
        (3, PAST, MISSED, LATE),
    ],
)
def test_two_of_three_members_met(low, on, standing, light):
    members = (member(MET), member(NO_DATA), member(MET))

    assert outcome(judged(Kind.COUNT_MET, low=low, on=on, members=members)) == (standing, light)


# 8. Readings missed


@pytest.mark.parametrize(
    ("facts", "standing", "light"),
    [
        ({"value": "50", "low": 50}, MET, WATCH),
        ({"value": "50", "low": 50, "accumulation": SUM}, MET, DONE),
        ({"value": "50", "low": 50, "on": PAST}, MET, DONE),
        ({"value": "50", "low": 90}, PENDING, WATCH),
        ({"value": "50", "low": 100, "pace": Pace.LINEAR}, ON_COURSE, WATCH),
        ({"value": "40", "low": 100, "pace": Pace.LINEAR}, BEHIND, WATCH),
        ({"value": "25", "low": 100, "pace": Pace.LINEAR}, BEHIND, LATE),
        ({"value": "50", "low": 90, "pace": Pace.ALWAYS}, OUT, WATCH),
        ({"value": "50", "low": 90, "on": PAST}, MISSED, LATE),
        ({"value": "50", "low": 90, "on": PAST, "strength": AIM}, MISSED, WATCH),
        ({"value": "50"}, NO_TARGET, WATCH),
        ({"value": "50", "on": PAST}, NO_TARGET, WATCH),
    ],
)
@pytest.mark.parametrize("readings_missed", [1, 3])
def test_figure_without_new_readings_is_never_better_than_watch_unless_done(facts, standing, light, readings_missed):
    verdict = judged(Kind.AT_LEAST, readings_missed=readings_missed, **facts)

    assert outcome(verdict) == (standing, light)
    assert verdict.findings[-1] == Finding(FindingCode.READING_MISSED, WATCH, {"count": readings_missed})


@pytest.mark.parametrize(("bounds", "standing"), [({}, NO_TARGET), ({"low": 50}, NO_DATA)])
def test_without_a_value_missed_readings_are_missing_data_and_no_finding(bounds, standing):
    verdict = judged(Kind.AT_LEAST, readings_missed=2, **bounds)

    assert (*outcome(verdict), verdict.findings) == (standing, NO_DATA_LIGHT, ())


def test_no_reading_missed_is_nothing_found():
    assert judged(Kind.AT_LEAST, "50", low=50, readings_missed=0).findings == ()


# 9. Attainment


@pytest.mark.parametrize(
    ("facts", "attainment"),
    [
        ({"kind": Kind.AT_LEAST, "value": "5", "low": 10}, "50"),
        ({"kind": Kind.AT_LEAST, "value": "15", "low": 10}, "150"),
        ({"kind": Kind.AT_LEAST, "value": "-5", "low": 10}, "-50"),
        ({"kind": Kind.AT_LEAST, "value": "5", "low": 0}, None),
        ({"kind": Kind.AT_LEAST, "low": 10}, None),
        ({"kind": Kind.COUNT_MET, "low": 4, "members": (member(MET), member(OUT))}, "25"),
        ({"kind": Kind.COUNT_MET, "low": 1, "members": (member(MET), member(MET))}, "200"),
        ({"kind": Kind.COUNT_MET, "low": 0, "members": (member(OUT),)}, None),
        ({"kind": Kind.ALL_MET, "members": (member(MET), member(OUT), member(PENDING), member(MET))}, "50"),
        ({"kind": Kind.ALL_MET, "members": (member(NO_DATA),)}, "0"),
        ({"kind": Kind.AT_MOST, "value": "5", "high": 10, "low": 1}, None),
        ({"kind": Kind.WITHIN, "value": "5", "low": 1, "high": 10}, None),
        ({"kind": Kind.BELOW_BASELINE, "value": "5", "baseline": 10, "low": 1}, None),
        ({"kind": Kind.ABOVE_BASELINE, "value": "5", "baseline": 1, "low": 1}, None),
        ({"kind": Kind.RANK_WITHIN, "value": "1", "high": 3, "low": 1}, None),
        ({"kind": Kind.ACHIEVED, "achieved_on": START, "low": 1}, None),
        ({"kind": Kind.JUDGED, "judged_met": True, "low": 1}, None),
    ],
)
@pytest.mark.parametrize("on", [EARLY, PAST])
def test_attainment_is_the_share_of_the_target_not_capped(facts, attainment, on):
    assert judged(on=on, **facts).attainment == decimal(attainment)


# All of it


def test_every_standing_and_every_light_but_paused_is_reachable():
    verdicts = [
        judged(Kind.AT_LEAST, "10", low=10),
        judged(Kind.AT_LEAST, "10", low=10, on=PAST),
        judged(Kind.AT_LEAST, "50", low=99, pace=Pace.LINEAR),
        judged(Kind.AT_LEAST, "0", low=99, pace=Pace.LINEAR),
        judged(Kind.AT_MOST, "9", high=5),
        judged(Kind.ACHIEVED),
        judged(Kind.ACHIEVED, on=PAST),
        judged(Kind.AT_LEAST),
        judged(Kind.AT_LEAST, low=10, on=PAST),
    ]

    assert {verdict.standing for verdict in verdicts} == set(Standing)
    assert {verdict.light for verdict in verdicts} == set(Light) - {PAUSED}
