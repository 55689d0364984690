"""The pages everyone reads. Each is one read of the plan's standing."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.choices import Role
from apps.accounts.models import Department
from apps.assessment import wording
from apps.assessment.cases import worked_cases
from apps.assessment.choices import FindingCode, Light
from apps.assessment.selectors import PlanHistory, read_plan, standing_of
from apps.assessment.sentences import rule_of
from apps.core.tables import FORMATS, table_response
from apps.core.workdays import calendar_knows
from apps.dashboard import selectors
from apps.dashboard.charts import chart_data_of, chart_of, spark_of, year_line_of
from apps.dashboard.choices import Sort
from apps.dashboard.comparison import changes_since, month_end_before, month_ends_of, shares_of, year_of
from apps.dashboard.days import month_ends, shown_day
from apps.dashboard.exports import indicator_table, measure_table, year_table
from apps.dashboard.forms import IndicatorSort, MeasureFilter, SearchForm, TimelineFilter
from apps.dashboard.gallery import samples
from apps.dashboard.page_cache import cached_page
from apps.dashboard.search import search as find
from apps.dashboard.source import source_of
from apps.dashboard.timeline import timeline_of
from apps.dashboard.work import supported_by, tasks_of, writes_reports
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.selectors import (
    current_plan,
    measures_visible_to,
    own_plans,
    plans_prepared_for,
    plans_to_confirm,
    plans_visible_to,
)
from apps.reporting.permissions import can_write
from apps.reporting.selectors import (
    is_under_review,
    reports_sent_by,
    reports_visible_to,
    reports_waiting_for,
    waiting_rows,
)
from apps.supervision.permissions import can_ask_closing, can_ask_extension, can_instruct
from apps.supervision.selectors import (
    instruction_rows,
    instructions_about,
    instructions_given_by,
    instructions_on,
    open_instructions,
    requests_on,
    requests_waiting_for,
)

N_EVENTS = 100


@require_GET
def home(request):
    """To the newest plan of the person's court."""
    plan = current_plan(request.user)
    if plan is None:
        return render(request, "dashboard/no_plan.html", {"prepared": plans_prepared_for(request.user)})
    return redirect("dashboard:plan", plan.court.slug, plan.year)


@require_GET
@cached_page
def plan(request, court, year):
    """The pillar dashboard."""
    context = _standing_context(request, with_history=True)
    standing = context["standing"]
    return render(
        request,
        "dashboard/plan.html",
        context
        | {
            "pillars": [(one, selectors.worst_of(one)) for one in standing.pillars],
            "changes": _changes(context),
            "programmes": selectors.programmes_of(standing),
            "owed": selectors.owed_now(standing),
            "is_wall": request.GET.get("view") == "wall",
            "troubled": selectors.indicators_in_trouble(standing),
            "latest": selectors.latest_accepted(standing),
            "instructions": instruction_rows(
                open_instructions(standing.plan, on=context["day"].on, known=context["day"].known),
                on=context["day"].on,
                known=context["day"].known,
            ),
            "other_plans": [one for one in request.plans if one.pk != standing.plan.pk],
        },
    )


def _changes(context):
    """What turned since the last month end before the day shown; None in the plan's first month."""
    standing = context["standing"]
    since = month_end_before(standing.on)
    if since < standing.plan.starts_on:
        return None
    return changes_since(context["history"].standing(on=since), standing)


@require_GET
@cached_page
def programme(request, court, year, code):
    """One programme, across the pillars."""
    context = _standing_context(request)
    shown = next((one for one in selectors.programmes_of(context["standing"]) if one.programme.code == code), None)
    if shown is None:
        raise Http404
    if wanted := _table_form(request):
        return table_response(_file_name(f"programme-{code}", context), *measure_table(shown.measures), form=wanted)
    return render(request, "dashboard/programme.html", context | {"programme": shown})


