"""The form of a decision that needs a reason."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.reporting.forms.fields import UncutText

MAX_REASON = 500


class ReasonForm(forms.Form):
    reason = UncutText(
        label=_("理由"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明理由。")},
    )

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
