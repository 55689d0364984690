"""Writing, reading and deciding on reports."""

import logging
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from apps.accounts.choices import Role
from apps.accounts.form_recovery import pop_post, preserve_post
from apps.core.uploads import MEGABYTE
from apps.core.wording import joined
from apps.plans.selectors import measures_visible_to
from apps.plans.wording import window_label
from apps.reporting import services
from apps.reporting.choices import EvidenceKind, ReportMove, ReportStatus
from apps.reporting.content import ReportContent, content_of, says_the_same, snapshot
from apps.reporting.desk import Desk
from apps.reporting.differences import Compared, lines_of
from apps.reporting.evidence import place_of, stands
from apps.reporting.forms import ReasonForm
from apps.reporting.permissions import (
    can_edit,
    can_transition,
    can_write,
    is_actor,
    may_see_versions,
    writes_for,
    wrote,
)
from apps.reporting.rules import EDITABLE
from apps.reporting.selectors import (
    came_late,
    evidence_of,
    last_approved,
    reports_of,
    reports_visible_to,
    reports_waiting_for,
    versions_of,
    waiting_rows,
    who_may_help,
    window_to_report,
    windows_for,
    with_content,
)

logger = logging.getLogger(__name__)
N_WAITING = 50
LONGEST_TICK = 20


