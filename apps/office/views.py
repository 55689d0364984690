"""The plan's office: what needs attention, a plan's life, the closed year."""

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import is_plan_admin
from apps.accounts.selectors import courts_visible_to
from apps.assessment.selectors import standing_of
from apps.office.archive import checksum_of, document_of
from apps.office.checkup import attention_of, checkup_of
from apps.office.forms import PlanStepForm
from apps.office.models import YearEnd
from apps.office.services import close_year
from apps.plans.choices import PlanMove, PlanStatus
from apps.plans.models import Plan
from apps.plans.permissions import can_move_plan, can_read_draft
from apps.plans.rules import MOVES, NEEDS_REASON
from apps.plans.services import default_day, lacking_to_open, step_plan

DONE = {
    PlanMove.ASK: _("已报请院领导确认。"),
    PlanMove.CONFIRM: _("计划已确认，由计划管理员启用。"),
    PlanMove.RETURN: _("计划已退回修改。"),
    PlanMove.REDRAFT: _("计划已收回，可以修改。"),
    PlanMove.OPEN: _("计划已启用。"),
    PlanMove.CLOSE: _("计划已归档。"),
}


@require_GET
def entrance(request):
    """To the newest plan that the person keeps."""
    plan = _plans_kept_by(request.user).first()
    if plan is None:
        if not request.user.is_superuser and not is_plan_admin(request.user, request.user.court):
            raise PermissionDenied
        return redirect("admin:plans_plan_add")
    return redirect("office:home", plan.court.slug, plan.year)


@require_GET
def home(request, court, year):
    """What needs attention in one plan, and where everything is done."""
    plan = _kept_plan(request, court, year)
    now = timezone.now()
    standing = standing_of(plan, on=default_day(plan, today=timezone.localdate(now)), known=now)
    return render(
        request,
        "office/home.html",
        {
            "plan": plan,
            "checkup": checkup_of(standing),
            "attention": attention_of(standing) if plan.is_open else None,
            "steps": _steps(request.user, plan),
            "lacking": lacking_to_open(plan) if plan.status == PlanStatus.DRAFT else [],
            "plans": _plans_kept_by(request.user).filter(court=plan.court),
        },
    )


@require_GET
def draft(request, court, year):
    """A plan that is being prepared, to be read before it is confirmed."""
    plan = _plan(request, court, year)
    if not can_read_draft(request.user, plan):
        raise PermissionDenied
    standing = standing_of(plan, on=plan.starts_on, known=timezone.now())
    return render(
        request,
        "office/draft.html",
        {"plan": plan, "standing": standing, "steps": _steps(request.user, plan), "checkup": checkup_of(standing)},
    )


@require_POST
def step(request, court, year, move):
    """One step in the plan's life."""
    plan = _plan(request, court, year)
    if move not in PlanMove.values:
        raise Http404
    form = PlanStepForm(request.POST)
    back = "home" if is_plan_admin(request.user, plan.court) else "draft"
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect(f"office:{back}", court, year)
    try:
        if move == PlanMove.CLOSE:
            close_year(plan=plan, by=request.user, at=timezone.now())
        else:
            step_plan(plan=plan, move=move, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    except ValidationError as problems:
        messages.error(request, " ".join(problems.messages))
    else:
        messages.success(request, DONE[move])
    return redirect("office:year_end" if move == PlanMove.CLOSE else f"office:{back}", court, year)


@require_GET
def year_end(request, court, year):
    """A closed year as it was kept, whether it is still whole, and whether the record says the same today."""
    plan = _plan(request, court, year)
    kept = get_object_or_404(YearEnd.objects.select_related("made_by"), plan=plan)
    if request.GET.get("format") == "json":
        text = json.dumps(kept.document, ensure_ascii=False, indent=2)
        response = HttpResponse(text, content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="year-end-{plan.court.slug}-{plan.year}.json"'
        return response
    today = document_of(standing_of(plan, on=plan.ends_on, known=timezone.now()))
    return render(
        request,
        "office/year_end.html",
        {
            "plan": plan,
            "kept": kept,
            "is_whole": checksum_of(kept.document) == kept.checksum,
            "says_the_same": today == kept.document,
        },
    )


def _steps(user, plan):
    """The steps open to this person now, each with whether it asks for a reason."""
    return [
        {"move": move, "needs_reason": move in NEEDS_REASON, "after": after.label}
        for move, after in MOVES[plan.status].items()
        if can_move_plan(user, plan, move)
    ]


def _plans_kept_by(user):
    plans = Plan.objects.select_related("court").order_by("-year", "court__slug")
    if user.is_superuser:
        return plans
    return plans.filter(court=user.court) if user.court_id and is_plan_admin(user, user.court) else plans.none()


def _plan(request, court, year):
    """A plan of a court that the person may see, whatever its state."""
    plan = get_object_or_404(
        Plan.objects.select_related("court").filter(court__in=courts_visible_to(request.user)),
        court__slug=court,
        year=year,
    )
    if plan.is_being_prepared and not can_read_draft(request.user, plan):
        raise Http404
    request.plan = plan
    return plan


def _kept_plan(request, court, year):
    """As `_plan`, for those who keep it."""
    plan = _plan(request, court, year)
    if not is_plan_admin(request.user, plan.court):
        raise PermissionDenied
    return plan
