"""What a cell of an imported table means. Each reader takes a tidy cell and gives a value; ValidationError where it can't."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.figures import plain
from apps.core.sheets import half_width
from apps.core.wording import joined

BETWEEN_NAMES = re.compile(r"[、,，;；\n]+")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
LARGEST_FIGURE, MOST_DECIMALS = Decimal(10) ** 10, 4
LANGUAGES = ("zh-hans", "en")
YES, NO = gettext_lazy("是"), gettext_lazy("否")


def text(cell):
    """A text as typed; a number or day as it is written. Empty where there is nothing."""
    if cell is None:
        return ""
    return plain(cell) if isinstance(cell, Decimal) else str(cell)


def code(cell):
    """A code such as 1.1-2, whichever width it was typed in. A table program may have taken 1.10 for a number: that
    can't be told from 1.1, so codes are best kept as text."""
    return half_width(text(cell))


def number(cell):
    """A figure, with or without separators; None where there is none."""
    if cell is None or isinstance(cell, Decimal):
        return _fitting(cell)
    if isinstance(cell, bool | date):
        raise ValidationError(_("“%(typed)s”不是数字。") % {"typed": cell})
    typed = half_width(cell).replace(",", "").replace(" ", "").removesuffix("%")
    try:
        return _fitting(Decimal(typed))
    except InvalidOperation:
        raise ValidationError(_("“%(typed)s”不是数字。") % {"typed": cell}) from None


def _fitting(value):
    if value is None:
        return None
    if not value.is_finite() or abs(value) >= LARGEST_FIGURE:
        raise ValidationError(_("数字过大。"))
    if -value.normalize().as_tuple().exponent > MOST_DECIMALS:
        raise ValidationError(_("小数最多四位。"))
    return value


def whole(cell):
    value = number(cell)
    if value is not None and value != value.to_integral_value():
        raise ValidationError(_("“%(typed)s”不是整数。") % {"typed": plain(value)})
    return None if value is None else int(value)


def day(cell):
    """A day as a day, or written as 2025-06-30, 2025/6/30, 2025.6.30, 2025年6月30日 or 20250630; None where there is none."""
    if cell is None or isinstance(cell, date):
        return cell
    typed = half_width(text(cell))
    found = DAY.fullmatch(typed) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", typed)
    try:
        return date(*map(int, found.groups()))
    except (AttributeError, ValueError):
        raise ValidationError(_("“%(typed)s”不是日期，日期写法如 2025-06-30。") % {"typed": typed}) from None


def names(cell):
    """Several names in one cell, one after the other."""
    return [name.strip() for name in BETWEEN_NAMES.split(text(cell)) if name.strip()]


def choice(cell, choices, *, default=""):
    """One of some choices, by its label in either language or its own value."""
    typed = text(cell)
    if not typed:
        return default
    for one in choices:
        if typed == one.value or typed in in_both_languages(one.label):
            return one.value
    labels = joined(one.label for one in choices)
    raise ValidationError(_("“%(typed)s”不在可填的范围内：%(labels)s。") % {"typed": typed, "labels": labels})


def yes(cell):
    """是 or 否; empty is no."""
    if isinstance(cell, bool):
        return cell
    typed = text(cell).casefold()
    if typed in {"", "0", "no", "false", *in_both_languages(NO)}:
        return False
    if typed in {"1", "yes", "true", "✓", "√", *in_both_languages(YES)}:
        return True
    raise ValidationError(_("请填“是”或“否”。"))


def in_both_languages(label):
    """How a label reads in each language: a file may have been made in the other one."""
    found = set()
    for language in LANGUAGES:
        with translation.override(language):
            found.add(str(label))
    return found
