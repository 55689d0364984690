"""The plan's office: what needs attention, a plan's life, the closed year."""

import json
from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Court, User
from apps.accounts.permissions import is_plan_admin
from apps.accounts.selectors import courts_visible_to
from apps.assessment.archive import checksum_of, document_of
from apps.assessment.selectors import standing_of
from apps.audit.import_tables import RowOutcome
from apps.core.permissions import require
from apps.core.sheets import read_table
from apps.core.tables import xlsx_response
from apps.core.uploads import BadUploadError, safe_name
from apps.indicators.models import IndicatorSet
from apps.indicators.permissions import can_keep_sets
from apps.indicators.services import adopt_set, fit_of
from apps.office.checkup import attention_of, checkup_of
from apps.office.document import plan_document
from apps.office.forms import AdoptForm, LeavingForm, NextYearForm, PlanFileForm, PlanStepForm, TableForm
from apps.office.import_registry import TABLES
from apps.office.models import ImportFile, YearEnd
from apps.office.people import leaders_beside, let_go, measures_answered_for, remove_example_accounts
from apps.office.services import (
    PLAN_FILE,
    ImportRefused,
    check_table,
    close_year,
    open_next_year,
    receive_plan,
    receive_table,
    take_plan,
    take_table,
)
from apps.plans.choices import PlanMove, PlanStatus
from apps.plans.models import Plan
from apps.plans.permissions import can_give_orders, can_move_plan, can_read_draft
from apps.plans.rules import MOVES, NEEDS_REASON
from apps.plans.selectors import plans_prepared_for
from apps.plans.services import default_day, lacking_to_open, step_plan

# So many rows are done within one answer; for more, the answer tells how far it is.
ROWS_AT_ONCE, TELL_EVERY = 300, 50
N_SHOWN = 200
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
        return redirect("office:from_file")
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
            "prepared": [one for one in plans_prepared_for(request.user) if one.pk != plan.pk],
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


# Tables in


@require_GET
def tables(request, court, year):
    """Which tables can be taken in."""
    plan = _kept_plan(request, court, year)
    return render(
        request,
        "office/tables.html",
        {
            "plan": plan,
            "tables": [{"table": table, "is_open": table.can_import(request.user, plan)} for table in TABLES.values()],
        },
    )


@require_http_methods(["GET", "POST"])
def upload(request, court, year, table):
    """Upload one table; it is checked row by row, and nothing is taken in yet."""
    plan = _kept_plan(request, court, year)
    kind = _kind(table)
    require(kind.can_import(request.user, plan))
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            received = receive_table(
                plan=plan, table=table, file=file, name=safe_name(file.name), by=request.user, at=timezone.now()
            )
        except BadUploadError as problem:
            form.add_error("file", str(problem))
        else:
            return _worked_through(request, received, check_table(received, at=timezone.now()))
    columns = [(column, column.example(plan)) for column in kind.columns]
    return render(request, "office/upload.html", {"plan": plan, "table": kind, "columns": columns, "form": form})


@require_GET
def template(request, court, year, table):
    """An empty table to fill in, with one row that shows how."""
    plan = _kept_plan(request, court, year)
    kind = _kind(table)
    head = [str(column.name) for column in kind.columns]
    return xlsx_response(f"{table}-template", head, [[column.example(plan) for column in kind.columns]])


@require_http_methods(["GET", "POST"])
def received(request, court, year, pk):
    """What each row of a table would do; and, by POST, doing it."""
    plan = _kept_plan(request, court, year)
    held = _received(request, plan, pk)
    if request.method == "POST":
        return _worked_through(request, held, take_table(held, at=timezone.now()))
    rows = held.outcomes or []
    counts = Counter(row["outcome"] for row in rows)
    failed = [row for row in rows if row["outcome"] == RowOutcome.FAILED]
    others = [row for row in rows if row["outcome"] in (RowOutcome.NEW, RowOutcome.CHANGED)]
    return render(
        request,
        "office/received.html",
        {
            "plan": plan,
            "held": held,
            "table": TABLES[held.table],
            "counts": {outcome.value: counts[outcome] for outcome in RowOutcome},
            "failed": failed[:N_SHOWN],
            "others": others[:N_SHOWN],
            "n_more": max(len(failed) - N_SHOWN, 0) + max(len(others) - N_SHOWN, 0),
            "may_take": held.done_at is None and not failed and bool(others),
        },
    )


