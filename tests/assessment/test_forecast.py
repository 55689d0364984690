from datetime import date
from decimal import Decimal

import pytest

from apps.assessment.choices import Accumulation, Kind
from apps.assessment.rules import IndicatorFacts, Observation, forecast
from apps.assessment.rules.readings import running_values
from apps.assessment.sentences import forecast_text

END = Decimal(100)


def points(*figures):
    """Figures on the first of January, 11 January, 21 January, … of 2025."""
    return [(date(2025, 1, 1 + 10 * index), Decimal(figure)) for index, figure in enumerate(figures)]


@pytest.mark.parametrize("figures", [(), (10,), (10, 20)])
def test_fewer_than_three_days_say_too_little(figures):
    assert forecast(points(*figures), end=END) is None


def test_several_figures_of_one_day_are_one_point():
    day = date(2025, 1, 1)

    assert forecast([(day, Decimal(1)), (day, Decimal(2)), (date(2025, 2, 1), Decimal(3))], end=END) is None


def test_steady_pace_leads_to_one_day():
    found = forecast(points(0, 10, 20), end=END)

    assert (found.reached_on, found.earliest, found.latest) == (date(2025, 4, 11),) * 3


def test_one_outlier_does_not_move_the_day():
    found = forecast(points(0, 10, 20, 80), end=Decimal(200))

    assert found.reached_on > date(2025, 1, 31)
    assert found.earliest < found.reached_on < found.latest


def test_figure_that_stands_still_or_falls_never_gets_there():
    still, falling = forecast(points(20, 20, 20), end=END), forecast(points(30, 20, 10), end=END)

    assert (still.reached_on, falling.reached_on) == (None, None)


def test_pace_that_takes_years_says_nothing():
    assert forecast(points("0", "0.1", "0.2"), end=END).reached_on is None


def test_what_is_reached_was_reached_on_its_day():
    assert forecast(points(50, 100, 100), end=END).reached_on == date(2025, 1, 11)


def test_day_is_never_before_the_last_point():
    found = forecast(points(0, 98, 99), end=END)

    assert found.earliest >= date(2025, 1, 21)


def test_forecast_goes_on_from_the_values_so_far():
    facts = IndicatorFacts(
        kind=Kind.AT_LEAST,
        start=date(2025, 1, 1),
        due=date(2025, 12, 31),
        accumulation=Accumulation.SUM,
        observations=tuple(
            Observation(start=day, end=day, value=value)
            for day, value in (
                (date(2025, 1, 11), Decimal(2)),
                (date(2025, 1, 1), Decimal(1)),
                (date(2025, 1, 21), None),
            )
        ),
    )

    assert running_values(facts) == [
        (date(2025, 1, 1), Decimal(1)),
        (date(2025, 1, 11), Decimal(3)),
        (date(2025, 1, 21), Decimal(3)),
    ]


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ((10, 20), "确认过的进展不足三次，暂不推算"),
        ((20, 20, 20), "按目前进度，三年内不能完成"),
        ((0, 10, 20), "按 3 次确认的进展推算，2025-04-11 完成"),
        ((0, 10, 30), "按 3 次确认的进展推算，约 2025-03-09 完成（2025-02-25 至 2025-04-11 之间）"),
    ],
)
def test_forecast_is_said_in_a_sentence(figures, sentence):
    assert forecast_text(forecast(points(*figures), end=END)) == sentence
