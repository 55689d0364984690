"""The plan's standing: which facts count on which day, known when, and how many questions that takes."""

from datetime import date
from decimal import Decimal

import pytest

from apps.assessment.choices import FindingCode, Light, Standing
from apps.assessment.selectors import end_of_day, standing_of
from apps.indicators.choices import Kind
from apps.indicators.rules import TargetValues
from apps.indicators.services import order_target, set_members
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.ledger.services import close_measure
from apps.plans.choices import Adjustment, Cadence
from apps.plans.services import OrderDetails, add_node, order_adjustment, order_deadline, order_thresholds
from tests.conftest import at
from tests.factories import (
    GoalFactory,
    IndicatorFactory,
    MeasureFactory,
    ProgressEntryFactory,
    ReadingEntryFactory,
    TargetFactory,
)

N_QUERIES = 13
JUNE_30 = date(2025, 6, 30)


def verdict_on(measure, on, known=None):
    return standing_of(measure.plan, on=on, known=known).measure(measure.code).verdict


@pytest.mark.parametrize("n_measures", [1, 3, 5, 100])
def test_standing_takes_the_same_number_of_queries_whatever_the_size(cast, django_assert_num_queries, n_measures):
    plan = cast.measure.plan
    GoalFactory(plan=plan)
    for _number in range(n_measures):
        measure = MeasureFactory(plan=plan, pillar=cast.measure.pillar)
        measure.support.add(measure.lead)
        indicator = IndicatorFactory(measure=measure)
        TargetFactory(indicator=indicator)
        ReadingEntryFactory(indicator=indicator, accepted_by=cast.plan_admin)
        ProgressEntryFactory(measure=measure, accepted_by=cast.plan_admin)

    with django_assert_num_queries(N_QUERIES):
        standing = standing_of(plan, on=JUNE_30)
        # What links are made of comes along.
        rows = [row.measure for row in standing.measures] + [row.indicator for row in standing.indicators]
        assert {row.plan.court for row in rows} == {plan.court}

    assert len(standing.measures) == n_measures + 1


@pytest.mark.parametrize(
    ("accepted_at", "on", "percent"),
    [
        ("2025-06-30 23:59", JUNE_30, Decimal(40)),
        ("2025-07-01 00:01", JUNE_30, None),
        ("2025-07-01 00:01", date(2025, 7, 1), Decimal(40)),
    ],
)
def test_fact_counts_from_the_local_day_on_which_it_was_accepted(cast, accepted_at, on, percent):
    ProgressEntryFactory(measure=cast.measure, percent=40, speaks_of=date(2025, 6, 28), accepted_at=at(accepted_at))

    assert verdict_on(cast.measure, on).percent == percent


def test_fact_of_a_later_day_does_not_count_yet(cast):
    ProgressEntryFactory(
        measure=cast.measure, percent=40, speaks_of=date(2025, 6, 30), accepted_at=at("2025-06-20 09:00")
    )

    assert verdict_on(cast.measure, date(2025, 6, 29)).percent is None


def test_late_report_counts_for_its_day_once_it_is_known(cast):
    ProgressEntryFactory(
        measure=cast.measure, percent=100, speaks_of=date(2025, 12, 31), accepted_at=at("2026-02-01 09:00")
    )
    year_end = date(2025, 12, 31)

    assert verdict_on(cast.measure, year_end).percent is None
    assert verdict_on(cast.measure, year_end, known=at("2026-02-02 09:00")).percent == Decimal(100)


def test_withdrawn_fact_counts_until_the_moment_it_was_withdrawn(cast):
    entry = ProgressEntryFactory(measure=cast.measure, percent=40)
    LedgerEntry.objects.filter(pk=entry.pk).update(
        withdrawn_at=at("2025-05-10 09:00"), withdrawn_by=cast.plan_admin, withdrawn_reason="有误"
    )

    assert verdict_on(cast.measure, date(2025, 5, 9)).percent == Decimal(40)
    assert verdict_on(cast.measure, date(2025, 5, 10)).percent is None


