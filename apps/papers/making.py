"""Files too long for one answer: made outside the request, by a process of their own, one at a time.

What is asked for is a row; whoever takes it marks it by a conditional update, so that however many makers there are,
one makes it. A maker says now and then that it is at work; where it falls silent another takes over, twice, and then
the row says that it failed.
"""

import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.accounts.models import Court, User
from apps.assessment.selectors import PlanHistory, standing_of
from apps.core.permissions import require
from apps.papers.blocks import Column, Grid, Paper, Part
from apps.papers.choices import JobState, PaperKind, Shape
from apps.papers.models import Job
from apps.papers.sheets import workbook_of
from apps.papers.tables import breakdown_of, ledger_of, warning_of
from apps.papers.word import word_of
from apps.plans.models import Measure
from apps.plans.selectors import plans_visible_to

ROWS_AT_ONCE = 600  # up to here an answer makes the file itself
KEPT_FOR = timedelta(days=1)
SILENT_FOR = timedelta(seconds=90)
SOON_TAKEN = timedelta(seconds=15)
MOST_TRIES = 2
MAKERS = {"xlsx": workbook_of, "docx": word_of}


class StoppedError(Exception):
    """The person cancelled, or another maker has taken over."""


def is_long(plan):
    return Measure.objects.filter(plan=plan).count() > ROWS_AT_ONCE


def courts_below(plan, user):
    """The plans of the same year, of the courts that this one supervises, as far as the person may see them."""
    return (
        plans_visible_to(user)
        .filter(court__in=Court.objects.filter(parent=plan.court_id), year=plan.year)
        .order_by("court__slug")
    )


@transaction.atomic
def ask_for(*, plan, kind, form, day, with_courts_below, by, at):
    """Put a file on the list; the same one still in the making is not made twice."""
    require(plans_visible_to(by).filter(pk=plan.pk).exists())
    # One at a time asks for a person: the same click may arrive at two processes.
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    Job.objects.filter(expires_at__lt=at).delete()
    what = {"plan": plan, "kind": kind, "form": form, "on": day.on, "with_courts_below": with_courts_below, "by": by}
    running = Job.objects.filter(**what, state__in=(JobState.WAITING, JobState.WORKING)).first()
    return running or Job.objects.create(
        **what,
        known=day.known,
        basis=day.describing,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        at=at,
        expires_at=at + KEPT_FOR,
    )


def cancel(job, *, by):
    """Stop a file in the making. Its maker notices at the next step."""
    require(job.by_id == by.pk)
    Job.objects.filter(pk=job.pk, state__in=(JobState.WAITING, JobState.WORKING)).update(state=JobState.CANCELLED)


