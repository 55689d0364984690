"""Figures as people write them."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language

TWO_PLACES = Decimal("0.01")
NUMERALS = "〇一二三四五六七八九十"


def rounded(number: Decimal | int | None) -> Decimal | None:
    """To two decimals, half up; None where there is none."""
    return None if number is None else Decimal(number).quantize(TWO_PLACES, rounding=ROUND_HALF_UP)


def figure(number: Decimal | int | None) -> str:
    """At most two decimals, half up, no zeros behind; a dash where there is none. Zero is “0”."""
    return "—" if number is None else plain(rounded(number))


def plain(number: Decimal | int | str | None) -> str:
    """The number to the last digit, without zeros behind: what stands in a field that is to be typed over."""
    if number is None:
        return ""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole_percent(number: Decimal | None) -> int | None:
    """A percentage for a headline, to whole points, half up."""
    return None if number is None else int(Decimal(number).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def bounded(number: Decimal) -> str:
    """A percentage held between 0 and 100, for drawing."""
    return figure(min(max(Decimal(number), Decimal(0)), Decimal(100)))


def chinese_numeral(number: int) -> str:
    """一 … 十 in Chinese, the plain figure in other languages and beyond ten."""
    if (get_language() or "").startswith("zh") and 0 <= number < len(NUMERALS):
        return NUMERALS[number]
    return str(number)