def test_last_day_spoken_of_counts_and_not_the_last_entered(cast):
    ProgressEntryFactory(measure=cast.measure, percent=60, speaks_of=JUNE_30, accepted_at=at("2025-06-30 10:00"))
    ProgressEntryFactory(
        measure=cast.measure, percent=20, speaks_of=date(2025, 3, 31), accepted_at=at("2025-06-30 11:00")
    )

    assert verdict_on(cast.measure, JUNE_30).percent == Decimal(60)


def test_supporting_text_neither_sets_progress_nor_answers_for_the_report(cast):
    ProgressEntryFactory(measure=cast.measure, kind=EntryKind.SUPPORT, percent=None)

    verdict = verdict_on(cast.measure, JUNE_30)

    assert verdict.percent is None
    assert [finding.code for finding in verdict.findings] == [FindingCode.REPORT_MISSED]


def test_missed_windows_are_counted_from_the_day_after_they_close(cast):
    # The first quarter's window closes on 8 April: five working days after 31 March, with 4 April a holiday.
    assert verdict_on(cast.measure, date(2025, 4, 8)).light == Light.NOT_DUE
    assert verdict_on(cast.measure, date(2025, 4, 9)).light == Light.NO_DATA


def test_measure_without_set_times_is_never_silent(cast):
    measure = MeasureFactory(plan=cast.measure.plan, cadence=Cadence.NONE)

    assert verdict_on(measure, date(2025, 11, 1)).light == Light.NOT_DUE


def test_moved_deadline_holds_from_its_day_on_and_the_past_stays(cast):
    order_deadline(
        measure=cast.measure,
        due=date(2026, 3, 31),
        details=OrderDetails(reason="延期", by=cast.plan_admin, at=at("2025-10-15 10:00")),
    )

    before = standing_of(cast.measure.plan, on=date(2025, 10, 14)).measure("1.1")
    after = standing_of(cast.measure.plan, on=date(2025, 10, 15)).measure("1.1")

    assert (str(before.due), before.n_moves) == ("2025-12-31", 0)
    assert (str(after.due), str(after.original_due), after.n_moves) == ("2026-03-31", "2025-12-31", 1)


def test_backdated_order_changes_the_past_only_for_who_knows_it(cast):
    order_deadline(
        measure=cast.measure,
        due=date(2025, 9, 30),
        details=OrderDetails(
            reason="提前", effective_from=date(2025, 3, 1), by=cast.plan_admin, at=at("2025-08-01 10:00")
        ),
    )
    plan = cast.measure.plan

    assert str(standing_of(plan, on=JUNE_30).measure("1.1").due) == "2025-12-31"
    assert str(standing_of(plan, on=JUNE_30, known=at("2025-08-02 10:00")).measure("1.1").due) == "2025-09-30"


def test_deadline_on_a_holiday_is_judged_on_the_next_working_day(cast):
    order_deadline(
        measure=cast.measure,
        due=date(2025, 10, 1),
        details=OrderDetails(reason="调整", by=cast.plan_admin, at=at("2025-01-02 10:00")),
    )

    standing = standing_of(cast.measure.plan, on=date(2025, 10, 9)).measure("1.1")

    assert (str(standing.due), str(standing.facts.due)) == ("2025-10-01", "2025-10-09")
    assert FindingCode.OVERDUE not in [finding.code for finding in standing.verdict.findings]


def test_nodes_decide_the_percent_and_a_node_not_ordered_yet_is_not_there(cast):
    node = add_node(
        measure=cast.measure,
        title="方案",
        due=date(2025, 5, 30),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-04-15 10:00")),
    )
    add_node(
        measure=cast.measure,
        title="总结",
        due=date(2025, 12, 1),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-04-15 10:00")),
    )
    ProgressEntryFactory(
        measure=cast.measure,
        kind=EntryKind.NODE_DONE,
        node=node,
        percent=None,
        declared="",
        speaks_of=date(2025, 5, 20),
        accepted_at=at("2025-05-21 10:00"),
    )

    assert verdict_on(cast.measure, date(2025, 4, 14)).percent is None
    assert verdict_on(cast.measure, date(2025, 5, 20)).percent == Decimal(0)
    assert verdict_on(cast.measure, date(2025, 5, 21)).percent == Decimal(50)


