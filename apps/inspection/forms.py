from django import forms
from django.utils.translation import gettext_lazy as _

from apps.audit.choices import Action
from apps.core.forms import Day, TypedText


class TrailFilter(forms.Form):
    """Which events to list. What can't be read is left out of the question, and said."""

    who = TypedText(label=_("操作人"), required=False, max_length=80)
    what = TypedText(label=_("对象"), required=False, max_length=200, help_text=_("编号或名称"))
    action = forms.ChoiceField(label=_("操作"), required=False, choices=[("", _("全部")), *Action.choices])
    since = Day(label=_("开始日期"))
    until = Day(label=_("结束日期"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("结束日期不能早于开始日期。"))
        return cleaned


class NotedForm(forms.Form):
    """The end of the chain as somebody noted it down earlier."""

    number = forms.IntegerField(
        label=_("当时的序号"),
        min_value=1,
        max_value=2**62,
        required=False,
        error_messages={
            "invalid": _("请填写整数。"),
            "min_value": _("须大于 0。"),
            "max_value": _("数字太大。"),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    noted_hash = forms.RegexField(
        r"^\s*[0-9a-fA-F]{64}\s*$",
        label=_("当时的校验值"),
        required=False,
        error_messages={"invalid": _("校验值是 64 位的数字和字母 a–f。")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self):
        noted = super().clean()
        if not self.errors and (noted.get("number") is None) != (not noted.get("noted_hash")):
            missing = "number" if noted.get("number") is None else "noted_hash"
            self.add_error(missing, _("序号和校验值须一并填写。"))
        return noted