@require_GET
@cached_page
def year(request, court, year):
    """The year at a glance: measures by months, departments by pillars."""
    context = _standing_context(request, with_history=True)
    shown_plan = context["plan"]
    rows = year_of(context["history"], today=min(context["day"].on, timezone.localdate()))
    if wanted := _table_form(request):
        return table_response(_file_name("year", context), *year_table(rows), form=wanted)
    return render(
        request,
        "dashboard/year.html",
        context
        | {
            "months": month_ends_of(shown_plan.year),
            "rows": rows,
            "shares": shares_of(context["standing"], shown_plan.court.departments.order_by("order")),
            "lights": list(Light),
        },
    )


@require_GET
def search(request, court, year):
    """Measures, indicators, instructions and reports that answer some words, which stand in the address."""
    shown_plan = get_object_or_404(plans_visible_to(request.user), court__slug=court, year=year)
    request.plan = shown_plan
    form = SearchForm(request.GET)
    words = form.cleaned_data.get("q") or "" if form.is_valid() else ""
    return render(
        request,
        "dashboard/search.html",
        {"plan": shown_plan, "form": form, "words": words, "groups": find(request.user, shown_plan, words)},
    )


@require_GET
@cached_page
def source(request, court, year):
    """The plan's own text, each clause tinted by what came of it."""
    context = _standing_context(request)
    return render(request, "dashboard/source.html", context | {"source": source_of(context["standing"])})


@require_GET
@cached_page
def pillar(request, court, year, number):
    context = _standing_context(request)
    shown = next((one for one in context["standing"].pillars if one.pillar.number == number), None)
    if shown is None:
        raise Http404
    if wanted := _table_form(request):
        return table_response(_file_name(f"pillar-{number}", context), *measure_table(shown.measures), form=wanted)
    return render(request, "dashboard/pillar.html", context | {"pillar": shown})


@require_GET
@cached_page
def measures(request, court, year):
    """All measures; the filter lives in the address."""
    context = _standing_context(request)
    standing = context["standing"]
    form = MeasureFilter(request.GET, standing=standing, departments=standing.plan.court.departments.order_by("order"))
    form.is_valid()
    found = selectors.measures_found(standing, form.cleaned_data)
    if wanted := _table_form(request):
        return table_response(_file_name("measures", context), *measure_table(found), form=wanted)
    template = "dashboard/measures.html#found" if request.htmx else "dashboard/measures.html"
    sorts = {
        choice.value or "plan": {"value": choice.value, "is_current": (form.cleaned_data.get("sort") or "") == choice}
        for choice in Sort
    }
    return render(request, template, context | {"form": form, "found": found, "sorts": sorts})


def _table_form(request):
    """In which form the page's table is asked for as a file; None where the page is."""
    form = request.GET.get("format")
    return form if form in FORMATS else None


def _file_name(what, context):
    plan = context["plan"]
    return f"{what}-{plan.court.slug}-{plan.year}-{context['day'].on}"


@require_GET
@cached_page
def measure(request, court, year, code):
    """One measure's story: light and working, nodes, indicators, reports, orders, source."""
    context = _page_context(request)
    day = context["day"]
    reading = read_plan(request.plan, on=day.on, known=day.known, measures=Q(code=code))
    shown = next(iter(reading.measure_standings()), None)
    if shown is None:
        raise Http404
    return render(
        request,
        "dashboard/measure.html",
        context
        | {
            "standing": shown,
            "thresholds": reading.thresholds,
            "threshold_orders": reading.threshold_orders,
            "year_line": year_line_of(shown, plan=request.plan, on=day.on),
            **_words_of(shown, known=day.known),
            "quotes": shown.measure.quotes.order_by("order"),
            "reports": reports_visible_to(request.user).filter(measure=shown.measure).order_by("-window_end", "pk"),
            "may_write": can_write(request.user, shown.measure),
            "is_under_review": is_under_review(shown.measure),
            **_oversight_of(shown, request.user, day),
        },
    )