@preserve_post
@require_http_methods(["GET", "POST"])
def write(request, court, year, code):
    """The report form: GET shows it for a window, POST saves the draft or hands it in."""
    desk = _desk(request, court, year, code)
    if request.method == "POST" and request.POST.get("act") == "autosave":
        return _keep_automatically(request, desk)
    typed = pop_post(request) if request.method == "GET" else None
    if not desk.may_edit and request.method == "GET" and typed is None:
        return redirect("reporting:report", court, year, code, desk.report.pk)
    form = desk.form(request.POST if request.method == "POST" else typed)
    evidence_form = _evidence_form(request, desk)
    current = None if typed is None or desk.may_edit else desk.report
    if request.method == "POST":
        place, current = _save(request, form, evidence_form, desk)
        if place is not None:
            return redirect(place)
    _suppose(form, desk)
    return render(
        request,
        "reporting/write.html",
        {
            "write_url": _address("reporting:write", desk),
            "what_if_url": _address("reporting:what_if", desk) if desk.is_lead else None,
            "no_change_url": _address("reporting:no_change", desk),
            "measure": desk.measure,
            "department": desk.department,
            "window": desk.window,
            "windows": windows_for(desk.measure, on=desk.today),
            "report": desk.report,
            "form": form,
            "evidence_form": evidence_form,
            "evidence": evidence_of(desk.report),
            "upload_url": _address("reporting:upload", desk),
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
    return render(request, "reporting/_what_if.html", {"form": form, "group": group})


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
        return redirect(_address("reporting:write", desk))
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
    reports = reports_of(measure, department)
    window = _window_asked_for(request, measure, department, reports, today=timezone.localdate(now))
    begun = next((one for one in reports if one.window_end == window.end), None)
    return Desk(
        user=request.user,
        measure=measure,
        department=department,
        window=window,
        report=with_content(begun),
        reports=reports,
        now=now,
    )


def _window_asked_for(request, measure, department, reports, *, today):
    """The window named in the address, else the one that comes next; 404 where there is no such window."""
    asked = request.GET.get("window")
    if asked is None:
        window = window_to_report(measure, department, reports, on=today)
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


def _save(request, form, evidence_form, desk):
    """(address to go on to, report that stands in the way): one of them is None, or both where the form has errors."""
    is_valid, is_submitted = form.is_valid(), request.POST.get("act") == "submit"
    if not is_valid:
        if evidence_form.is_valid() and evidence_form.is_empty and not _too_large(request):
            return None, None
        form.set_aside_errors(for_what_was_saved=True)  # what was chosen with it is not to be chosen again
    content = form.content()
    try:
        report = desk.report = _save_draft(desk, form, content, automatically=not is_valid)
        form.saw(report)
        has_all = _take_evidence(request, form, evidence_form, desk)
        if not is_valid or not has_all:
            return None, None
        if not is_submitted:
            messages.success(request, _("草稿已保存。"), extra_tags="received")
            return _address("reporting:write", desk), None
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


def _evidence_form(request, desk):
    if request.method != "POST":
        return desk.evidence_form_beside_report()
    return desk.evidence_form_beside_report(request.POST, request.FILES)


def _too_large(request):
    """The names of files that were dropped while they came in."""
    return getattr(request, "files_too_large", [])


def _take_evidence(request, form, evidence_form, desk):
    """Lay the files and the link beside the saved report; whether all could be taken. The good ones stay in any case."""
    evidence_form.is_valid()
    data = evidence_form.cleaned_data
    common = {"report": desk.report, "by": desk.user, "at": desk.now, "indicator": data.get("evidence_of")}
    problems = [ValidationError({"evidence": _too_large_words(name)}) for name in _too_large(request)]
    for file in data.get("evidence") or []:
        try:
            services.add_evidence_file(file=file, **common)
        except ValidationError as problem:
            problems.append(problem)
    if data.get("link"):
        try:
            services.add_evidence_link(url=data["link"], name=data.get("link_name") or "", **common)
        except ValidationError as problem:
            problems.append(problem)
    for problem in problems:
        for name, sentences in problem.message_dict.items():
            field = name if name in evidence_form.fields else None
            for sentence in sentences:
                evidence_form.add_error(field, sentence)
                form.add_error(None, sentence)
    return not evidence_form.errors


def _too_large_words(name):
    return _("%(name)s（超过 %(most)d MB）") % {"name": name, "most": settings.UPLOAD_MAX_FILE // MEGABYTE}


@require_POST
def upload(request, court, year, code):
    """Take files as they are chosen, for browsers that send them one by one and show how far they are."""
    desk = _desk(request, court, year, code)
    form = desk.evidence_form(request.POST, request.FILES)
    form.is_valid()
    if not desk.may_edit:
        return JsonResponse({"said": _("这份填报已经提交，不能再添加。")}, status=409)
    if desk.report is None:
        desk.report = _begin_draft(desk)
    said = [_too_large_words(name) for name in _too_large(request)]
    for file in form.cleaned_data.get("evidence") or []:
        try:
            services.add_evidence_file(
                report=desk.report,
                file=file,
                by=desk.user,
                at=desk.now,
                indicator=form.cleaned_data.get("evidence_of"),
            )
        except ValidationError as problem:
            said += problem.messages
    listed = render_to_string(
        "reporting/_evidence.html", {"evidence": evidence_of(desk.report), "may_remove": True}, request=request
    )
    return JsonResponse({"said": said, "listed": listed, "revision": desk.report.revision})


def _begin_draft(desk):
    """An empty draft to lay files beside; the one that somebody else has begun meanwhile."""
    try:
        return services.save_draft(
            measure=desk.measure,
            department=desk.department,
            window=desk.window,
            content=ReportContent(),
            revision=0,
            by=desk.user,
            at=desk.now,
            automatically=True,
        )
    except services.StaleReport as begun:
        return begun.current


@require_POST
def remove_evidence(request, court, year, code, pk, evidence_pk):
    shown = _report_or_404(request, court, year, code, pk)
    evidence = get_object_or_404(shown.evidence.filter(removed_at=None), pk=evidence_pk)
    try:
        services.remove_evidence(evidence=evidence, by=request.user, at=timezone.now())
    except services.AlreadyDecided as decided:
        return _already_decided(request, decided.report)
    messages.success(request, _("已移除“%(name)s”。") % {"name": evidence.name})
    place = reverse("reporting:write", args=[court, year, code])
    return redirect(f"{place}?window={shown.window_end}")


@require_safe
def evidence(request, court, year, code, pk, evidence_pk):
    """Hand out a file to whoever may see its report: to save, never to open in the page. A link leads on."""
    shown = _report_or_404(request, court, year, code, pk)
    asked = get_object_or_404(shown.evidence.filter(removed_at=None), pk=evidence_pk, kind=EvidenceKind.FILE)
    if not stands(asked):
        logger.error("evidence %s is missing or altered: %s", asked.pk, asked.path)
        request.plan = shown.measure.plan
        return render(request, "reporting/evidence_missing.html", {"evidence": asked, "report": shown}, status=410)
    response = FileResponse(
        place_of(asked.path).open("rb"), as_attachment=True, filename=asked.name, content_type=asked.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


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
        content = content_of(desk.report, as_read=True)
    form.suppose(content, desk.supposing(content))


def _last_return(report):
    """The decision that sent the report back, where it has not been handed in again since."""
    if report is None or report.status not in EDITABLE or report.first_submitted_at is None:
        return None
    return report.reviews.select_related("by").order_by("pk").last()


# Reading and deciding


@require_GET
def reviews(request):
    """What waits for this person's decision, the longest waiting first."""
    page = Paginator(reports_waiting_for(request.user), N_WAITING).get_page(request.GET.get("page"))
    return render(request, "reporting/reviews.html", {"page_obj": page, "rows": waiting_rows(page.object_list)})


@require_POST
def approve_several(request):
    """Approve the ticked reports: first they are shown once more, then each goes through the same checks as one."""
    seen = _ticked(request)
    reports = list(reports_waiting_for(request.user).filter(pk__in=seen))
    if not reports:
        messages.warning(request, _("请先勾选要通过的填报。"))
        return redirect("reporting:reviews")
    if "confirmed" not in request.POST:
        rows = [(row, f"{row.report.pk}:{seen[row.report.pk]}") for row in waiting_rows(reports)]
        return render(request, "reporting/approve_several.html", {"rows": rows})
    approved, left = [], []
    for one in reports:
        try:
            services.approve_report(report=one, by=request.user, at=timezone.now(), seen=seen[one.pk])
        except (services.AlreadyDecided, services.ChangedSince, ValidationError, PermissionDenied) as problem:
            left.append((one, _why_not(problem)))
        else:
            approved.append(one)
    gone = len(seen) - len(reports)
    return render(request, "reporting/approved_several.html", {"approved": approved, "left": left, "gone": gone})


def _ticked(request):
    """The ticked reports with the revision that was shown of each; what can't be read is passed over."""
    seen = {}
    for value in request.POST.getlist("report")[:N_WAITING]:
        pk, _colon, revision = value.partition(":")
        if pk.isascii() and pk.isdigit() and revision.isascii() and revision.isdigit() and len(value) < LONGEST_TICK:
            seen[int(pk)] = int(revision)
    return seen


def _why_not(problem):
    if isinstance(problem, services.AlreadyDecided):
        return _("已有人处理，现在的状态是“%(status)s”。") % {"status": problem.report.get_status_display()}
    if isinstance(problem, services.ChangedSince):
        return _("内容已更新，请重新查看。")
    if isinstance(problem, PermissionDenied):
        return str(problem)
    return " ".join(problem.messages)


@require_GET
def report(request, court, year, code, pk):
    """One report as it stands, beside an earlier version, with what may be decided on it."""
    return _show(request, _report_or_404(request, court, year, code, pk))


def _show(request, shown, *, returning=None, withdrawing=None):
    request.plan = shown.measure.plan
    user = request.user
    versions = versions_of(shown, user)
    choices = _to_compare_with(shown, versions)
    asked = request.GET.get("against")
    against = next((one for one in choices if one.name == asked), choices[0] if choices else None)
    names = {one.code: one.name for one in shown.measure.indicators.all()}
    return render(
        request,
        "reporting/report.html",
        {
            "report": shown,
            "evidence": evidence_of(shown),
            "lines": lines_of(snapshot(shown), against.content if against else None, names=names),
            "against": against,
            "choices": choices,
            "versions": [(one, lines_of(one.content, names=names)) for one in versions],
            "is_late": came_late(shown),
            "may_edit": can_edit(user, shown),
            "would_write_too": can_edit(user, shown) and not wrote(user, shown) and Role.REVIEWER in user.roles,
            "may_review": can_transition(user, shown, ReportMove.APPROVE),
            "may_recall": can_transition(user, shown, ReportMove.RECALL),
            "may_withdraw": can_transition(user, shown, ReportMove.WITHDRAW),
            "returning": returning or ReasonForm(label=_("退回理由"), auto_id="id_return_%s"),
            "withdrawing": withdrawing or ReasonForm(label=_("撤回理由"), auto_id="id_withdraw_%s"),
        },
    )


def _to_compare_with(report, versions):
    """What a report may be laid beside: the version that came back, where there is one, and the last approved report."""
    choices = []
    came_back = next((one for one in versions if one.decision != ReportMove.APPROVE), None)
    if came_back is not None and report.status != ReportStatus.APPROVED:
        choices.append(Compared(name="returned", label=_("退回的一版"), content=came_back.content))
    previous = last_approved(report.measure, report.department, before=report.window_end)
    if previous is not None:
        window = window_label(previous.window_start, previous.window_end)
        label = _("上一次通过的（%(window)s）") % {"window": window}
        choices.append(Compared(name="approved", label=label, content=snapshot(previous)))
    return choices


@require_POST
def approve(request, court, year, code, pk):
    shown = _report_or_404(request, court, year, code, pk)
    try:
        services.approve_report(report=shown, by=request.user, at=timezone.now(), seen=_seen(request))
    except services.AlreadyDecided as decided:
        return _already_decided(request, decided.report)
    except services.ChangedSince as changed:
        return _changed_since(request, changed.report)
    except ValidationError as problems:
        for sentence in problems.messages:
            messages.error(request, sentence)
        return redirect(shown.get_absolute_url())
    messages.success(request, _("已通过，进展已记入台账。"))
    return redirect("reporting:reviews")


@require_POST
def send_back(request, court, year, code, pk):
    shown = _report_or_404(request, court, year, code, pk)
    form = ReasonForm(request.POST, label=_("退回理由"), auto_id="id_return_%s")
    if not is_actor(request.user, shown, ReportMove.RETURN):
        raise PermissionDenied
    if not form.is_valid():
        return _show(request, shown, returning=form)
    try:
        services.return_report(
            report=shown, by=request.user, at=timezone.now(), seen=_seen(request), **form.cleaned_data
        )
    except services.AlreadyDecided as decided:
        return _already_decided(request, decided.report)
    except services.ChangedSince as changed:
        return _changed_since(request, changed.report)
    messages.success(request, _("已退回，理由已告知填报部门。"))
    return redirect("reporting:reviews")


@require_POST
def withdraw(request, court, year, code, pk):
    shown = _report_or_404(request, court, year, code, pk)
    form = ReasonForm(request.POST, label=_("撤回理由"), auto_id="id_withdraw_%s")
    if not is_actor(request.user, shown, ReportMove.WITHDRAW):
        raise PermissionDenied
    if not form.is_valid():
        return _show(request, shown, withdrawing=form)
    try:
        services.withdraw_approval(report=shown, by=request.user, at=timezone.now(), **form.cleaned_data)
    except services.AlreadyDecided as decided:
        return _already_decided(request, decided.report)
    messages.success(request, _("已撤回通过，相应台账记录已撤回。"))
    return redirect(shown)


@require_POST
def recall(request, court, year, code, pk):
    """Take back one's department's report while nobody has decided on it."""
    shown = _report_or_404(request, court, year, code, pk)
    try:
        services.recall_report(report=shown, by=request.user, at=timezone.now())
    except services.AlreadyDecided as decided:
        return _already_decided(request, decided.report)
    messages.success(request, _("已撤回提交，可以继续修改。"))
    plan = shown.measure.plan
    return redirect(reverse("reporting:write", args=[plan.court.slug, plan.year, code]) + f"?window={shown.window_end}")


def _seen(request):
    """The revision that the form was shown with; None from a page that says none."""
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < LONGEST_TICK else None


def _already_decided(request, decided):
    """Somebody was faster: say who, and show how the report stands now."""
    last = decided.reviews.select_related("by").order_by("pk").last()
    if (
        last is not None
        and decided.status not in (ReportStatus.DRAFT, ReportStatus.SUBMITTED)
        and may_see_versions(request.user, decided)
    ):
        told = {
            "who": last.by,
            "when": f"{timezone.localtime(last.at):%Y-%m-%d %H:%M}",
            "did": last.get_decision_display(),
        }
        messages.warning(request, _("%(who)s已于 %(when)s 处理这份填报：%(did)s。您刚才的操作没有生效。") % told)
    else:
        status = {"status": decided.get_status_display()}
        messages.warning(request, _("这份填报已经处理过，现在的状态是“%(status)s”。") % status)
    return redirect(decided.get_absolute_url())


def _changed_since(request, changed):
    messages.warning(request, _("内容已更新，请重新查看后再决定。您刚才的操作没有生效。"))
    return redirect(changed.get_absolute_url())


def _report_or_404(request, court, year, code, pk):
    return get_object_or_404(
        reports_visible_to(request.user),
        measure__plan__court__slug=court,
        measure__plan__year=year,
        measure__code=code,
        pk=pk,
    )
