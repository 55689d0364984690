from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.accounts.models import Department
from apps.assessment.choices import Light
from apps.dashboard import selectors
from apps.dashboard.comparison import changes_since, month_end_before, month_ends_of, shares_of, year_of
from apps.dashboard.exports import measure_table, year_table
from apps.dashboard.forms import SearchForm
from apps.dashboard.page_cache import cached_page
from apps.dashboard.search import search as find
from apps.dashboard.source import source_of
from apps.dashboard.views.context import export, first_or_404, history_context, standing_context
from apps.plans.selectors import plans_visible_to
from apps.supervision.selectors import instruction_rows, open_instructions


@require_GET
@cached_page
def plan(request, court, year):
    """The pillar dashboard."""
    context = history_context(request)
    standing, day = context["standing"], context["day"]
    since, changes = month_end_before(standing.on), None
    if since >= standing.plan.starts_on:
        changes = changes_since(context["history"].standing(on=since), standing)
    context |= {
        "pillars": [(pillar, selectors.worst_of(pillar)) for pillar in standing.pillars],
        "changes": changes,
        "programmes": selectors.programmes_of(standing),
        "owed": selectors.owed_now(standing),
        "is_wall": request.GET.get("view") == "wall",
        "troubled": selectors.indicators_in_trouble(standing),
        "latest": selectors.latest_accepted(standing),
        "instructions": instruction_rows(
            open_instructions(standing.plan, on=day.on, known=day.known), on=day.on, known=day.known
        ),
        "other_plans": [other for other in request.plans if other.pk != standing.plan.pk],
    }
    return render(request, "dashboard/plan.html", context)


@require_GET
@cached_page
def pillar(request, court, year, number):
    context = standing_context(request)
    pillar = first_or_404(pillar for pillar in context["standing"].pillars if pillar.pillar.number == number)
    return export(request, context, f"pillar-{number}", measure_table(pillar.measures)) or render(
        request, "dashboard/pillar.html", context | {"pillar": pillar}
    )


@require_GET
@cached_page
def programme(request, court, year, code):
    """One programme, across the pillars."""
    context = standing_context(request)
    programmes = selectors.programmes_of(context["standing"])
    programme = first_or_404(programme for programme in programmes if programme.programme.code == code)
    return export(request, context, f"programme-{code}", measure_table(programme.measures)) or render(
        request, "dashboard/programme.html", context | {"programme": programme}
    )


@require_GET
@cached_page
def department(request, court, year, slug):
    """One department: the measures it leads and supports, and the instructions it has to answer."""
    context = standing_context(request)
    department = get_object_or_404(Department, court=context["plan"].court, slug=slug)
    day, measures = context["day"], context["standing"].measures
    led = [measure for measure in measures if measure.measure.lead_id == department.pk]
    supported = [measure for measure in measures if department in measure.support]
    if response := export(request, context, f"department-{slug}", measure_table([*led, *supported])):
        return response
    instructions = [
        instruction
        for instruction in open_instructions(context["plan"], on=day.on, known=day.known)
        if instruction.department_id == department.pk
    ]
    context |= {
        "department": department,
        "led": led,
        "supported": supported,
        "instructions": instruction_rows(instructions, on=day.on, known=day.known),
    }
    return render(request, "dashboard/department.html", context)


@require_GET
@cached_page
def year(request, court, year):
    """The year at a glance: measures by months, departments by pillars."""
    context = history_context(request)
    plan = context["plan"]
    rows = year_of(context["history"], today=min(context["day"].on, timezone.localdate()))
    if response := export(request, context, "year", year_table(rows)):
        return response
    context |= {
        "months": month_ends_of(plan.year),
        "rows": rows,
        "shares": shares_of(context["standing"], plan.court.departments.order_by("order")),
        "lights": list(Light),
    }
    return render(request, "dashboard/year.html", context)


@require_GET
@cached_page
def source(request, court, year):
    """The plan's own text, each clause tinted by what came of it."""
    context = standing_context(request)
    return render(request, "dashboard/source.html", context | {"source": source_of(context["standing"])})


@require_GET
def search(request, court, year):
    """Measures, indicators, instructions and reports that answer some words, which stand in the address."""
    plan = request.plan = get_object_or_404(plans_visible_to(request.user), court__slug=court, year=year)
    form = SearchForm(request.GET)
    words = form.cleaned_data.get("q") or "" if form.is_valid() else ""
    context = {"plan": plan, "form": form, "words": words, "groups": find(request.user, plan, words)}
    return render(request, "dashboard/search.html", context)
