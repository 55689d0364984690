"""Readers of the cells of an imported table: each takes a tidy cell and returns a value, or raises ValidationError."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.figures import plain
from apps.core.sheets import half_width
from apps.core.wording import joined

NAME_SEPARATORS = re.compile(r"[、,，;；\n]+")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
MAX_FIGURE, MAX_DECIMALS = Decimal(10) ** 10, 4
LANGUAGES = ("zh-hans", "en")
YES, NO = gettext_lazy("是"), gettext_lazy("否")


def text(cell: Any) -> str:
    """A text as typed; a number or day as it is written. Empty where there is nothing."""
    if cell is None:
        return ""
    return plain(cell) if isinstance(cell, Decimal) else str(cell)


def code(cell: Any) -> str:
    """A code such as 1.1-2, typed in full or half width.

    A table program may have stored 1.10 as a number, which can't be told from 1.1: codes are best kept as text.
    """
    return half_width(text(cell))


def number(cell: Any) -> Decimal | None:
    """A figure, with or without thousands separators; None for an empty cell."""
    if cell is None or isinstance(cell, Decimal):
        return _checked(cell)
    if isinstance(cell, bool | date):
        raise ValidationError(_("“%(typed)s”不是数字。") % {"typed": cell})
    typed = half_width(cell).replace(",", "").replace(" ", "").removesuffix("%")
    try:
        return _checked(Decimal(typed))
    except InvalidOperation:
        raise ValidationError(_("“%(typed)s”不是数字。") % {"typed": cell}) from None


def _checked(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    if not value.is_finite() or abs(value) >= MAX_FIGURE:
        raise ValidationError(_("数字过大。"))
    if -int(value.normalize().as_tuple().exponent) > MAX_DECIMALS:
        raise ValidationError(_("小数最多四位。"))
    return value


def whole(cell: Any) -> int | None:
    value = number(cell)
    if value is not None and value != value.to_integral_value():
        raise ValidationError(_("“%(typed)s”不是整数。") % {"typed": plain(value)})
    return None if value is None else int(value)


def day(cell: Any) -> date | None:
    """A date, or one written as 2025-06-30, 2025/6/30, 2025.6.30, 2025年6月30日 or 20250630; None for an empty cell."""
    if cell is None or isinstance(cell, date):
        return cell
    typed = half_width(text(cell))
    match: Any = DAY.fullmatch(typed) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", typed)
    try:
        return date(*map(int, match.groups()))
    except (AttributeError, ValueError):
        raise ValidationError(_("“%(typed)s”不是日期，日期写法如 2025-06-30。") % {"typed": typed}) from None


def names(cell: Any) -> list[str]:
    """Several names in one cell, with any usual separator."""
    return [name.strip() for name in NAME_SEPARATORS.split(text(cell)) if name.strip()]


def choice(cell: Any, choices: type[TextChoices], *, default: str = "") -> str:
    """The value of one of the choices, named by its label in either language or by the value itself."""
    typed = text(cell)
    if not typed:
        return default
    for option in choices:
        if typed == option.value or typed in in_both_languages(option.label):
            return option.value
    labels = joined(option.label for option in choices)
    raise ValidationError(_("“%(typed)s”不在可填的范围内：%(labels)s。") % {"typed": typed, "labels": labels})


def choice_of(choices: type[TextChoices], *, default: str = "") -> Callable[[Any], str]:
    """A reader of one of these choices."""
    return partial(choice, choices=choices, default=default)


def yes(cell: Any) -> bool:
    """是 or 否; empty is no."""
    if isinstance(cell, bool):
        return cell
    typed = text(cell).casefold()
    if typed in {"", "0", "no", "false", *in_both_languages(NO)}:
        return False
    if typed in {"1", "yes", "true", "✓", "√", *in_both_languages(YES)}:
        return True
    raise ValidationError(_("请填“是”或“否”。"))


def in_both_languages(label: object) -> set[str]:
    """The label in each language: the file may come from a page in the other one."""
    labels = set()
    for language in LANGUAGES:
        with translation.override(language):
            labels.add(str(label))
    return labels