def start_maker():
    """Begin a process that makes what is waiting, and does not end with this one. Where the server's own service does
    it (`PAPER_MAKER=service`), nothing is begun."""
    if settings.PAPER_MAKER == "service":
        return None
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "make_papers"]
    # Its standard error is the server's: how it fails stands in the same log.
    return subprocess.Popen(  # noqa: S603 – our own command
        command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


def waits_for_nobody(job, *, at):
    """Whether no maker has taken the file, or the one that had has fallen silent."""
    if job.state == JobState.WAITING:
        return job.at < at - SOON_TAKEN
    return job.state == JobState.WORKING and job.beat_at < at - SILENT_FOR


@dataclass(frozen=True)
class Queue:
    """How many files wait, how many of them for nobody, and how many failed in the last day."""

    n_waiting: int
    n_stuck: int
    n_failed: int


def queue_at(at):
    """The files in the making. What waits behind one that is being made is not stuck. One query."""
    old = at - SILENT_FOR
    n = Job.objects.aggregate(
        waiting=Count("pk", filter=Q(state=JobState.WAITING)),
        old=Count("pk", filter=Q(state=JobState.WAITING, at__lt=old)),
        silent=Count("pk", filter=Q(state=JobState.WORKING, beat_at__lt=old)),
        working=Count("pk", filter=Q(state=JobState.WORKING, beat_at__gte=old)),
        failed=Count("pk", filter=Q(state=JobState.FAILED, at__gte=at - KEPT_FOR)),
    )
    return Queue(n_waiting=n["waiting"], n_stuck=n["silent"] + (0 if n["working"] else n["old"]), n_failed=n["failed"])


def claim(*, maker, at):
    """The next file to make, marked as this maker's; None where nothing waits. One whose makers fell silent too often
    is marked as failed."""
    silent = Q(state=JobState.WORKING, beat_at__lt=at - SILENT_FOR)
    Job.objects.filter(silent, n_tries__gte=MOST_TRIES).update(state=JobState.FAILED)
    for job in Job.objects.filter(Q(state=JobState.WAITING) | silent).order_by("at", "pk"):
        taken = Job.objects.filter(pk=job.pk, state=job.state, n_tries=job.n_tries).update(
            state=JobState.WORKING, maker=maker, beat_at=at, n_tries=F("n_tries") + 1, n_done=0
        )
        if taken:
            return Job.objects.select_related("plan__court", "by").get(pk=job.pk)
    return None


def make(job, *, clock=timezone.now):
    """Make the file. StoppedError where it is not wanted any more; any fault marks it as failed and is raised."""
    try:
        with translation.override(job.language):
            paper = _paper(job, clock=clock)
            content = MAKERS[job.form](paper)
    except StoppedError:
        raise
    except Exception:
        Job.objects.filter(pk=job.pk, maker=job.maker).update(state=JobState.FAILED)
        raise
    _beat(job, clock=clock, state=JobState.DONE, n_done=job.n_all, content=content, name=_name(job))


def _beat(job, *, clock, **more):
    """Say that the maker is at work, and write what is told; only while the file is still its own to make."""
    told = {"beat_at": clock(), **more}
    if not Job.objects.filter(pk=job.pk, maker=job.maker, state=JobState.WORKING).update(**told):
        raise StoppedError
    for name, value in more.items():
        setattr(job, name, value)


def _paper(job, *, clock):
    plan = job.plan
    if not plans_visible_to(job.by).filter(pk=plan.pk).exists():
        raise PermissionError
    plans = [plan, *(courts_below(plan, job.by) if job.with_courts_below else [])]
    _beat(job, clock=clock, n_all=len(plans) + 1)
    papers = []
    for number, one in enumerate(plans, 1):
        papers.append((one, _table_of(job, one)))
        _beat(job, clock=clock, n_done=number)
    if not job.with_courts_below:
        return papers[0][1]
    columns = (Column(name=_("法院"), width=16), *papers[0][1].grids[0].columns)
    grids = tuple(
        Grid(
            name=one.court.name,
            columns=columns,
            rows=tuple((one.court.name, *row) for grid in paper.grids for row in grid.rows),
        )
        for one, paper in papers
        if paper.grids
    )
    return Paper(
        kind=job.kind,
        title=_("%(court)s及下级法院%(year)s年%(kind)s")
        % {"court": plan.court.name, "year": plan.year, "kind": PaperKind(job.kind).label},
        basis=job.basis,
        warning=next((found for one, _paper in papers if (found := warning_of(one))), ""),
        parts=(Part(key="table", blocks=grids, shape=Shape.A3_WIDE),),
    )


def _table_of(job, plan):
    if job.kind == PaperKind.BREAKDOWN:
        return breakdown_of(PlanHistory(plan), on=job.on, known=job.known, basis=job.basis)
    return ledger_of(standing_of(plan, on=job.on, known=job.known), basis=job.basis)


def _name(job):
    below = "-all" if job.with_courts_below else ""
    return f"{job.kind}-{job.plan.court.slug}{below}-{job.plan.year}-{job.on}.{job.form}"
