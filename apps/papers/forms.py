"""Forms for papers; they check the shape of input only."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Day, TypedText
from apps.papers.bulletin import Scope, Wording

MAX_DEMANDS_LENGTH, MAX_REASON_LENGTH = 2000, 500


class BulletinForm(forms.Form):
    """Scope and wording of a bulletin. All fields are optional."""

    since = Day(label=_("与哪天对比"), help_text=_("留空则与上期通报对比；没有上期的，与上月底对比。"))
    pillars = forms.MultipleChoiceField(
        label=_("支柱"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("不选为全部。")
    )
    departments = forms.MultipleChoiceField(
        label=_("牵头部门"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("不选为全部。")
    )
    title = TypedText(label=_("标题"), required=False, max_length=200)
    demands = TypedText(
        label=_("补充的下步要求"),
        required=False,
        max_length=MAX_DEMANDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行一条，排在系统列出的各条之后。"),
    )
    signature = TypedText(label=_("落款"), required=False, max_length=80)

    def __init__(self, *args, plan, departments, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.plan, self.on = plan, on
        self.fields["pillars"].choices = [
            (str(pillar.number), pillar.title) for pillar in plan.pillars.order_by("number")
        ]
        self.fields["departments"].choices = [(department.slug, department.name) for department in departments]

    def clean_since(self):
        since = self.cleaned_data["since"]
        if since is not None and not self.plan.starts_on <= since < self.on:
            raise forms.ValidationError(_("对比日期应在计划开始之后、截至日期之前。"))
        return since

    @property
    def scope(self):
        return Scope(
            pillars=frozenset(int(number) for number in self.cleaned_data["pillars"]),
            departments=frozenset(self.cleaned_data["departments"]),
        )

    @property
    def wording(self):
        return Wording(**{name: self.cleaned_data[name].strip() for name in ("title", "demands", "signature")})


class WithdrawForm(forms.Form):
    reason = TypedText(
        label=_("撤回理由"),
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明理由。")},
    )


class TemplateForm(forms.Form):
    file = forms.FileField(
        label=_("Word 模板（docx）"), error_messages={"required": _("请选择文件。"), "empty": _("文件是空的。")}
    )