def _words_of(shown, *, known):
    """What the accepted report and the closing say in words; None where there is none."""
    said = LedgerEntry.objects.known_at(known).filter(measure=shown.measure).select_related("accepted_by")
    said = list(said.filter(Q(pk=shown.progress.pk if shown.progress else None) | Q(kind=EntryKind.CLOSED)))
    return {
        "progress": next((one for one in said if one.kind != EntryKind.CLOSED), None),
        "closing": next((one for one in said if one.kind == EntryKind.CLOSED), None),
    }


def _oversight_of(shown, user, day):
    """Instructions, extensions and closings of a measure as known on the day, and what this person may begin."""
    given = [one for one in instructions_on(shown.measure) if one.at <= day.known]
    requests = [one for one in requests_on(shown.measure, user) if one.at <= day.known]
    is_closed = shown.facts.closed_on is not None
    return {
        "instructions": instruction_rows(given, on=day.on, known=day.known),
        "requests": [(one, one.status_at(day.known)) for one in requests],
        "may_instruct": can_instruct(user, shown.measure.plan),
        "may_ask_extension": not is_closed and can_ask_extension(user, shown.measure),
        "may_ask_closing": not is_closed and can_ask_closing(user, shown.measure),
    }


@require_GET
def timeline(request, court, year, code):
    """Everything on record about a measure, newest first; the kind of record is chosen in the address."""
    measure = get_object_or_404(measures_visible_to(request.user), plan__court__slug=court, plan__year=year, code=code)
    request.plan = measure.plan
    form = TimelineFilter(request.GET)
    form.is_valid()
    kind = form.cleaned_data.get("kind")
    events = [event for event in timeline_of(measure, request.user) if not kind or event.kind == kind]
    return render(
        request,
        "dashboard/timeline.html",
        {
            "measure": measure,
            "form": form,
            "page_obj": Paginator(events, N_EVENTS).get_page(request.GET.get("page")),
        },
    )


@require_GET
@cached_page
def department(request, court, year, slug):
    """One department: the measures it leads and supports, and the instructions it has to answer."""
    context = _standing_context(request)
    shown = get_object_or_404(Department, court=context["plan"].court, slug=slug)
    day = context["day"]
    led = [one for one in context["standing"].measures if one.measure.lead_id == shown.pk]
    supported = [one for one in context["standing"].measures if shown in one.support]
    if wanted := _table_form(request):
        return table_response(
            _file_name(f"department-{slug}", context), *measure_table([*led, *supported]), form=wanted
        )
    given = open_instructions(context["plan"], on=day.on, known=day.known)
    return render(
        request,
        "dashboard/department.html",
        context
        | {
            "department": shown,
            "led": led,
            "supported": supported,
            "instructions": instruction_rows(
                [one for one in given if one.department_id == shown.pk], on=day.on, known=day.known
            ),
        },
    )


@require_GET
@cached_page
def indicators(request, court, year):
    """All indicators with their targets, values and lights."""
    context = _standing_context(request)
    standing = context["standing"]
    form = IndicatorSort(request.GET)
    form.is_valid()
    sort = form.cleaned_data.get("sort") or ""
    found = selectors.indicators_sorted(standing, sort)
    if wanted := _table_form(request):
        return table_response(_file_name("indicators", context), *indicator_table(found), form=wanted)
    sorts = {choice.value or "plan": {"value": choice.value, "is_current": sort == choice} for choice in Sort}
    sparks = {row.standing.indicator.pk: spark_of(row.standing, plan=context["plan"]) for row in found}
    return render(request, "dashboard/indicators.html", context | {"found": found, "sorts": sorts, "sparks": sparks})


