"""The plan or court that a page of the office is about, for those who may open it."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from apps.accounts.models import Court, User
from apps.accounts.permissions import is_plan_admin
from apps.accounts.selectors import courts_visible_to
from apps.plans.models import Plan
from apps.plans.permissions import can_read_draft


def managed_plans(user: User) -> QuerySet[Plan]:
    """The plans that the person is the plan admin of, newest first."""
    plans = Plan.objects.select_related("court").order_by("-year", "court__slug")
    if user.is_superuser:
        return plans
    return plans.filter(court=user.court) if user.court_id and is_plan_admin(user, user.court) else plans.none()


def plan_or_404(request: HttpRequest, court: str, year: int) -> Plan:
    """A plan of a court that the person may see; while it is prepared, only for those who may read drafts."""
    plan = get_object_or_404(
        Plan.objects.select_related("court").filter(court__in=courts_visible_to(request.user)),
        court__slug=court,
        year=year,
    )
    if plan.is_being_prepared and not can_read_draft(request.user, plan):
        raise Http404
    request.plan = plan  # for the page's navigation
    return plan


def managed_plan_or_404(request: HttpRequest, court: str, year: int) -> Plan:
    plan = plan_or_404(request, court, year)
    if not is_plan_admin(request.user, plan.court):
        raise PermissionDenied
    return plan


def managed_court(request: HttpRequest) -> Court:
    """The court that the person is the plan admin of; for a superuser without a court, the only one there is."""
    court = request.user.court
    if court is None and request.user.is_superuser and Court.objects.count() == 1:
        court = Court.objects.get()
    if court is None or not is_plan_admin(request.user, court):
        raise PermissionDenied
    return court
