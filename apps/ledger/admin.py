"""台账 in the back office: all of it to read; verdicts by hand (人工评定) to enter, and they and closings (销号) to withdraw."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin import CourtScopedAdmin
from apps.core.admin import ReadOnlyMixin
from apps.core.problems import raise_problems
from apps.indicators.choices import Kind
from apps.indicators.models import Indicator
from apps.ledger import services
from apps.ledger.choices import EntryKind
from apps.ledger.models import Closing, Judgement, LedgerEntry
from apps.ledger.permissions import can_write_ledger
from apps.plans.choices import PlanStatus


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnlyMixin, CourtScopedAdmin, admin.ModelAdmin):
    court_path = "plan__court"
    list_display = ["accepted_at", "kind", "measure", "indicator", "speaks_of", "accepted_by", "withdrawn_at"]
    list_filter = ["kind", "is_late", ("withdrawn_at", admin.EmptyFieldListFilter)]
    list_select_related = ["measure", "indicator", "accepted_by"]
    search_fields = ["measure__code", "measure__title", "indicator__code", "indicator__name", "text"]
    date_hierarchy = "speaks_of"


class ServiceForm(forms.ModelForm):
    """Only reads the fields: a service writes the entry and validates it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True

    def _post_clean(self):
        pass


class JudgementForm(ServiceForm):
    judged_met = forms.TypedChoiceField(
        label=_("评定"),
        choices=[("", "---------"), ("yes", _("达标")), ("no", _("不达标"))],
        coerce=lambda typed: typed == "yes",
    )

    class Meta:
        model = Judgement
        fields = ["indicator", "judged_met", "speaks_of", "text"]
        labels = {"speaks_of": _("评定日期"), "text": _("评定理由")}

    def clean(self):
        cleaned = super().clean()
        indicator, judged_on = cleaned.get("indicator"), cleaned.get("speaks_of")
        if indicator and judged_on and cleaned.get("text"):
            raise_problems(
                services.problems_of_judgement(indicator, judged_on, cleaned["text"], today=timezone.localdate())
            )
        return cleaned


class WithdrawalForm(ServiceForm):
    reason = forms.CharField(
        label=_("撤回理由"), max_length=500, help_text=_("填写并保存后，这条记录即撤回，不能恢复。")
    )

    class Meta:
        model = LedgerEntry
        fields = []


class WithdrawableEntryAdmin(CourtScopedAdmin, admin.ModelAdmin):
    """Entries of one kind, which are withdrawn here with a reason."""

    form = WithdrawalForm
    court_path = "plan__court"
    kind = None
    entry_fields = []
    list_filter = [("withdrawn_at", admin.EmptyFieldListFilter)]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(kind=self.kind)

    def get_fields(self, request, obj=None):
        return [*self.get_readonly_fields(request, obj), *(["reason"] if self._may_withdraw(request, obj) else [])]

    def get_readonly_fields(self, request, obj=None):
        decided = ["accepted_by", "accepted_at", "withdrawn_by", "withdrawn_at", "withdrawn_reason"]
        return [*self.entry_fields, *decided] if obj else []

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or self._may_withdraw(request, obj))

    def _may_withdraw(self, request, entry):
        return not entry.is_withdrawn and can_write_ledger(request.user, entry.plan)

    def save_form(self, request, form, change):
        return form.instance

    def save_model(self, request, obj, form, change):
        if change:
            reason = form.cleaned_data["reason"]
            services.withdraw_entry(entry=obj, reason=reason, by=request.user, at=timezone.now())

    def save_related(self, request, form, formsets, change):
        """A ledger entry has nothing beside itself."""


@admin.register(Closing)
class ClosingAdmin(WithdrawableEntryAdmin):
    """A measure is closed where its department asked for it, on its own page."""

    kind = EntryKind.CLOSED
    entry_fields = ["measure", "speaks_of", "text"]
    list_display = ["measure", "speaks_of", "text", "accepted_by", "withdrawn_at"]
    list_select_related = ["measure", "accepted_by"]
    search_fields = ["measure__code", "measure__title", "text"]

    def has_add_permission(self, request):
        return False


@admin.register(Judgement)
class JudgementAdmin(WithdrawableEntryAdmin):
    """Verdicts are added here, too."""

    kind = EntryKind.JUDGED
    entry_fields = JudgementForm.Meta.fields
    list_display = ["indicator", "judged_met", "speaks_of", "text", "accepted_by", "withdrawn_at"]
    list_select_related = ["indicator", "accepted_by"]
    search_fields = ["indicator__code", "indicator__name", "text"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = WithdrawalForm if obj else JudgementForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request, obj=None):
        return super().get_fields(request, obj) if obj else self.entry_fields

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Offer what a person judges in an open plan of one's own court."""
        if db_field.name == "indicator":
            offered = Indicator.objects.filter(kind=Kind.JUDGED, plan__status=PlanStatus.OPEN).select_related("plan")
            if not request.user.is_superuser:
                offered = offered.filter(plan__court=request.user.court_id)
            kwargs["queryset"] = offered
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_form(self, request, form, change):
        """The entry that is shown as saved: a new one comes from its service."""
        if change:
            return form.instance
        data = form.cleaned_data
        entry = services.judge_indicator(
            indicator=data["indicator"],
            is_met=data["judged_met"],
            judged_on=data["speaks_of"],
            reason=data["text"],
            by=request.user,
            at=timezone.now(),
        )
        return self.model.objects.get(pk=entry.pk)