def test_pause_resume_and_weight_hold_from_their_days(cast):
    for day, adjustment, weight in (
        ("2025-03-01 10:00", Adjustment.PAUSE, None),
        ("2025-05-01 10:00", Adjustment.RESUME, None),
        ("2025-06-01 10:00", Adjustment.WEIGHT, Decimal(3)),
    ):
        order_adjustment(
            measure=cast.measure,
            adjustment=adjustment,
            weight=weight,
            details=OrderDetails(reason="调整", by=cast.plan_admin, at=at(day)),
        )
    plan = cast.measure.plan

    lights = [standing_of(plan, on=date(2025, month, 1)).measure("1.1") for month in (2, 3, 5, 6)]

    assert [standing.verdict.light == Light.PAUSED for standing in lights] == [False, True, False, False]
    assert [standing.weight for standing in lights] == [1, 1, 1, 3]


def test_thresholds_in_force_decide(cast):
    ProgressEntryFactory(measure=cast.measure, percent=40)
    order_thresholds(
        plan=cast.measure.plan,
        watch_gap=Decimal(5),
        late_gap=Decimal(9),
        details=OrderDetails(reason="从严", by=cast.plan_admin, at=at("2025-06-30 10:00")),
    )

    assert verdict_on(cast.measure, date(2025, 6, 29)).light == Light.ON_TRACK
    assert verdict_on(cast.measure, JUNE_30).light == Light.LATE


def test_closed_measure_is_done(cast):
    close_measure(
        measure=cast.measure, closed_on=date(2025, 6, 10), result="完成", by=cast.plan_admin, at=at("2025-06-12 10:00")
    )

    assert verdict_on(cast.measure, date(2025, 6, 11)).light != Light.DONE
    assert verdict_on(cast.measure, date(2025, 6, 12)).light == Light.DONE


def test_revised_target_leaves_the_past_as_it_was(cast):
    indicator = IndicatorFactory(measure=cast.measure, accumulation="sum")
    TargetFactory(indicator=indicator, low=3)
    ReadingEntryFactory(indicator=indicator, value=2)
    order_target(
        indicator=indicator,
        values=TargetValues(low=Decimal(2)),
        details=OrderDetails(reason="调整", by=cast.plan_admin, at=at("2025-06-12 10:00")),
    )

    def standing(on):
        return standing_of(cast.measure.plan, on=on).indicators[0]

    assert standing(date(2025, 6, 11)).verdict.standing == Standing.PENDING
    assert standing(date(2025, 6, 12)).verdict.standing == Standing.MET
    assert [target.low for target in standing(date(2025, 6, 12)).targets_oldest_first] == [3, 2]


def test_first_and_latest_of_an_ordered_list_are_named(cast):
    indicator = IndicatorFactory(measure=cast.measure)
    for value, day in ((4, date(2025, 3, 31)), (9, date(2025, 6, 15)), (7, date(2025, 4, 30))):
        ReadingEntryFactory(indicator=indicator, value=value, speaks_of=day)
    before = standing_of(cast.measure.plan, on=date(2025, 1, 1)).measures[0]
    order_deadline(
        measure=cast.measure,
        due=date(2025, 11, 30),
        details=OrderDetails(reason="提前", by=cast.plan_admin, at=at("2025-06-12 10:00")),
    )

    measure = standing_of(cast.measure.plan, on=JUNE_30).measures[0]

    assert before.indicators[0].latest_reading is None
    assert [fact.value for fact in measure.indicators[0].readings_newest_first] == [9, 7, 4]
    assert measure.indicators[0].latest_reading.value == 9
    assert measure.deadlines_oldest_first == (measure.first_deadline, measure.deadline)
    assert measure.first_deadline == before.deadline


