"""Indicators and their targets in the back office. A target changes by adding an order with a reason."""

from decimal import Decimal

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin import CourtScopedAdmin, OwnCourtFilter
from apps.audit.admin import AuditedAdmin
from apps.core.admin import NoDeleteMixin
from apps.core.figures import plain
from apps.core.forms import RowsField
from apps.core.problems import raise_problems
from apps.indicators import services
from apps.indicators.choices import Kind
from apps.indicators.models import Indicator, IndicatorSet, SetEntry, Target
from apps.indicators.permissions import can_keep_sets
from apps.indicators.rules import BOUNDS, BOUNDS_OF, COMPOSITE, MEASURED, TargetValues, problems_of_target
from apps.plans.admin import OrderForm, OrderInline, OrderServicesMixin
from apps.plans.choices import PlanStatus
from apps.plans.models import Goal, Measure, Plan

VALUES = (*BOUNDS, "pace", "due")


class SharedDataAdmin:
    """Data that all courts share: whoever may not keep it has a read-only page."""

    def has_add_permission(self, request, *of):  # an inline is asked for its parent's row as well
        return super().has_add_permission(request, *of) and _keeps_sets(request)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _keeps_sets(request)


def _keeps_sets(request):
    """Asked several times for each page of the back office, whose margin lists what may be added."""
    if not hasattr(request, "keeps_sets"):
        request.keeps_sets = can_keep_sets(request.user)
    return request.keeps_sets


class SetEntryInline(SharedDataAdmin, NoDeleteMixin, admin.TabularInline):
    model = SetEntry
    extra = 1


@admin.register(IndicatorSet)
class IndicatorSetAdmin(SharedDataAdmin, NoDeleteMixin, AuditedAdmin, admin.ModelAdmin):
    inlines = [SetEntryInline]
    list_display = ["name", "version", "level", "valid_from", "valid_to"]
    search_fields = ["name", "version"]


class StepsField(forms.CharField):
    """Steps as people write them: one a line, a day and a value."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False,
            label=_("分步目标"),
            widget=forms.Textarea(attrs={"rows": 2, "cols": 18, "placeholder": "2025-06-30 12"}),
            help_text=_("每行一步：日期和数值，如 2025-06-30 12。"),
            **kwargs,
        )

    def to_python(self, value):
        lines = [line.split() for line in (value or "").splitlines() if line.strip()]
        if any(len(line) != 2 for line in lines):
            raise ValidationError(_("每行写一个日期和一个数值，中间空一格。"))
        return [[day, figure] for day, figure in lines]

    def has_changed(self, initial, data):
        return (initial or "").split() != (data or "").split()


class TargetForm(OrderForm):
    steps = StepsField()

    def clean(self):
        cleaned = super().clean()
        if not self.errors and self.instance.indicator_id:
            values = _values_of(cleaned)
            raise_problems(problems_of_target(self.instance.indicator.kind, values, first_day=self.plan.starts_on))
        return cleaned


class TargetInline(OrderInline):
    model = Target
    form = TargetForm

    def order_before(self, indicator):
        before = indicator.targets.order_by("number").last()
        if before is None:
            return {}
        values = {name: value for name in VALUES if (value := getattr(before, name)) not in (None, "")}
        figures = {
            name: Decimal(plain(value)) if isinstance(value, Decimal) else value for name, value in values.items()
        }
        return figures | {"steps": "\n".join(f"{day} {value}" for day, value in before.steps)}

    def get_fieldsets(self, request, obj=None):
        """Only what a target of this kind has. An inline object serves one request, so it may keep its rows."""
        kind = obj.kind if obj else Kind.AT_LEAST
        bounds = tuple(name for name in BOUNDS if name in BOUNDS_OF[kind])
        self.value_rows = [
            *([bounds] if bounds else []),
            ("pace", "due") if kind in MEASURED else ("due",),
            *(["steps"] if kind == Kind.AT_LEAST else []),
        ]
        return super().get_fieldsets(request, obj)


def order_target(indicator, data, details):
    return services.order_target(indicator=indicator, values=_values_of(data), details=details)


def _values_of(data):
    return TargetValues(**{name: data[name] for name in (*VALUES, "steps") if name in data})


class IndicatorForm(forms.ModelForm):
    """An indicator; a composite one with the indicators it counts."""

    members = RowsField(
        label=_("成员指标"),
        required=False,
        queryset=Indicator.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("本计划中有自己读数的指标；移出的成员留有记录。"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.kind not in COMPOSITE:
            self.fields.pop("members", None)
        elif "members" in self.fields:
            self.fields["members"].queryset = Indicator.objects.filter(plan=self.instance.plan).exclude(
                kind__in=COMPOSITE
            )
            self.fields["members"].initial = list(
                self.instance.memberships.filter(ended_at=None).values_list("member", flat=True)
            )


# Registered by apps/office/admin.py, with its light and a preview of new orders.
class IndicatorAdmin(OrderServicesMixin, AuditedAdmin, CourtScopedAdmin, admin.ModelAdmin):
    form = IndicatorForm
    court_path = "plan__court"
    court_paths = {
        **CourtScopedAdmin.court_paths,
        Plan: "court",
        Measure: "plan__court",
        Goal: "plan__court",
        Indicator: "plan__court",
    }
    list_display = ["code", "name", "kind", "strength", "basis", "target_now", "measure", "plan"]
    list_display_links = ["name"]
    list_filter = [("plan", OwnCourtFilter), "kind", "basis", "strength"]
    search_fields = ["code", "name", "definition"]
    identity = ["plan", "measure", "goal", "indicator_set", "code", "order", "name", "quote"]
    requirement = ["kind", "basis", "strength", "scope"]
    # An indicator keeps its meaning; its members and labels may still be completed.
    fixed_fields = [*identity, *requirement, "unit", "has_parts", "scale", "accumulation", "cadence"]
    fieldsets = [
        (None, {"fields": identity}),
        (_("考核要求"), {"fields": requirement}),
        (
            _("口径"),
            {
                "fields": [
                    "definition",
                    "unit",
                    "has_parts",
                    "numerator_label",
                    "denominator_label",
                    "scale",
                    "accumulation",
                    "cadence",
                ]
            },
        ),
    ]
    members_fieldset = (_("成员指标"), {"fields": ["members"]})
    inlines = [TargetInline]
    order_services = {Target: order_target}

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("plan__court", "measure", "goal", "indicator_set")
        return rows.prefetch_related("targets")

    @admin.display(description=_("现行目标值"))
    def target_now(self, indicator):
        targets = list(indicator.targets.all())
        if not targets:
            return _("未设")
        last = max(targets, key=lambda target: target.number)
        return next((value for value in (last.low, last.high, last.baseline) if value is not None), "—")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "plan":
            field.queryset = field.queryset.exclude(status=PlanStatus.CLOSED)
        return field

    def get_fieldsets(self, request, obj=None):
        """Only those that count other indicators have members."""
        if obj is None or obj.kind not in COMPOSITE:
            return self.fieldsets
        return [*self.fieldsets, self.members_fieldset]

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        members = form.cleaned_data.get("members")
        if members is not None:
            services.set_members(indicator=form.instance, members=list(members), by=request.user, at=timezone.now())
