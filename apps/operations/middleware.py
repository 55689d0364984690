"""The short way for probes, and the counting of requests for /metrics."""

import time

from apps.operations import urls


class ProbeMiddleware:
    """Answer the addresses in `urls.probes` by any Host, over http and without a session.

    A balancer asks by IP address, which CommonMiddleware would refuse before any view is found. These answers have no
    link, redirect or cookie, so a forged Host can do nothing with them.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.views = {f"/{url.pattern}": url.callback for url in urls.probes}

    def __call__(self, request):
        view = self.views.get(request.path_info)
        if view is None:
            return self.get_response(request)
        request.is_probe = True
        return view(request)


class MetricsMiddleware:
    """Count each request but the probes. Installed only where METRICS is on."""

    def __init__(self, get_response):
        from apps.operations import metrics  # noqa: PLC0415 – opens its counters' files, which need METRICS_DIR

        self.get_response, self.count = get_response, metrics.count_request

    def __call__(self, request):
        began, cpu_began = time.perf_counter(), time.thread_time()
        response = self.get_response(request)
        if not getattr(request, "is_probe", False):
            self.count(
                request,
                response.status_code,
                seconds=time.perf_counter() - began,
                cpu_seconds=time.thread_time() - cpu_began,
                n_queries=request.stats.n_queries,
            )
        return response