@require_GET
def rejected(request, court, year, pk):
    """The rows that can't be taken, with why, as a table to mend."""
    plan = _kept_plan(request, court, year)
    held = _received(request, plan, pk)
    if held.done_at is not None:
        raise Http404
    sheet = read_table(held.opened(), name=held.name, sheet=str(TABLES[held.table].title))
    why = {one["number"]: one["errors"] for one in held.outcomes or [] if one["outcome"] == RowOutcome.FAILED}
    rows = [
        [*(row.cells.get(name) for name in sheet.columns), " ".join(why[row.number])]
        for row in sheet.rows
        if row.number in why
    ]
    return xlsx_response(f"{held.table}-rejected", [*sheet.columns, gettext("需要改正")], rows)


def _worked_through(request, held, work):
    """Do the work within this answer; where it is long, tell how far it is while it goes on.

    All is one transaction: a browser that leaves, or a server that stops, leaves nothing half done.
    """
    there = reverse("office:received", args=[held.plan.court.slug, held.plan.year, held.pk])
    first = next(work, None)
    if first is None or first[1] <= ROWS_AT_ONCE:
        try:
            for _progress in work:
                pass
        except ImportRefused:
            messages.error(request, gettext("有的行现在不能导入，一行也没有导入。请重新上传核对。"))
        else:
            if held.done_at is not None:
                messages.success(request, gettext("已导入。"))
        return redirect(there)
    mark = "[progress]"
    page = render_to_string("office/progress.html", {"plan": held.plan, "there": there, "mark": mark}, request=request)
    head, tail = page.split(mark)
    return StreamingHttpResponse(_told(head, tail, work, there, language=translation.get_language()))


def _told(head, tail, work, there, *, language):
    with translation.override(language):
        yield head
        try:
            for n_done, n_rows in work:
                if n_done % TELL_EVERY == 0:
                    yield render_to_string("office/_progress.html", {"n_done": n_done, "n_rows": n_rows})
        except ImportRefused:
            yield render_to_string("office/_progress.html", {"there": there, "is_refused": True})
        else:
            yield render_to_string("office/_progress.html", {"there": there})
        yield tail


def _kind(table):
    if table not in TABLES:
        raise Http404
    return TABLES[table]


def _received(request, plan, pk):
    return _upload_or_404(plan=plan, by=request.user, pk=pk)


def _upload_or_404(**lookup):
    """An upload that is not expired, and that the server's key can still read."""
    uploads = ImportFile.objects.available(at=timezone.now()).select_related("court", "plan__court", "by")
    upload = get_object_or_404(uploads, **lookup)
    if upload.done_at is None and not upload.is_readable:
        raise Http404
    return upload


# The whole plan, and the next year's


