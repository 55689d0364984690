"""Long files: made once, outside the request, for the one who asked; cancelled, taken over, expired."""

import io
import os
import signal
import threading
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from apps.assessment.selectors import standing_of
from apps.dashboard.days import shown_day
from apps.papers import making
from apps.papers.choices import JobState
from apps.papers.making import StoppedError, ask_for, cancel, claim, make, queue_at
from apps.papers.models import Job
from apps.papers.sheets import workbook_of
from apps.papers.tables import ledger_of
from apps.plans.models import Plan
from tests.conftest import at
from tests.factories import MeasureFactory, PillarFactory, PlanFactory, ProgressEntryFactory, UserFactory

NOW = at("2025-08-15 10:00")


@pytest.fixture(autouse=True)
def no_process_of_its_own(settings):
    settings.PAPER_MAKER = "service"


@pytest.fixture
def august():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def job_for(plan, by, *, form="xlsx", below=False, at=NOW):
    day = shown_day(plan, "2025-08-15", None, now=at, today=date(2025, 8, 15))
    return ask_for(plan=plan, kind="ledger", form=form, day=day, with_courts_below=below, by=by, at=at)


def test_the_file_is_the_one_that_an_answer_would_be(cast, august):
    plan = cast.measure.plan
    job = job_for(plan, cast.leader)

    make(claim(maker="m", at=NOW))

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
    assert job_for(cast.measure.plan, cast.leader, form="docx") != first
    make(claim(maker="m", at=NOW))
    assert job_for(cast.measure.plan, cast.leader) != first


def test_of_several_makers_one_gets_the_file(cast, august):
    job_for(cast.measure.plan, cast.leader)

    assert [claim(maker=name, at=NOW) is not None for name in "abc"] == [True, False, False]


def test_a_silent_maker_is_followed_by_another_and_then_it_has_failed(cast, august):
    job = job_for(cast.measure.plan, cast.leader)
    first = claim(maker="first", at=NOW)
    later = NOW + making.SILENT_FOR + timedelta(seconds=1)
    assert claim(maker="too soon", at=NOW + timedelta(seconds=30)) is None

    august.move_to(later)
    second = claim(maker="second", at=later)
    assert second.pk == first.pk
    with pytest.raises(StoppedError):
        make(first)  # it comes back to life, and finds that the file is another's now
    assert claim(maker="third", at=later + making.SILENT_FOR + timedelta(seconds=1)) is None

    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (JobState.FAILED, b"")


def test_a_cancelled_file_stops_at_the_next_step(cast, august):
    job = job_for(cast.measure.plan, cast.leader)
    taken = claim(maker="m", at=NOW)
    with pytest.raises(PermissionDenied):
        cancel(job, by=cast.reporter)

    cancel(job, by=cast.leader)
    with pytest.raises(StoppedError):
        make(taken)

    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (JobState.CANCELLED, b"")


def test_a_fault_is_said_and_the_next_file_is_made(cast, august):
    gone = job_for(cast.measure.plan, UserFactory(court=cast.measure.plan.court))
    job = job_for(cast.measure.plan, cast.leader)
    type(gone.by).objects.filter(pk=gone.by_id).update(
        court=None, department=None
    )  # who asked may not see the plan any more

    call_command("make_papers")

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
    call_command("make_papers")

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


def test_from_the_page_to_the_file(client, cast, august):
    client.force_login(cast.leader)
    page = client.post(
        reverse("papers:job_ask", args=["kfq", 2025, "ledger"]) + "?on=2025-08-15", {"form": "xlsx"}, follow=True
    )
    address = page.redirect_chain[-1][0]
    assert "等待制作" in page.content.decode()
    assert client.get(f"{address}file/").status_code == 404

    call_command("make_papers")

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
    assert claim(maker="m", at=NOW) is None


@pytest.mark.parametrize(("kind", "form"), [("bulletin", "docx"), ("ledger", "pdf"), ("ledger", "")])
def test_what_is_not_long_is_not_put_on_the_list(client, cast, august, kind, form):
    client.force_login(cast.leader)

    response = client.post(reverse("papers:job_ask", args=["kfq", 2025, kind]), {"form": form})

    assert response.status_code == 404
    assert not Job.objects.exists()


def test_a_long_plan_is_made_outside_the_request(client, cast, august):
    pillar = cast.measure.pillar
    MeasureFactory.create_batch(making.ROWS_AT_ONCE, plan=cast.measure.plan, pillar=pillar)
    client.force_login(cast.leader)

    page = client.get(reverse("papers:papers", args=["kfq", 2025])).content.decode()
    direct = client.get(reverse("papers:file", args=["kfq", 2025, "ledger", "xlsx"]))

    assert "制作 Excel" in page
    assert direct.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_process_of_its_own_makes_the_file_and_one_that_was_killed_is_followed(cast, settings, monkeypatch):
    settings.PAPER_MAKER = "process"
    monkeypatch.setenv("DATABASE_URL", _address_of_test_database())
    now = timezone.now()
    plan = cast.measure.plan
    job = job_for(plan, cast.leader, at=now)
    killed = making.start_maker()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    Job.objects.filter(pk=job.pk, state=JobState.WORKING).update(beat_at=now - making.SILENT_FOR * 2)

    maker = making.start_maker()

    assert maker.wait(timeout=60) == 0
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert load_workbook(io.BytesIO(bytes(job.content))).worksheets[0]["A4"].value == "1.1"


def _address_of_test_database():
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
def test_what_waits_for_nobody_is_told_from_what_waits_its_turn(cast, states, expected):
    for form, (state, asked, beat) in zip(("xlsx", "docx", "xlsx"), states, strict=False):
        job = job_for(cast.measure.plan, cast.leader, form=form)
        beat_at = None if beat is None else NOW - timedelta(seconds=beat)
        Job.objects.filter(pk=job.pk).update(state=state, at=NOW - timedelta(seconds=asked), beat_at=beat_at)

    queue = queue_at(NOW)

    assert (queue.n_waiting, queue.n_stuck, queue.n_failed) == expected


@pytest.mark.django_db(transaction=True)
def test_asked_for_and_taken_by_several_at_the_same_moment_it_is_one_file(cast, august):
    """As by a double click that reaches two processes, and then by several makers."""
    asked = _at_once(lambda _n: job_for(cast.measure.plan, cast.leader).pk)
    taken = _at_once(lambda n: claim(maker=f"maker-{n}", at=NOW))

    assert (len(asked), set(asked)) == (N_AT_ONCE, {Job.objects.get().pk})
    assert sum(1 for one in taken if one is not None) == 1
    assert Job.objects.get().n_tries == 1


N_AT_ONCE = 4


def _at_once(act):
    start, found = threading.Barrier(N_AT_ONCE), []

    def run(number):
        try:
            start.wait(30)
            found.append(act(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(N_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
