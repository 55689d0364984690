"""An upgrade: one at a time, backed up before, in the way of nobody, with one command back where it fails."""

import contextlib
import threading
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler
from django_migration_linter.management.commands.lintmigrations import Command

from apps.core import guards
from apps.ledger.models import LedgerEntry
from apps.operations import backup, upgrades
from tests.factories import CourtFactory, ProgressEntryFactory
from tests.operations.machines import NOW, tables_of


@pytest.fixture
def older(written, server):
    """A machine with a record in the state of an older version: without papers, and without a column of the ledger."""
    server.run("restore", written)
    server.run("shell", "-c", BACK)
    return server


BACK = """
from django.core.management import call_command
call_command("migrate", "reports", "zero")
call_command("migrate", "ledger", "0001")
"""


def test_the_new_version_backs_up_the_older_state_and_then_migrates(older, machine):
    done = older.run("upgrade", "--to", older.folder / "before")
    made = next((older.folder / "before").glob("before-upgrade-*.zip"))

    assert (done.returncode, done.stderr) == (0, "")
    assert "更新 4 步" in done.stdout
    assert ("ledger", "0002_ledgerentry_help_from") not in backup.migrations_of(made)
    assert machine.run("restore", made).returncode == 0
    assert tables_of(machine.backup()) == tables_of(older.backup())
    again = older.run("upgrade", "--to", older.folder / "before")
    assert "更新 0 步" in again.stdout
    assert len(list((older.folder / "before").glob("*.zip"))) == 1


def test_a_step_that_fails_leaves_those_before_it_and_says_how_to_go_back(older):
    """A table of that name stands in the way of the second step."""
    with older.in_use() as other, other.cursor() as cursor:
        cursor.execute("CREATE TABLE reports_job (id integer)")

    done = older.run("upgrade", "--to", older.folder / "before")
    (made,) = (older.folder / "before").glob("*.zip")
    back = older.run("restore", "--replace", "--yes", made)

    assert done.returncode == 1
    assert f"bin/restore --replace {made}" in done.stderr
    assert (back.returncode, back.stderr) == (0, "")
    assert tables_of(older.backup())["tables/accounts.User.jsonl"] == tables_of(made)["tables/accounts.User.jsonl"]


def test_a_database_that_is_still_starting_is_waited_for(transactional_db, monkeypatch, tmp_path):
    """Its folder appears only while somebody waits."""
    folder = tmp_path / "later"
    late = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db"}})["default"]
    monkeypatch.setattr(upgrades, "connection", late)
    monkeypatch.setattr(upgrades, "PAUSE", 0.01)
    messages = []
    with pytest.raises(OperationalError):
        upgrades.reach_database(timeout=0, report_progress=messages.append)
    assert messages == []

    upgrades.reach_database(timeout=60, report_progress=lambda text: (messages.append(text), folder.mkdir()))

    assert messages == ["数据库还连不上，等它启动……"]
    assert late.connection is not None
    late.close()


def test_one_upgrades_at_a_time(transactional_db):
    inside, messages = threading.Event(), []
    finish = threading.Event()

    def first():
        try:
            with upgrades.upgrade_lock(report_progress=messages.append):
                inside.set()
                finish.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert inside.wait(30)
        with (
            pytest.raises(upgrades.UpgradeError, match="另一处"),
            upgrades.upgrade_lock(report_progress=messages.append, timeout=0),
        ):
            pytest.fail("two at once")
    finally:
        finish.set()
        thread.join()
    with upgrades.upgrade_lock(report_progress=messages.append, timeout=0):
        assert messages == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite 没有等待表锁的队列")
def test_a_table_in_use_is_waited_for_briefly_and_nothing_changes(older):
    with older.in_use() as reader, reader.cursor() as cursor:
        cursor.execute("BEGIN; SELECT count(*) FROM ledger_ledgerentry")

        done = older.run("shell", "-c", PATIENTLY)

    assert "数据表正在使用，稍后再试（第 1 次）" in done.stdout
    assert "数据库没有改动" in done.stdout
    assert older.run("upgrade", "--no-backup").returncode == 0


PATIENTLY = """
from apps.operations import upgrades
try:
    upgrades.migrate(report_progress=print, max_tries=2, lock_timeout_ms=200)
except upgrades.UpgradeError as error:
    print(error)
"""


@pytest.mark.django_db(transaction=True)
def test_guards_that_stand_are_left_alone_and_one_that_is_gone_is_put_back():
    """Somebody writes in a guarded table meanwhile: to touch its trigger would mean to wait for them."""
    ProgressEntryFactory()
    table = LedgerEntry._meta.db_table
    names = [f"{table}_guard"] if connection.vendor == "postgresql" else [f"{table}_guard_update"]
    with connection.cursor() as cursor:
        before = _marks(cursor, names)

        guards.install(connection)
        assert _marks(cursor, names) == before

        for name in names:
            cursor.execute(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else ""))
    assert guards.missing(connection) == [table]
    guards.install(connection)
    assert guards.missing(connection) == []


def _marks(cursor, names):
    """What changes when a trigger is made anew."""
    if connection.vendor == "postgresql":
        cursor.execute("SELECT oid, xmin FROM pg_trigger WHERE tgname = ANY(%s)", [names])
    else:
        cursor.execute("SELECT rowid, sql FROM sqlite_master WHERE name = %s", names)
    return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_backed_up_from_a_newer_database(tmp_path):
    CourtFactory()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', '9999_later', '2030-01-01')"
        )
    try:
        with pytest.raises(backup.BackupError, match="9999_later"):
            backup.write(tmp_path / "made.zip", at=NOW)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite 改表时重建整张表，看不出哪一步与旧版本不合")
@pytest.mark.django_db
def test_no_migration_breaks_the_version_before(monkeypatch):
    """Processes of the version before go on serving during an upgrade. Exceptions are named in pyproject.toml."""
    output = StringIO()
    monkeypatch.chdir(settings.BASE_DIR)
    labels = [config.label for config in apps.get_app_configs() if config.name.startswith("apps.")]

    with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        call_command(Command(), include_apps=labels)

    assert "Erroneous migrations: 0/" in output.getvalue(), output.getvalue()
