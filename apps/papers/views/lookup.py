"""The objects that an address names: plan and day, kind of paper, issue, job; or 404."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from apps.dashboard.days import shown_day
from apps.papers.choices import ISSUED, PaperKind
from apps.papers.models import Job
from apps.papers.selectors import is_long, issues_of
from apps.plans.selectors import plans_visible_to

LONG = (PaperKind.LEDGER, PaperKind.BREAKDOWN)


def plan_or_404(request, court, year):
    plan = get_object_or_404(plans_visible_to(request.user), court__slug=court, year=year)
    request.plan = plan
    return plan


def plan_and_day(request, court, year):
    plan, now = plan_or_404(request, court, year), timezone.now()
    asked_on, asked_known = request.GET.get("on"), request.GET.get("known")
    return plan, shown_day(plan, asked_on, asked_known, now=now, today=timezone.localdate(now))


def kind_or_404(kind):
    if kind not in ISSUED:
        raise Http404
    return PaperKind(kind)


def issue_or_404(request, court, year, number):
    return get_object_or_404(issues_of(plan_or_404(request, court, year)), number=number)


def job_or_404(request, court, year, key):
    plan = plan_or_404(request, court, year)
    return get_object_or_404(Job.objects.available(at=timezone.now()), plan=plan, key=key, by=request.user)


def is_left_to_worker(plan, kind):
    return kind in LONG and is_long(plan)


def papers_url(plan, day):
    return reverse("papers:papers", args=[plan.court.slug, plan.year]) + day.query
