"""Issued papers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.papers.forms import WithdrawForm
from apps.papers.pdf import missing
from apps.papers.permissions import can_issue
from apps.papers.selectors import check_issue, issues_of
from apps.papers.services import LANGUAGE, withdraw_issue
from apps.papers.tree_diff import difference_of
from apps.papers.views.files import FORMATS, file_response, print_page
from apps.papers.views.lookup import issue_or_404


@require_GET
def issue(request, court, year, number):
    """An issued paper as it was issued, and what has changed since."""
    issue = issue_or_404(request, court, year, number)
    may_withdraw = can_issue(request.user, issue.plan) and not issue.is_withdrawn
    return render(
        request,
        "papers/issue.html",
        {
            "plan": issue.plan,
            "issue": issue,
            "paper": issue.as_paper(),
            "checked": check_issue(issue),
            "forms": FORMATS[issue.kind],
            "others": issues_of(issue.plan).exclude(pk=issue.pk).defer("tree", "paper").order_by("-number"),
            "withdraw_form": WithdrawForm() if may_withdraw else None,
            "pdf_lacks": missing(),
        },
    )


@require_GET
def issue_file(request, court, year, number, form):
    """An issued paper as a file: the same as on the day it was issued."""
    issue = issue_or_404(request, court, year, number)
    with translation.override(LANGUAGE):
        if form == "html":
            return print_page(issue.as_paper())
        if form not in FORMATS[issue.kind]:
            raise Http404
        name = f"{issue.kind}-{issue.plan.court.slug}-{issue.plan.year}-{issue.number}"
        return file_response(issue.as_paper(), form, name=name, template=issue.template)


@require_POST
def issue_withdraw(request, court, year, number):
    """Withdraw an issued paper."""
    issue = issue_or_404(request, court, year, number)
    if not can_issue(request.user, issue.plan):
        raise PermissionDenied
    form = WithdrawForm(request.POST)
    if form.is_valid():
        withdraw_issue(issue=issue, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, _("已撤回。文稿仍可查看，不再作为对比的依据。"))
    else:
        messages.error(request, _("请写明理由。"))
    return redirect(issue)


@require_GET
def issue_compare(request, court, year, number):
    """The differences between two issued papers."""
    issue = issue_or_404(request, court, year, number)
    wanted = request.GET.get("with", "")
    other_number = int(wanted) if wanted.isdecimal() and len(wanted) < 9 else 0
    other = get_object_or_404(issues_of(issue.plan), number=other_number)
    before, after = sorted((issue, other), key=lambda each: (each.on, each.number))
    difference = difference_of(before.tree, after.tree)
    return render(
        request,
        "papers/compare.html",
        {"plan": issue.plan, "before": before, "after": after, "difference": difference},
    )
