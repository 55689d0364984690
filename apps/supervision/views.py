"""Instructions, extensions and closings: asking, reading, deciding."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.assessment.selectors import standing_of
from apps.core.workdays import next_workday
from apps.indicators.models import Indicator
from apps.ledger.models import LedgerEntry
from apps.plans.selectors import measures_visible_to, plans_visible_to
from apps.plans.services import default_day
from apps.supervision import services
from apps.supervision.choices import ClosingMove, ExtensionMove, InstructionMove, InstructionStatus
from apps.supervision.forms import ClosingForm, ExtensionForm, InstructionForm, StepForm
from apps.supervision.models import Closing, Extension, Instruction
from apps.supervision.permissions import can_ask_closing, can_ask_extension, can_instruct, steps_open_to
from apps.supervision.rules import problem_of_asking_late
from apps.supervision.selectors import (
    all_of,
    instruction_rows,
    matter_visible_to,
    moves_of_deadline,
    pending_request,
)
from apps.supervision.wording import BRINGS_ABOUT

PRIMARY = {
    InstructionMove.ANSWER,
    InstructionMove.CLOSE,
    ExtensionMove.ENDORSE,
    ExtensionMove.GRANT,
    ClosingMove.CONFIRM,
}
STEP_OF = {
    Instruction: ("instruction", services.step_instruction),
    Extension: ("extension", services.step_extension),
    Closing: ("closing", services.step_closing),
}


# Asking and instructing


@require_http_methods(["GET", "POST"])
def instruct_measure(request, court, year, code):
    measure = _measure_or_404(request, court, year, code)
    return _instruct(request, measure.plan, measure=measure)


@require_http_methods(["GET", "POST"])
def instruct_indicator(request, court, year, code):
    indicator = get_object_or_404(
        Indicator.objects.filter(plan__in=plans_visible_to(request.user)).select_related(
            "plan__court", "measure__lead"
        ),
        plan__court__slug=court,
        plan__year=year,
        code=code,
    )
    return _instruct(request, indicator.plan, indicator=indicator)


def _instruct(request, plan, *, measure=None, indicator=None):
    if not can_instruct(request.user, plan):
        raise PermissionDenied
    request.plan = plan
    holder = measure or indicator.measure
    now = timezone.now()
    form = InstructionForm(
        request.POST if request.method == "POST" else None,
        departments=plan.court.departments.order_by("order"),
        lead=holder.lead if holder else None,
        today=timezone.localdate(now),
    )

    def give(data):
        return services.instruct(measure=measure, indicator=indicator, by=request.user, at=now, **data)

    given = _sent(request, form, give)
    if given:
        messages.success(request, _("批示已送达%(department)s。") % {"department": given.department})
        return redirect(given)
    return render(
        request,
        "supervision/instruct.html",
        {"plan": plan, "measure": measure, "indicator": indicator, "holder": holder, "form": form},
    )


@require_http_methods(["GET", "POST"])
def ask_extension(request, court, year, code):
    measure = _measure_or_404(request, court, year, code)
    if not can_ask_extension(request.user, measure):
        raise PermissionDenied
    now = timezone.now()
    today = timezone.localdate(now)
    shown = standing_of(measure.plan, on=default_day(measure.plan, today=today), known=now).measure(code)
    deadlines = [(None, shown.due), *((one.node, one.due) for one in shown.nodes if one.done_on is None)]
    open_still = [(node, due) for node, due in deadlines if today <= next_workday(due)]
    form = ExtensionForm(
        request.POST if request.method == "POST" else None,
        deadlines=open_still or deadlines[:1],
        progress=_last_words(shown),
    )

    def ask(data):
        return services.ask_extension(measure=measure, node=form.node_of(data), by=request.user, at=now, **data)

    asked = _sent(request, form, ask)
    if asked:
        messages.success(request, _("延期申请已提交，等待部门审核人审核。"))
        return redirect(asked)
    return render(
        request,
        "supervision/ask_extension.html",
        {
            "measure": measure,
            "shown": shown,
            "form": form,
            "pending": pending_request(Extension, measure),
            "too_late": None if open_still else problem_of_asking_late(due=next_workday(shown.due), today=today),
        },
    )


@require_http_methods(["GET", "POST"])
def ask_closing(request, court, year, code):
    measure = _measure_or_404(request, court, year, code)
    if not can_ask_closing(request.user, measure):
        raise PermissionDenied
    now = timezone.now()
    today = timezone.localdate(now)
    shown = standing_of(measure.plan, on=default_day(measure.plan, today=today), known=now).measure(code)
    form = ClosingForm(
        request.POST if request.method == "POST" else None,
        result=_last_words(shown),
        today=default_day(measure.plan, today=today),
    )
    asked = _sent(request, form, lambda data: services.ask_closing(measure=measure, by=request.user, at=now, **data))
    if asked:
        messages.success(request, _("销号申请已提交，等待计划管理员确认。"))
        return redirect(asked)
    return render(
        request,
        "supervision/ask_closing.html",
        {"measure": measure, "shown": shown, "form": form, "pending": pending_request(Closing, measure)},
    )


def _sent(request, form, act):
    """What the form brought about; None where it was not sent or has errors, which then stand at their fields."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return act(dict(form.cleaned_data))
    except ValidationError as problems:
        form.take_problems(problems)
        return None


