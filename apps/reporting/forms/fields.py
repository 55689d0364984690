"""Form fields that a report's forms share."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import TypedText
from apps.reporting.rules import MAX_TEXT

FIGURE_ERRORS = {
    "invalid": _("请填写数字。"),
    "max_digits": _("数字太长。"),
    "max_decimal_places": _("小数位数太多。"),
    "max_whole_digits": _("数字太大。"),
}
WHOLE_ERRORS = {
    "invalid": _("请填写整数。"),
    "min_value": _("须大于 0。"),
    "max_value": _("数字太大。"),
}


class UncutText(TypedText):
    """The browser gets no maxlength: it would cut a longer paste silently. The form says by how much it is too long."""

    default_error_messages = {"max_length": _("最多 %(limit_value)d 字，现有 %(show_value)d 字。")}

    def widget_attrs(self, widget):
        return {}


class LongTextField(UncutText):
    def __init__(self, *, rows, missing="", **kwargs):
        attrs = {
            "rows": rows,
            "dir": "auto",
            "data-longest": MAX_TEXT,
            "data-left": _("还可填 {n} 字"),
            "data-over": _("超出 {n} 字"),
        }
        super().__init__(
            required=bool(missing),
            max_length=MAX_TEXT,
            widget=forms.Textarea(attrs=attrs),
            error_messages={"required": missing},
            **kwargs,
        )


class ShortTextField(UncutText):
    """A few words in one line."""

    def __init__(self, *, attrs=None, **kwargs):
        super().__init__(
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", **(attrs or {})}),
            **kwargs,
        )

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


def number_input(unit=""):
    """A text input: a browser's number input throws away what it can't read."""
    attrs = {"inputmode": "decimal", "autocomplete": "off"}
    return forms.TextInput(attrs=attrs | {"data-unit": unit} if unit else attrs)


class FigureField(forms.DecimalField):
    def __init__(self, *, unit="", max_digits=14, decimal_places=4, missing="", **kwargs):
        super().__init__(
            required=bool(missing),
            max_digits=max_digits,
            decimal_places=decimal_places,
            widget=number_input(unit),
            error_messages=FIGURE_ERRORS | {"required": missing},
            **kwargs,
        )
