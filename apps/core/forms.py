"""What all forms share: how a field looks, and what a typed text may be made of."""

import re

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

# Control characters come in with what is pasted from other programs. Nobody sees them, and PostgreSQL refuses
# the first of them. Line breaks and tabs stay, and so do marks of direction: those are part of some scripts.
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
SELECTED = mark_safe(" selected")
LINE_BREAKS = re.compile(r"\r\n?")


class FormRenderer(TemplatesSetting):
    """Every field of every form of ours looks the same."""

    field_template_name = "forms/field.html"


def readable(text):
    """The text without control characters, its lines ended in one way; all else to the letter."""
    return UNSEEN.sub("", LINE_BREAKS.sub("\n", text))


class Choice(forms.Select):
    """A list to choose from, written at once: Django's own renders a template for each line."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = self.format_value(value)
        lines = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SELECTED if str(key) in chosen else "", label) for key, label in self.choices),
        )
        return format_html('<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), lines)


class TypedText(forms.CharField):
    """Words a person typed or pasted."""

    def to_python(self, value):
        return super().to_python(readable(value) if isinstance(value, str) else value)


# A day beyond these is a slip of the finger, and not every calculation with it ends well.
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Day(forms.DateField):
    def __init__(self, *, required=False, missing="", **kwargs):
        super().__init__(
            required=required or bool(missing),
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("日期写法如 2025-06-30。")} | ({"required": missing} if missing else {}),
            **kwargs,
        )

    def to_python(self, value):
        day = super().to_python(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class ServiceErrorsMixin:
    """A form that shows what its service refuses."""

    def add_service_errors(self, problems):
        """Errors of a ValidationError, each at its field where the form has it, else at the top of the form."""
        by_field = problems.message_dict if hasattr(problems, "error_dict") else {None: problems.messages}
        for field, messages in by_field.items():
            self.add_error(field if field in self.fields else None, messages)
