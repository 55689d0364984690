"""Answers for the people who watch the server, and the error pages."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http import HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@login_not_required
@never_cache
@require_safe
def healthz(request):
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request):
    """The process answers and its database does too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def bad_request(request, exception):
    """What can't be read is refused; what is too much to read, by its own name."""
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html", request=request), status=413)
    return defaults.bad_request(request, exception)


@login_not_required
def server_error(request):
    """The page for an unexpected fault: needs neither session nor database."""
    return HttpResponseServerError(render_to_string("500.html", {"request_id": getattr(request, "id", "")}))
