"""Rules return what is wrong as {field: sentence}; services raise it."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError

Problems = dict[str, str]


def raise_problems(problems: Mapping[str, str]) -> None:
    """Raise ValidationError by field where there is any problem."""
    if problems:
        raise ValidationError(dict(problems))
