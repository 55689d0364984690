"""Adding, removing and downloading evidence."""

import logging

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.uploads import MEGABYTE
from apps.reporting import services
from apps.reporting.choices import EvidenceKind
from apps.reporting.content import ReportContent
from apps.reporting.evidence_files import absolute_path, is_intact
from apps.reporting.forms import EvidenceForm
from apps.reporting.selectors import evidence_of
from apps.reporting.views.conflicts import redirect_refusals
from apps.reporting.views.lookup import editor_or_404, editor_url, report_or_404

logger = logging.getLogger(__name__)


def add_evidence(editor, form, evidence_form, *, too_large):
    """Add the files and the link to the saved report; True where all were accepted. The good ones stay in any case."""
    evidence_form.is_valid()
    data = evidence_form.cleaned_data
    common = {"report": editor.report, "by": editor.user, "at": editor.now, "indicator": data.get("evidence_of")}
    errors = {"evidence": [*too_large, *_add_files(data.get("evidence") or [], **common)]}
    if data.get("link"):
        try:
            services.add_evidence_link(url=data["link"], name=data.get("link_name") or "", **common)
        except ValidationError as problem:
            errors["link"] = problem.messages
    for field, sentences in errors.items():
        if sentences:
            evidence_form.add_error(field, sentences)
            form.add_error(None, sentences)
    return not evidence_form.errors


def _add_files(files, **common):
    """Add the files; returns sentences about those that were refused."""
    sentences = []
    for file in files:
        try:
            services.add_evidence_file(file=file, **common)
        except ValidationError as problem:
            sentences += problem.messages
    return sentences


def files_too_large(request):
    """A sentence for each file that the upload handler dropped while it came in."""
    most = settings.UPLOAD_MAX_FILE // MEGABYTE
    names = getattr(request, "files_too_large", [])
    return [_("%(name)s（超过 %(most)d MB）") % {"name": name, "most": most} for name in names]


@require_POST
def upload_evidence(request, court, year, code):
    """Take files as they are chosen, for browsers that send them one by one and show how far they are."""
    editor = editor_or_404(request, court, year, code)
    form = EvidenceForm(request.POST, request.FILES, measure=editor.measure, is_lead=editor.is_lead)
    form.is_valid()
    if not editor.may_edit:
        return _refuse_upload()
    data = form.cleaned_data
    try:
        report = editor.report or _begin_draft(editor)
        refused = _add_files(
            data.get("evidence") or [],
            report=report,
            by=editor.user,
            at=editor.now,
            indicator=data.get("evidence_of"),
        )
    except services.AlreadyDecided:
        return _refuse_upload()
    evidence_list = render_to_string(
        "reporting/_evidence.html", {"evidence": evidence_of(report), "may_remove": True}, request=request
    )
    sentences = [*files_too_large(request), *refused]
    return JsonResponse({"messages": sentences, "evidence_list": evidence_list, "revision": report.revision})


def _refuse_upload():
    return JsonResponse({"messages": [_("这份填报已经提交，不能再添加。")]}, status=409)


def _begin_draft(editor):
    """An empty draft to lay files beside; the one that somebody else has begun meanwhile."""
    try:
        return editor.save_draft(ReportContent(), revision=0, automatically=True)
    except services.StaleReport as stale:
        return stale.report


@require_POST
@redirect_refusals
def remove_evidence(request, court, year, code, pk, *, evidence_pk):
    report = report_or_404(request, court, year, code, pk)
    evidence = get_object_or_404(report.evidence.filter(removed_at=None), pk=evidence_pk)
    services.remove_evidence(evidence=evidence, by=request.user, at=timezone.now())
    messages.success(request, _("已移除“%(name)s”。") % {"name": evidence.name})
    return redirect(editor_url("write", report.measure, report.window_end))


@require_safe
def download_evidence(request, court, year, code, pk, evidence_pk):
    """Hand out a file to whoever may see its report: to save, never to open in the page."""
    report = report_or_404(request, court, year, code, pk)
    files = report.evidence.filter(removed_at=None, kind=EvidenceKind.FILE)
    evidence = get_object_or_404(files, pk=evidence_pk)
    if not is_intact(evidence):
        logger.error("evidence %s is missing or altered: %s", evidence.pk, evidence.path)
        request.plan = report.measure.plan
        context = {"evidence": evidence, "report": report}
        return render(request, "reporting/evidence_missing.html", context, status=410)
    response = FileResponse(
        absolute_path(evidence.path).open("rb"),
        as_attachment=True,
        filename=evidence.name,
        content_type=evidence.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
