from datetime import date
from decimal import Decimal

import pytest

from apps.indicators.choices import Kind
from apps.reporting.choices import ReportMove, ReportStatus
from apps.reporting.rules import (
    WORKFLOW,
    ReadingInput,
    day_spoken_of,
    doubts_about_reading,
    next_status,
    problems_of_node,
    problems_of_percent,
    problems_of_reading,
    problems_of_report,
    why_not_unchanged,
)

FIRST, LAST = date(2025, 1, 1), date(2025, 6, 30)
DRAFT, SUBMITTED, RETURNED, APPROVED = ReportStatus


def test_every_state_stands_in_the_table_of_moves():
    assert set(WORKFLOW.transitions) == set(ReportStatus)


@pytest.mark.parametrize("move", ReportMove)
@pytest.mark.parametrize("status", ReportStatus)
def test_moves(status, move):
    allowed = {
        (DRAFT, ReportMove.SUBMIT): SUBMITTED,
        (RETURNED, ReportMove.SUBMIT): SUBMITTED,
        (SUBMITTED, ReportMove.APPROVE): APPROVED,
        (SUBMITTED, ReportMove.RETURN): RETURNED,
        (SUBMITTED, ReportMove.RECALL): DRAFT,
        (APPROVED, ReportMove.WITHDRAW): RETURNED,
    }

    assert next_status(status, move) == allowed.get((status, move))


@pytest.mark.parametrize(
    ("written_on", "day"), [(date(2025, 6, 20), date(2025, 6, 20)), (LAST, LAST), (date(2025, 7, 9), LAST)]
)
def test_report_speaks_of_the_day_it_is_written_until_its_window_ends(written_on, day):
    assert day_spoken_of(window_end=LAST, written_on=written_on) == day


def reading(**parts):
    values = {"indicator_id": 7, "kind": Kind.AT_LEAST, "has_parts": False, "adds_up": False}
    if "achieved_on" not in parts:
        values |= {"period_start": FIRST, "period_end": LAST}
    return ReadingInput(**{**values, **parts})


def fields_of(reading, **more):
    return {
        name.removeprefix("reading-7-") for name in problems_of_reading(reading, first_day=FIRST, last_day=LAST, **more)
    }


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ({}, set()),
        ({"value": Decimal(0)}, set()),
        ({"value": Decimal(-1)}, {"value"}),
        ({"period_start": None, "period_end": None}, set()),
        ({"source": "统计报表", "out_of": 17, "period_start": None}, set()),
        ({"value": Decimal(1), "period_start": LAST}, set()),
        ({"value": Decimal(1), "period_start": FIRST, "period_end": FIRST}, set()),
        ({"value": Decimal(1), "period_start": None, "period_end": None}, {"start"}),
        ({"value": Decimal(1), "period_start": None}, {"start"}),
        ({"value": Decimal(1), "period_end": None}, {"end"}),
        ({"value": Decimal(1), "period_start": LAST, "period_end": FIRST}, {"end"}),
        ({"value": Decimal(1), "period_start": date(2024, 12, 31)}, {"start"}),
        ({"value": Decimal(1), "period_end": date(2025, 7, 1)}, {"end"}),
        ({"numerator": Decimal(1), "denominator": Decimal(2)}, set()),
        ({"numerator": Decimal(0), "denominator": Decimal(2)}, set()),
        ({"numerator": Decimal(1)}, {"denominator"}),
        ({"denominator": Decimal(1)}, {"numerator"}),
        ({"numerator": Decimal(0), "denominator": Decimal(0)}, {"denominator"}),
        ({"numerator": Decimal(0), "denominator": Decimal("0.01")}, set()),
        ({"numerator": Decimal(1), "denominator": Decimal(-2)}, {"denominator"}),
        ({"numerator": Decimal(-1), "denominator": Decimal(2)}, {"numerator"}),
        (
            {"numerator": Decimal(-1), "denominator": Decimal(0), "value": Decimal(-1)},
            {"denominator", "numerator", "value"},
        ),
        ({"value": Decimal(-1), "period_start": None}, {"value", "start"}),
        ({"value": Decimal(9), "numerator": Decimal(1), "denominator": Decimal(2)}, set()),
        ({"kind": Kind.RANK_WITHIN, "value": Decimal(1)}, set()),
        ({"kind": Kind.RANK_WITHIN, "value": Decimal(0)}, {"value"}),
        ({"kind": Kind.RANK_WITHIN, "value": Decimal("1.5")}, {"value"}),
        ({"kind": Kind.RANK_WITHIN, "value": Decimal("2.00")}, set()),
        ({"kind": Kind.RANK_WITHIN, "value": Decimal("-1")}, {"value"}),
        ({"kind": Kind.AT_LEAST, "value": Decimal("1.5")}, set()),
        ({"kind": Kind.RANK_WITHIN, "value": Decimal(5), "out_of": 5}, set()),
        ({"kind": Kind.RANK_WITHIN, "value": Decimal(6), "out_of": 5}, {"out_of"}),
        ({"kind": Kind.ACHIEVED, "achieved_on": FIRST}, set()),
        ({"kind": Kind.ACHIEVED, "achieved_on": LAST}, set()),
        ({"kind": Kind.ACHIEVED, "achieved_on": date(2025, 7, 1)}, {"achieved_on"}),
        ({"kind": Kind.ACHIEVED, "achieved_on": date(2024, 12, 31)}, {"achieved_on"}),
    ],
)
def test_reading(parts, fields):
    assert fields_of(reading(**parts)) == fields


