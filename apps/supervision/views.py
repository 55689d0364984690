"""Pages of instructions, extensions and closings."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.assessment.selectors import measure_standing_of
from apps.indicators.models import Indicator
from apps.ledger.models import LedgerEntry
from apps.plans.selectors import measures_visible_to, plans_visible_to
from apps.plans.services import default_day
from apps.supervision import services
from apps.supervision.choices import ClosingMove, ExtensionMove, InstructionMove, InstructionStatus
from apps.supervision.forms import ClosingRequestForm, ExtensionForm, InstructionForm, TransitionForm
from apps.supervision.models import Closing, Extension, Instruction
from apps.supervision.permissions import can_ask_closing, can_ask_extension, can_instruct, transitions_open_to
from apps.supervision.rules import problem_of_late_request
from apps.supervision.selectors import (
    deadlines_first_to_last,
    instruction_rows,
    item_visible_to,
    items_of_plan,
    pending_request,
)
from apps.supervision.wording import EFFECTS

PRIMARY_MOVES = {
    InstructionMove.ANSWER,
    InstructionMove.CLOSE,
    ExtensionMove.ENDORSE,
    ExtensionMove.GRANT,
    ClosingMove.CONFIRM,
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
    led_by = measure or indicator.measure
    now = timezone.now()
    form = InstructionForm(
        request.POST if request.method == "POST" else None,
        departments=plan.court.departments.order_by("order"),
        lead=led_by.lead if led_by else None,
        today=timezone.localdate(now),
    )
    instruction = _call(request, form, services.instruct, measure=measure, indicator=indicator, at=now)
    if instruction:
        messages.success(request, _("批示已送达%(department)s。") % {"department": instruction.department})
        return redirect(instruction)
    context = {"plan": plan, "measure": measure, "indicator": indicator, "form": form}
    return render(request, "supervision/instruct.html", context)


@require_http_methods(["GET", "POST"])
def ask_extension(request, court, year, code):
    measure = _measure_or_404(request, court, year, code)
    if not can_ask_extension(request.user, measure):
        raise PermissionDenied
    now = timezone.now()
    today = timezone.localdate(now)
    standing = measure_standing_of(measure, on=default_day(measure.plan, today=today), known=now)
    too_late = problem_of_late_request(due=standing.facts.due, today=today)
    open_deadlines = [] if too_late else [(None, standing.due)]
    open_deadlines += [
        (node.node, node.due)
        for node in standing.nodes
        if node.done_on is None and not problem_of_late_request(due=node.facts.due, today=today)
    ]
    form = ExtensionForm(
        request.POST if request.method == "POST" else None,
        deadlines=open_deadlines or [(None, standing.due)],
        progress=_last_accepted_text(standing),
    )

    def ask(**data):
        return services.ask_extension(measure=measure, node=form.pop_node(data), **data)

    extension = _call(request, form, ask, at=now)
    if extension:
        messages.success(request, _("延期申请已提交，等待部门审核人审核。"))
        return redirect(extension)
    return render(
        request,
        "supervision/ask_extension.html",
        {
            "measure": measure,
            "standing": standing,
            "form": form,
            "pending": pending_request(Extension, measure),
            "too_late": None if open_deadlines else too_late,
        },
    )


@require_http_methods(["GET", "POST"])
def ask_closing(request, court, year, code):
    measure = _measure_or_404(request, court, year, code)
    if not can_ask_closing(request.user, measure):
        raise PermissionDenied
    now = timezone.now()
    on = default_day(measure.plan, today=timezone.localdate(now))
    standing = measure_standing_of(measure, on=on, known=now)
    form = ClosingRequestForm(
        request.POST if request.method == "POST" else None, result=_last_accepted_text(standing), today=on
    )
    closing = _call(request, form, services.ask_closing, measure=measure, at=now)
    if closing:
        messages.success(request, _("销号申请已提交，等待计划管理员确认。"))
        return redirect(closing)
    context = {"measure": measure, "standing": standing, "form": form, "pending": pending_request(Closing, measure)}
    return render(request, "supervision/ask_closing.html", context)


def _call(request, form, service, **kwargs):
    """What the service returns for a valid form; None where the form was not sent or shows errors."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return service(by=request.user, **kwargs, **form.cleaned_data)
    except ValidationError as problems:
        form.add_service_errors(problems)
        return None


