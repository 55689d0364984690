"""Responses to refused acts."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.reporting.choices import ReportStatus
from apps.reporting.permissions import can_see_versions
from apps.reporting.selectors import last_decision
from apps.reporting.services import AlreadyDecided, ChangedSince, ReportConflict


def redirect_refusals(view):
    """Where the view's service refuses the act, redirect to the report with a message."""

    @wraps(view)
    def answer(request, court, year, code, pk, **kwargs):
        try:
            return view(request, court, year, code, pk, **kwargs)
        except ReportConflict as conflict:
            messages.warning(request, _sentence(conflict, request.user))
            return redirect(conflict.report)
        except ValidationError as problems:
            for sentence in problems.messages:
                messages.error(request, sentence)
            return redirect("reporting:report", court, year, code, pk)

    return answer


def _sentence(conflict, user):
    report = conflict.report
    if isinstance(conflict, ChangedSince):
        return _("内容已更新，请重新查看后再决定。您刚才的操作没有生效。")
    decision = last_decision(report)
    is_decided = report.status not in (ReportStatus.DRAFT, ReportStatus.SUBMITTED)
    if decision is not None and is_decided and can_see_versions(user, report):
        return _("%(who)s已于 %(when)s 处理这份填报：%(did)s。您刚才的操作没有生效。") % {
            "who": decision.by,
            "when": f"{timezone.localtime(decision.at):%Y-%m-%d %H:%M}",
            "did": decision.get_decision_display(),
        }
    return _("这份填报已经处理过，现在的状态是“%(status)s”。") % {"status": report.get_status_display()}


def why_refused(problem):
    """The same, short enough for a list."""
    if isinstance(problem, AlreadyDecided):
        return _("已有人处理，现在的状态是“%(status)s”。") % {"status": problem.report.get_status_display()}
    if isinstance(problem, ChangedSince):
        return _("内容已更新，请重新查看。")
    if isinstance(problem, PermissionDenied):
        return str(problem)
    return " ".join(problem.messages)
