"""The audit trail: to search, to take along, and to check."""

import logging

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.audit.choices import Action, action_label
from apps.audit.selectors import RecordsState, chain_states, records_state, still_holds
from apps.audit.services import note_verification, record
from apps.audit.wording import lines_of, ranges
from apps.core.tables import csv_response
from apps.inspection.forms import NotedForm, TrailFilter
from apps.inspection.selectors import courts_audited_by, events_found

logger = logging.getLogger(__name__)
N_EVENTS = 50
ROWS_AT_ONCE = 2000


def _may_audit(request):
    """Only those who may read the trail; the courts they may read it of, None for all."""
    courts = courts_audited_by(request.user)
    if courts == []:
        raise PermissionDenied
    return courts


@require_GET
def trail(request):
    """The events, newest first; the filter lives in the address."""
    _may_audit(request)
    form = TrailFilter(request.GET)
    form.is_valid()
    page = Paginator(events_found(request.user, form.cleaned_data), N_EVENTS).get_page(request.GET.get("page"))
    return render(
        request,
        "inspection/trail.html",
        {
            "form": form,
            "page_obj": page,
            "rows": [
                {"event": event, "action": action_label(event.action), "lines": lines_of(event.data)} for event in page
            ],
        },
    )


@require_POST
def export(request):
    """What the filter finds, as a table; that it was taken along is on record."""
    _may_audit(request)
    form = TrailFilter(request.POST)
    form.is_valid()
    filters = {name: value for name, value in form.cleaned_data.items() if value}
    events = events_found(request.user, form.cleaned_data)
    data = {"filter": {name: str(value) for name, value in filters.items()}, "n_events": events.count()}
    record(by=request.user, action=Action.AUDIT_EXPORTED, target=request.user, at=timezone.now(), data=data)
    court = request.user.court
    days = [str(filters[name]) for name in ("since", "until") if name in filters]
    name = "-".join(["audit", court.slug if court else "all", *days, str(timezone.localdate())])
    return csv_response(name, HEAD, map(_row, events.iterator(ROWS_AT_ONCE)))


HEAD = (_("法院代码"), _("序号"), _("时间"), _("操作人"), _("操作"), _("对象"), _("内容"), _("校验值"))


def _row(event):
    content = "\n".join(f"{line.name}: {line.value}" for line in lines_of(event.data))
    when = timezone.localtime(event.at).strftime("%Y-%m-%d %H:%M:%S")
    label = action_label(event.action)
    return [event.court, event.number, when, event.by, label, event.target_label, content, event.hash]


@require_http_methods(["GET", "POST"])
def check(request):
    """Check the chain, the rows it tells of and their guards: POST checks, GET says what a check proves."""
    courts = _may_audit(request)
    form = NotedForm(request.POST if request.method == "POST" else None)
    context = {"form": form}
    if request.method == "POST" and form.is_valid():
        chains, records = chain_states(courts), records_state(courts)
        context |= {
            "checked_at": timezone.now(),
            "chains": [
                {"state": chain, "broken": ranges(chain.broken), "missing": ranges(chain.missing)} for chain in chains
            ],
            "records": records,
            "noted": _noted(form.cleaned_data, chains),
        }
        _record_check(request.user, chains, records, at=context["checked_at"])
        if courts is None:
            note_verification(chains, records, at=context["checked_at"])
    return render(request, "inspection/check.html", context)


def _noted(noted, chains):
    """Whether what was noted down still holds in one of the chains; None where nothing was noted."""
    if noted.get("number") is None:
        return None
    holds = any(
        still_holds(court=chain.court, number=noted["number"], noted_hash=noted["noted_hash"]) for chain in chains
    )
    return {"number": noted["number"], "holds": holds}


def _record_check(person, chains, records: RecordsState, *, at):
    """Put the check on record; a chain so broken that it takes no event must not keep anybody from seeing so."""
    n_events = sum(chain.n_events for chain in chains)
    is_whole = records.is_whole and all(chain.is_whole for chain in chains)
    data = {"n_events": n_events, "is_whole": is_whole}
    try:
        record(by=person, action=Action.AUDIT_CHECKED, target=person, at=at, data=data)
    except DatabaseError:
        logger.exception("the check of the audit trail could not be recorded")