@require_GET
@cached_page
def indicator(request, court, year, code):
    """One indicator: light and working, target in force and before, readings."""
    context = _standing_context(request)
    shown = next((one for one in context["standing"].indicators if one.indicator.code == code), None)
    if shown is None:
        raise Http404
    day = context["day"]
    given = [one for one in instructions_about(shown.indicator) if one.at <= day.known]
    return render(
        request,
        "dashboard/indicator.html",
        context
        | {
            "standing": shown,
            "chart": chart_of(shown, plan=context["plan"], on=day.on),
            "chart_data": chart_data_of(shown, plan=context["plan"]),
            "holder": context["standing"].measure_of(shown.indicator),
            "instructions": instruction_rows(given, on=day.on, known=day.known),
            "may_instruct": can_instruct(request.user, context["plan"]),
        },
    )


@require_GET
def my_work(request):
    """What I have to do, what waits for my decision, what I asked of others."""
    user, now = request.user, timezone.now()
    today = timezone.localdate(now)
    own = list(own_plans(user))
    request.plan = own[0] if own else current_plan(user)
    context = {
        "writes": writes_reports(user),
        "tasks": tasks_of(user, on=today, known=now, plans=own),
        "supported": supported_by(user),
        "waiting": waiting_rows(reports_waiting_for(user)),
        "sent": reports_sent_by(user),
        "requests": requests_waiting_for(user),
        "plans_to_confirm": plans_to_confirm(user),
        "today": today,
        "plan": request.plan,
    }
    if Role.LEADER in user.roles and context["plan"]:
        shown = _shown_day(request, context["plan"])
        standing = standing_of(context["plan"], on=shown.on, known=shown.known)
        context["answered_for"] = [one for one in standing.worst_first if one.measure.leader_id == user.pk]
        context["own_instructions"] = instruction_rows(instructions_given_by(user), on=today)
    return render(request, "dashboard/my_work.html", context)


@require_GET
def rules(request):
    """What decides a light, in words, and every worked case: the same files that the tests run."""
    cases = worked_cases()
    return render(
        request,
        "dashboard/rules.html",
        {
            "general": wording.GENERAL,
            "findings": [(code.label, rule_of(code)) for code in FindingCode],
            "tables": [
                (_("指标类型"), [(choice.label, words) for choice, words in wording.KINDS.items()]),
                (_("累计方式"), [(choice.label, words) for choice, words in wording.ACCUMULATIONS.items()]),
                (_("考核方式"), [(choice.label, words) for choice, words in wording.PACES.items()]),
            ],
            "groups": [
                (title, [case for case in cases if case.group == group])
                for group, title in (("measures", _("举措")), ("indicators", _("指标")), ("roll_up", _("汇总")))
            ],
            "n_cases": len(cases),
        },
    )


@require_GET
def gallery(request):
    """Each component in each of its states, for those who build pages."""
    if not (settings.GALLERY and request.user.is_staff):
        raise Http404
    return render(request, "dashboard/gallery.html", samples())


def _standing_context(request, *, with_history=False):
    """The plan, which `kept` looked up, as it stands on the day asked for.

    `with_history` where the page looks at other days, too: the record is then read once for all of them.
    """
    context = _page_context(request)
    plan, day = context["plan"], context["day"]
    if not with_history:
        return context | {"standing": standing_of(plan, on=day.on, known=day.known)}
    history = PlanHistory(plan)
    return context | {"history": history, "standing": history.standing(on=day.on, known=day.known)}


def _page_context(request):
    """What a page says of the day it shows."""
    shown_plan = request.plan
    day = _shown_day(request, shown_plan)
    if day.refused:
        messages.warning(
            request,
            _("“%(typed)s”不是 %(first)s 至今天之间的日期，已改为显示最新情况。")
            % {"typed": day.refused, "first": shown_plan.starts_on},
        )
    return {
        "plan": shown_plan,
        "day": day,
        "shortcuts": month_ends(shown_plan, day, request.GET, today=timezone.localdate()),
        "calendar_is_known": calendar_knows(shown_plan.year),
    }


def _shown_day(request, plan):
    now = timezone.now()
    return shown_day(plan, request.GET.get("on"), request.GET.get("known"), now=now, today=timezone.localdate(now))
