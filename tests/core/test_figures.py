from decimal import Decimal

import pytest
from django.utils import translation

from apps.core.figures import chinese_numeral, figure, plain, whole_percent


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "—"),
        (0, "0"),
        (Decimal("0.00"), "0"),
        (Decimal("0E+3"), "0"),
        (Decimal("0.005"), "0.01"),
        (Decimal("0.015"), "0.02"),
        (Decimal("0.025"), "0.03"),
        (Decimal("0.0049"), "0"),
        (Decimal("-0.005"), "-0.01"),
        (Decimal("99.995"), "100"),
        (Decimal("99.994"), "99.99"),
        (10, "10"),
        (Decimal("1E+2"), "100"),
        (Decimal("1234567890.126"), "1234567890.13"),
        (Decimal("99999999999999.99"), "99999999999999.99"),
        (Decimal("12.50"), "12.5"),
        (Decimal("100"), "100"),
        (Decimal("1000000"), "1000000"),
        (Decimal("-3.456"), "-3.46"),
        (Decimal(2) / Decimal(3), "0.67"),
    ],
)
def test_figures_are_rounded_half_up_and_zero_is_zero(number, text):
    assert figure(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, ""),
        (0, "0"),
        (Decimal("0.00"), "0"),
        (Decimal("25.50"), "25.5"),
        (Decimal("100"), "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("1.2345"), "1.2345"),
    ],
)
def test_field_is_filled_to_the_last_digit(number, text):
    assert plain(number) == text


@pytest.mark.parametrize(
    ("number", "whole"),
    [(None, None), (Decimal("49.5"), 50), (Decimal("50.5"), 51), (Decimal("49.49"), 49), (0, 0), (150, 150)],
)
def test_headline_is_whole(number, whole):
    assert whole_percent(number) == whole


def test_numerals_are_chinese_in_chinese_only():
    assert [chinese_numeral(number) for number in (0, 1, 5, 10, 11, -1)] == ["〇", "一", "五", "十", "11", "-1"]
    with translation.override("en"):
        assert chinese_numeral(5) == "5"
