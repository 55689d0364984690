"""Orders in the back office are seen before they count: what holds now, what would, which lights would change."""

from http import HTTPStatus

from django.contrib import admin
from django.contrib.messages.storage import default_storage
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.assessment.selectors import standing_of
from apps.dashboard.comparison import changes_since
from apps.indicators.admin import IndicatorAdmin
from apps.indicators.models import Indicator
from apps.office.supposing import day_looked_at, lines_of, turned_indicators, undone
from apps.plans.admin import MeasureAdmin, PlanAdmin
from apps.plans.models import Measure, Plan

SEEN = "_seen"
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
                "changes": changes_since(before, after),
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


class SeenIndicatorAdmin(SeenFirst, IndicatorAdmin):
    pass


class SeenMeasureAdmin(SeenFirst, MeasureAdmin):
    pass


class SeenPlanAdmin(SeenFirst, PlanAdmin):
    def plan_of(self, row):
        return row


for model, page in ((Indicator, SeenIndicatorAdmin), (Measure, SeenMeasureAdmin), (Plan, SeenPlanAdmin)):
    admin.site.unregister(model)
    admin.site.register(model, page)
