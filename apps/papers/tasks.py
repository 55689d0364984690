"""Files too long for one response: made by the worker, watched, and deleted when their time is over."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import TaskContext, TaskResultStatus, task
from django_tasks.exceptions import TaskResultDoesNotExist

from apps.core.tasks import delete_old_task_results
from apps.papers.blocks import Grid, GridColumn, Paper, Part
from apps.papers.choices import JobState, PaperKind, Shape
from apps.papers.models import HEARTBEAT_TIMEOUT, Job
from apps.papers.selectors import PaperOptions, draft_of, plans_of_courts_below
from apps.papers.sheets import workbook_of
from apps.papers.tables import warning_of
from apps.papers.word import word_of
from apps.plans.models import Plan
from apps.plans.selectors import plans_visible_to

log = logging.getLogger(__name__)

MAX_TRIES = 2
WRITERS = {"xlsx": workbook_of, "docx": word_of}


class JobStoppedError(Exception):
    """The job was cancelled, or given to another task."""


def enqueue_job(job: Job) -> None:
    """Have a worker make the file; a task that still works on it stops at its next step."""
    result = make_paper.enqueue(job.pk)
    job.task_id, job.state, job.heartbeat_at = result.id, JobState.WAITING, None
    job.n_tries, job.n_done = job.n_tries + 1, 0
    job.save(update_fields=["task_id", "state", "heartbeat_at", "n_tries", "n_done"])


def watch(job: Job, *, at: datetime) -> None:
    watch_job.using(run_after=at + HEARTBEAT_TIMEOUT).enqueue(job.pk)


@task(takes_context=True)
def make_paper(context: TaskContext, job_pk: int) -> None:
    """Write the file of a job. Does nothing where the job was cancelled, or given to another task."""
    job = Job.objects.select_related("plan__court", "by").filter(pk=job_pk).first()
    if job is None or str(job.task_id) != context.task_result.id or job.state != JobState.WAITING:
        return
    try:
        _save_progress(job, expected=JobState.WAITING, state=JobState.WORKING)
        with translation.override(job.language):
            content = WRITERS[job.file_format](_paper_of(job))
        _save_progress(job, state=JobState.DONE, n_done=job.n_all, content=content, name=_file_name(job))
    except JobStoppedError:
        log.info("paper job %s was stopped", job.key)
    except Exception:
        Job.objects.filter(pk=job.pk, task_id=job.task_id).update(state=JobState.FAILED)
        raise  # the task is marked as failed too, and logged with its traceback


@task()
def watch_job(job_pk: int) -> None:
    """Enqueue the job of a lost worker again; fail it after MAX_TRIES. Repeats until the job has ended."""
    now = timezone.now()
    with transaction.atomic():
        job = Job.objects.unfinished().select_for_update().filter(pk=job_pk).first()
        if job is None:
            return
        if _is_lost(job, at=now):
            if job.n_tries >= MAX_TRIES:
                job.state = JobState.FAILED
                job.save(update_fields=["state"])
                return
            enqueue_job(job)
        watch(job, at=now)


@task()
def delete_expired_jobs() -> None:
    now = timezone.now()
    Job.objects.expired(at=now).delete()
    delete_old_task_results(at=now)


def _is_lost(job: Job, *, at: datetime) -> bool:
    """Whether no worker has the job any more: its task has ended, or its heartbeat has stopped."""
    try:
        result = make_paper.get_result(str(job.task_id))
    except TaskResultDoesNotExist:
        return True
    if result.status == TaskResultStatus.READY:
        return False
    latest_sign = job.heartbeat_at or result.started_at
    return result.status != TaskResultStatus.RUNNING or latest_sign < at - HEARTBEAT_TIMEOUT


def _save_progress(job: Job, *, expected: JobState = JobState.WORKING, **values: Any) -> None:
    """Save `values` and a heartbeat, unless the job was cancelled or given to another task."""
    values["heartbeat_at"] = timezone.now()
    # One conditional UPDATE: whoever cancels at the same moment either comes before it or finds the new state.
    if not Job.objects.filter(pk=job.pk, task_id=job.task_id, state=expected).update(**values):
        raise JobStoppedError
    for name, value in values.items():
        setattr(job, name, value)


def _paper_of(job: Job) -> Paper:
    plan = job.plan
    # Rights are asked for now: they may have been taken away since the file was requested.
    if not plans_visible_to(job.by).filter(pk=plan.pk).exists():
        raise PermissionError
    plans = [plan, *(plans_of_courts_below(plan, job.by) if job.with_courts_below else [])]
    _save_progress(job, n_all=len(plans) + 1)
    options = PaperOptions(on=job.on, known=job.known, basis=job.basis)
    papers = []
    for n_done, each_plan in enumerate(plans, 1):
        papers.append((each_plan, draft_of(each_plan, job.kind, options).paper))
        _save_progress(job, n_done=n_done)
    return _joined(job, papers) if job.with_courts_below else papers[0][1]


def _joined(job: Job, papers: list[tuple[Plan, Paper]]) -> Paper:
    """The papers of several courts as one, with a column for the court and a table each."""
    court_column = GridColumn(name=_("法院"), width=16)
    grids = tuple(
        Grid(
            name=plan.court.name,
            columns=(court_column, *paper.grids[0].columns),
            rows=tuple((plan.court.name, *row) for grid in paper.grids for row in grid.rows),
        )
        for plan, paper in papers
        if paper.grids
    )
    return Paper(
        kind=job.kind,
        title=_("%(court)s及下级法院%(year)s年%(kind)s")
        % {"court": job.plan.court.name, "year": job.plan.year, "kind": PaperKind(job.kind).label},
        basis=job.basis,
        warning=next((warning for plan, _paper in papers if (warning := warning_of(plan))), ""),
        parts=(Part(key="table", blocks=grids, shape=Shape.A3_WIDE),),
    )


def _file_name(job: Job) -> str:
    below = "-all" if job.with_courts_below else ""
    return f"{job.kind}-{job.plan.court.slug}{below}-{job.plan.year}-{job.on}.{job.file_format}"
