"""What the pages of a plan share: the day shown, the plan's standing on it, and their tables as files."""

from typing import TypeVar

from django.contrib import messages
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.assessment.selectors import PlanHistory, standing_of
from apps.core.tables import FORMATS, Head, Rows, table_response
from apps.core.workdays import calendar_knows
from apps.dashboard.choices import Sort
from apps.dashboard.days import month_ends, shown_day

Row = TypeVar("Row")


def standing_context(request):
    """The plan, which `cached_page` looked up, as it stands on the day asked for."""
    context = page_context(request)
    day = context["day"]
    return context | {"standing": standing_of(context["plan"], on=day.on, known=day.known)}


def history_context(request):
    """The same where the page looks at other days, too: the record is read once for all of them."""
    context = page_context(request)
    history, day = PlanHistory(context["plan"]), context["day"]
    return context | {"history": history, "standing": history.standing(on=day.on, known=day.known)}


def page_context(request):
    """What a page says of the day it shows."""
    plan = request.plan
    day = requested_day(request, plan)
    if day.refused:
        messages.warning(
            request,
            _("“%(typed)s”不是 %(first)s 至今天之间的日期，已改为显示最新情况。")
            % {"typed": day.refused, "first": plan.starts_on},
        )
    return {
        "plan": plan,
        "day": day,
        "shortcuts": month_ends(plan, day, request.GET, today=timezone.localdate()),
        "calendar_is_known": calendar_knows(plan.year),
    }


def requested_day(request, plan):
    now = timezone.now()
    return shown_day(plan, request.GET.get("on"), request.GET.get("known"), now=now, today=timezone.localdate(now))


def first_or_404(rows):
    for row in rows:
        return row
    raise Http404


def export(request, context, name, table: tuple[Head, Rows]):
    """The page's table as a file; None where the page itself is asked for."""
    form = request.GET.get("format")
    if form not in FORMATS:
        return None
    plan = context["plan"]
    return table_response(f"{name}-{plan.court.slug}-{plan.year}-{context['day'].on}", *table, form=form)


def sort_links(current):
    """For the columns by which a table may be sorted."""
    return {choice.value or "plan": {"value": choice.value, "is_current": current == choice} for choice in Sort}
