"""An upgrade: one at a time, backed up before, in the way of nobody, undone where it fails."""

import threading
from pathlib import Path

import pytest
from django.db import OperationalError, connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.utils import ConnectionHandler

from apps.core import guards
from apps.ledger.models import LedgerEntry
from apps.operations import backup, upgrading
from apps.operations.gentle import disturbs
from tests.factories import CourtFactory, ProgressEntryFactory
from tests.operations.machines import NOW, tables_of

LISTED = Path(__file__).with_name("disturbing_migrations.txt")


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
    assert "ledger.0002_ledgerentry_help_from：Add field help_from" in done.stdout
    assert "更新 4 步" in done.stdout
    assert ("ledger", "0002_ledgerentry_help_from") not in backup.migrations_of(made)
    assert machine.run("restore", made).returncode == 0
    assert tables_of(machine.backup()) == tables_of(older.backup())
    again = older.run("upgrade", "--to", older.folder / "before")
    assert "更新 0 步" in again.stdout
    assert len(list((older.folder / "before").glob("*.zip"))) == 1


def test_going_back_keeps_what_was_written_meanwhile(older):
    older.run("upgrade", "--to", older.folder / "before")
    made = next((older.folder / "before").glob("*.zip"))
    older.run("shell", "-c", "from apps.accounts.models import Court; Court.objects.create(slug='neu', name='新')")

    done = older.run("upgrade", "--back-to", made)

    assert (done.returncode, done.stderr) == (0, "")
    now = older.backup()
    assert backup.migrations_of(now) == backup.migrations_of(made)
    assert b'"neu"' in tables_of(now)["tables/accounts.Court.jsonl"]
    assert tables_of(now)["tables/ledger.LedgerEntry.jsonl"] == tables_of(made)["tables/ledger.LedgerEntry.jsonl"]


def test_a_step_that_fails_takes_those_before_it_back(older):
    """A table of that name stands in the way of the second step."""
    with older.in_use() as other, other.cursor() as cursor:
        cursor.execute("CREATE TABLE reports_job (id integer)")
    before = backup.migrations_of(older.backup())

    done = older.run("upgrade", "--to", older.folder / "before")

    assert done.returncode == 1
    assert "已退回原来的结构，数据没有丢失" in done.stderr
    assert backup.migrations_of(_newest(older)) == before


def _newest(server):
    for path in (server.folder / "backups").glob("*.zip"):
        path.unlink()
    return server.backup()


def test_a_database_that_is_still_starting_is_waited_for(transactional_db, monkeypatch, tmp_path):
    """Its folder appears only while somebody waits."""
    place = tmp_path / "later"
    late = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": place / "db"}})["default"]
    monkeypatch.setattr(upgrading, "connection", late)
    monkeypatch.setattr(upgrading, "PAUSE", 0.01)
    told = []
    with pytest.raises(OperationalError):
        upgrading.reach_database(wait=0, tell_waiting=place.mkdir)
    assert not place.exists()

    upgrading.reach_database(wait=60, tell_waiting=lambda: (told.append("waits"), place.mkdir()))

    assert told == ["waits"]
    assert late.connection is not None
    late.close()


def test_one_upgrades_at_a_time(transactional_db):
    inside, told = threading.Event(), []
    finish = threading.Event()

    def first():
        try:
            with upgrading.alone(tell=told.append):
                inside.set()
                finish.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert inside.wait(30)
        with pytest.raises(upgrading.UpgradeError, match="另一处"), upgrading.alone(tell=told.append, wait=0):
            pytest.fail("two at once")
    finally:
        finish.set()
        thread.join()
    with upgrading.alone(tell=told.append, wait=0):
        assert told == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite 没有等待表锁的队列")
def test_a_table_in_use_is_waited_for_briefly_and_nothing_changes(older):
    with older.in_use() as reader, reader.cursor() as cursor:
        cursor.execute("BEGIN; SELECT count(*) FROM ledger_ledgerentry")

        done = older.run("shell", "-c", PATIENTLY)

    assert "数据表正在使用，稍后再试（第 1 次）" in done.stdout
    assert "数据库没有改动" in done.stdout
    assert older.run("upgrade", "--no-backup").returncode == 0


PATIENTLY = """
from apps.operations import upgrading
try:
    upgrading.migrate(tell=print, n_tries=2, lock_timeout_ms=200)
except upgrading.UpgradeError as error:
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


# Which steps an older version can live with

FIELD = models.CharField(max_length=10, default="")
BEFORE = ModelState("ledger", "Thing", [("id", models.AutoField(primary_key=True)), ("word", FIELD)])


@pytest.mark.parametrize(
    ("operation", "is_gentle"),
    [
        (migrations.CreateModel("Other", [("id", models.AutoField(primary_key=True))]), True),
        (migrations.AddField("thing", "more", models.IntegerField(null=True)), True),
        (migrations.AddField("thing", "more", models.IntegerField(db_default=0)), True),
        (migrations.AddField("thing", "more", models.IntegerField(default=0)), False),
        (migrations.RemoveField("thing", "word"), False),
        (migrations.RenameField("thing", "word", "text"), False),
        (migrations.RenameModel("Thing", "Matter"), False),
        (migrations.DeleteModel("Thing"), False),
        (migrations.AlterField("thing", "word", models.CharField(max_length=20, default="")), True),
        (migrations.AlterField("thing", "word", models.CharField(max_length=5, default="")), False),
        (migrations.AlterField("thing", "word", models.TextField(default="")), False),
        (migrations.AddIndex("thing", models.Index(fields=["word"], name="word")), True),
        (migrations.AddConstraint("thing", models.UniqueConstraint(fields=["word"], name="once")), False),
        (migrations.RunPython(migrations.RunPython.noop), False),
    ],
)
def test_which_steps_an_older_version_can_live_with(operation, is_gentle):
    state = ProjectState()
    state.add_model(BEFORE.clone())
    migration = migrations.Migration("0002", "ledger")
    migration.operations = [operation]

    assert (disturbs(migration, state) == []) is is_gentle
    assert [name for _app, name in state.models] == ["thing"]  # looked at, not changed


def test_what_is_made_in_the_same_step_may_be_given_anything():
    migration = migrations.Migration("0002", "ledger")
    migration.operations = [
        migrations.CreateModel("Other", [("id", models.AutoField(primary_key=True))]),
        migrations.AddField("other", "word", FIELD),
        migrations.AddConstraint("other", models.UniqueConstraint(fields=["word"], name="once")),
    ]

    assert disturbs(migration, ProjectState()) == []


def test_migrations_only_add_unless_they_are_listed():
    """A step that the version before can't live with is named in the list, so that it is done knowingly."""
    loader = MigrationLoader(None)
    listed = {line.split(":")[0] for line in LISTED.read_text(encoding="utf-8").splitlines()}
    state, found = ProjectState(), set()
    for step in dict.fromkeys(
        step for leaf in sorted(loader.graph.leaf_nodes()) for step in loader.graph.forwards_plan(leaf)
    ):
        migration = loader.disk_migrations[step]
        if migration.__module__.startswith("apps.") and disturbs(migration, state):
            found.add(".".join(step))
        migration.mutate_state(state, preserve=False)

    assert found == listed
