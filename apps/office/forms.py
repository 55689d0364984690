"""The forms of the plan's office: shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.selectors import leaders_of
from apps.core.forms import Day, TypedText
from apps.indicators.models import IndicatorSet


class PlanMoveForm(forms.Form):
    """A move in a plan's workflow; only some need a reason."""

    reason = TypedText(label=_("理由"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class NextYearForm(forms.Form):
    """Which measures continue next year, and whether their targets do."""

    measures = forms.MultipleChoiceField(label=_("继续的举措"), required=False, widget=forms.CheckboxSelectMultiple)
    targets = forms.ChoiceField(
        label=_("目标值"),
        choices=[("empty", _("留空，另行下达")), ("kept", _("沿用本年的"))],
        initial="empty",
        widget=forms.RadioSelect,
        help_text=_("与基期比较的指标，以本年最后的数值为基期值。"),
    )

    def __init__(self, *args, standing, **kwargs):
        super().__init__(*args, **kwargs)
        rows = standing.measures
        self.fields["measures"].choices = [(row.measure.code, str(row.measure)) for row in rows]
        self.fields["measures"].initial = [row.measure.code for row in rows if row.facts.closed_on is None]


class DepartureForm(forms.Form):
    """Who takes over the measures of a person who leaves."""

    successor = forms.ModelChoiceField(label=_("接手的院领导"), queryset=None, required=False, empty_label=_("请选择"))

    def __init__(self, *args, leaders, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = leaders


class BulkAssignmentForm(forms.Form):
    """Lead and leader of several measures; what is left empty stays unchanged."""

    title = _("调整牵头部门或分管院领导")
    lead = forms.ModelChoiceField(label=_("牵头部门"), queryset=None, required=False, empty_label=_("（不变）"))
    leader = forms.ModelChoiceField(label=_("分管院领导"), queryset=None, required=False, empty_label=_("（不变）"))

    def __init__(self, *args, court, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = court.departments.order_by("order")
        self.fields["leader"].queryset = leaders_of(court)

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("lead") and not cleaned.get("leader"):
            raise forms.ValidationError(_("请选择牵头部门或分管院领导。"))
        return cleaned


class BulkDeadlineForm(forms.Form):
    """One deadline for several measures."""

    title = _("调整完成时限")
    due = Day(label=_("完成时限"), missing=_("请填写完成时限。"))
    reason = TypedText(label=_("理由"), max_length=500, error_messages={"required": _("请写明理由。")})
    document = TypedText(label=_("依据文件"), max_length=200, required=False)

    def __init__(self, *args, court, **kwargs):
        super().__init__(*args, **kwargs)


def _file_field(accept, help_text):
    return forms.FileField(
        label=_("文件"),
        error_messages={"required": _("请选择文件。"), "empty": _("文件是空的。")},
        widget=forms.FileInput(attrs={"accept": accept}),
        help_text=help_text,
    )


class PlanFileForm(forms.Form):
    file = _file_field(".json", _("由本系统导出的计划文件（JSON）。"))


class AdoptForm(forms.Form):
    """Which version of an indicator set to adopt."""

    set = forms.ModelChoiceField(queryset=IndicatorSet.objects.all())


class TableForm(forms.Form):
    file = _file_field(".xlsx,.csv", _("Excel（xlsx）或 CSV，UTF-8、GB18030 编码都可以。"))
