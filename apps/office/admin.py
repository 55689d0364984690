"""The back office of plans, measures and indicators: how they stand today, and a preview of each new order.

`apps.plans.admin` and `apps.indicators.admin` define the forms of these three models and leave their registration to
this module: what an order changes is known only above `assessment`.
"""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.assessment.selectors import standing_of
from apps.assessment.sentences import note_of
from apps.core.figures import figure
from apps.core.wording import written_day
from apps.dashboard.comparison import changes_since
from apps.indicators.admin import IndicatorAdmin
from apps.indicators.models import Indicator
from apps.office.forms import BulkAssignmentForm, BulkDeadlineForm
from apps.office.order_preview import OrderPreview, indicator_light_changes, preview_orders
from apps.plans.admin import MeasureAdmin, PlanAdmin, plan_of
from apps.plans.models import Measure, Plan
from apps.plans.services import OrderDetails, assign_measure, default_day, order_deadline

CONFIRMED = "_confirmed"
# What the browser posts beside the fields of the form.
NOT_FIELDS = frozenset({"csrfmiddlewaretoken", CONFIRMED})


class ConfirmationNeeded(Exception):
    """New orders were issued that nobody has confirmed yet."""

    def __init__(self, preview: OrderPreview):
        self.preview = preview


class PreviewOrdersMixin:
    """Shows what new orders of an open plan would change, and keeps them once that was confirmed.

    The services issue the orders in the admin's own transaction. Leaving it by an exception rolls it back, so the
    preview shows exactly what saving does. A draft saves at once: nothing in it is judged yet.
    """

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        plan = plan_of(form.instance)
        orders = [
            order for formset in formsets if formset.model in self.order_services for order in formset.new_objects
        ]
        if change and orders and plan.is_open and CONFIRMED not in request.POST:
            raise ConfirmationNeeded(preview_orders(plan, orders, known=timezone.now()))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ConfirmationNeeded as unconfirmed:
            return self._preview_response(request, self.get_object(request, object_id), unconfirmed.preview)

    def _preview_response(self, request, row, preview):
        before = standing_of(plan_of(row), on=preview.on, known=preview.known)
        return TemplateResponse(
            request,
            "admin/office/order_preview.html",
            {
                **self.admin_site.each_context(request),
                "title": _("下达之前请核对"),
                "opts": self.opts,
                "original": row,
                "orders": preview.changes,
                "on": preview.on,
                "changes": changes_since(before, preview.standing),
                "indicator_changes": indicator_light_changes(before, preview.standing),
                "posted": [
                    (name, value)
                    for name in request.POST
                    if name not in NOT_FIELDS
                    for value in request.POST.getlist(name)
                ],
                "confirmed": CONFIRMED,
            },
        )


class StandingFieldsMixin:
    """Shows today's standing of the row; read-only."""

    standing_fields = ()

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(self.standing_fields if self._is_judged(obj) else [])]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if not self._is_judged(obj):
            return fieldsets
        return [(_("现况（只读）"), {"fields": [self.standing_fields]}), *fieldsets]

    def _is_judged(self, obj):
        return obj is not None and not obj.plan.is_being_prepared

    def _standing(self, row):
        """The row's own standing; asked for by each field, read once."""
        if not hasattr(row, "standing_today"):
            now = timezone.now()
            day = default_day(row.plan, today=timezone.localdate(now))
            row.standing_today = self.standing_in(standing_of(row.plan, on=day, known=now), row)
        return row.standing_today


@admin.register(Plan)
class PlanOfficeAdmin(PreviewOrdersMixin, PlanAdmin):
    pass


@admin.register(Indicator)
class IndicatorOfficeAdmin(StandingFieldsMixin, PreviewOrdersMixin, IndicatorAdmin):
    standing_fields = ("light_now", "value_now")

    def standing_in(self, plan_standing, indicator):
        return next(standing for standing in plan_standing.indicators if standing.indicator.pk == indicator.pk)

    @admin.display(description=gettext_lazy("状态"))
    def light_now(self, indicator):
        verdict = self._standing(indicator).verdict
        return f"{verdict.light.label} · {verdict.standing.label}"

    @admin.display(description=gettext_lazy("最近读数"))
    def value_now(self, indicator):
        standing = self._standing(indicator)
        if standing.latest_reading is None:
            return _("无数据")
        day = written_day(standing.latest_reading.speaks_of)
        return f"{figure(standing.verdict.value)} {indicator.unit} · {day}"


@admin.register(Measure)
class MeasureOfficeAdmin(StandingFieldsMixin, PreviewOrdersMixin, MeasureAdmin):
    standing_fields = ("light_now", "progress_now")
    actions = ["assign_several", "order_deadline_for_several"]

    def standing_in(self, plan_standing, measure):
        return plan_standing.measure(measure.code)

    @admin.display(description=gettext_lazy("状态"))
    def light_now(self, measure):
        verdict = self._standing(measure).verdict
        note = note_of(verdict)
        return f"{verdict.light.label} · {note}" if note else verdict.light.label

    @admin.display(description=gettext_lazy("完成进度"))
    def progress_now(self, measure):
        standing = self._standing(measure)
        if standing.verdict.percent is None:
            return _("无数据")
        day = f" · {written_day(standing.progress.speaks_of)}" if standing.progress else ""
        return f"{figure(standing.verdict.percent)}%{day}"

    @admin.action(description=gettext_lazy("调整所选举措的牵头部门或分管院领导"), permissions=["change"])
    def assign_several(self, request, queryset):
        return self._several(request, queryset, BulkAssignmentForm, _assign, action="assign_several")

    @admin.action(description=gettext_lazy("调整所选举措的完成时限"), permissions=["change"])
    def order_deadline_for_several(self, request, queryset):
        return self._several(request, queryset, BulkDeadlineForm, _order, action="order_deadline_for_several")

    def _several(self, request, queryset, form_class, change, *, action):
        """Show the form, and by its own POST do it for all rows or for none."""
        rows = list(
            queryset.select_related("plan__court", "lead", "leader").order_by("plan", "pillar__number", "order")
        )
        courts = {row.plan.court for row in rows}
        if len(courts) != 1:
            messages.error(request, _("请选择同一个法院的举措。"))
            return None
        form = form_class(request.POST if CONFIRMED in request.POST else None, court=courts.pop())
        if form.is_valid():
            try:
                with transaction.atomic():
                    for row in rows:
                        change(row, form.cleaned_data, by=request.user, at=timezone.now())
            except ValidationError as problems:
                form.add_error(None, problems.messages)
            except PermissionDenied:
                form.add_error(None, _("所选举措中有的计划现在不能调整。"))
            else:
                messages.success(request, _("已调整 %(n)s 项举措。") % {"n": len(rows)})
                return None
        return TemplateResponse(
            request,
            "admin/office/several.html",
            {
                **self.admin_site.each_context(request),
                "title": form.title,
                "opts": self.opts,
                "rows": rows,
                "form": form,
                "action": action,
                "confirmed": CONFIRMED,
            },
        )


def _assign(measure, data, *, by, at):
    lead = data["lead"] or measure.lead
    assign_measure(
        measure=measure,
        lead=lead,
        leader=data["leader"] or measure.leader,
        support=[department for department in measure.support.all() if department != lead],
        by=by,
        at=at,
    )


def _order(measure, data, *, by, at):
    order_deadline(
        measure=measure,
        due=data["due"],
        details=OrderDetails(reason=data["reason"], document=data["document"], by=by, at=at),
    )
