from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.accounts.choices import Role
from apps.assessment.selectors import standing_of
from apps.dashboard.views.context import requested_day
from apps.dashboard.work import supported_by, tasks_of, writes_reports
from apps.plans.selectors import current_plan, own_plans, plans_prepared_for, plans_to_confirm
from apps.reporting.selectors import reports_sent_by, reports_waiting_for, waiting_rows
from apps.supervision.selectors import instruction_rows, instructions_given_by, requests_waiting_for


@require_GET
def home(request):
    """To the newest plan of the person's court."""
    plan = current_plan(request.user)
    if plan is None:
        return render(request, "dashboard/no_plan.html", {"prepared": plans_prepared_for(request.user)})
    return redirect("dashboard:plan", plan.court.slug, plan.year)


@require_GET
def my_work(request):
    """What I have to do, what waits for my decision, what I asked of others."""
    user, now = request.user, timezone.now()
    today = timezone.localdate(now)
    own = list(own_plans(user))
    plan = request.plan = own[0] if own else current_plan(user)
    context = {
        "writes": writes_reports(user),
        "tasks": tasks_of(user, on=today, known=now, plans=own),
        "supported": supported_by(user),
        "waiting": waiting_rows(reports_waiting_for(user)),
        "sent": reports_sent_by(user),
        "requests": requests_waiting_for(user),
        "plans_to_confirm": plans_to_confirm(user),
        "plan": plan,
    }
    if Role.LEADER in user.roles and plan:
        day = requested_day(request, plan)
        standing = standing_of(plan, on=day.on, known=day.known)
        context["answered_for"] = [row for row in standing.worst_first if row.measure.leader_id == user.pk]
        context["own_instructions"] = instruction_rows(instructions_given_by(user), on=today)
    return render(request, "dashboard/my_work.html", context)
