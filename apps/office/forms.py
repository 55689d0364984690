"""The forms of the plan's office: shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import TypedText


class PlanStepForm(forms.Form):
    """A step in a plan's life; only some steps ask for a reason."""

    reason = TypedText(label=_("理由"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class TableForm(forms.Form):
    file = forms.FileField(
        label=_("文件"),
        error_messages={"required": _("请选择文件。"), "empty": _("文件是空的。")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=_("Excel（xlsx）或 CSV，UTF-8、GB18030 编码都可以。"),
    )
