"""What all forms share: how a field is rendered, and what its value may be."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

# Control characters come in with text pasted from other programs. Nobody sees them, and PostgreSQL refuses NUL.
# Line breaks and tabs stay, and so do marks of direction: those are part of some scripts.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LINE_BREAKS = re.compile(r"\r\n?")
MAX_KEY_DIGITS = 18


class FormRenderer(TemplatesSetting):
    """Renders every field of every form by one template."""

    field_template_name = "forms/field.html"


def readable(text: str) -> str:
    """The text without control characters, with \\n as the only line break; otherwise unchanged."""
    return CONTROL_CHARACTERS.sub("", LINE_BREAKS.sub("\n", text))


def is_possible_key(text: str) -> bool:
    """False for a whole number that is too long for a primary key (64 bits) of any row."""
    digits = text.strip().lstrip("+-").replace("_", "")
    return len(digits) <= MAX_KEY_DIGITS or not digits.isdecimal()


class RowsField(forms.ModelMultipleChoiceField):
    """A choice of rows by their keys."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not is_possible_key(str(key)):
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": key}
                )
        return super().clean(value)


class TypedText(forms.CharField):
    """Text that a person typed or pasted."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(readable(value) if isinstance(value, str) else value)


# A year beyond these is a typing error, and date arithmetic near 1 or 9999 overflows.
MIN_YEAR, MAX_YEAR = 1900, 2200


class Day(forms.DateField):
    def __init__(self, *, required: bool = False, missing: Any = "", **kwargs: Any) -> None:
        super().__init__(
            required=required or bool(missing),
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("日期写法如 2025-06-30。")} | ({"required": missing} if missing else {}),
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        day = super().to_python(value)
        if day is not None and not MIN_YEAR <= day.year <= MAX_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class ServiceErrorsMixin(forms.BaseForm):
    """A form that shows what its service refuses."""

    def add_service_errors(self, problems: ValidationError) -> None:
        """Errors of a ValidationError, each at its field where the form has it, else at the top of the form."""
        by_field = problems.message_dict if hasattr(problems, "error_dict") else {"": problems.messages}
        for field, messages in by_field.items():
            self.add_error(field if field in self.fields else None, messages)
