"""The state of the installation: for machines that ask whether it lives, and for the person who looks after it."""

from itertools import groupby

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from apps.operations import wording
from apps.operations.choices import WORST_FIRST, State
from apps.operations.probe import probe
from apps.operations.rules import may_read_metrics
from apps.operations.selectors import Look, condition_of

TO_MEND = WORST_FIRST[:2]
PLAIN = "text/plain; charset=utf-8"


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
    """Whether it can serve; where not, each part with one word why, and nothing that helps a stranger."""
    found = probe.ask()
    if not found:
        return HttpResponse("ok\n", content_type=PLAIN)
    return HttpResponse("".join(f"{part}: {why}\n" for part, why in found), status=503, content_type=PLAIN)


# Who sends on a request from somewhere else says so in one of these.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


@login_not_required
@never_cache
@require_safe
def metrics(request):
    """Figures for Prometheus, where they are switched on, for who has the token or asks from this very machine."""
    from apps.operations import measuring  # noqa: PLC0415 – opens its counters' files, which must not be where it is off

    kind, _blank, sent = request.headers.get("Authorization", "").partition(" ")
    if not may_read_metrics(
        address=request.META.get("REMOTE_ADDR", ""),
        sent=sent.strip() if kind.lower() == "bearer" else "",
        token=settings.METRICS_TOKEN,
        is_forwarded=any(name in request.META for name in FORWARDED),
        is_behind_proxy=settings.BEHIND_PROXY,
    ):
        return HttpResponse("no\n", status=403, content_type=PLAIN)
    return HttpResponse(measuring.text(now=timezone.now()), content_type=measuring.CONTENT_TYPE)


@never_cache
@require_GET
def status(request):
    """Everything there is to know of the server, for whoever runs it."""
    if not request.user.is_superuser:
        raise PermissionDenied
    look = Look(now=timezone.now())
    rows = [_row(line) for line in condition_of(look)]
    verification = look.verification
    return render(
        request,
        "operations/status.html",
        {
            "now": look.now,
            "version": settings.VERSION,
            "groups": [(subject.label, list(some)) for subject, some in groupby(rows, key=lambda row: row["subject"])],
            "to_mend": [row for state in TO_MEND for row in rows if row["state"] == state],
            "n_well": sum(row["finding"].is_well for row in rows),
            "chains": [
                one | {"state": State.WELL if one["is_whole"] else State.BAD}
                for one in (verification.chains if verification else [])
            ],
        },
    )


def _row(line):
    """A finding in words; its way of mending stands once, among what is to mend where it is one of those."""
    finding = line.finding
    mend = wording.mend(finding)
    return {
        "subject": line.subject,
        "finding": finding,
        "state": finding.state,
        "name": wording.name_of(finding),
        "said": wording.said(finding),
        "mend": mend,
        "hint": "" if finding.state in TO_MEND else mend,
    }
