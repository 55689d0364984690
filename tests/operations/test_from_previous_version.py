"""An installation of the version before the packages were renamed (commit dbc8b20), brought to this one.

`previous/make.py` made the databases with that version's own code: the example year with its pending matters, and an
act of each other kind. The module's tests run on such a database, upgraded in place or restored from its backup, each
in a transaction of its own.
"""

import io
import json
import lzma
import zipfile
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from apps.accounts.models import User
from apps.accounts.selectors import DEMO_PASSWORD
from apps.assessment.archive import document_of
from apps.assessment.selectors import standing_of
from apps.core import guards
from apps.office.models import ImportFile
from apps.operations import backup
from apps.papers.models import Issue, Job
from apps.plans.models import Plan
from apps.reporting.models import Evidence, Report
from apps.reporting.services import approve_report, submit_report
from apps.signin.services import prove
from apps.supervision.models import Closing, Extension, Instruction
from apps.supervision.services import transition
from tests.conftest import at
from tests.operations.machines import new_server

PREVIOUS = Path(__file__).parent / "previous"
# As in previous/make.py.
NOW = at("2026-01-06 10:00")
LATER = at("2026-01-07 10:00")
# Tables of the version before whose rows do not come along, and why.
DROPPED = {
    "office.ImportFile": "uploads of a day, which may hold first passwords in clear text",
    "reports.Job": "files of a day, not in backups; an upgrade in place keeps them",
}


def manifest():
    with zipfile.ZipFile(PREVIOUS / "backup.zip") as archive:
        return json.loads(archive.read(backup.MANIFEST))


def upgrade_in_place(server):
    """Load the dump of the old database and run `manage.py upgrade` on it."""
    with server.in_use() as database:
        dump = lzma.decompress((PREVIOUS / f"{database.vendor}.sql.xz").read_bytes()).decode()
        if database.vendor == "sqlite":
            database.connection.executescript(f"PRAGMA foreign_keys=OFF;{dump}")
        else:
            with database.cursor() as cursor:
                cursor.execute(dump)
    with zipfile.ZipFile(PREVIOUS / "backup.zip") as archive:
        (content,) = (archive.read(f"files/{name}") for name in manifest()["files"])
    with server.in_use() as database, database.cursor() as cursor:
        cursor.execute("SELECT path FROM progress_evidence WHERE path <> ''")
        for (path,) in cursor.fetchall():
            (server.evidence / path).parent.mkdir(parents=True, exist_ok=True)
            (server.evidence / path).write_bytes(content)
    return server.run("upgrade", "--no-backup")


def restore_backup(server):
    return server.run("restore", PREVIOUS / "backup.zip")


@pytest.fixture(scope="module", params=[upgrade_in_place, restore_backup], ids=lambda way: way.__name__)
def upgraded(request, django_db_setup, django_db_blocker, tmp_path_factory):
    """The upgraded machine; its database is the default one while the module's tests run."""
    with django_db_blocker.unblock(), new_server(tmp_path_factory.mktemp("machines") / "server") as server:
        done = request.param(server)
        assert (done.returncode, done.stderr) == (0, "")
        with server.as_default():
            yield server


@pytest.fixture(autouse=True)
def installation(upgraded, db, settings):
    """Each test's own transaction on the upgraded database, with the old machine's key and folder, on its last day."""
    settings.SECRET_KEY, settings.EVIDENCE_DIR = "previous", upgraded.evidence
    ContentType.objects.clear_cache()
    with time_machine.travel(LATER, tick=False):
        yield
    ContentType.objects.clear_cache()


def the_plan():
    return Plan.objects.select_related("court").get(court__slug="kfq", year=2025)


def verify():
    output = io.StringIO()
    call_command("verify_audit", stdout=output)
    return output.getvalue()


def test_record_is_whole_and_guarded():
    assert "kfq：510 条，完整" in verify()
    assert "401 条，相符" in verify()
    assert guards.missing(connection) == []


def test_no_row_is_lost():
    """Every table of the version before has as many rows; permissions follow the models of this one."""
    n_rows = {label: table["rows"] for label, table in manifest()["tables"].items() if label not in DROPPED}
    found = {label: apps.get_model(label)._base_manager.count() for label in n_rows}

    derived = {"contenttypes.ContentType", "auth.Permission", "auth.Group_permissions"}
    assert {label: n for label, n in found.items() if label not in derived} == {
        label: n for label, n in n_rows.items() if label not in derived
    }


def test_every_light_and_figure_is_the_same():
    before = json.loads(lzma.decompress((PREVIOUS / "standing.json.xz").read_bytes()))

    assert document_of(standing_of(the_plan(), on=the_plan().ends_on, known=NOW)) == before


