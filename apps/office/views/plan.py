"""One plan: what it lacks, its workflow, its export, the closed year and the next."""

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import is_plan_admin
from apps.assessment.archive import document_of
from apps.assessment.selectors import standing_of
from apps.audit.rules import digest_of
from apps.indicators.models import IndicatorSet
from apps.indicators.permissions import can_keep_sets
from apps.indicators.services import adopt_set, match_set
from apps.office.checkup import attention_of, checkup_of
from apps.office.forms import AdoptForm, NextYearForm, PlanMoveForm
from apps.office.models import YearEnd
from apps.office.plan_document import plan_document
from apps.office.services import close_year, open_next_year
from apps.office.views.access import managed_plan_or_404, managed_plans, plan_or_404
from apps.plans.choices import PlanMove, PlanStatus
from apps.plans.permissions import can_give_orders, can_read_draft, moves_open_to
from apps.plans.rules import WORKFLOW
from apps.plans.selectors import plans_prepared_for
from apps.plans.services import default_day, missing_to_open, transition_plan

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
    """Redirect to the newest plan that the person manages."""
    plan = managed_plans(request.user).first()
    if plan is None:
        if not request.user.is_superuser and not is_plan_admin(request.user, request.user.court):
            raise PermissionDenied
        return redirect("office:plan_upload")
    return redirect("office:home", plan.court.slug, plan.year)


@require_GET
def home(request, court, year):
    """What needs attention in one plan, and links to all that can be done."""
    plan = managed_plan_or_404(request, court, year)
    now = timezone.now()
    standing = standing_of(plan, on=default_day(plan, today=timezone.localdate(now)), known=now)
    return render(
        request,
        "office/home.html",
        {
            "plan": plan,
            "checkup": checkup_of(standing),
            "attention": attention_of(standing) if plan.is_open else None,
            "other_drafts": [draft for draft in plans_prepared_for(request.user) if draft.pk != plan.pk],
            "moves": _moves(request.user, plan),
            "missing": missing_to_open(plan) if plan.status == PlanStatus.DRAFT else [],
            "plans": managed_plans(request.user).filter(court=plan.court),
        },
    )


@require_GET
def draft(request, court, year):
    """A plan in preparation, to be read before it is confirmed."""
    plan = plan_or_404(request, court, year)
    if not can_read_draft(request.user, plan):
        raise PermissionDenied
    standing = standing_of(plan, on=plan.starts_on, known=timezone.now())
    return render(
        request,
        "office/draft.html",
        {"plan": plan, "standing": standing, "moves": _moves(request.user, plan), "checkup": checkup_of(standing)},
    )


@require_POST
def transition(request, court, year, move):
    """One move in the plan's workflow."""
    plan = plan_or_404(request, court, year)
    if move not in PlanMove.values:
        raise Http404
    form = PlanMoveForm(request.POST)
    back = "home" if is_plan_admin(request.user, plan.court) else "draft"
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect(f"office:{back}", court, year)
    try:
        if move == PlanMove.CLOSE:
            close_year(plan=plan, by=request.user, at=timezone.now())
        else:
            reason = form.cleaned_data["reason"]
            transition_plan(plan=plan, move=move, reason=reason, by=request.user, at=timezone.now())
    except ValidationError as problems:
        messages.error(request, " ".join(problems.messages))
    else:
        messages.success(request, DONE[move])
    return redirect("office:year_end" if move == PlanMove.CLOSE else f"office:{back}", court, year)


def _moves(user, plan):
    """The moves open to this person now, each with whether it needs a reason."""
    return [{"move": move, "needs_reason": move in WORKFLOW.needs_text} for move in moves_open_to(user, plan)]


@require_GET
def year_end(request, court, year):
    """A closed year as it was stored, whether that is unaltered, and whether the ledger still says the same."""
    plan = plan_or_404(request, court, year)
    stored = get_object_or_404(YearEnd.objects.select_related("made_by"), plan=plan)
    if request.GET.get("format") == "json":
        return _json_download(stored.document, name=f"year-end-{plan.court.slug}-{plan.year}")
    today = document_of(standing_of(plan, on=plan.ends_on, known=timezone.now()))
    return render(
        request,
        "office/year_end.html",
        {
            "plan": plan,
            "year_end": stored,
            "is_unaltered": digest_of(stored.document) == stored.checksum,
            "is_same_today": today == stored.document,
        },
    )


@require_GET
def plan_file(request, court, year):
    """The whole plan as a JSON document."""
    plan = managed_plan_or_404(request, court, year)
    return _json_download(plan_document(plan), name=f"plan-{plan.court.slug}-{plan.year}")


def _json_download(document, *, name):
    text = json.dumps(document, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


@require_http_methods(["GET", "POST"])
def next_year(request, court, year):
    """Choose what continues in next year's draft."""
    plan = managed_plan_or_404(request, court, year)
    now = timezone.now()
    form = NextYearForm(request.POST or None, standing=standing_of(plan, on=plan.ends_on, known=now))
    if request.method == "POST" and form.is_valid():
        try:
            new_plan = open_next_year(
                plan=plan,
                codes=form.cleaned_data["measures"],
                keeps_targets=form.cleaned_data["targets"] == "kept",
                by=request.user,
                at=now,
            )
        except ValidationError as problems:
            form.add_error(None, problems.messages)
        else:
            messages.success(request, gettext("%(year)s 年的计划草稿已建立。") % {"year": new_plan.year})
            return redirect("office:home", court, new_plan.year)
    return render(request, "office/next_year.html", {"plan": plan, "form": form, "to_year": plan.year + 1})


@require_http_methods(["GET", "POST"])
def sets(request, court, year):
    """The published indicator sets, how each version fits the plan, and adopting one."""
    plan = managed_plan_or_404(request, court, year)
    if request.method == "POST":
        form = AdoptForm(request.POST)
        if not form.is_valid():
            raise Http404
        try:
            changed = adopt_set(plan=plan, indicator_set=form.cleaned_data["set"], by=request.user, at=timezone.now())
        except ValidationError as problems:
            messages.error(request, " ".join(problems.messages))
        else:
            messages.success(request, gettext("已对应 %(n)s 项指标，读数和目标值不变。") % {"n": len(changed)})
        return redirect("office:sets", court, year)
    return render(
        request,
        "office/sets.html",
        {
            "plan": plan,
            "versions": [
                {
                    "set": version,
                    "match": match_set(plan, version),
                    "is_suitable": version.level in ("", plan.court.level),
                }
                for version in IndicatorSet.objects.order_by("name", "-valid_from")
            ],
            "may_adopt": can_give_orders(request.user, plan),
            "may_keep": can_keep_sets(request.user),
        },
    )
