"""The error pages."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseServerError
from django.template.loader import render_to_string


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What can't be read is refused; what is too much to read, by its own name.

    Django's own view would look into the form once more, and fail on it once more.
    """
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html", request=request), status=413)
    return HttpResponseBadRequest(render_to_string("400.html"))


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an unexpected fault: needs neither session nor database."""
    return HttpResponseServerError(render_to_string("500.html", {"request_id": getattr(request, "id", "")}))
