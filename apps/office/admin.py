"""Orders in the back office are seen before they count: what holds now, what would, which lights would change."""

from http import HTTPStatus

from django.contrib import admin, messages
from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.assessment.selectors import glance_at, standing_of
from apps.assessment.sentences import note_of
from apps.core.figures import figure
from apps.core.wording import written_day
from apps.dashboard.comparison import changes_since
from apps.indicators.admin import IndicatorAdmin
from apps.indicators.models import Indicator
from apps.office.forms import AssignSeveralForm, DeadlineOfSeveralForm
from apps.office.supposing import day_looked_at, lines_of, turned_indicators, undone
from apps.plans.admin import MeasureAdmin, PlanAdmin
from apps.plans.models import Measure, Plan
from apps.plans.services import OrderDetails, assign_measure, default_day, order_deadline

SEEN = "_seen"
CONFIRMED = "_confirmed"
# What the browser sends along that is no field of the form.
NOT_TYPED = frozenset({"csrfmiddlewaretoken", SEEN})


class SeenFirst:
    """A page whose orders are shown with their effect, and count once that was seen. A draft has no effect yet."""

    def plan_of(self, row):
        return row.plan

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST" and object_id and SEEN not in request.POST:
            row = self.get_object(request, object_id)
            if row is not None and self.plan_of(row).is_open:
                shown = self._tried(request, row, object_id, form_url, extra_context)
                if shown is not None:
                    return shown
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _tried(self, request, row, object_id, form_url, extra_context):
        """Save, look, undo. None where no order was given, so that there is nothing to see first."""
        plan = self.plan_of(row)
        told, request._messages = request._messages, default_storage(request)
        request.orders_given = []
        try:
            with undone():
                response = super().changeform_view(request, object_id, form_url, extra_context)
                if response.status_code != HTTPStatus.FOUND:
                    # It came back with errors. That page is the answer, written out while its rows are there.
                    return response.render()
                orders, known = request.orders_given, timezone.now()
                if not orders:
                    return None
                lines = lines_of(orders, today=timezone.localdate(known))
                on = day_looked_at(plan, orders, today=timezone.localdate(known))
                after = standing_of(plan, on=on, known=known)
        finally:
            request._messages, request.orders_given = told, []
        before = standing_of(plan, on=on, known=known)
        return TemplateResponse(
            request,
            "admin/office/seen_first.html",
            {
                **self.admin_site.each_context(request),
                "title": _("下达之前请核对"),
                "opts": self.opts,
                "original": row,
                "lines": lines,
                "on": on,
                "changes": changes_since(glance_at(before), after),
                "turned": turned_indicators(before, after),
                "typed": [
                    (name, value)
                    for name in request.POST
                    if name not in NOT_TYPED
                    for value in request.POST.getlist(name)
                ],
                "seen": SEEN,
            },
        )


class ShowsStanding:
    """How the row stands today, beside what is promised of it; nothing of it can be typed."""

    standing_fields = ()

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(self.standing_fields if self._stands(obj) else [])]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if not self._stands(obj):
            return fieldsets
        return [(_("现况（只读）"), {"fields": [self.standing_fields]}), *fieldsets]

    def _stands(self, obj):
        return obj is not None and not obj.plan.is_being_prepared

    def standing_of_plan(self, row):
        now = timezone.now()
        return standing_of(row.plan, on=default_day(row.plan, today=timezone.localdate(now)), known=now)


class SeenIndicatorAdmin(ShowsStanding, SeenFirst, IndicatorAdmin):
    standing_fields = ("light_now", "value_now")

    def _own(self, indicator):
        if not hasattr(indicator, "shown_standing"):
            standing = self.standing_of_plan(indicator)
            indicator.shown_standing = next(one for one in standing.indicators if one.indicator.pk == indicator.pk)
        return indicator.shown_standing

    @admin.display(description=gettext_lazy("状态"))
    def light_now(self, indicator):
        verdict = self._own(indicator).verdict
        return f"{verdict.light.label} · {verdict.standing.label}"

    @admin.display(description=gettext_lazy("最近读数"))
    def value_now(self, indicator):
        own = self._own(indicator)
        if own.latest_reading is None:
            return _("无数据")
        return f"{figure(own.verdict.value)} {indicator.unit} · {written_day(own.latest_reading.speaks_of)}"


class SeenMeasureAdmin(ShowsStanding, SeenFirst, MeasureAdmin):
    standing_fields = ("light_now", "progress_now")
    actions = ["assign_several", "order_deadline_for_several"]

    def _own(self, measure):
        if not hasattr(measure, "shown_standing"):
            measure.shown_standing = self.standing_of_plan(measure).measure(measure.code)
        return measure.shown_standing

    @admin.display(description=gettext_lazy("状态"))
    def light_now(self, measure):
        verdict = self._own(measure).verdict
        note = note_of(verdict)
        return f"{verdict.light.label} · {note}" if note else verdict.light.label

    @admin.display(description=gettext_lazy("完成进度"))
    def progress_now(self, measure):
        own = self._own(measure)
        told = f" · {written_day(own.progress.speaks_of)}" if own.progress else ""
        return f"{figure(own.verdict.percent)}%{told}" if own.verdict.percent is not None else _("无数据")

    @admin.action(description=gettext_lazy("调整所选举措的牵头部门或分管院领导"), permissions=["change"])
    def assign_several(self, request, queryset):
        return self._several(request, queryset, AssignSeveralForm, _assign, action="assign_several")

    @admin.action(description=gettext_lazy("调整所选举措的完成时限"), permissions=["change"])
    def order_deadline_for_several(self, request, queryset):
        return self._several(request, queryset, DeadlineOfSeveralForm, _order, action="order_deadline_for_several")

    def _several(self, request, queryset, form_class, act, *, action):
        """Ask first, then do it for all or for none."""
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
                        act(row, form.cleaned_data, by=request.user, at=timezone.now())
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
        support=[one for one in measure.support.all() if one != lead],
        by=by,
        at=at,
    )


def _order(measure, data, *, by, at):
    order_deadline(
        measure=measure,
        due=data["due"],
        details=OrderDetails(reason=data["reason"], document=data["document"], by=by, at=at),
    )


class SeenPlanAdmin(SeenFirst, PlanAdmin):
    def plan_of(self, row):
        return row


for model, page in ((Indicator, SeenIndicatorAdmin), (Measure, SeenMeasureAdmin), (Plan, SeenPlanAdmin)):
    admin.site.unregister(model)
    admin.site.register(model, page)