def _last_words(shown):
    """What the department last reported and was accepted: not to be typed twice."""
    return LedgerEntry.objects.get(pk=shown.progress.pk).text if shown.progress else ""


# Reading and deciding


@require_GET
def instructions(request, court, year):
    """All of a plan's instructions: those that want something first."""
    plan = get_object_or_404(plans_visible_to(request.user), court__slug=court, year=year)
    request.plan = plan
    today = timezone.localdate()
    rows = instruction_rows(all_of(Instruction, plan), on=today)
    open_rows = [row for row in rows if row.status in (InstructionStatus.OPEN, InstructionStatus.ANSWERED)]
    return render(
        request,
        "supervision/instructions.html",
        {
            "plan": plan,
            "open_rows": sorted(open_rows, key=lambda row: (not row.is_overdue, row.answer_by)),
            "ended_rows": [row for row in rows if row not in open_rows],
        },
    )


@require_http_methods(["GET", "HEAD"])
def matter(request, court, year, pk, model):
    """One instruction, extension or closing with its steps, and what this person may do about it."""
    shown = _matter_or_404(request, court, year, pk, model)
    if model is Instruction and request.method == "GET":
        services.mark_read(instruction=shown, by=request.user, at=timezone.now())
    return _show(request, shown)


@require_POST
def step(request, court, year, pk, model, move):
    """Take one step; what the form lacks is said where it was typed."""
    shown = _matter_or_404(request, court, year, pk, model)
    if move not in shown.way.movers:
        raise Http404
    now = timezone.now()
    form = StepForm(request.POST, matter=shown, move=move, today=timezone.localdate(now))
    if form.is_valid():
        name, service = STEP_OF[model]
        try:
            service(**{name: shown}, move=move, by=request.user, at=now, **form.cleaned_data)
        except services.NotNow as told:
            messages.warning(
                request,
                _("这件事已经有人处理过，现在的状态是“%(status)s”，您刚才的操作没有生效。")
                % {"status": model.statuses(told.matter.status).label},
            )
            return redirect(shown)
        except ValidationError as problems:
            form.take_problems(problems)
        else:
            messages.success(request, _("已办理，现在的状态是“%(status)s”。") % {"status": shown.status.label})
            return redirect(shown)
    elif move not in steps_open_to(request.user, shown):
        raise PermissionDenied
    return _show(request, shown, typed=form)


def _show(request, shown, *, typed=None):
    request.plan = shown.plan
    now = timezone.now()
    today = timezone.localdate(now)
    status = shown.status
    model = shown._meta.model_name
    context = {
        "matter": shown,
        "status": status,
        "taken": shown.steps_until(),
        "steps": [
            {
                "form": typed
                if typed is not None and typed.move == move
                else StepForm(matter=shown, move=move, today=today),
                "url": f"{shown.get_absolute_url()}{move}/",
                "label": shown.moves(move).label,
                "is_primary": move in PRIMARY,
                "brings_about": BRINGS_ABOUT.get(move, ""),
                "is_open": typed is not None and typed.move == move,
            }
            for move in steps_open_to(request.user, shown)
        ],
    }
    if shown.measure_id:
        on = default_day(shown.plan, today=today)
        context["shown"] = standing_of(shown.plan, on=on, known=now).measure(shown.measure.code)
    if model == "instruction":
        context |= {
            "receipts": shown.receipts.select_related("by"),
            "answer_by": shown.answer_by_at(),
            "is_overdue": shown.is_overdue(on=today),
        }
    elif model == "extension":
        context["orders"] = moves_of_deadline(shown.measure, node=shown.node, at=now)
    return render(request, f"supervision/{model}.html", context)


def _measure_or_404(request, court, year, code):
    measure = get_object_or_404(measures_visible_to(request.user), plan__court__slug=court, plan__year=year, code=code)
    request.plan = measure.plan
    return measure


def _matter_or_404(request, court, year, pk, model):
    found = matter_visible_to(request.user, model, court=court, year=year, pk=pk)
    if found is None:
        raise Http404
    return found
