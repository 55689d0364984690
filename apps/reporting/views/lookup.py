"""From an address to the report or the editor it names."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from apps.plans.selectors import measures_visible_to
from apps.reporting.permissions import can_write, writes_for
from apps.reporting.report_editor import ReportEditor
from apps.reporting.selectors import reports_of, reports_visible_to, window_to_report, windows_for, with_content


def report_or_404(request, court, year, code, pk):
    return get_object_or_404(
        reports_visible_to(request.user),
        measure__plan__court__slug=court,
        measure__plan__year=year,
        measure__code=code,
        pk=pk,
    )


def editor_or_404(request, court, year, code):
    """The editor of the window in the address; PermissionDenied for whoever may not write on the measure."""
    measure = get_object_or_404(
        measures_visible_to(request.user).prefetch_related("support"),
        plan__court__slug=court,
        plan__year=year,
        code=code,
    )
    request.plan = measure.plan
    if not can_write(request.user, measure):
        raise PermissionDenied
    department, now = writes_for(request.user, measure), timezone.now()
    reports = reports_of(measure, department)
    window = _window(request, measure, department, reports, today=timezone.localdate(now))
    report = next((report for report in reports if report.window_end == window.end), None)
    return ReportEditor(
        user=request.user,
        measure=measure,
        department=department,
        window=window,
        report=with_content(report),
        reports=reports,
        now=now,
    )


def _window(request, measure, department, reports, *, today):
    """The window named in the address, else the one that comes next."""
    end = request.GET.get("window")
    if end is None:
        window = window_to_report(measure, department, reports, on=today)
    else:
        windows = windows_for(measure, on=today)
        window = next((window for window in windows if window.end == _day_or_404(end)), None)
    if window is None:
        raise Http404
    return window


def _day_or_404(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def editor_url(name, measure, window_end):
    plan = measure.plan
    return reverse(f"reporting:{name}", args=[plan.court.slug, plan.year, measure.code]) + f"?window={window_end}"