@require_GET
def plan_file(request, court, year):
    """The whole plan as one document."""
    plan = _kept_plan(request, court, year)
    text = json.dumps(plan_document(plan), ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="plan-{plan.court.slug}-{plan.year}.json"'
    return response


@require_http_methods(["GET", "POST"])
def next_year(request, court, year):
    """Choose what goes on into next year's draft."""
    plan = _kept_plan(request, court, year)
    now = timezone.now()
    form = NextYearForm(request.POST or None, standing=standing_of(plan, on=plan.ends_on, known=now))
    if request.method == "POST" and form.is_valid():
        try:
            made = open_next_year(
                plan=plan,
                codes=form.cleaned_data["measures"],
                keeps_targets=form.cleaned_data["targets"] == "kept",
                by=request.user,
                at=now,
            )
        except ValidationError as problems:
            form.add_error(None, problems.messages)
        else:
            messages.success(request, gettext("%(year)s 年的计划草稿已建立。") % {"year": made.year})
            return redirect("office:home", court, made.year)
    return render(request, "office/next_year.html", {"plan": plan, "form": form, "to_year": plan.year + 1})


@require_http_methods(["GET", "POST"])
def from_file(request):
    """A new draft from a plan's document; it is tried first, and nothing is made yet."""
    court = _kept_court(request)
    form = PlanFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            held = receive_plan(court=court, file=file, name=safe_name(file.name), by=request.user, at=timezone.now())
        except ValidationError as problems:
            form.add_error("file", problems.messages)
        else:
            return redirect("office:plan_received", held.pk)
    return render(request, "office/from_file.html", {"form": form})


@require_http_methods(["GET", "POST"])
def plan_received(request, pk):
    """What the document would make; and, by POST, making it."""
    court = _kept_court(request)
    held = _upload_or_404(court=court, by=request.user, table=PLAN_FILE, pk=pk)
    if request.method == "POST":
        try:
            made = take_plan(held, at=timezone.now())
        except ValidationError as problems:
            messages.error(request, " ".join(problems.messages))
            return redirect("office:plan_received", pk)
        messages.success(request, gettext("%(year)s 年的计划草稿已建立。") % {"year": made.year})
        return redirect("office:home", made.court.slug, made.year)
    return render(request, "office/plan_received.html", {"held": held})


def _kept_court(request):
    """The court whose plans this person keeps; a superuser without a court keeps the only one there is."""
    court = request.user.court
    if court is None and request.user.is_superuser and Court.objects.count() == 1:
        court = Court.objects.get()
    if court is None or not is_plan_admin(request.user, court):
        raise PermissionDenied
    return court


# Indicator sets


@require_http_methods(["GET", "POST"])
def sets(request, court, year):
    """The published sets, how each version fits the plan, and adopting one."""
    plan = _kept_plan(request, court, year)
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
    rows = [
        {"set": one, "fitting": fitting, "without": without, "suits": not one.level or one.level == plan.court.level}
        for one in IndicatorSet.objects.order_by("name", "-valid_from")
        for fitting, without in [fit_of(plan, one)]
    ]
    return render(
        request,
        "office/sets.html",
        {
            "plan": plan,
            "rows": rows,
            "may_adopt": can_give_orders(request.user, plan),
            "may_keep": can_keep_sets(request.user),
        },
    )


# People


@require_GET
def people(request):
    """Who is in the court, in the order of the departments, with what each answers for."""
    court = _kept_court(request)
    persons = (
        User.objects.filter(court=court)
        .prefetch_related("groups")
        .order_by("-is_active", "department__order", "username")
        .annotate(
            n_measures=Count(
                "answered_for", filter=Q(answered_for__plan__status__in=[PlanStatus.DRAFT, PlanStatus.OPEN])
            )
        )
    )
    return render(
        request, "office/people.html", {"people": persons, "court": court, "has_examples": court.has_demo_data}
    )


@require_http_methods(["GET", "POST"])
def leaving(request, pk):
    """A person leaves: what they answer for goes to somebody else."""
    court = _kept_court(request)
    person = get_object_or_404(User, court=court, is_active=True, pk=pk)
    form = LeavingForm(request.POST if request.method == "POST" else None, leaders=leaders_beside(person))
    if request.method == "POST" and form.is_valid():
        try:
            let_go(person=person, successor=form.cleaned_data["successor"], by=request.user, at=timezone.now())
        except ValidationError as problems:
            form.add_error(None, problems)
        else:
            messages.success(request, gettext("%(person)s 的账号已停用，经办过的事项都保留在案。") % {"person": person})
            return redirect("office:people")
    return render(
        request, "office/leaving.html", {"person": person, "form": form, "measures": measures_answered_for(person)}
    )


@require_POST
def remove_examples(request):
    """Every account that still has the demonstration's password is switched off."""
    court = _kept_court(request)
    try:
        removed = remove_example_accounts(court=court, by=request.user, at=timezone.now())
    except ValidationError as problems:
        messages.error(request, " ".join(problems.messages))
    else:
        messages.success(request, gettext("已停用 %(n)s 个示例账号。") % {"n": len(removed)})
    return redirect("office:people")


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
