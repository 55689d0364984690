"""What machines ask, answered before anything that is meant for people; and the counting of requests."""

import time

from django.conf import settings

from apps.operations import views


class ProbeMiddleware:
    """Answers /healthz, /readyz and /metrics whatever name the server is called by, over http and with no session:
    a balancer asks by address, and an answer without a link or a cookie gives a strange name nothing to go by."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.views = {"/healthz": views.healthz, "/readyz": views.readyz}
        if settings.METRICS:
            self.views["/metrics"] = views.metrics

    def __call__(self, request):
        view = self.views.get(request.path_info)
        if view is None:
            return self.get_response(request)
        request.is_probe = True
        return view(request)


class MeasuringMiddleware:
    """Counts each request, but for what machines ask. Only where METRICS is on."""

    def __init__(self, get_response):
        from apps.operations import measuring  # noqa: PLC0415 – opens its counters' files, which must not be where it is off

        self.get_response, self.count = get_response, measuring.count_request

    def __call__(self, request):
        began = time.perf_counter()
        response = self.get_response(request)
        if not getattr(request, "is_probe", False):
            seconds = time.perf_counter() - began
            self.count(request, response.status_code, seconds=seconds, n_queries=request.work.n_queries)
        return response
