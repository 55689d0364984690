"""What a page can cost at the least: the same server and settings, Django's own middleware, and hardly anything in the view."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render

from apps.plans.models import Measure


@login_not_required
def nothing(request):
    return HttpResponse("nothing")


def session_and_user(request):
    return HttpResponse(f"{len(request.session.keys())} {request.user.username}")


def rows(request, court):
    """Session, user, and 36 rows of the database in a plain template."""
    found = Measure.objects.filter(plan__court__slug=court).select_related("plan__court", "pillar", "lead", "leader")
    measures = found.order_by("-plan__year", "pillar__number", "order")[:36]
    return render(request, "ceilings/rows.html", {"measures": measures, "n_keys": len(request.session.keys())})