def _last_accepted_text(standing):
    """What the department last reported and was accepted, so that it is not typed again."""
    return LedgerEntry.objects.get(pk=standing.progress.pk).text if standing.progress else ""


# Reading and deciding


@require_GET
def instructions(request, court, year):
    """All instructions of a plan, open ones first."""
    plan = get_object_or_404(plans_visible_to(request.user), court__slug=court, year=year)
    request.plan = plan
    today = timezone.localdate()
    rows = instruction_rows(items_of_plan(Instruction, plan), on=today)
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
def item(request, court, year, pk, model):
    """One instruction, extension or closing with its steps, and what this person may do about it."""
    item = _item_or_404(request, court, year, pk, model)
    if model is Instruction and request.method == "GET":
        services.mark_read(instruction=item, by=request.user, at=timezone.now())
    return _render_item(request, item)


@require_POST
def transition(request, court, year, pk, model, move):
    """Make one move; errors are shown in its form."""
    item = _item_or_404(request, court, year, pk, model)
    if move not in item.workflow.actors:
        raise Http404
    now = timezone.now()
    form = TransitionForm(request.POST, item=item, move=move, today=timezone.localdate(now))
    if not form.is_valid() and move not in transitions_open_to(request.user, item):
        raise PermissionDenied
    try:
        moved = _call(request, form, services.transition, item=item, move=move, at=now)
    except services.StaleItem as stale:
        status = {"status": stale.item.status.label}
        messages.warning(request, _("这件事已经有人处理过，现在的状态是“%(status)s”，您刚才的操作没有生效。") % status)
        return redirect(item)
    if moved:
        messages.success(request, _("已办理，现在的状态是“%(status)s”。") % {"status": moved.status.label})
        return redirect(item)
    return _render_item(request, item, bound_form=form)


def _render_item(request, item, *, bound_form=None):
    request.plan = item.plan
    now = timezone.now()
    today = timezone.localdate(now)
    context = {
        "item": item,
        "status": item.status,
        "steps": item.all_steps,
        "transitions": [
            _transition_context(item, move, bound_form, today) for move in transitions_open_to(request.user, item)
        ],
    }
    if item.measure_id:
        on = default_day(item.plan, today=today)
        context["standing"] = measure_standing_of(item.measure, on=on, known=now)
    kind = item._meta.model_name
    if kind == "instruction":
        context |= {
            "receipts": item.receipts.select_related("by"),
            "answer_by": item.answer_by_at(),
            "is_overdue": item.is_overdue(on=today),
        }
    elif kind == "extension":
        context["orders"] = deadlines_first_to_last(item.measure, node=item.node, at=now)
    return render(request, f"supervision/{kind}.html", context)


def _transition_context(item, move, bound_form, today):
    is_bound = bound_form is not None and bound_form.move == move
    return {
        "form": bound_form if is_bound else TransitionForm(item=item, move=move, today=today),
        "url": f"{item.get_absolute_url()}{move}/",
        "label": item.move_choices(move).label,
        "effect": EFFECTS.get(move, ""),
        "is_primary": move in PRIMARY_MOVES,
        "is_open": is_bound,
    }


def _measure_or_404(request, court, year, code):
    measure = get_object_or_404(measures_visible_to(request.user), plan__court__slug=court, plan__year=year, code=code)
    request.plan = measure.plan
    return measure


def _item_or_404(request, court, year, pk, model):
    item = item_visible_to(request.user, model, court=court, year=year, pk=pk)
    if item is None:
        raise Http404
    return item
