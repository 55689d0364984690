"""A measure's light, finding by finding: both sides of every edge.

The measure runs for one hundred days, so the number of a day is also the percent expected on it. The worked cases
tell what happens in a court; these tables hold the edges and what outweighs what.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from apps.assessment.choices import Declared, FindingCode, Light, NodeState, Strength
from apps.assessment.rules import Finding, MeasureFacts, NodeFacts, Thresholds, judge_measure, node_state, worst

START = date(2025, 1, 1)
DUE = 100
USUAL = Thresholds()
MUST, AIM = Strength.MUST, Strength.AIM
LATE, WATCH, NO_DATA, ON_TRACK, NOT_DUE, DONE, PAUSED = Light


def day(number):
    return START + timedelta(days=number)


def judged(*, on, thresholds=USUAL, **facts):
    """The verdict on a day, given by its number; a percent may be written as a string."""
    if facts.get("percent") is not None:
        facts["percent"] = Decimal(facts["percent"])
    measure = MeasureFacts(**{"start": START, "due": day(DUE), **facts})
    return judge_measure(measure, on=day(on), thresholds=thresholds)


def outcome(verdict):
    return verdict.light, verdict.findings


def finding_of(verdict, code):
    return next((finding for finding in verdict.findings if finding.code == code), None)


def node(due, done_on=None, weight=1):
    return NodeFacts(due=day(due), done_on=None if done_on is None else day(done_on), weight=Decimal(weight))


# The base: nothing is found


@pytest.mark.parametrize(
    ("on", "percent", "light"),
    [
        (-1, None, NOT_DUE),
        (-1, "0", NOT_DUE),
        (-1, "0.00", NOT_DUE),
        (-1, "0.01", ON_TRACK),
        (-1, "-1", ON_TRACK),
        (0, None, NOT_DUE),
        (0, "0", ON_TRACK),
        (50, None, NOT_DUE),
        (50, "50", ON_TRACK),
        (50, "99", ON_TRACK),
    ],
)
def test_base_is_not_due_where_nothing_is_known_or_nothing_is_begun(on, percent, light):
    assert outcome(judged(on=on, percent=percent)) == (light, ())


def test_before_the_start_a_measure_by_nodes_is_not_due():
    assert outcome(judged(on=-1, nodes=(node(50),))) == (NOT_DUE, ())


# Expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [(-1, "0"), (0, "0"), (1, "1"), (50, "50"), (99, "99"), (100, "100"), (101, "100"), (500, "100")],
)
def test_expected_is_the_share_of_days_gone_by_between_nothing_and_everything(on, expected):
    assert judged(on=on).expected == Decimal(expected)


@pytest.mark.parametrize(("on", "expected"), [(-1, 0), (0, 0), (1, 100)])
def test_measure_of_one_day_expects_nothing_until_that_day_and_everything_after(on, expected):
    assert judged(on=on, due=START).expected == expected


@pytest.mark.parametrize(("on", "expected"), [(-1, 0), (20, 0), (21, 25), (60, 25), (61, 100), (500, 100)])
def test_with_nodes_expected_is_the_weight_of_those_whose_day_has_passed(on, expected):
    assert judged(on=on, nodes=(node(20, weight=1), node(60, weight=3))).expected == expected


# Percent


@pytest.mark.parametrize(("on", "percent"), [(29, 0), (30, 25), (59, 25), (60, 100)])
def test_with_nodes_percent_is_the_weight_of_those_done_by_the_day(on, percent):
    nodes = (node(90, done_on=30, weight=1), node(90, done_on=60, weight=3))

    assert judged(on=on, nodes=nodes, percent="77").percent == percent


@pytest.mark.parametrize("percent", [None, Decimal(-5), Decimal(0), Decimal("33.33"), Decimal(150)])
def test_without_nodes_percent_is_the_one_reported(percent):
    assert judged(on=5, percent=percent).percent == percent


def test_thirds_of_a_weight_are_not_rounded():
    verdict = judged(on=5, nodes=(node(90, done_on=1), node(90), node(90)))

    assert verdict.percent == Decimal(100) / Decimal(3)


# Overdue


@pytest.mark.parametrize(
    ("on", "percent", "days"),
    [
        (100, None, None),
        (100, "99.99", None),
        (101, None, 1),
        (101, "-1", 1),
        (101, "0", 1),
        (101, "99.99", 1),
        (101, "100", None),
        (101, "150", None),
        (465, "99.99", 365),
    ],
)
def test_overdue_is_late_from_the_day_after_while_anything_is_left(on, percent, days):
    verdict = judged(on=on, percent=percent)

    assert finding_of(verdict, FindingCode.OVERDUE) == (days and Finding(FindingCode.OVERDUE, LATE, {"days": days}))
    assert (verdict.light == LATE) == (days is not None)


# Nodes missed


@pytest.mark.parametrize(
    ("on", "nodes", "severity", "numbers"),
    [
        (20, (node(20),), None, None),
        (21, (node(20),), WATCH, {"count": 1, "days": 1}),
        (50, (node(20),), WATCH, {"count": 1, "days": 30}),
        (51, (node(20),), LATE, {"count": 1, "days": 31}),
        (22, (node(20), node(22)), WATCH, {"count": 1, "days": 2}),
        (22, (node(20), node(21)), LATE, {"count": 2, "days": 2}),
        (22, (node(21), node(20)), LATE, {"count": 2, "days": 2}),
        (22, (node(20), node(21, done_on=22)), WATCH, {"count": 1, "days": 2}),
        (22, (node(20), node(21, done_on=23)), LATE, {"count": 2, "days": 2}),
        (22, (node(20, done_on=20), node(21, done_on=5), node(90)), None, None),
        (55, (node(20, done_on=40), node(50)), WATCH, {"count": 1, "days": 5}),
    ],
)
def test_one_node_is_watched_and_two_or_an_old_one_are_late(on, nodes, severity, numbers):
    found = (Finding(FindingCode.NODE_MISSED, severity, numbers),) if numbers else ()

    assert outcome(judged(on=on, nodes=nodes)) == (severity or ON_TRACK, found)


# Behind


@pytest.mark.parametrize(
    ("percent", "severity", "gap"),
    [
        ("50", None, None),
        ("40.01", None, None),
        ("40", WATCH, "10"),
        ("25.01", WATCH, "24.99"),
        ("25", LATE, "25"),
        ("0", LATE, "50"),
        ("-20", LATE, "70"),
    ],
)
def test_behind_by_the_gap_on_the_fiftieth_day(percent, severity, gap):
    found = (Finding(FindingCode.BEHIND, severity, {"gap": Decimal(gap)}),) if gap else ()

    assert outcome(judged(on=50, percent=percent)) == (severity or ON_TRACK, found)


@pytest.mark.parametrize(
    ("on", "done_on", "state"),
    [
        (20, None, NodeState.PLANNED),
        (21, None, NodeState.OVERDUE),
        (20, 20, NodeState.DONE),
        (19, 20, NodeState.PLANNED),
        (21, 22, NodeState.OVERDUE),
        (22, 22, NodeState.DONE),
    ],
)
def test_state_of_a_node_is_what_the_measure_is_judged_by(on, done_on, state):
    step = node(20, done_on=done_on)

    assert node_state(step, on=day(on)) == state
    is_missed = finding_of(judged(on=on, nodes=(step,)), FindingCode.NODE_MISSED) is not None
    assert is_missed == (state == NodeState.OVERDUE)


def test_behind_needs_a_known_percent_and_no_nodes():
    assert outcome(judged(on=80)) == (NOT_DUE, ())
    assert outcome(judged(on=80, percent="0", nodes=(node(90),))) == (ON_TRACK, ())


# Silence


@pytest.mark.parametrize(
    ("reports_missed", "percent", "light", "severity"),
    [
        (0, None, NOT_DUE, None),
        (1, None, NO_DATA, NO_DATA),
        (4, None, NO_DATA, NO_DATA),
        (0, "0", ON_TRACK, None),
        (1, "0", WATCH, WATCH),
        (1, "100", WATCH, WATCH),
    ],
)
def test_silence_is_missing_data_only_where_nothing_is_known(reports_missed, percent, light, severity):
    verdict = judged(on=0, reports_missed=reports_missed, percent=percent)

    assert verdict.light == light
    assert finding_of(verdict, FindingCode.REPORT_MISSED) == (
        severity and Finding(FindingCode.REPORT_MISSED, severity, {"count": reports_missed})
    )


# What the department says


@pytest.mark.parametrize(
    ("declared", "light", "found"),
    [
        (Declared.NORMAL, ON_TRACK, ()),
        (Declared.NEEDS_HELP, ON_TRACK, (Finding(FindingCode.NEEDS_HELP, None),)),
        (Declared.BLOCKED, WATCH, (Finding(FindingCode.BLOCKED, WATCH),)),
    ],
)
def test_call_for_help_costs_nothing_and_a_block_is_watched(declared, light, found):
    assert outcome(judged(on=50, percent="50", declared=declared)) == (light, found)


# Due soon


@pytest.mark.parametrize(
    ("on", "percent", "days"),
    [
        (89, None, None),
        (90, None, 10),
        (89, "95", None),
        (90, "95", 10),
        (99, "95", 1),
        (100, "99.99", 0),
        (100, None, 0),
        (101, "99.99", None),
    ],
)
def test_due_soon_is_watched_from_ten_days_before_to_the_day_itself(on, percent, days):
    found = finding_of(judged(on=on, percent=percent), FindingCode.DUE_SOON)

    assert found == (None if days is None else Finding(FindingCode.DUE_SOON, WATCH, {"days": days}))


@pytest.mark.parametrize("percent", ["100", "150"])
@pytest.mark.parametrize("on", [-1, 50, 90, 100, 101])
def test_finished_work_awaits_its_closing_whatever_the_day(on, percent):
    assert outcome(judged(on=on, percent=percent)) == (ON_TRACK, (Finding(FindingCode.AWAITING_CLOSE, None),))


# Indicators


@pytest.mark.parametrize(
    ("indicators", "severity", "count"),
    [
        ((), None, 0),
        (((LATE, MUST),), LATE, 1),
        (((LATE, AIM),), WATCH, 1),
        (((WATCH, MUST),), WATCH, 1),
        (((WATCH, AIM),), WATCH, 1),
        (((WATCH, MUST), (LATE, AIM)), WATCH, 2),
        (((WATCH, AIM), (LATE, MUST)), LATE, 2),
        (((LATE, MUST), (LATE, MUST), (DONE, MUST)), LATE, 2),
        *[(((light, MUST),), None, 0) for light in (NO_DATA, ON_TRACK, NOT_DUE, DONE, PAUSED)],
    ],
)
def test_indicators_weigh_on_their_measure(indicators, severity, count):
    found = (Finding(FindingCode.INDICATOR, severity, {"count": count}),) if count else ()

    assert outcome(judged(on=50, percent="50", indicators=indicators)) == (severity or ON_TRACK, found)


# Closed and paused

TROUBLED = {"percent": "0", "reports_missed": 3, "declared": Declared.BLOCKED, "indicators": ((LATE, MUST),)}


@pytest.mark.parametrize(
    ("closed_on", "found"),
    [
        (60, ()),
        (100, ()),
        (101, (Finding(FindingCode.DONE_LATE, None, {"days": 1}),)),
        (150, (Finding(FindingCode.DONE_LATE, None, {"days": 50}),)),
    ],
)
def test_closed_is_done_whatever_else_is_true(closed_on, found):
    verdict = judged(on=200, closed_on=day(closed_on), **TROUBLED)

    assert (verdict.light, verdict.percent, verdict.findings) == (DONE, 100, found)


@pytest.mark.parametrize(("on", "light"), [(59, ON_TRACK), (60, DONE), (61, DONE)])
def test_closing_counts_from_its_day(on, light):
    assert judged(on=on, percent="100", closed_on=day(60)).light == light


@pytest.mark.parametrize("closed_on", [None, day(60), day(150)])
def test_paused_beats_everything(closed_on):
    verdict = judged(on=200, paused=True, closed_on=closed_on, **TROUBLED)

    assert outcome(verdict) == (PAUSED, (Finding(FindingCode.PAUSED, None),))


# Together


def test_findings_stand_in_the_order_of_the_contract():
    verdicts = [
        judged(on=101, **TROUBLED),
        judged(on=95, nodes=(node(20), node(96)), declared=Declared.NEEDS_HELP, indicators=((WATCH, AIM),)),
        judged(on=90, percent="100", reports_missed=1),
    ]

    assert [[finding.code.name for finding in verdict.findings] for verdict in verdicts] == [
        ["OVERDUE", "BEHIND", "REPORT_MISSED", "BLOCKED", "INDICATOR"],
        ["NODE_MISSED", "NEEDS_HELP", "DUE_SOON", "INDICATOR"],
        ["REPORT_MISSED", "AWAITING_CLOSE"],
    ]


@pytest.mark.parametrize(
    ("facts", "light"),
    [
        ({"on": 50, "percent": "25", "declared": Declared.BLOCKED}, LATE),
        ({"on": 101, "reports_missed": 1}, LATE),
        ({"on": 50, "reports_missed": 1, "declared": Declared.BLOCKED}, WATCH),
        ({"on": 90, "reports_missed": 1}, WATCH),
        ({"on": 50, "reports_missed": 1, "declared": Declared.NEEDS_HELP}, NO_DATA),
        ({"on": -1, "percent": "0", "reports_missed": 1}, WATCH),
    ],
)
def test_worst_finding_makes_the_light(facts, light):
    assert judged(**facts).light == light


def test_severity_runs_from_late_to_done_and_paused_stands_outside():
    order = [LATE, WATCH, NO_DATA, ON_TRACK, NOT_DUE, DONE]

    assert [worst([milder, worse]) for worse, milder in pairwise(order)] == order[:-1]
    assert [worst([PAUSED, light]) for light in order] == order
    assert (worst([PAUSED]), worst([])) == (PAUSED, PAUSED)


@pytest.mark.parametrize(
    ("thresholds", "facts", "light"),
    [
        ({"watch_gap": Decimal(5)}, {"on": 50, "percent": "45.01"}, ON_TRACK),
        ({"watch_gap": Decimal(5)}, {"on": 50, "percent": "45"}, WATCH),
        ({"late_gap": Decimal(40)}, {"on": 50, "percent": "10.01"}, WATCH),
        ({"late_gap": Decimal(40)}, {"on": 50, "percent": "10"}, LATE),
        ({"due_soon_days": 3}, {"on": 96, "percent": "99"}, ON_TRACK),
        ({"due_soon_days": 3}, {"on": 97, "percent": "99"}, WATCH),
        ({"due_soon_days": 0}, {"on": 99, "percent": "99"}, ON_TRACK),
        ({"due_soon_days": 0}, {"on": 100, "percent": "99"}, WATCH),
        ({"node_late_days": 5}, {"on": 25, "nodes": (node(20),)}, WATCH),
        ({"node_late_days": 5}, {"on": 26, "nodes": (node(20),)}, LATE),
    ],
)
def test_thresholds_are_the_plans(thresholds, facts, light):
    assert judged(thresholds=Thresholds(**thresholds), **facts).light == light


def test_thresholds_are_ten_and_twenty_five_points_ten_and_thirty_days_unless_ordered():
    assert Thresholds() == Thresholds(watch_gap=Decimal(10), late_gap=Decimal(25), due_soon_days=10, node_late_days=30)


def test_every_light_is_reachable():
    lights = {
        judged(on=101).light,
        judged(on=100).light,
        judged(on=50, reports_missed=1).light,
        judged(on=50, percent="50").light,
        judged(on=50).light,
        judged(on=50, closed_on=START).light,
        judged(on=50, paused=True).light,
    }

    assert lights == set(Light)
