"""What machines ask, answered before anything that is meant for people; and the counting of requests."""

import time

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from apps.condition import views
from apps.condition.rules import may_read_metrics

PROBES = {"/healthz": views.healthz, "/readyz": views.readyz}
METRICS = "/metrics"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


class ProbeMiddleware:
    """Answers /healthz and /readyz whatever name the balancer calls the server by, over http and with no session:
    it asks by address, and an answer without a link or a cookie gives a strange name nothing to go by."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = PROBES.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        request.is_probe = True
        return answer(request)


class MeasuringMiddleware:
    """Counts each request, and hands the figures to who may read them. Only where METRICS is on."""

    def __init__(self, get_response):
        from apps.condition import measuring  # noqa: PLC0415 – makes its counters' files, which must not be where it is off

        self.get_response, self.measuring = get_response, measuring

    def __call__(self, request):
        if request.path_info == METRICS:
            request.is_probe = True
            return self._figures(request)
        began = time.perf_counter()
        response = self.get_response(request)
        if not getattr(request, "is_probe", False):
            self.measuring.count_request(
                request,
                response.status_code,
                seconds=time.perf_counter() - began,
                n_queries=request.work.n_queries,
            )
        return response

    def _figures(self, request):
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        kind, _blank, sent = request.headers.get("Authorization", "").partition(" ")
        if not may_read_metrics(
            address=request.META.get("REMOTE_ADDR", ""),
            sent=sent.strip() if kind.lower() == "bearer" else "",
            token=settings.METRICS_TOKEN,
            is_forwarded=any(name in request.META for name in FORWARDED),
            is_behind_proxy=settings.BEHIND_PROXY,
        ):
            return HttpResponse("no\n", status=403, content_type="text/plain")
        return HttpResponse(
            self.measuring.text(now=timezone.now()),
            content_type=self.measuring.CONTENT_TYPE,
            headers={"Cache-Control": "no-store"},
        )
