"""台账 in the back office: to read, to enter a closing (销号), to withdraw one with a reason."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin import OfOneCourt
from apps.ledger import services
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.ledger.permissions import can_withdraw
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure


class ClosingForm(forms.ModelForm):
    class Meta:
        model = LedgerEntry
        fields = ["measure", "speaks_of", "text"]
        labels = {"speaks_of": _("销号日期"), "text": _("办结结果")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True

    def clean(self):
        cleaned = super().clean()
        measure, closed_on = cleaned.get("measure"), cleaned.get("speaks_of")
        if measure and closed_on:
            problems = services.problems_of_closing(measure, closed_on, today=timezone.localdate())
            if problems:
                raise ValidationError(problems)
        return cleaned

    def _post_clean(self):
        """The entry is made by the service, which checks it whole."""


class WithdrawalForm(forms.ModelForm):
    reason = forms.CharField(
        label=_("撤回理由"), required=False, max_length=500, help_text=_("填写并保存后，这条记录即撤回，不能恢复。")
    )

    class Meta:
        model = LedgerEntry
        fields = []

    def _post_clean(self):
        """Only the reason is taken in; the row itself does not change here."""


@admin.register(LedgerEntry)
class LedgerAdmin(OfOneCourt, admin.ModelAdmin):
    court_path = "plan__court"
    list_display = ["accepted_at", "kind", "measure", "indicator", "speaks_of", "accepted_by", "withdrawn_at"]
    list_filter = ["kind", "plan", "is_late", ("withdrawn_at", admin.EmptyFieldListFilter)]
    list_select_related = ["measure", "indicator", "accepted_by"]
    search_fields = ["measure__code", "measure__title", "indicator__code", "indicator__name", "text"]
    date_hierarchy = "speaks_of"

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = WithdrawalForm if obj else ClosingForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["measure", "speaks_of", "text"]
        return [*self.get_readonly_fields(request, obj), *(["reason"] if self._may_withdraw(request, obj) else [])]

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in LedgerEntry._meta.fields] if obj else []

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or self._may_withdraw(request, obj))

    def _may_withdraw(self, request, entry):
        """Closings are entered here and withdrawn here; what a report wrote is withdrawn with the report."""
        return entry.kind == EntryKind.CLOSED and not entry.is_withdrawn and can_withdraw(request.user, entry.plan)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "measure":
            measures = Measure.objects.filter(plan__status=PlanStatus.OPEN).select_related("plan")
            if not request.user.is_superuser:
                measures = measures.filter(plan__court=request.user.court_id)
            kwargs["queryset"] = measures
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_form(self, request, form, change):
        return form.instance

    def save_model(self, request, obj, form, change):
        if change:
            if form.cleaned_data["reason"].strip():
                services.withdraw_entry(
                    entry=obj, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
                )
            return
        entry = services.close_measure(
            measure=form.cleaned_data["measure"],
            closed_on=form.cleaned_data["speaks_of"],
            result=form.cleaned_data["text"],
            by=request.user,
            at=timezone.now(),
        )
        obj.__dict__.update(entry.__dict__)

    def save_related(self, request, form, formsets, change):
        """A ledger entry has nothing beside itself."""
