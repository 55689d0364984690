"""The plan in the back office, in the order of the paper form. What counts already changes by order only."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin import CourtScopedAdmin, OwnCourtFilter
from apps.audit.admin import AuditedAdmin
from apps.core.admin import NoDeleteMixin
from apps.core.problems import raise_problems
from apps.plans import services
from apps.plans.choices import PlanStatus
from apps.plans.models import (
    Deadline,
    Goal,
    MeasureOrder,
    Node,
    Pillar,
    Plan,
    Programme,
    Quote,
    ThresholdOrder,
)
from apps.plans.permissions import can_edit_draft, can_give_orders


def plan_of(row):
    """The plan that the row is, or is a part of."""
    return row if isinstance(row, Plan) else row.plan


class DraftInline(NoDeleteMixin, admin.TabularInline):
    """Parts of a plan: written while it is a draft, read afterwards."""

    extra = 0

    def _is_draft(self, request, obj):
        return obj is None or can_edit_draft(request.user, plan_of(obj))

    def has_add_permission(self, request, obj=None):
        return self._is_draft(request, obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._is_draft(request, obj) and super().has_change_permission(request, obj)


class AddOnlyMixin(NoDeleteMixin):
    """Rows are added and never changed."""

    extra = 1

    def has_change_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request, obj=None):
        return (
            obj is not None and can_give_orders(request.user, plan_of(obj)) and super().has_add_permission(request, obj)
        )


class OrderForm(forms.ModelForm):
    plan = None

    def clean_effective_from(self):
        day = self.cleaned_data["effective_from"]
        problem = services.problem_of_effective_day(self.plan, day)
        if problem:
            raise forms.ValidationError(problem)
        return day


class OrderInline(AddOnlyMixin, admin.StackedInline):
    """A series of orders; `value_rows` are the rows of fields that an order of this kind sets."""

    form = OrderForm
    value_rows = []
    readonly_fields = ["made_by", "made_at"]

    def get_fieldsets(self, request, obj=None):
        return [
            (None, {"fields": [*self.value_rows, ("effective_from", "document"), "reason", ("made_by", "made_at")]})
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("made_by").order_by("number")

    def get_formset(self, request, obj=None, **kwargs):
        """A new order starts with the day from which it takes effect by default."""
        formset = super().get_formset(request, obj, **kwargs)
        if obj is not None and "effective_from" in formset.form.base_fields:
            day = services.default_day(plan_of(obj), today=timezone.localdate())
            formset.form.base_fields["effective_from"].initial = day
            formset.form.plan = plan_of(obj)
        return formset


class PillarInline(DraftInline):
    model = Pillar


class GoalInline(DraftInline):
    model = Goal


class ProgrammeInline(DraftInline):
    model = Programme


class ThresholdOrderInline(OrderInline):
    model = ThresholdOrder
    value_rows = [("watch_gap", "late_gap"), ("due_soon_days", "node_late_days")]


class OrderServicesMixin:
    """A plan, or a part of it. `fixed_fields` are written only while the plan is a draft.

    The new rows of inlines are created by the services in `order_services`, by model: they are orders, not edits.
    """

    order_services = {}
    fixed_fields = []

    def has_change_permission(self, request, obj=None):
        is_closed = obj is not None and plan_of(obj).status == PlanStatus.CLOSED
        return not is_closed and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        is_draft = obj is None or can_edit_draft(request.user, plan_of(obj))
        return [*([] if is_draft else self.fixed_fields), *self.readonly_fields]

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """A new order starts with the values of the one before it, so that what is not edited stays as it is."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if obj is not None and obj.pk and hasattr(inline, "order_before"):
            kwargs["initial"] = [inline.order_before(obj)]
        return kwargs

    def save_formset(self, request, form, formset, change):
        service = self.order_services.get(formset.model)
        if service is None:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)  # sets the lists that the change message is made from
        formset.new_objects = []
        for order_form in formset.extra_forms:
            if order_form.has_changed():
                data = order_form.cleaned_data
                details = services.OrderDetails(
                    reason=data.get("reason", services.REASON_FIRST),
                    document=data.get("document", ""),
                    effective_from=data.get("effective_from"),
                    by=request.user,
                    at=timezone.now(),
                )
                formset.new_objects.append(service(form.instance, data, details))


def order_by(service, about, *names):
    """A call of the service for a row (its keyword `about`), with these values of the order's form."""
    return lambda row, data, details: service(**{about: row}, **{name: data[name] for name in names}, details=details)


