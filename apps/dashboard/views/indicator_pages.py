from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.dashboard import selectors
from apps.dashboard.charts import chart_data_of, chart_of, spark_of
from apps.dashboard.exports import indicator_table
from apps.dashboard.forms import IndicatorSort
from apps.dashboard.page_cache import cached_page
from apps.dashboard.views.context import export, first_or_404, sort_links, standing_context
from apps.supervision.permissions import can_instruct
from apps.supervision.selectors import instruction_rows, instructions_about


@require_GET
@cached_page
def indicators(request, court, year):
    """All indicators with their targets, values and lights."""
    context = standing_context(request)
    form = IndicatorSort(request.GET)
    form.is_valid()
    sort = form.cleaned_data.get("sort") or ""
    found = selectors.indicators_sorted(context["standing"], sort)
    if response := export(request, context, "indicators", indicator_table(found)):
        return response
    sparks = {row.standing.indicator.pk: spark_of(row.standing, plan=context["plan"]) for row in found}
    context |= {"found": found, "sorts": sort_links(sort), "sparks": sparks}
    return render(request, "dashboard/indicators.html", context)


@require_GET
@cached_page
def indicator(request, court, year, code):
    """One indicator: light and working, target in force and before, readings."""
    context = standing_context(request)
    plan, day, standing = context["plan"], context["day"], context["standing"]
    indicator = first_or_404(indicator for indicator in standing.indicators if indicator.indicator.code == code)
    instructions = [row for row in instructions_about(indicator.indicator) if row.at <= day.known]
    context |= {
        "standing": indicator,
        "chart": chart_of(indicator, plan=plan, on=day.on),
        "chart_data": chart_data_of(indicator, plan=plan),
        "holder": standing.measure_of(indicator.indicator),
        "instructions": instruction_rows(instructions, on=day.on, known=day.known),
        "may_instruct": can_instruct(request.user, plan),
    }
    return render(request, "dashboard/indicator.html", context)
