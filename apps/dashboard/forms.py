from django import forms
from django.utils.translation import gettext_lazy as _

from apps.assessment.choices import Light
from apps.core.forms import TypedText
from apps.dashboard.choices import Sort
from apps.dashboard.timeline import EventKind


class MeasureFilter(forms.Form):
    """Which measures to list. What can't be read is left out of the question, and said."""

    q = forms.CharField(
        label=_("搜索"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("编号、名称、原文、部门或指标")}),
    )
    pillar = forms.TypedChoiceField(label=_("支柱"), required=False, coerce=int, empty_value=None)
    department = forms.ChoiceField(label=_("部门"), required=False)
    programme = forms.ChoiceField(label=_("工程"), required=False)
    light = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *Light.choices])
    sort = forms.ChoiceField(label=_("排序"), required=False, choices=Sort)

    def __init__(self, data, *, standing, departments):
        super().__init__(data)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        self.fields["q"].widget.attrs["data-search"] = ""
        self.fields["pillar"].choices = [("", _("全部"))] + [
            (row.pillar.number, f"{row.pillar.number} {row.pillar.short}") for row in standing.pillars
        ]
        self.fields["department"].choices = [("", _("全部"))] + [(row.slug, row.name) for row in departments]
        programmes = {programme.code: programme for row in standing.measures for programme in row.programmes}
        self.fields["programme"].choices = [("", _("全部"))] + [
            (row.code, row.name) for row in sorted(programmes.values(), key=lambda row: row.order)
        ]


class IndicatorSort(forms.Form):
    """In which order to list indicators."""

    sort = forms.ChoiceField(
        required=False, choices=[(choice.value, choice.label) for choice in (Sort.PLAN, Sort.LIGHT, Sort.DUE)]
    )


class SearchForm(forms.Form):
    """What to look for anywhere in a plan."""

    q = TypedText(
        label=_("搜索"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "class": "input", "data-search": ""}),
    )


class TimelineFilter(forms.Form):
    """Which kind of record to show."""

    kind = forms.ChoiceField(label=_("种类"), required=False, choices=[("", _("全部")), *EventKind.choices])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].widget.attrs["class"] = "input"
