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
        (Decimal("0.005"), "0.01"),
        (Decimal("0.0049"), "0"),
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
    ("number", "text"), [(None, ""), (Decimal("25.50"), "25.5"), (Decimal("100"), "100"), (Decimal("1.2345"), "1.2345")]
)
def test_field_is_filled_to_the_last_digit(number, text):
    assert plain(number) == text


@pytest.mark.parametrize(("number", "whole"), [(None, None), (Decimal("49.5"), 50), (Decimal("49.49"), 49), (0, 0)])
def test_headline_is_whole(number, whole):
    assert whole_percent(number) == whole


def test_numerals_are_chinese_in_chinese_only():
    assert (chinese_numeral(5), chinese_numeral(11)) == ("五", "11")
    with translation.override("en"):
        assert chinese_numeral(5) == "5"
