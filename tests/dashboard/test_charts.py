"""Where things stand in a drawing: zero is drawn as zero, a gap as a gap, each target for its own days."""

import uuid
from datetime import date
from decimal import Decimal

import pytest

from apps.assessment.selectors import standing_of
from apps.dashboard.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, _step, chart_of, spark_of, year_line_of
from apps.ledger.services import accept
from apps.plans.services import OrderDetails, add_node
from tests.conftest import at
from tests.factories import IndicatorFactory, ReadingEntryFactory, TargetFactory

ON = date(2025, 9, 30)
FLOOR = Decimal(HEIGHT - BOTTOM)


def drawn(cast, **more):
    plan = cast.measure.plan
    return chart_of(standing_of(plan, on=ON, **more).indicators[0], plan=plan, on=ON)


def read(indicator, day, value):
    ReadingEntryFactory(
        indicator=indicator, value=value, speaks_of=day, period_start=date(2025, 1, 1), accepted_at=at(f"{day} 09:00")
    )


@pytest.mark.parametrize(
    ("span", "step"),
    [("1", "0.5"), ("3", "1"), ("4", "1"), ("5", "2"), ("18", "5"), ("24", "10"), ("0.03", "0.01"), ("98765", "50000")],
)
def test_axis_goes_in_round_steps(span, step):
    assert _step(Decimal(span)) == Decimal(step)


def test_readings_stand_at_their_days_and_values(cast):
    indicator = IndicatorFactory(measure=cast.measure)
    TargetFactory(indicator=indicator, low=10)
    read(indicator, date(2025, 3, 31), 0)
    read(indicator, date(2025, 6, 30), 10)

    chart = drawn(cast)

    assert [(reading.day, reading.value) for reading in chart.readings] == [
        ("2025年3月31日", "0"),
        ("2025年6月30日", "10"),
    ]
    assert Decimal(chart.readings[0].y) == Decimal(chart.zero) == FLOOR
    assert Decimal(chart.readings[1].y) == TOP
    assert [line.label for line in chart.lines] == ["0", "5", "10"]
    assert LEFT < Decimal(chart.readings[0].x) < Decimal(chart.readings[1].x) < Decimal(chart.today) < WIDTH - RIGHT


def test_each_target_is_drawn_for_the_days_it_held(cast):
    indicator = IndicatorFactory(measure=cast.measure)
    TargetFactory(indicator=indicator, low=24)
    TargetFactory(
        indicator=indicator,
        low=18,
        number=2,
        effective_from=date(2025, 7, 1),
        made_by=cast.plan_admin,
        made_at=at("2025-07-01 09:00"),
    )

    chart = drawn(cast)

    first, second = ([tuple(map(Decimal, point.split(","))) for point in line.split()] for line in chart.targets)
    assert (first[0][0], second[-1][0]) == (LEFT, WIDTH - RIGHT)
    assert first[-1][0] == second[0][0]
    assert first[0][1] == first[1][1] < second[0][1]
    assert (chart.path, chart.readings) == ("", ())


def test_range_is_a_band_and_zero_stays_in_sight(cast):
    indicator = IndicatorFactory(measure=cast.measure, kind="within")
    TargetFactory(indicator=indicator, low=60, high=90)

    chart = drawn(cast)

    (band,) = chart.bands
    assert Decimal(band.height) > 0
    assert Decimal(band.y) + Decimal(band.height) < FLOOR
    assert chart.lines[0].label == "0"


def test_what_falls_below_zero_is_drawn_below_it(cast):
    indicator = IndicatorFactory(measure=cast.measure, kind="above_baseline")
    TargetFactory(indicator=indicator, low=None, baseline=Decimal(2))
    read(indicator, date(2025, 3, 31), Decimal("-3"))

    chart = drawn(cast)

    assert Decimal(chart.readings[0].y) > Decimal(chart.zero)


@pytest.mark.parametrize("kind", ["achieved", "judged", "all_met", "at_least"])
def test_nothing_is_drawn_where_there_is_nothing_to_draw(cast, kind):
    IndicatorFactory(measure=cast.measure, kind=kind)

    assert drawn(cast) is None


def test_nodes_stand_on_the_line_of_the_year(cast):
    by, made = cast.plan_admin, at("2025-01-10 09:00")
    for title, due in (("方案", date(2025, 1, 1)), ("施工", date(2025, 7, 2)), ("验收", date(2025, 12, 31))):
        node = add_node(
            measure=cast.measure, title=title, due=due, details=OrderDetails(reason="计划下达", by=by, at=made)
        )
        if title == "方案":
            accept(
                kind="node_done", plan=cast.measure.plan, measure=cast.measure, node=node, speaks_of=due,
                by=by, at=made, batch=uuid.uuid4(),
            )  # fmt: skip
    standing = standing_of(cast.measure.plan, on=ON).measure("1.1")

    line = year_line_of(standing, plan=cast.measure.plan, on=ON)

    assert [(stop.x, stop.state) for stop in line.stops] == [("14", "done"), ("360", "overdue"), ("706", "planned")]
    assert (line.start, line.due) == ("14", "706")


def test_measure_without_nodes_has_no_line(cast):
    assert year_line_of(standing_of(cast.measure.plan, on=ON).measure("1.1"), plan=cast.measure.plan, on=ON) is None


@pytest.mark.parametrize(("values", "n_points"), [((), 0), ((4,), 0), ((4, 4), 2), ((0, 5, 3), 3)])
def test_spark_line_needs_two_figures(cast, values, n_points):
    indicator = IndicatorFactory(measure=cast.measure)
    for month, value in enumerate(values, start=3):
        read(indicator, date(2025, month, 28), value)
    plan = cast.measure.plan

    spark = spark_of(standing_of(plan, on=ON).indicators[0], plan=plan)

    assert len(spark.path.split() if spark else ()) == n_points
