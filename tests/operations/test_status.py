"""The page on the state of the installation: for who runs the server, whatever state that is in."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.choices import Role
from apps.audit.models import AuditEvent
from apps.audit.services import record
from apps.core import guards
from apps.operations import host
from tests.conftest import at
from tests.factories import PlanFactory, UserFactory

PAGE = "/office/status/"
MAX_QUERIES = 20


@pytest.fixture
def keeper(cast, settings, tmp_path):
    """Who runs the server, which has folders of its own."""
    settings.EVIDENCE_DIR, settings.BACKUP_DIR = tmp_path / "evidence", tmp_path / "backups"
    return UserFactory(court=None, department=None, is_superuser=True, is_staff=True)


def rows(response):
    return {result.check: result for _title, group in response.context["groups"] for result in group}


@pytest.mark.parametrize("name", ["reporter", "reviewer", "leader", "plan_admin", "inspector", "outsider"])
def test_server_facts_are_for_who_runs_the_server(client, cast, name):
    client.force_login(getattr(cast, name))

    assert client.get(PAGE).status_code == 403


def test_a_new_installation_is_told_what_it_lacks(client, keeper):
    client.force_login(keeper)

    page = client.get(PAGE)

    found = rows(page)
    assert (found["audit"].reason, found["backup"].reason) == ("never", "none")
    assert (found["migrations"].state.key, found["guards"].state.key) == ("well", "well")
    text = page.content.decode()
    assert text.count("manage.py backup --keep 30") == 1
    assert "还没有备份" in text


def test_a_checked_and_kept_record_is_well(client, keeper):
    record(by=None, action="paper.issued", target=keeper, court=None, at=at("2025-06-26 09:00"))
    call_command("verify_audit", stdout=StringIO())
    client.force_login(keeper)

    page = client.get(PAGE)

    assert rows(page)["audit"].values["n_events"] == 1
    assert [(chain["court"], chain["state"].key) for chain in page.context["chains"]] == [("", "well")]


def test_broken_record_and_lifted_guards_come_first(client, keeper):
    for hour in (9, 10):
        record(by=None, action="paper.issued", target=keeper, court=None, at=at(f"2025-06-26 {hour:02}:00"))
    guards.drop_triggers(connection)
    AuditEvent.objects.filter(number=1).update(by="另一人")
    with pytest.raises(CommandError):
        call_command("verify_audit", stdout=StringIO())
    client.force_login(keeper)

    page = client.get(PAGE)

    to_mend = page.context["to_mend"]
    n_bad = sum(result.state.key == "bad" for result in to_mend)
    assert {"guards", "audit"} <= {result.check for result in to_mend[:n_bad]}
    assert "被改动 1" in page.content.decode()


def test_the_number_of_queries_does_not_grow(client, keeper):
    client.force_login(keeper)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as before:
        client.get(PAGE)

    for _court in range(3):
        plan = PlanFactory()
        UserFactory(court=plan.court, roles=[Role.PLAN_ADMIN])
        record(by=None, action="paper.issued", target=plan, court=plan.court, at=at("2025-06-26 09:00"))
    call_command("verify_audit", stdout=StringIO())
    with CaptureQueriesContext(connection) as after:
        client.get(PAGE)

    assert len(after) == len(before) <= MAX_QUERIES


def test_there_is_a_way_to_it_for_who_runs_the_server_alone(client, keeper, cast):
    for person, is_shown in ((keeper, True), (cast.plan_admin, False)):
        client.force_login(person)
        for page in (reverse("office:home", args=["kfq", cast.measure.plan.year]), "/admin/"):
            assert (PAGE in client.get(page).content.decode()) == is_shown, page


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("/dev/sda1 / ext4 rw 0 0\nserver:/x /srv/court nfs4 rw 0 0\n", "nfs4"),
        ("/dev/sda1 / ext4 rw 0 0\nserver:/x /srv/co nfs4 rw 0 0\n", "ext4"),
        ("server:/x / nfs rw 0 0\n/dev/sdb1 /srv/court\\040data xfs rw 0 0\n", "nfs"),
        ("", ""),
    ],
)
def test_the_kind_of_disk_is_that_of_the_nearest_mount(tmp_path, mounts, kind):
    (tmp_path / "mounts").write_text(mounts)

    assert host.filesystem_of("/srv/court/db.sqlite3", mounts=tmp_path / "mounts") == kind


def test_a_machine_that_does_not_say_has_no_kind_of_disk(tmp_path):
    assert host.filesystem_of("/srv/court/db.sqlite3", mounts=tmp_path / "none") == ""


def test_pins_are_read_with_and_without_hashes(tmp_path):
    (tmp_path / "r.txt").write_text("# why\ndjango==5.2.19\nlxml==6.1.3 \\\n    --hash=sha256:0\n-r other.txt\n")

    assert host.wanted_packages(tmp_path / "r.txt") == {"django": "5.2.19", "lxml": "6.1.3"}
    assert host.installed_packages(["django", "no-such-package"])["no-such-package"] is None
