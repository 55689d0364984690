"""Reading reports, and deciding on them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.choices import Role
from apps.plans.wording import window_label
from apps.reporting import services
from apps.reporting.choices import ReportMove, ReportStatus
from apps.reporting.content import snapshot
from apps.reporting.differences import Baseline, diff_rows
from apps.reporting.forms import ReasonForm
from apps.reporting.permissions import can_edit, can_transition, has_written, is_actor
from apps.reporting.selectors import (
    came_late,
    evidence_of,
    last_approved,
    reports_waiting_for,
    versions_newest_first,
    waiting_rows,
)
from apps.reporting.views.conflicts import redirect_refusals, why_refused
from apps.reporting.views.lookup import editor_url, report_or_404

PAGE_SIZE = 50
MAX_DIGITS = 18  # of a key or a revision: still a 64-bit integer


@require_GET
def review_queue(request):
    """What waits for this person's decision, the longest waiting first."""
    page = Paginator(reports_waiting_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "reporting/reviews.html", {"page_obj": page, "rows": waiting_rows(page.object_list)})


@require_POST
def approve_several(request):
    """Approve the ticked reports: first they are shown once more, then each goes through the same checks as one."""
    revisions = _ticked_revisions(request)
    reports = list(reports_waiting_for(request.user).filter(pk__in=revisions))
    if not reports:
        messages.warning(request, _("请先勾选要通过的填报。"))
        return redirect("reporting:reviews")
    if "confirmed" not in request.POST:
        rows = [(row, f"{row.report.pk}:{revisions[row.report.pk]}") for row in waiting_rows(reports)]
        return render(request, "reporting/approve_several.html", {"rows": rows})
    approved, refused = [], []
    for report in reports:
        try:
            services.approve_report(report=report, by=request.user, at=timezone.now(), seen=revisions[report.pk])
        except (services.ReportConflict, ValidationError, PermissionDenied) as problem:
            refused.append((report, why_refused(problem)))
        else:
            approved.append(report)
    context = {"approved": approved, "refused": refused, "n_gone": len(revisions) - len(reports)}
    return render(request, "reporting/approved_several.html", context)


def _ticked_revisions(request):
    """The revision that was shown of each ticked report; what can't be read is passed over."""
    revisions = {}
    for tick in request.POST.getlist("report")[:PAGE_SIZE]:
        pk, revision = (_number(text) for text in tick.partition(":")[::2])
        if pk is not None and revision is not None:
            revisions[pk] = revision
    return revisions


def _number(text):
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


@require_GET
def report(request, court, year, code, pk):
    """One report beside an earlier version, with the decisions open to the person."""
    return _render(request, report_or_404(request, court, year, code, pk))


def _render(request, report, **bound_forms):
    request.plan = report.measure.plan
    user = request.user
    versions = versions_newest_first(report, user)
    baselines = _baselines(report, versions)
    chosen = request.GET.get("against")
    baseline = next(
        (baseline for baseline in baselines if baseline.name == chosen), baselines[0] if baselines else None
    )
    names = {indicator.code: indicator.name for indicator in report.measure.indicators.all()}
    may_edit = can_edit(user, report)
    context = {
        "report": report,
        "evidence": evidence_of(report),
        "rows": diff_rows(snapshot(report), baseline.content if baseline else None, names=names),
        "baseline": baseline,
        "baselines": baselines,
        "versions": [(review, diff_rows(review.content, names=names)) for review in versions],
        "is_late": came_late(report),
        "may_edit": may_edit,
        # Whoever edits a report can no longer review it.
        "gives_up_review": may_edit and not has_written(user, report) and Role.REVIEWER in user.roles,
        "may_review": can_transition(user, report, ReportMove.APPROVE),
        "may_recall": can_transition(user, report, ReportMove.RECALL),
        "may_withdraw": can_transition(user, report, ReportMove.WITHDRAW),
        "return_form": _reason_form(ReportMove.RETURN),
        "withdraw_form": _reason_form(ReportMove.WITHDRAW),
    }
    return render(request, "reporting/report.html", context | bound_forms)


def _reason_form(move, data=None):
    label = _("退回理由") if move == ReportMove.RETURN else _("撤回理由")
    return ReasonForm(data, label=label, auto_id=f"id_{move}_%s")


def _baselines(report, versions):
    """What a report may be compared with: the version that was returned, and the last approved report."""
    baselines = []
    returned = next((review for review in versions if review.decision != ReportMove.APPROVE), None)
    if returned is not None and report.status != ReportStatus.APPROVED:
        baselines.append(Baseline(name="returned", label=_("退回的一版"), content=returned.content))
    previous = last_approved(report.measure, report.department, before=report.window_end)
    if previous is not None:
        window = window_label(previous.window_start, previous.window_end)
        label = _("上一次通过的（%(window)s）") % {"window": window}
        baselines.append(Baseline(name="approved", label=label, content=snapshot(previous)))
    return baselines


@require_POST
@redirect_refusals
def approve(request, court, year, code, pk):
    report = report_or_404(request, court, year, code, pk)
    services.approve_report(report=report, by=request.user, at=timezone.now(), seen=_seen(request))
    messages.success(request, _("已通过，进展已记入台账。"))
    return redirect("reporting:reviews")


@require_POST
@redirect_refusals
def return_to_writer(request, court, year, code, pk):
    report = report_or_404(request, court, year, code, pk)
    if not is_actor(request.user, report, ReportMove.RETURN):
        raise PermissionDenied
    form = _reason_form(ReportMove.RETURN, request.POST)
    if not form.is_valid():
        return _render(request, report, return_form=form)
    services.return_report(report=report, by=request.user, at=timezone.now(), seen=_seen(request), **form.cleaned_data)
    messages.success(request, _("已退回，理由已告知填报部门。"))
    return redirect("reporting:reviews")


@require_POST
@redirect_refusals
def withdraw(request, court, year, code, pk):
    report = report_or_404(request, court, year, code, pk)
    if not is_actor(request.user, report, ReportMove.WITHDRAW):
        raise PermissionDenied
    form = _reason_form(ReportMove.WITHDRAW, request.POST)
    if not form.is_valid():
        return _render(request, report, withdraw_form=form)
    services.withdraw_approval(report=report, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("已撤回通过，相应台账记录已撤回。"))
    return redirect(report)


@require_POST
@redirect_refusals
def recall(request, court, year, code, pk):
    """Recall one's department's report before a decision."""
    report = report_or_404(request, court, year, code, pk)
    services.recall_report(report=report, by=request.user, at=timezone.now())
    messages.success(request, _("已撤回提交，可以继续修改。"))
    return redirect(editor_url("write", report.measure, report.window_end))


def _seen(request):
    """The revision that the form was rendered with; None where the page posts none."""
    return _number(request.POST.get("seen", ""))