@pytest.mark.parametrize(
    ("adds_up", "taken", "fields"),
    [
        (True, (date(2025, 3, 1), date(2025, 3, 31)), {"start"}),
        (True, (FIRST, FIRST), {"start"}),
        (True, (LAST, LAST), {"start"}),
        (True, (date(2024, 12, 1), date(2024, 12, 31)), set()),
        (True, (date(2025, 7, 1), date(2025, 7, 31)), set()),
        (True, (date(2024, 12, 1), date(2025, 7, 31)), {"start"}),
        (False, (date(2025, 3, 1), date(2025, 3, 31)), set()),
    ],
)
def test_days_are_not_counted_twice_where_readings_add_up(adds_up, taken, fields):
    far = (date(2023, 1, 1), date(2023, 1, 31))

    assert fields_of(reading(value=Decimal(1), adds_up=adds_up), taken=(far, taken)) == fields


def test_problem_stands_at_the_field_of_its_indicator():
    found = problems_of_reading(reading(indicator_id=12, value=Decimal(-1)), first_day=FIRST, last_day=LAST)

    assert list(found) == ["reading-12-value"]


@pytest.mark.parametrize(
    ("text", "percent", "needs_percent", "fields"),
    [
        ("已完成", Decimal(5), True, set()),
        ("已完成", None, False, set()),
        ("已完成", None, True, {"percent"}),
        ("已完成", Decimal(0), True, set()),
        ("  ", Decimal(5), True, {"text"}),
        ("", None, True, {"text", "percent"}),
    ],
)
def test_report_lacks(text, percent, needs_percent, fields):
    found = problems_of_report(
        text=text, percent=percent, needs_percent=needs_percent, asks_for_help=False, problems_text=""
    )

    assert set(found) == fields


@pytest.mark.parametrize(("problems_text", "fields"), [("", {"problems"}), (" ", {"problems"}), ("缺场地", set())])
def test_who_asks_for_help_says_with_what(problems_text, fields):
    found = problems_of_report(
        text="已完成", percent=Decimal(5), needs_percent=True, asks_for_help=True, problems_text=problems_text
    )

    assert set(found) == fields


@pytest.mark.parametrize(
    ("percent", "fields"),
    [(None, set()), ("0", set()), ("100", set()), ("-0.01", {"percent"}), ("100.01", {"percent"})],
)
def test_percent_is_between_zero_and_a_hundred(percent, fields):
    assert set(problems_of_percent(percent and Decimal(percent))) == fields


@pytest.mark.parametrize(
    ("done_on", "fields"),
    [
        (None, []),
        (FIRST, []),
        (LAST, []),
        (date(2025, 7, 1), ["node-3-done_on"]),
        (date(2024, 12, 31), ["node-3-done_on"]),
    ],
)
def test_node_is_done_within_the_year_and_not_in_the_future(done_on, fields):
    assert list(problems_of_node(node_id=3, done_on=done_on, first_day=FIRST, last_day=LAST)) == fields


