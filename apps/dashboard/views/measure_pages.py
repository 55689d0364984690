from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from apps.assessment.selectors import read_plan
from apps.dashboard import selectors
from apps.dashboard.charts import year_line_of
from apps.dashboard.exports import measure_table
from apps.dashboard.forms import MeasureFilter, TimelineFilter
from apps.dashboard.page_cache import cached_page
from apps.dashboard.timeline import timeline_of
from apps.dashboard.views.context import export, first_or_404, page_context, sort_links, standing_context
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.selectors import measures_visible_to
from apps.reporting.permissions import can_write
from apps.reporting.selectors import is_under_review, reports_visible_to
from apps.supervision.permissions import can_ask_closing, can_ask_extension, can_instruct
from apps.supervision.selectors import instruction_rows, instructions_on, requests_on

EVENTS_PER_PAGE = 100


@require_GET
@cached_page
def measures(request, court, year):
    """All measures; the filter lives in the address."""
    context = standing_context(request)
    standing = context["standing"]
    form = MeasureFilter(request.GET, standing=standing, departments=standing.plan.court.departments.order_by("order"))
    form.is_valid()
    found = selectors.measures_found(standing, form.cleaned_data)
    template = "dashboard/measures.html#found" if request.htmx else "dashboard/measures.html"
    sorts = sort_links(form.cleaned_data.get("sort") or "")
    return export(request, context, "measures", measure_table(found)) or render(
        request, template, context | {"form": form, "found": found, "sorts": sorts}
    )


@require_GET
@cached_page
def measure(request, court, year, code):
    """One measure's story: light and working, nodes, indicators, reports, orders, source."""
    context = page_context(request)
    day = context["day"]
    reading = read_plan(request.plan, on=day.on, known=day.known, measures=Q(code=code))
    standing = first_or_404(reading.measure_standings())
    measure = standing.measure
    context |= {
        "standing": standing,
        "thresholds": reading.thresholds,
        "threshold_orders": reading.threshold_orders,
        "year_line": year_line_of(standing, plan=request.plan, on=day.on),
        **_texts_of(standing, known=day.known),
        "quotes": measure.quotes.order_by("order"),
        "reports": reports_visible_to(request.user).filter(measure=measure).order_by("-window_end", "pk"),
        "may_write": can_write(request.user, measure),
        "is_under_review": is_under_review(measure),
        **_supervision_of(standing, request.user, day),
    }
    return render(request, "dashboard/measure.html", context)


def _texts_of(standing, *, known):
    """The entries of the accepted report and of the closing, whose words the page shows; None where there is none."""
    entries = LedgerEntry.objects.known_at(known).filter(measure=standing.measure).select_related("accepted_by")
    entries = list(entries.filter(Q(pk=standing.progress and standing.progress.pk) | Q(kind=EntryKind.CLOSED)))
    return {
        "progress": next((entry for entry in entries if entry.kind != EntryKind.CLOSED), None),
        "closing": next((entry for entry in entries if entry.kind == EntryKind.CLOSED), None),
    }


def _supervision_of(standing, user, day):
    """Instructions, extensions and closings of a measure as known on the day, and what this person may begin."""
    measure = standing.measure
    instructions = [instruction for instruction in instructions_on(measure) if instruction.at <= day.known]
    is_closed = standing.facts.closed_on is not None
    return {
        "instructions": instruction_rows(instructions, on=day.on, known=day.known),
        "requests": [(item, item.status_at(day.known)) for item in requests_on(measure, user) if item.at <= day.known],
        "may_instruct": can_instruct(user, measure.plan),
        "may_ask_extension": not is_closed and can_ask_extension(user, measure),
        "may_ask_closing": not is_closed and can_ask_closing(user, measure),
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
    page_obj = Paginator(events, EVENTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "dashboard/timeline.html", {"measure": measure, "form": form, "page_obj": page_obj})
