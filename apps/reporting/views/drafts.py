"""Writing a report: the form, autosave, the preview, and “no change”."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.form_recovery import pop_post, preserve_post
from apps.core.wording import joined
from apps.reporting import services
from apps.reporting.choices import ReportStatus
from apps.reporting.content import content_of, is_same_content
from apps.reporting.permissions import can_edit
from apps.reporting.rules import EDITABLE
from apps.reporting.selectors import evidence_of, last_decision, problems_of_content, who_may_help, windows_for
from apps.reporting.views.evidence import add_evidence, files_too_large
from apps.reporting.views.lookup import editor_or_404, editor_url


@preserve_post
@require_http_methods(["GET", "POST"])
def write(request, court, year, code):
    """The report form: GET shows it for a window, POST saves the draft or submits it."""
    editor = editor_or_404(request, court, year, code)
    if request.method == "POST":
        return _autosave(request, editor) if request.POST.get("act") == "autosave" else _save(request, editor)
    recovered = pop_post(request)
    if editor.may_edit:
        return _render(request, editor, editor.form(recovered), was_recovered=recovered is not None)
    if recovered is None:
        return redirect(editor.report)
    return _render(request, editor, editor.form(recovered), was_recovered=True, conflicting=editor.report)


def _save(request, editor):
    """Save the draft with its evidence, and submit it where asked; show the form again where there are errors."""
    form = editor.form(request.POST)
    evidence_form = editor.evidence_form(request.POST, request.FILES)
    is_valid, is_submitted = form.is_valid(), request.POST.get("act") == "submit"
    has_evidence = not evidence_form.is_valid() or not evidence_form.is_empty or bool(files_too_large(request))
    if not is_valid and not has_evidence:
        return _render(request, editor, form, evidence_form)
    # Even beside a form with errors the evidence is taken, so that files need not be chosen again.
    content, saved, conflicting = form.content(), None, None
    try:
        saved = editor.save_draft(content, revision=_revision(form), automatically=not is_valid)
        has_all = add_evidence(editor, form, evidence_form, too_large=files_too_large(request))
        if is_valid and has_all:
            if not is_submitted:
                messages.success(request, _("草稿已保存。"), extra_tags="received")
                return redirect(editor_url("write", editor.measure, editor.window.end))
            services.submit_report(report=saved, by=request.user, at=editor.now)
            messages.success(request, _("已提交审核。"), extra_tags="received")
            return redirect(saved)
    except services.StaleReport as stale:
        if is_submitted and _is_submitted_twice(stale.report, content, by=request.user):
            return redirect(stale.report)
        conflicting = stale.report
    except services.AlreadyDecided as decided:
        return redirect(decided.report)
    except ValidationError as problems:
        form.add_service_errors(problems)
    return _render(request, editor, form, evidence_form, conflicting=conflicting, saved=saved)


def _revision(form):
    return form.cleaned_data.get("revision") or 0


def _is_submitted_twice(report, content, *, by):
    """Whether the same person has handed in the very same: a button pressed twice, a page sent again."""
    return (
        report.status == ReportStatus.SUBMITTED
        and report.submitted_by_id == by.pk
        and is_same_content(content, content_of(report))
    )


def _render(request, editor, form, evidence_form=None, *, conflicting=None, saved=None, was_recovered=False):
    """The form page. `conflicting` is what somebody else has saved or handed in, `saved` what was saved just now."""
    preview = editor.preview(form)
    # The writer sees one of these states on the page: the next saving builds on it.
    current = conflicting or saved
    context = {
        "write_url": editor_url("write", editor.measure, editor.window.end),
        "what_if_url": editor_url("what_if", editor.measure, editor.window.end) if editor.is_lead else None,
        "no_change_url": editor_url("no_change", editor.measure, editor.window.end),
        "upload_url": editor_url("upload", editor.measure, editor.window.end),
        "measure": editor.measure,
        "department": editor.department,
        "window": editor.window,
        "windows": windows_for(editor.measure, on=editor.today),
        "is_late": editor.window.has_closed(on=editor.today),
        "report": editor.report,
        "form": form,
        "revision": current.revision if current else form["revision"].value(),
        "reading_groups": form.reading_groups(preview),
        "preview": preview,
        "evidence_form": evidence_form or editor.evidence_form(),
        "evidence": evidence_of(editor.report),
        "conflicting": conflicting,
        "may_save": conflicting is None or can_edit(request.user, conflicting),
        "was_recovered": was_recovered,
        "may_stay_unchanged": not form.is_bound and editor.may_stay_unchanged,
        "helpers": who_may_help(editor.measure.plan.court),
        "last_return": _last_return(editor.report),
    }
    return render(request, "reporting/write.html", context)


def _last_return(report):
    """The decision that sent the report back, where it has not been handed in again since."""
    if report is None or report.status not in EDITABLE or report.first_submitted_at is None:
        return None
    return last_decision(report)


def _autosave(request, editor):
    """Answer the browser that saves while one types: what is wrong stays in the form, the rest is saved."""
    form = editor.form(request.POST)
    problems = problems_of_content(editor.measure, form.content(), window=editor.window, at=editor.now)
    form.add_service_errors(ValidationError(problems))
    try:
        report = editor.save_draft(form.content(), revision=_revision(form), automatically=True)
    except services.StaleReport as stale:
        if can_edit(request.user, stale.report):
            message = _("这份填报已在别处保存了另一版，本页不再自动保存。您填写的内容都还在；按“保存草稿”可对照两版。")
        else:
            message = _("这份填报已经提交，本页不再自动保存。您填写的内容都还在，可以复制留用。")
        return JsonResponse({"is_stale": True, "message": message})
    except ValidationError as refusal:
        return JsonResponse({"message": refusal.messages[0]})
    message = _("已自动保存 %(time)s") % {"time": f"{timezone.localtime(editor.now):%H:%M}"}
    left_out = form.fields_with_errors
    if left_out:
        names = joined(field.label for field in left_out)
        message = _("%(saved)s，“%(fields)s”填写有误，没有存入草稿") % {"saved": message, "fields": names}
    return JsonResponse({"revision": report.revision, "is_whole": not left_out, "message": message})


@require_POST
def what_if(request, court, year, code):
    """What the figures typed so far would mean, as htmx puts it beside them. Nothing is saved."""
    editor = editor_or_404(request, court, year, code)
    form = editor.form(request.POST)
    preview = editor.preview(form)
    groups = form.reading_groups(preview)
    group = next((group for group in groups if str(group.indicator.pk) == request.POST.get("of")), None)
    return render(request, "reporting/_what_if.html", {"preview": preview, "group": group})


@require_POST
def no_change(request, court, year, code):
    """Hand in, with one click, that all is as last reported."""
    editor = editor_or_404(request, court, year, code)
    try:
        report = services.report_no_change(
            measure=editor.measure,
            department=editor.department,
            window=editor.window,
            by=request.user,
            at=editor.now,
        )
    except services.AlreadyDecided as decided:
        return redirect(decided.report)
    except ValidationError as problems:
        for sentence in problems.messages:
            messages.warning(request, sentence)
        return redirect(editor_url("write", editor.measure, editor.window.end))
    messages.success(request, _("“%(measure)s”已按无变化提交审核。") % {"measure": editor.measure})
    return redirect("dashboard:my_work") if request.POST.get("from") == "my-work" else redirect(report)