PAGES = {
    "reporter": ["/", "/my-work/", "/kfq/2025/measures/5.5/", "/kfq/2025/reports/"],
    "reviewer": ["/", "/my-work/", "/reviews/", "/kfq/2025/instructions/"],
    "leader": ["/", "/my-work/", "/kfq/2025/measures/", "/kfq/2025/indicators/2.6-1/", "/kfq/2025/reports/issues/1/"],
    "planadmin": [
        "/",
        "/my-work/",
        "/reviews/",
        "/office/",
        "/kfq/2025/office/",
        "/kfq/2026/office/",
        "/office/people/",
        "/admin/plans/measure/",
        "/admin/indicators/indicator/",
    ],
    "inspector": ["/", "/audit/", "/kfq/2025/measures/1.2/timeline/", "/admin/audit/auditevent/"],
    "admin": ["/office/status/", "/admin/", "/admin/accounts/user/", "/admin/auth/group/"],
}


@pytest.mark.parametrize("name", PAGES)
def test_everybody_signs_in_and_sees_their_pages(client, name):
    signed_in = client.post("/login/", {"username": name, "password": DEMO_PASSWORD})

    assert signed_in.status_code == 302
    assert {page: client.get(page, follow=True).status_code for page in PAGES[name]} == dict.fromkeys(PAGES[name], 200)


def test_another_court_stays_closed(client):
    client.force_login(User.objects.get(username="outsider"))

    assert client.get("/kfq/2025/").status_code == 404


def test_roles_permissions_and_content_types_belong_to_models_that_exist():
    assert [kind for kind in ContentType.objects.all() if kind.model_class() is None] == []
    assert {group.name for group in Group.objects.all()} == {
        "reporter",
        "reviewer",
        "leader",
        "plan_admin",
        "inspector",
    }
    admin = User.objects.get(username="planadmin")
    assert admin.has_perms(["plans.change_measure", "indicators.add_target", "accounts.change_user"])
    assert not Permission.objects.filter(content_type__app_label__in=("reporting", "papers", "signin")).exists()


def test_second_factor_is_still_the_same_telephone():
    person = User.objects.get(username="leader-2")

    assert person.second_factor.recovery_codes.count() == 10
    assert prove(person=person, code=code_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), at=LATER)


def code_of(secret):
    return pytest.importorskip("pyotp").TOTP(secret).at(LATER)


def test_issued_paper_is_still_its_own_document(client):
    issue = Issue.objects.get(number=1)
    client.force_login(User.objects.get(username="leader"))

    answer = client.get("/kfq/2025/reports/issues/1/paper.docx")

    assert (answer.status_code, len(issue.checksum)) == (200, 64)


def test_evidence_is_still_handed_out(client):
    evidence = Evidence.objects.exclude(path="").select_related("report__department").get()
    client.force_login(User.objects.get(groups__name="reporter", department=evidence.report.department))

    answer = client.get(evidence.get_absolute_url())

    assert (answer.status_code, b"".join(answer.streaming_content)[:4]) == (200, b"\x89PNG")


def test_what_was_pending_is_carried_on():
    """A draft, reports to decide, an instruction to answer, an extension and a closing: each takes its next step."""
    draft = Report.objects.select_related("department", "measure__plan__court").get(status="draft")
    writer = User.objects.get(groups__name="reporter", department=draft.department)
    submitted = list(Report.objects.filter(status="submitted").select_related("department"))
    assert len(submitted) == 4

    submit_report(report=draft, by=writer, at=LATER)
    for report in submitted:
        reviewer = User.objects.get(groups__name="reviewer", department=report.department)
        approve_report(report=report, by=reviewer, at=LATER)
    for model, move, role in ((Instruction, "answer", "reporter"), (Extension, "endorse", "reviewer")):
        item = next(
            item for item in model.objects.all() if item.workflow.after(item.status, move) and not item.steps.exists()
        )
        person = User.objects.get(groups__name=role, department=item.department)
        transition(item=item, move=move, text="示例：照办", by=person, at=LATER)
    closing = next(closing for closing in Closing.objects.all() if closing.is_pending)
    transition(item=closing, move="return", text="示例：请补充", by=User.objects.get(username="planadmin"), at=LATER)

    assert Report.objects.filter(status="submitted").count() == 1
    assert "完整" in verify()


def test_no_file_waits_for_the_queue_of_the_version_before():
    assert manifest()["tables"]["reports.Job"]["rows"] > 0
    assert not Job.objects.unfinished().exists()


def test_no_upload_is_left_in_clear():
    assert manifest()["tables"]["office.ImportFile"]["rows"] > 0
    assert not ImportFile.objects.exclude(content=b"").exists()