def test_composite_counts_its_members(cast):
    members = [IndicatorFactory(measure=cast.measure, kind=Kind.ACHIEVED) for _number in range(2)]
    composite = IndicatorFactory(measure=cast.measure, kind=Kind.ALL_MET, code="0.0-1", order=0)
    set_members(indicator=composite, members=members, by=cast.plan_admin, at=at("2025-01-10 10:00"))
    for member in members:
        ReadingEntryFactory(
            indicator=member, kind=EntryKind.ACHIEVED, period_start=None, value=None, speaks_of=date(2025, 3, 1)
        )

    verdict = standing_of(cast.measure.plan, on=JUNE_30).indicators[0].verdict

    assert (verdict.standing, verdict.value) == (Standing.MET, 2)


def test_members_taken_out_later_still_count_for_the_past(cast):
    member = IndicatorFactory(measure=cast.measure, kind=Kind.ACHIEVED)
    composite = IndicatorFactory(measure=cast.measure, kind=Kind.ALL_MET, order=0)
    set_members(indicator=composite, members=[member], by=cast.plan_admin, at=at("2025-01-10 10:00"))
    set_members(indicator=composite, members=[], by=cast.plan_admin, at=at("2025-07-01 10:00"))
    plan = cast.measure.plan

    standings = [
        next(row for row in standing_of(plan, on=day).indicators if row.indicator == composite).verdict.standing
        for day in (date(2025, 1, 9), JUNE_30, date(2025, 7, 1))
    ]

    assert standings == [Standing.NO_TARGET, Standing.PENDING, Standing.NO_TARGET]


def test_pillars_and_goals_without_content_are_shown_empty(cast):
    goal = GoalFactory(plan=cast.measure.plan)

    standing = standing_of(cast.measure.plan, on=JUNE_30)

    assert [(row.goal, row.indicators) for row in standing.goals] == [(goal, ())]


def test_end_of_day_is_the_last_moment_in_shanghai():
    assert end_of_day(JUNE_30).isoformat() == "2025-06-30T23:59:59.999999+08:00"


def test_windows_tell_what_became_of_them(cast):
    for day, is_late in ((date(2025, 3, 20), False), (date(2025, 6, 30), True)):
        ProgressEntryFactory(measure=cast.measure, speaks_of=day, is_late=is_late, accepted_at=at("2025-07-20 09:00"))
    known = at("2025-12-31 09:00")

    def states(on):
        standing = standing_of(cast.measure.plan, on=on, known=known).measure("1.1")
        return [row.state.value for row in standing.reporting.standings()]

    assert states(date(2025, 7, 20)) == ["reported", "reported_late", "open", "upcoming"]
    assert states(date(2025, 10, 14)) == ["reported", "reported_late", "open", "open"]
    assert states(date(2025, 10, 15)) == ["reported", "reported_late", "missed", "open"]


def test_readings_are_due_as_the_indicator_says_else_as_its_measure(cast):
    as_measure = IndicatorFactory(measure=cast.measure)
    monthly = IndicatorFactory(measure=cast.measure, cadence=Cadence.MONTHLY)
    achieved = IndicatorFactory(measure=cast.measure, kind=Kind.ACHIEVED)
    of_goal = IndicatorFactory(plan=cast.measure.plan, measure=None, goal=GoalFactory(plan=cast.measure.plan))
    for indicator in (as_measure, monthly):
        TargetFactory(indicator=indicator)

    missed = {
        row.indicator.pk: row.facts.readings_missed for row in standing_of(cast.measure.plan, on=JUNE_30).indicators
    }

    assert missed == {as_measure.pk: 1, monthly.pk: 5, achieved.pk: 0, of_goal.pk: 0}


def test_forecast_stands_beside_the_light_and_never_in_it(cast):
    for month, percent in ((1, 10), (2, 20), (3, 30)):
        ProgressEntryFactory(
            measure=cast.measure,
            percent=percent,
            speaks_of=date(2025, month, 28),
            accepted_at=at(f"2025-0{month}-28 12:00"),
        )

    standing = standing_of(cast.measure.plan, on=date(2025, 3, 31)).measure("1.1")

    assert standing.forecast.reached_on > date(2025, 9, 1)
    assert standing.verdict.light == Light.ON_TRACK
