"""The form for files and a link beside a report."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.uploads import ENDINGS
from apps.reporting.forms.fields import ShortTextField
from apps.reporting.rules import MAX_URL


class MultipleFileInput(forms.FileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Several files at once; each is checked by the services, so that a bad one does not spoil the others."""

    def clean(self, data, initial=None):
        return [file for file in (data or []) if file]


class EvidenceForm(forms.Form):
    """All of it is optional."""

    evidence = MultipleFileField(
        label=_("文件"),
        required=False,
        help_text=_("可选。PDF、Word、Excel、PowerPoint、JPG、PNG，一个就够；不需要为证明工作另拍照片或截图。"),
        widget=MultipleFileInput(attrs={"accept": ",".join(f".{ending}" for ending in ENDINGS)}),
    )
    link = ShortTextField(label=_("链接"), max_length=MAX_URL)
    link_name = ShortTextField(label=_("链接名称"), max_length=120)
    evidence_of = forms.ModelChoiceField(
        label=_("用于"), queryset=None, required=False, empty_label=_("整份填报"), to_field_name="code"
    )

    def __init__(self, *args, measure, is_lead, indicators=None, **kwargs):
        """`indicators` are the measure's, where the page has read them already."""
        super().__init__(*args, **kwargs)
        field = self.fields["evidence_of"]
        field.queryset = measure.indicators.all() if is_lead else measure.indicators.none()
        if not is_lead:
            del self.fields["evidence_of"]
        elif indicators is not None:
            field.choices = [("", field.empty_label), *((indicator.code, str(indicator)) for indicator in indicators)]

    @property
    def is_empty(self):
        data = self.cleaned_data
        return not data.get("evidence") and not data.get("link")