FIRST_QUARTER = reading(value=Decimal(20), period_start=FIRST, period_end=date(2025, 3, 31))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"value": Decimal(25)}, []),
        ({"value": Decimal(20)}, []),
        ({"value": Decimal(19)}, ["比上次的 20 小"]),
        ({"value": Decimal(100)}, ["与上次的 20 相差很大"]),
        ({"value": Decimal(99)}, []),
        ({"value": Decimal(25), "period_start": date(2025, 4, 1)}, ["起始日不在年初"]),
        ({"value": Decimal(3), "period_start": date(2025, 4, 1)}, ["起始日不在年初", "相差很大"]),
        ({"value": Decimal(3), "period_start": date(2025, 4, 1), "adds_up": True}, ["相差很大"]),
        ({"value": Decimal(19), "kind": Kind.AT_MOST}, []),
        ({"value": Decimal(2), "kind": Kind.RANK_WITHIN}, []),
        ({"value": Decimal("92.31"), "numerator": Decimal(12), "denominator": Decimal(13)}, []),
        ({"value": Decimal("92.30"), "numerator": Decimal(12), "denominator": Decimal(13)}, ["算得的 92.31 不一致"]),
    ],
)
def test_doubts_about_a_figure(typed, words):
    last = None if "numerator" in typed else FIRST_QUARTER
    typed = reading(**{"period_start": FIRST, "period_end": LAST} | typed)

    doubts = doubts_about_reading(
        typed, last=last, unit="件", scale=Decimal(100 if last is None else 1), first_day=FIRST
    )

    assert len(doubts) == len(words)
    assert all(word in doubt for word, doubt in zip(words, doubts, strict=True))


def test_rate_may_fall_and_its_denominator_may_not():
    last = reading(numerator=Decimal(90), denominator=Decimal(100), period_start=FIRST, period_end=date(2025, 3, 31))
    fallen = reading(numerator=Decimal(150), denominator=Decimal(200), period_start=FIRST, period_end=LAST)
    shrunk = reading(numerator=Decimal(80), denominator=Decimal(90), period_start=FIRST, period_end=LAST)
    about = {"last": last, "unit": "%", "scale": Decimal(100), "first_day": FIRST}

    assert doubts_about_reading(fallen, **about) == []
    assert doubts_about_reading(shrunk, **about) == ["分母比上次的 100 小；年初至今的累计数一般不会减少，请核对。"]


@pytest.mark.parametrize(
    ("kind", "part", "is_refused"),
    [
        (Kind.BELOW_BASELINE, "value", False),
        (Kind.ABOVE_BASELINE, "value", False),
        (Kind.AT_LEAST, "value", True),
        (Kind.AT_MOST, "value", True),
        (Kind.WITHIN, "value", True),
        (Kind.RANK_WITHIN, "value", True),
        (Kind.ABOVE_BASELINE, "numerator", True),
        (Kind.ABOVE_BASELINE, "denominator", True),
    ],
)
def test_only_a_rate_of_change_may_be_negative(kind, part, is_refused):
    parts = {"value": None, "numerator": Decimal(1), "denominator": Decimal(1)} if part != "value" else {}
    typed = reading(**{"kind": kind, "period_start": FIRST, "period_end": LAST} | parts | {part: Decimal(-1)})

    problems = problems_of_reading(typed, first_day=FIRST, last_day=LAST)

    assert bool(problems) == is_refused


@pytest.mark.parametrize(
    ("status", "has_previous", "is_unchanged", "owed", "sentence"),
    [
        (None, True, True, [], None),
        (ReportStatus.DRAFT, True, True, [], None),
        (ReportStatus.DRAFT, True, False, [], "本期已有草稿，请打开草稿核对后提交。"),
        (ReportStatus.RETURNED, True, True, [], "这份填报已被退回，请按退回意见修改后提交。"),
        (None, False, True, [], "此前没有通过的填报，请先填写一次完整的进展。"),
        (None, True, True, ["结案数", "方案"], "本期还有要填写的内容：结案数、方案。"),
    ],
)
def test_when_nothing_changed_can_be_handed_in(status, has_previous, is_unchanged, owed, sentence):
    assert why_not_unchanged(status=status, has_previous=has_previous, is_unchanged=is_unchanged, owed=owed) == sentence
