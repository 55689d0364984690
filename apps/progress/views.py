"""Writing, reading and deciding on reports."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.typed import keeps_typed, take_typed
from apps.core.wording import joined
from apps.plans.selectors import measures_visible_to
from apps.progress import services
from apps.progress.choices import Move, ReportStatus
from apps.progress.content import content_of, says_the_same
from apps.progress.desk import Desk
from apps.progress.forms import ReasonForm
from apps.progress.permissions import can_edit, can_review, can_withdraw_approval, can_write, writes_for
from apps.progress.selectors import (
    came_late,
    last_approved,
    report_for,
    reports_visible_to,
    reports_waiting_for,
    who_may_help,
    window_to_report,
    windows_for,
)


@keeps_typed
@require_http_methods(["GET", "POST"])
def write(request, court, year, code):
    """The report form: GET shows it for a window, POST saves the draft or hands it in."""
    desk = _desk(request, court, year, code)
    if request.method == "POST" and request.POST.get("act") == "autosave":
        return _keep_automatically(request, desk)
    typed = take_typed(request) if request.method == "GET" else None
    if not desk.may_edit and request.method == "GET" and typed is None:
        return redirect("progress:report", court, year, code, desk.report.pk)
    form = desk.form(request.POST if request.method == "POST" else typed)
    current = None if typed is None or desk.may_edit else desk.report
    if request.method == "POST" and form.is_valid():
        place, current = _save(request, form, desk)
        if place is not None:
            return redirect(place)
    _suppose(form, desk)
    return render(
        request,
        "progress/write.html",
        {
            "write_url": _address("progress:write", desk),
            "what_if_url": _address("progress:what_if", desk) if desk.is_lead else None,
            "no_change_url": _address("progress:no_change", desk),
            "measure": desk.measure,
            "department": desk.department,
            "window": desk.window,
            "windows": windows_for(desk.measure, on=desk.today),
            "report": desk.report,
            "form": form,
            "current": current,
            "current_is_open": current is not None and can_edit(request.user, current),
            "came_back": typed is not None,
            "may_stay_unchanged": not form.is_bound and desk.may_stay_unchanged,
            "helpers": who_may_help(desk.measure.plan.court),
            "returned": _last_return(desk.report),
            "is_late": desk.window.has_closed(on=desk.today),
        },
    )


@require_POST
def what_if(request, court, year, code):
    """What the figures typed so far would mean. Judged with everything accepted; nothing is saved."""
    desk = _desk(request, court, year, code)
    form = desk.form(request.POST)
    form.is_valid()
    _suppose(form, desk)
    group = next((one for one in form.reading_groups if str(one.indicator.pk) == request.POST.get("of")), None)
    return render(request, "progress/_what_if.html", {"form": form, "group": group})


@require_POST
def no_change(request, court, year, code):
    """Hand in, with one click, that all is as last reported."""
    desk = _desk(request, court, year, code)
    try:
        handed_in = services.report_no_change(
            measure=desk.measure, department=desk.department, window=desk.window, by=request.user, at=desk.now
        )
    except services.AlreadyDecided as decided:
        return redirect(decided.report)
    except ValidationError as problems:
        for sentence in problems.messages:
            messages.warning(request, sentence)
        return redirect(_address("progress:write", desk))
    messages.success(request, _("“%(measure)s”已按无变化提交审核。") % {"measure": desk.measure})
    return redirect("dashboard:my_work") if request.POST.get("from") == "my-work" else redirect(handed_in)


def _desk(request, court, year, code):
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
    window = _window_asked_for(request, measure, department, today=timezone.localdate(now))
    return Desk(
        user=request.user,
        measure=measure,
        department=department,
        window=window,
        report=report_for(measure, department, window),
        now=now,
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


def _address(name, desk):
    plan = desk.measure.plan
    return reverse(name, args=[plan.court.slug, plan.year, desk.measure.code]) + f"?window={desk.window.end}"


def _save(request, form, desk):
    """(address to go on to, report that stands in the way): one of them is None, or both where the form has errors."""
    content, is_submitted = form.content(), request.POST.get("act") == "submit"
    try:
        report = _save_draft(desk, form, content)
        form.saw(report)
        if not is_submitted:
            messages.success(request, _("草稿已保存。"), extra_tags="received")
            return _address("progress:write", desk), None
        services.submit_report(report=report, by=request.user, at=desk.now)
    except services.StaleReport as stale:
        if is_submitted and _is_handed_in_like_that(stale.current, content, by=request.user):
            return stale.current.get_absolute_url(), None
        form.saw(stale.current)
        return None, stale.current
    except services.AlreadyDecided as decided:
        return decided.report.get_absolute_url(), None
    except ValidationError as problems:
        form.take_problems(problems)
        return None, None
    messages.success(request, _("已提交审核。"), extra_tags="received")
    return report.get_absolute_url(), None


def _save_draft(desk, form, content, *, automatically=False):
    return services.save_draft(
        measure=desk.measure,
        department=desk.department,
        window=desk.window,
        content=content,
        revision=form.cleaned_data.get("revision") or 0,
        by=desk.user,
        at=desk.now,
        automatically=automatically,
    )


def _is_handed_in_like_that(report, content, *, by):
    """Whether the same person has handed in the very same: a button pressed twice, a page sent again."""
    return (
        report.status == ReportStatus.SUBMITTED
        and report.submitted_by_id == by.pk
        and says_the_same(content, content_of(report))
    )


def _keep_automatically(request, desk):
    """Answer the browser that saves while one types: what can be read is kept, the rest stays in the form."""
    form = desk.form(request.POST)
    _take_problems_of_parts(form, desk)
    left_out = form.set_aside_errors(for_what_was_saved=True)
    try:
        report = _save_draft(desk, form, form.content(), automatically=True)
    except services.StaleReport as stale:
        if can_edit(request.user, stale.current):
            said = _("这份填报已在别处保存了另一版，本页不再自动保存。您填写的内容都还在；按“保存草稿”可对照两版。")
        else:
            said = _("这份填报已经提交，本页不再自动保存。您填写的内容都还在，可以复制留用。")
        return JsonResponse({"is_stale": True, "said": said})
    except ValidationError as problems:
        return JsonResponse({"said": problems.messages[0]})
    said = _("已自动保存 %(time)s") % {"time": f"{timezone.localtime(desk.now):%H:%M}"}
    if left_out:
        names = joined(field.label for field in left_out)
        said = _("%(saved)s，“%(fields)s”填写有误，没有存入草稿") % {"saved": said, "fields": names}
    return JsonResponse({"revision": report.revision, "is_whole": not left_out, "said": said})


def _take_problems_of_parts(form, desk):
    """Let the form know, beside what it finds itself, which of its figures and days the rules refuse."""
    if not form.is_valid():
        form.set_aside_errors(for_what_was_saved=True)
    problems = services.problems_of_parts(desk.measure, form.content(), window=desk.window, at=desk.now)
    if problems:
        form.take_problems(ValidationError(problems))


def _suppose(form, desk):
    """Work out what the form's figures, typed or saved, would mean; figures with an error are left out."""
    if not desk.is_lead or (not form.is_bound and desk.report is None):
        return
    if form.is_bound:
        form.is_valid()
        form.set_aside_errors(for_what_was_saved=False)
        content = form.content()
    else:
        content = content_of(desk.report)
    form.suppose(content, desk.supposing(content))


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