# Registered by apps/office/admin.py, with a preview of new orders.
class PlanAdmin(OrderServicesMixin, AuditedAdmin, CourtScopedAdmin, admin.ModelAdmin):
    list_display = ["year", "title", "court", "status"]
    list_display_links = ["title"]
    list_filter = ["status", "year"]
    list_select_related = ["court"]
    search_fields = ["title"]
    fieldsets = [
        (None, {"fields": ["court", "year", "title", "theme", "main_line"]}),
        (_("计划原文"), {"fields": ["source_text"]}),
        (_("报送"), {"fields": ["grace_days"]}),
        (_("计划状态"), {"fields": ["status", "confirmed_by", "confirmed_at", "opened_at", "closed_at"]}),
    ]
    readonly_fields = ["status", "confirmed_by", "confirmed_at", "opened_at", "closed_at"]
    inlines = [PillarInline, GoalInline, ProgrammeInline, ThresholdOrderInline]
    fixed_fields = ["court", "year", "title", "theme", "main_line", "source_text", "grace_days"]
    order_services = {
        ThresholdOrder: order_by(
            services.order_thresholds, "plan", "watch_gap", "late_gap", "due_soon_days", "node_late_days"
        )
    }


class QuoteInline(DraftInline):
    model = Quote


class DueDateForm(forms.ModelForm):
    def clean_due(self):
        due, measure = self.cleaned_data["due"], self.instance.measure
        if due < measure.starts_on:
            raise forms.ValidationError(_("完成时限不能早于开始日期。"))
        return due


class NodeForm(DueDateForm):
    due = forms.DateField(label=_("完成时限"), widget=admin.widgets.AdminDateWidget)


class NodeInline(AddOnlyMixin, admin.TabularInline):
    """A node is added with its first deadline; later ones are orders below."""

    model = Node
    form = NodeForm
    fields = ["title", "weight", "due"]

    @admin.display(description=_("完成时限"))
    def due(self, node):
        deadlines = list(node.deadlines.all())
        return max(deadlines, key=lambda order: order.number).due if deadlines else "—"

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("deadlines").order_by("order")


class DeadlineForm(OrderForm, DueDateForm):
    pass


class DeadlineInline(OrderInline):
    model = Deadline
    form = DeadlineForm
    value_rows = [("node", "due")]

    def get_formset(self, request, obj=None, **kwargs):
        self.measure = obj
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "node":
            kwargs["queryset"] = Node.objects.filter(measure=self.measure).order_by("order")
            kwargs["empty_label"] = _("（整项举措）")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "node":
            field.choices = list(iter(field.choices))  # read once, not for each row and the empty one
        return field

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("node", "measure")


class MeasureOrderInline(OrderInline):
    model = MeasureOrder
    value_rows = [("adjustment", "weight")]


class MeasureForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and self.instance.plan.status != PlanStatus.DRAFT and "support" in cleaned:
            raise_problems(services.problems_of_assignment(cleaned.get("lead"), list(cleaned["support"])))
        return cleaned


# Registered by apps/office/admin.py, with its light and a preview of new orders.
class MeasureAdmin(OrderServicesMixin, AuditedAdmin, CourtScopedAdmin, admin.ModelAdmin):
    form = MeasureForm
    court_path = "plan__court"
    court_paths = {**CourtScopedAdmin.court_paths, Plan: "court", Pillar: "plan__court", Programme: "plan__court"}
    list_display = ["code", "title", "pillar", "lead", "leader", "plan"]
    list_display_links = ["title"]
    list_filter = [("plan", OwnCourtFilter), ("pillar", OwnCourtFilter), ("lead", OwnCourtFilter)]
    list_select_related = ["plan", "pillar", "lead", "leader"]
    search_fields = ["code", "title", "quotes__text"]
    fieldsets = [
        (None, {"fields": ["plan", "pillar", "code", "order", "title", "programmes"]}),
        (_("责任"), {"fields": ["lead", "support", "leader"]}),
        (_("安排"), {"fields": ["starts_on", "cadence", "weight"]}),
    ]
    inlines = [QuoteInline, NodeInline, DeadlineInline, MeasureOrderInline]
    fixed_fields = ["plan", "pillar", "code", "order", "title", "programmes", "starts_on", "cadence", "weight"]
    order_services = {
        Node: order_by(services.add_node, "measure", "title", "weight", "due"),
        Deadline: order_by(services.order_deadline, "measure", "node", "due"),
        MeasureOrder: order_by(services.order_adjustment, "measure", "adjustment", "weight"),
    }

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("plan__court", "pillar", "lead", "leader")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """A new measure goes into a draft: a plan that is open is not added to."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "plan":
            field.queryset = field.queryset.filter(status=PlanStatus.DRAFT)
        return field

    def save_model(self, request, obj, form, change):
        if change and not can_edit_draft(request.user, obj.plan):
            services.assign_measure(
                measure=obj,
                lead=form.cleaned_data["lead"],
                leader=form.cleaned_data["leader"],
                support=form.cleaned_data["support"],
                by=request.user,
                at=timezone.now(),
            )
            return
        super().save_model(request, obj, form, change)
