"""The tables that the office hands in."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.assessment.selectors import PlanHistory, standing_of
from apps.core.tables import XLSX
from apps.core.workdays import calendar_knows
from apps.dashboard.days import month_ends, shown_day
from apps.plans.selectors import plans_visible_to
from apps.reports.sheets import workbook_of
from apps.reports.tables import breakdown_of, ledger_of


@require_GET
def papers(request, court, year):
    """Which tables there are, and for which day."""
    plan, day = _plan_and_day(request, court, year)
    return render(
        request,
        "reports/papers.html",
        {
            "plan": plan,
            "day": day,
            "shortcuts": month_ends(plan, day, request.GET, today=timezone.localdate()),
            "calendar_is_known": calendar_knows(plan.year),
        },
    )


@require_GET
def ledger(request, court, year):
    """台账 as a workbook."""
    plan, day = _plan_and_day(request, court, year)
    return _workbook(plan, day, ledger_of(standing_of(plan, on=day.on, known=day.known)), name="ledger")


@require_GET
def breakdown(request, court, year):
    """任务分解表 as a workbook."""
    plan, day = _plan_and_day(request, court, year)
    return _workbook(plan, day, breakdown_of(PlanHistory(plan), on=day.on, known=day.known), name="breakdown")


def _workbook(plan, day, table, *, name):
    note = day.describing
    if plan.court.has_demo_data:
        note = _("%(note)s。示例数据：表中数字均为演示编造，不代表任何法院的真实情况") % {"note": note}
    response = HttpResponse(workbook_of(table, note=note), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}-{plan.court.slug}-{plan.year}-{day.on}.xlsx"'
    return response


def _plan_and_day(request, court, year):
    plan = get_object_or_404(plans_visible_to(request.user), court__slug=court, year=year)
    request.plan = plan
    now = timezone.now()
    day = shown_day(plan, request.GET.get("on"), request.GET.get("known"), now=now, today=timezone.localdate(now))
    return plan, day
