"""The condition of the installation: probes for machines, and the page for the superuser."""

from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from apps.operations.checks import CheckContext, run_all
from apps.operations.choices import State
from apps.operations.readiness import probe
from apps.operations.rules import may_read_metrics

PLAIN = "text/plain; charset=utf-8"
# A proxy that passes a request on says so in one of these.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


@login_not_required
@never_cache
@require_safe
def healthz(request):
    """The process answers."""
    return HttpResponse("ok\n", content_type=PLAIN)


@login_not_required
@never_cache
@require_safe
def readyz(request):
    """Whether the process can serve; if not, one word for each part that isn't ready, and nothing that helps a stranger."""
    problems = probe.problems()
    text = "".join(f"{part}: {reason}\n" for part, reason in problems) or "ok\n"
    return HttpResponse(text, status=503 if problems else 200, content_type=PLAIN)


@login_not_required
@never_cache
@require_safe
def metrics(request):
    """Figures for Prometheus, for whoever sends the token or, where none is set, for this very machine."""
    if not settings.METRICS:
        return HttpResponse(status=404, content_type=PLAIN)
    from apps.operations import metrics  # noqa: PLC0415 – opens its counters' files, which need METRICS_DIR

    kind, _blank, sent = request.headers.get("Authorization", "").partition(" ")
    if not may_read_metrics(
        address=request.META.get("REMOTE_ADDR", ""),
        sent=sent.strip() if kind.lower() == "bearer" else "",
        token=settings.METRICS_TOKEN,
        is_forwarded=any(name in request.META for name in FORWARDED),
        is_behind_proxy=settings.BEHIND_PROXY,
    ):
        return HttpResponse("no\n", status=403, content_type=PLAIN)
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


@never_cache
@require_GET
def status(request):
    """The results of all checks. What is to mend stands first, with its hint; below it only other hints are repeated."""
    if not request.user.is_superuser:
        raise PermissionDenied
    check_context = CheckContext()
    results = run_all(check_context)
    verification = check_context.verification
    context = {
        "now": check_context.now,
        "groups": [(subject.label, list(group)) for subject, group in groupby(results, key=attrgetter("subject"))],
        "to_mend": sorted(filter(attrgetter("needs_action"), results), key=attrgetter("level"), reverse=True),
        "n_well": sum(result.is_well for result in results),
        "chains": [
            {**chain, "state": State.WELL if chain["is_whole"] else State.BAD}
            for chain in (verification.chains if verification else ())
        ],
    }
    return render(request, "operations/status.html", context)
