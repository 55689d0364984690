"""Writing, reading and deciding on reports."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.assessment.selectors import standing_of
from apps.plans.selectors import measures_visible_to
from apps.progress import services
from apps.progress.choices import Move, ReportStatus
from apps.progress.forms import ReasonForm, ReportForm
from apps.progress.permissions import can_edit, can_review, can_withdraw_approval, can_write, writes_for
from apps.progress.selectors import (
    came_late,
    last_approved,
    report_for,
    reports_visible_to,
    reports_waiting_for,
    window_to_report,
    windows_for,
)


@require_http_methods(["GET", "POST"])
def write(request, court, year, code):
    """The report form: GET shows it for a window, POST saves the draft or hands it in."""
    measure = get_object_or_404(
        measures_visible_to(request.user).prefetch_related("support"),
        plan__court__slug=court,
        plan__year=year,
        code=code,
    )
    request.plan = measure.plan
    if not can_write(request.user, measure):
        raise PermissionDenied
    department = writes_for(request.user, measure)
    now = timezone.now()
    window = _window_asked_for(request, measure, department, today=timezone.localdate(now))
    report = report_for(measure, department, window)
    if report is not None and not can_edit(request.user, report) and request.method == "GET":
        return redirect("progress:report", court, year, code, report.pk)
    form = _report_form(request, measure, department, window, report, today=timezone.localdate(now))
    current = None
    if request.method == "POST" and form.is_valid():
        saved, current = _save(request, form, measure, department, window, now)
        if saved is not None:
            return redirect(saved)
    windows = windows_for(measure, on=timezone.localdate(now))
    return render(
        request,
        "progress/write.html",
        {
            "measure": measure,
            "department": department,
            "window": window,
            "windows": windows,
            "report": report,
            "form": form,
            "current": current,
            "current_is_open": current is not None and can_edit(request.user, current),
            "returned": _last_return(report),
            "is_late": window.has_closed(on=timezone.localdate(now)),
        },
    )


def _window_asked_for(request, measure, department, *, today):
    """The window named in the address, else the one that comes next; 404 where there is no such window."""
    asked = request.GET.get("window")
    if asked is None:
        window = window_to_report(measure, department, on=today)
    else:
        try:
            end = date.fromisoformat(asked)
        except ValueError:
            raise Http404 from None
        window = next((one for one in windows_for(measure, on=today) if one.end == end), None)
    if window is None:
        raise Http404
    return window


def _report_form(request, measure, department, window, report, *, today):
    return ReportForm(
        request.POST if request.method == "POST" else None,
        standing=standing_of(measure.plan, on=min(window.end, today), known=timezone.now()).measure(measure.code),
        window=window,
        is_lead=department.pk == measure.lead_id,
        report=report,
        previous=None if report else last_approved(measure, department, before=window.end),
        today=today,
        is_handed_in=request.POST.get("act") == "submit",
    )


def _save(request, form, measure, department, window, now):
    """(address to go on to, report that stands in the way): one of them is None, or both where the form has errors."""
    try:
        report = services.save_draft(
            measure=measure,
            department=department,
            window=window,
            content=form.content(),
            revision=form.cleaned_data["revision"] or 0,
            by=request.user,
            at=now,
        )
        form.saw(report)
        if request.POST.get("act") != "submit":
            messages.success(request, _("草稿已保存。"))
            return f"{request.path}?window={window.end}", None
        services.submit_report(report=report, by=request.user, at=now)
    except services.StaleReport as stale:
        form.saw(stale.current)
        return None, stale.current
    except ValidationError as problems:
        form.take_problems(problems)
        return None, None
    messages.success(request, _("已提交审核。"))
    return report.get_absolute_url(), None


def _last_return(report):
    """The decision that sent the report back, where that is how it stands."""
    if report is None or report.status != ReportStatus.RETURNED:
        return None
    return report.reviews.select_related("by").exclude(decision=Move.APPROVE).order_by("pk").last()


@require_GET
def reviews(request):
    """What waits for this person's decision."""
    return render(request, "progress/reviews.html", {"reports": reports_waiting_for(request.user)})


@require_GET
def report(request, court, year, code, pk):
    """One report as it stands, beside the last approved one, with what may be decided on it."""
    return _show(request, _report_or_404(request, court, year, code, pk), ReasonForm())


def _show(request, shown, form, *, status=200):
    request.plan = shown.measure.plan
    return render(
        request,
        "progress/report.html",
        {
            "report": shown,
            "readings": shown.readings.select_related("indicator"),
            "nodes_done": shown.nodes_done.select_related("node"),
            "previous": last_approved(shown.measure, shown.department, before=shown.window_end),
            "decisions": shown.reviews.select_related("by").order_by("-pk"),
            "is_late": came_late(shown),
            "may_edit": can_edit(request.user, shown),
            "may_review": can_review(request.user, shown),
            "may_withdraw": can_withdraw_approval(request.user, shown),
            "form": form,
        },
        status=status,
    )


@require_POST
def approve(request, court, year, code, pk):
    shown = _report_or_404(request, court, year, code, pk)
    try:
        services.approve_report(report=shown, by=request.user, at=timezone.now())
    except services.AlreadyDecided as decided:
        return _already_decided(request, decided.report)
    except ValidationError as problems:
        for sentence in problems.messages:
            messages.error(request, sentence)
        return redirect(shown.get_absolute_url())
    messages.success(request, _("已通过，进展已记入台账。"))
    return redirect("progress:reviews")


@require_POST
def send_back(request, court, year, code, pk):
    return _decide(request, court, year, code, pk, services.return_report, _("已退回，理由已告知填报部门。"))


@require_POST
def withdraw(request, court, year, code, pk):
    return _decide(request, court, year, code, pk, services.withdraw_approval, _("已撤回通过，相应台账记录已撤回。"))


def _decide(request, court, year, code, pk, service, done):
    shown = _report_or_404(request, court, year, code, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, shown, form)
    try:
        service(report=shown, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    except services.AlreadyDecided as decided:
        return _already_decided(request, decided.report)
    messages.success(request, done)
    return redirect("progress:reviews")


def _already_decided(request, decided):
    """Somebody was faster: say so, and show how the report stands now."""
    messages.warning(
        request, _("这份填报已经处理过，现在的状态是“%(status)s”。") % {"status": decided.get_status_display()}
    )
    return redirect(decided.get_absolute_url())


def _report_or_404(request, court, year, code, pk):
    return get_object_or_404(
        reports_visible_to(request.user),
        measure__plan__court__slug=court,
        measure__plan__year=year,
        measure__code=code,
        pk=pk,
    )
