"""Long files: made once, outside the request, for the one who asked; cancelled, taken over, expired."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from openpyxl import load_workbook

from apps.assessment.selectors import standing_of
from apps.core.tasks import RESULT_LIFETIME
from apps.dashboard.days import shown_day
from apps.papers.choices import JobState
from apps.papers.models import HEARTBEAT_TIMEOUT, Job
from apps.papers.selectors import MAX_ROWS_PER_RESPONSE, queue_at
from apps.papers.services import MAX_UNFINISHED_JOBS, cancel_job, request_job
from apps.papers.sheets import workbook_of
from apps.papers.tables import ledger_of
from apps.plans.models import Plan
from tests.conftest import at, run_tasks
from tests.factories import MeasureFactory, PillarFactory, PlanFactory, ProgressEntryFactory, UserFactory

NOW = at("2025-08-15 10:00")
# Long enough that a silent worker is found by the watch, which looks once in each such time.
LONG_SILENCE = 2 * HEARTBEAT_TIMEOUT + timedelta(seconds=1)


@pytest.fixture
def august():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def job_for(plan, by, *, file_format="xlsx", below=False, at=NOW):
    day = shown_day(plan, "2025-08-15", None, now=at, today=date(2025, 8, 15))
    return request_job(
        plan=plan, kind="ledger", file_format=file_format, day=day, with_courts_below=below, by=by, at=at
    )


def worker_dies(job, *, after="_paper_of"):
    """A worker takes the job and is gone, as far as the database can tell."""
    DBTaskResult.objects.filter(pk=job.task_id).update(status=TaskResultStatus.RUNNING, started_at=timezone.now())
    if after == "_paper_of":
        Job.objects.filter(pk=job.pk).update(state=JobState.WORKING, heartbeat_at=timezone.now())


def test_the_file_is_the_one_that_an_answer_would_be(cast, august):
    plan = cast.measure.plan
    job = job_for(plan, cast.leader)

    run_tasks()

    job.refresh_from_db()
    day = shown_day(plan, "2025-08-15", None, now=NOW, today=date(2025, 8, 15))
    standing = standing_of(Plan.objects.get(pk=plan.pk), on=day.on, known=day.known)
    direct = load_workbook(io.BytesIO(workbook_of(ledger_of(standing, basis=day.describing))))
    found = load_workbook(io.BytesIO(bytes(job.content)))
    assert (job.state, job.n_done, job.name) == (JobState.DONE, 2, "ledger-kfq-2025-2025-08-15.xlsx")
    assert [[cell.value for cell in row] for row in found.worksheets[0]] == [
        [cell.value for cell in row] for row in direct.worksheets[0]
    ]


def test_the_same_file_is_not_made_twice_at_a_time(cast, august):
    first = job_for(cast.measure.plan, cast.leader)

    assert job_for(cast.measure.plan, cast.leader) == first
    assert job_for(cast.measure.plan, cast.reporter) != first
    assert job_for(cast.measure.plan, cast.leader, file_format="docx") != first
    run_tasks()
    assert job_for(cast.measure.plan, cast.leader) != first


def test_a_person_has_only_so_many_in_the_making(client, cast, august):
    for on in range(1, MAX_UNFINISHED_JOBS + 1):
        Job.objects.filter(pk=job_for(cast.measure.plan, cast.leader).pk).update(on=date(2025, 7, on))

    with pytest.raises(ValidationError):
        job_for(cast.measure.plan, cast.leader)
    client.force_login(cast.leader)
    url = reverse("papers:job_ask", args=["kfq", 2025, "ledger"]) + "?on=2025-08-15"
    page = client.post(url, {"form": "xlsx"}, follow=True)

    assert "请等做好或取消后再申请" in page.content.decode()
    assert Job.objects.count() == MAX_UNFINISHED_JOBS
    assert job_for(cast.measure.plan, cast.reporter)
    run_tasks()
    assert job_for(cast.measure.plan, cast.leader)


@pytest.mark.parametrize("after", ["claim", "_paper_of"])
def test_the_job_of_a_dead_worker_is_taken_up_again_and_then_it_has_failed(client, cast, august, after):
    job = job_for(cast.measure.plan, cast.leader)
    worker_dies(job, after=after)
    august.shift(HEARTBEAT_TIMEOUT)
    run_tasks()
    assert Job.objects.get().n_tries == 1, "silent for no longer than it may be"

    august.shift(HEARTBEAT_TIMEOUT + timedelta(seconds=1))
    watched_only(run_tasks)
    job.refresh_from_db()
    assert (job.state, job.n_tries) == (JobState.WAITING, 2)
    worker_dies(job, after=after)
    august.shift(LONG_SILENCE)
    run_tasks()
    august.shift(LONG_SILENCE)
    run_tasks()

    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (JobState.FAILED, b"")
    client.force_login(cast.leader)
    assert "没有做成，可以回到“报表”页重新制作" in client.get(job_url(job)).content.decode()


def watched_only(run):
    """Run what is due, but no further file."""
    run(max_tasks=1)


def job_url(job):
    return reverse("papers:job", args=["kfq", 2025, job.key])


def test_a_worker_that_comes_back_to_life_finds_the_job_in_other_hands(cast, august):
    job = job_for(cast.measure.plan, cast.leader)
    stale = job.task_id
    worker_dies(job)
    august.shift(LONG_SILENCE)
    watched_only(run_tasks)

    DBTaskResult.objects.exclude(pk=stale).update(run_after=NOW + timedelta(days=1))
    DBTaskResult.objects.filter(pk=stale).update(status=TaskResultStatus.READY)
    run_tasks()

    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (JobState.WAITING, b"")


def test_a_cancelled_file_is_not_made(cast, august):
    job = job_for(cast.measure.plan, cast.leader)
    with pytest.raises(PermissionDenied):
        cancel_job(job=job, by=cast.reporter)

    cancel_job(job=job, by=cast.leader)
    run_tasks()

    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (JobState.CANCELLED, b"")


def test_a_file_cancelled_while_it_is_made_stops_at_the_next_step(cast, august, django_assert_num_queries):
    """As when somebody presses the button after the first court's part is done."""
    above = PlanFactory(year=2025)
    court = cast.measure.plan.court
    court.parent = above.court
    court.save()
    job = job_for(above, UserFactory(court=above.court), below=True)

    def cancel_after_first_part(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and '"n_done" = ' in sql and '"state" = ' not in sql.split("WHERE")[0]:
            cancel_job(job=job, by=job.by)
        return answer

    with connection.execute_wrapper(cancel_after_first_part):
        run_tasks()

    job.refresh_from_db()
    assert (job.state, job.n_done, bytes(job.content)) == (JobState.CANCELLED, 1, b"")


def test_file_and_traces_are_deleted_when_their_time_is_over(cast, august):
    job_for(cast.measure.plan, cast.leader)
    run_tasks()
    assert Job.objects.get().state == JobState.DONE

    august.shift(timedelta(days=1))
    run_tasks()
    assert not Job.objects.exists()

    august.shift(RESULT_LIFETIME)
    job_for(cast.measure.plan, cast.leader)
    august.shift(timedelta(days=1))
    run_tasks()
    assert DBTaskResult.objects.filter(enqueued_at__lt=timezone.now() - RESULT_LIFETIME).count() == 0


def test_a_fault_is_said_and_the_next_file_is_made(cast, august):
    gone = job_for(cast.measure.plan, UserFactory(court=cast.measure.plan.court))
    job = job_for(cast.measure.plan, cast.leader)
    type(gone.by).objects.filter(pk=gone.by_id).update(
        court=None, department=None
    )  # who asked may not see the plan any more

    run_tasks()

    gone.refresh_from_db()
    job.refresh_from_db()
    assert (gone.state, job.state) == (JobState.FAILED, JobState.DONE)


def test_courts_below_stand_in_one_table(client, cast, august):
    above = PlanFactory(year=2025)
    measure = MeasureFactory(plan=above, pillar=PillarFactory(plan=above, number=1), code="7.7", title="上级举措")
    ProgressEntryFactory(measure=measure, percent=50, accepted_at=NOW)
    court = cast.measure.plan.court
    court.parent = above.court
    court.save()
    person = UserFactory(court=above.court)
    client.force_login(person)
    assert "台账（含下级法院）" in client.get(reverse("papers:papers", args=[above.court.slug, 2025])).content.decode()

    for by, plan in ((person, above), (cast.leader, cast.measure.plan)):
        job_for(plan, by, below=True)
    run_tasks()

    rows = {}
    for job in Job.objects.select_related("by"):
        sheet = load_workbook(io.BytesIO(bytes(job.content))).worksheets[0]
        rows[job.by] = [[cell.value for cell in row][:4] for row in sheet.iter_rows(min_row=3)]
    assert rows[person] == [
        ["法院", "序号", "支柱", "举措"],
        [above.court.name, "7.7", measure.pillar.short, "上级举措"],
        [court.name, "1.1", cast.measure.pillar.short, cast.measure.title],
    ]
    assert [row[0] for row in rows[cast.leader][1:]] == [court.name]


def test_a_court_without_measures_is_left_out_of_the_table(cast, august):
    above = PlanFactory(year=2025)
    court = cast.measure.plan.court
    court.parent = above.court
    court.save()
    job = job_for(above, UserFactory(court=above.court), below=True)

    run_tasks()

    job.refresh_from_db()
    sheet = load_workbook(io.BytesIO(bytes(job.content))).worksheets[0]
    assert [sheet["A3"].value, sheet["A4"].value] == ["法院", court.name]


def test_from_the_page_to_the_file(client, cast, august):
    client.force_login(cast.leader)
    page = client.post(
        reverse("papers:job_ask", args=["kfq", 2025, "ledger"]) + "?on=2025-08-15", {"form": "xlsx"}, follow=True
    )
    address = page.redirect_chain[-1][0]
    assert "等待制作" in page.content.decode()
    assert client.get(f"{address}file/").status_code == 404

    run_tasks()

    assert "保留到" in client.get(address).content.decode()
    assert "every 2s" not in client.get(address, headers={"HX-Request": "true"}).content.decode()
    file = client.get(f"{address}file/")
    assert load_workbook(io.BytesIO(file.content)).worksheets[0]["A4"].value == "1.1"
    assert "ledger-kfq-2025-2025-08-15.xlsx" in file["Content-Disposition"]
    for who in ("reporter", "plan_admin", "outsider"):
        client.force_login(getattr(cast, who))
        assert (client.get(address).status_code, client.get(f"{address}file/").status_code) == (404, 404)
    client.force_login(cast.leader)
    august.move_to(NOW + timedelta(days=2))
    client.force_login(cast.leader)
    assert client.get(f"{address}file/").status_code == 404


def test_cancelling_from_the_page(client, cast, august):
    client.force_login(cast.leader)
    job = job_for(cast.measure.plan, cast.leader)

    page = client.post(reverse("papers:job", args=["kfq", 2025, job.key]), follow=True)

    assert "已取消" in page.content.decode()
    run_tasks()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


@pytest.mark.parametrize(("kind", "form"), [("bulletin", "docx"), ("ledger", "pdf"), ("ledger", "")])
def test_what_is_not_long_is_not_put_on_the_list(client, cast, august, kind, form):
    client.force_login(cast.leader)

    response = client.post(reverse("papers:job_ask", args=["kfq", 2025, kind]), {"form": form})

    assert response.status_code == 404
    assert not Job.objects.exists()


def test_a_long_plan_is_made_outside_the_request(client, cast, august):
    pillar = cast.measure.pillar
    MeasureFactory.create_batch(MAX_ROWS_PER_RESPONSE, plan=cast.measure.plan, pillar=pillar)
    client.force_login(cast.leader)

    page = client.get(reverse("papers:papers", args=["kfq", 2025])).content.decode()
    direct = client.get(reverse("papers:file", args=["kfq", 2025, "ledger", "xlsx"]))

    assert "制作 Excel" in page
    assert direct.status_code == 302


# A worker that never comes to the end of a file, for a real process to be killed at it.
SLOW_WORKER = """
import time, manage
from django.core.management import execute_from_command_line
import django; django.setup()
from apps.papers import tasks
tasks.draft_of = lambda plan, kind, options: time.sleep(600)
execute_from_command_line(["manage.py", "db_worker", "--interval", "0.1", "--no-startup-delay"])
"""
WORKER = ["manage.py", "db_worker", "--batch", "--no-startup-delay"]


@contextlib.contextmanager
def process(*args):
    env = os.environ | {"DATABASE_URL": url_of_test_database(), "DJANGO_SETTINGS_MODULE": "courtplan.settings"}
    started = subprocess.Popen([sys.executable, *args], cwd=settings.BASE_DIR, env=env)  # noqa: S603 – our own command
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.mark.django_db(transaction=True)
def test_the_file_of_a_worker_killed_in_the_middle_is_made_by_another(cast):
    """Really killed, without a chance to say so."""
    job = job_for(cast.measure.plan, cast.leader, at=timezone.now())
    with process("-c", SLOW_WORKER) as worker:
        wait_until(lambda: Job.objects.get().state == JobState.WORKING)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    silence_passes()

    with process(*WORKER) as worker:
        assert worker.wait(timeout=60) == 0

    job.refresh_from_db()
    assert (job.state, job.n_tries) == (JobState.DONE, 2)
    assert load_workbook(io.BytesIO(bytes(job.content))).worksheets[0]["A4"].value == "1.1"


def wait_until(is_true):
    until = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < until
        time.sleep(0.05)


def silence_passes():
    """Time enough for the worker to be taken for dead, and for the watch to be due."""
    Job.objects.update(heartbeat_at=timezone.now() - LONG_SILENCE)
    DBTaskResult.objects.filter(task_path__endswith="watch_job").update(run_after=timezone.now())


def url_of_test_database():
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], (0, 0, 0)),
        ([("waiting", 10, None)], (1, 0, 0)),
        ([("waiting", 120, None)], (1, 1, 0)),
        ([("waiting", 120, None), ("working", 120, 10)], (1, 0, 0)),
        ([("waiting", 120, None), ("working", 300, 120)], (1, 2, 0)),
        ([("failed", 3600, 3600), ("done", 3600, 3600), ("cancelled", 3600, None)], (0, 0, 1)),
        ([("failed", 2 * 86400, 2 * 86400)], (0, 0, 0)),
    ],
)
def test_what_waits_for_nobody_is_distinguished_from_what_waits_its_turn(cast, states, expected):
    for file_format, (state, age, silence) in zip(("xlsx", "docx", "xlsx"), states, strict=False):
        job = job_for(cast.measure.plan, cast.leader, file_format=file_format)
        heartbeat_at = None if silence is None else NOW - timedelta(seconds=silence)
        Job.objects.filter(pk=job.pk).update(state=state, at=NOW - timedelta(seconds=age), heartbeat_at=heartbeat_at)

    queue = queue_at(NOW)

    assert (queue.n_waiting, queue.n_stuck, queue.n_failed) == expected


N_AT_ONCE = 4


@pytest.mark.django_db(transaction=True)
def test_requested_and_taken_by_several_at_the_same_moment_it_is_one_file(cast, august):
    """As by a double click that reaches two processes, and then by several workers."""
    requested = at_once(lambda: job_for(cast.measure.plan, cast.leader).pk)
    at_once(run_tasks)

    assert (len(requested), set(requested)) == (N_AT_ONCE, {Job.objects.get().pk})
    job = Job.objects.get()
    assert (job.state, job.n_tries) == (JobState.DONE, 1)
    assert len(DBTaskResult.objects.get(pk=job.task_id).worker_ids) == 1


def at_once(act):
    start, results = threading.Barrier(N_AT_ONCE), []

    def run():
        try:
            start.wait(30)
            results.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(N_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
