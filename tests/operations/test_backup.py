"""Backup and restore, really done: a file written while people work fills an empty database of either kind."""

import contextlib
import json
import sqlite3
import subprocess
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from apps.accounts.models import Court, User
from apps.ledger.models import LedgerEntry
from apps.operations import backup
from apps.signin.models import FailedSignIn
from tests.factories import CourtFactory, DepartmentFactory, UserFactory
from tests.operations.machines import NOW, RECORD, edited, new_server, tables_of

elsewhere = pytest.mark.once("备份文件在另起的 SQLite 上装入或被拒绝，与测试的数据库无关")


def test_an_empty_machine_has_the_same_record_and_files_again(written, machine):
    done = machine.run("restore", written)

    assert (done.returncode, done.stderr) == (0, "")
    assert "相符" in done.stdout
    assert (machine.evidence / RECORD).read_bytes() == (Path(settings.EVIDENCE_DIR) / RECORD).read_bytes()
    assert tables_of(machine.backup()) == tables_of(written)


def test_it_goes_to_the_other_database_and_back(written, machine, server):
    """On PostgreSQL: there to SQLite and back; what is added afterwards is numbered from where the record ended."""
    machine.run("restore", written)

    done = server.run("restore", machine.backup())

    assert (done.returncode, done.stderr) == (0, "")
    assert tables_of(server.backup()) == tables_of(written)
    added = server.run(
        "shell", "-c", "from apps.accounts.models import Court; print(Court.objects.create(slug='neu', name='新').pk)"
    )
    assert int(added.stdout.split()[-1]) > Court.objects.latest("pk").pk


def test_rows_are_of_one_moment_while_people_write(record, tmp_path):
    """Each act writes a court and its department together; the backup never holds one without the other."""
    stop, made = threading.Event(), []

    def act():
        try:
            while not stop.is_set():
                with transaction.atomic():
                    court = CourtFactory(slug=f"both-{len(made)}", name=f"第{len(made)}院")
                    DepartmentFactory(court=court)
                made.append(court.slug)
        finally:
            connection.close()

    writer = threading.Thread(target=act)
    writer.start()
    try:
        _wait_until(lambda: made)
        paths = [tmp_path / f"{n}.zip" for n in range(3)]
        for path in paths:
            backup.write(path, at=NOW)
    finally:
        stop.set()
        writer.join()

    for path in paths:
        tables = tables_of(path)
        courts = tables["tables/accounts.Court.jsonl"].count(b'"both-')
        departments = [json.loads(line) for line in tables["tables/accounts.Department.jsonl"].splitlines()]
        ours = {json.loads(line)[0] for line in tables["tables/accounts.Court.jsonl"].splitlines() if b'"both-' in line}
        assert courts > 0
        assert courts == sum(1 for row in departments if ours & set(row[1:3]))
        with opened_dump(path) as query:
            assert query("SELECT count(*) FROM accounts_court WHERE slug LIKE 'both-%'") == courts


def test_nobody_who_writes_is_held_up_while_rows_are_read(record):
    def act():
        try:
            CourtFactory(slug="meanwhile")
        finally:
            connection.close()

    with backup._snapshot():
        n_before = Court.objects.count()
        writer = threading.Thread(target=act)
        writer.start()
        writer.join(timeout=15)  # SQLite would wait 20 seconds for whoever holds the database
        is_written = not writer.is_alive()
        n_seen = Court.objects.count()
    writer.join()

    assert (is_written, n_seen) == (True, n_before)
    assert Court.objects.filter(slug="meanwhile").exists()


def test_the_dump_inside_opens_without_the_product_and_holds_no_more_than_the_rows(client, record, tmp_path):
    client.force_login(record.leader)
    FailedSignIn.objects.create(account="a" * 64, address="b" * 64, at=NOW)
    summary = backup.write(tmp_path / "made.zip", at=NOW)

    assert summary.dump.startswith("database.")
    with opened_dump(tmp_path / "made.zip") as query:
        for label, lines in tables_of(tmp_path / "made.zip").items():
            table = django_apps.get_model(Path(label).stem)._meta.db_table
            assert query(f"SELECT count(*) FROM {table}") == lines.count(b"\n")  # noqa: S608 – a table's name
        assert query("SELECT count(*) FROM django_session") == query("SELECT count(*) FROM access_failedsignin") == 0
        assert query("SELECT count(*) FROM django_migrations") > 0
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        (name,) = (name for name in archive.namelist() if name.startswith("database."))
        assert client.session.session_key.encode() not in archive.read(name)  # not in free pages of the file either
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite 的副本不用别的程序来写")
def test_without_pg_dump_the_backup_is_whole_and_says_what_is_missing(written, record, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))

    call_command("backup", to=str(tmp_path / "backups"))

    (made,) = (tmp_path / "backups").glob("*.zip")
    assert "没有 pg_dump" in capsys.readouterr().out
    assert backup.check(made).n_rows == backup.about(written).n_rows


@contextlib.contextmanager
def opened_dump(path):
    """The dump inside a backup, opened by the database's own program: yields a function for one value."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        if "database.sqlite3" in archive.namelist():
            with contextlib.closing(sqlite3.connect(archive.extract("database.sqlite3", folder))) as database:
                yield lambda query: database.execute(query).fetchone()[0]
            return
        with new_server(Path(folder) / "server") as server, server.in_use() as database:
            file = archive.extract("database.sql", folder)
            command = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, server.url]
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 – our own
            assert (done.returncode, done.stderr) == (0, "")
            with database.cursor() as cursor:

                def value(query):
                    cursor.execute(query)
                    return cursor.fetchone()[0]

                yield value


def _wait_until(is_true, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@elsewhere
def test_a_damaged_backup_is_refused_before_anything_is_written(written, machine):
    def other_sum(manifest):
        manifest["tables"]["accounts.User"]["sha256"] = "0" * 64

    done = machine.run("restore", edited(written, other_sum))

    assert done.returncode == 1
    assert "备份已损坏：accounts.User" in done.stderr
    assert not machine.evidence.exists()
    assert machine.run("restore", written).returncode == 0  # the place is still empty


@elsewhere
def test_what_is_no_backup_is_told_so(tmp_path):
    (tmp_path / "half.zip").write_bytes(b"PK\x03\x04half")

    with pytest.raises(backup.BackupError, match="不是完整的备份"):
        backup.check(tmp_path / "half.zip")
    with pytest.raises(backup.BackupError, match="找不到"):
        backup.check(tmp_path / "none.zip")


@elsewhere
def test_a_backup_of_a_newer_version_is_refused(written, machine):
    def newer(manifest):
        manifest["migrations"].append(["ledger", "9999_later"])

    done = machine.run("restore", edited(written, newer))

    assert "ledger.9999_later" in done.stderr
    assert "请先升级系统" in done.stderr


def test_a_backup_of_an_older_version_is_brought_to_the_present(written, machine):
    def older(manifest):
        """As it was before the papers had a room."""
        gone = [label for label in manifest["tables"] if label.startswith("reports.")]
        manifest["tables"] = {label: table for label, table in manifest["tables"].items() if label not in gone}
        manifest["migrations"] = [step for step in manifest["migrations"] if step[0] != "reports"]
        return [f"tables/{label}.jsonl" for label in gone]

    done = machine.run("restore", edited(written, older))

    assert (done.returncode, done.stderr) == (0, "")
    assert tables_of(machine.backup())["tables/ledger.LedgerEntry.jsonl"].count(b"\n") == LedgerEntry.objects.count()


def test_nothing_that_stands_is_written_over(written, machine, tmp_path):
    with pytest.raises(backup.BackupError, match="佐证文件夹"):
        backup.restore(written)
    settings_folder = machine.evidence
    machine.run("restore", written)
    (settings_folder / RECORD).unlink()

    again = machine.run("restore", written)

    assert "数据库不是空的" in again.stderr
    with pytest.raises(backup.BackupError, match="已经存在"):
        backup.write(written, at=NOW)


@pytest.mark.parametrize("name", ["../outside.pdf", "/etc/outside.pdf", "a\\b.pdf"])
@elsewhere
def test_no_file_is_put_outside_its_folder(written, machine, name):
    def outside(manifest):
        manifest["files"] = {name: manifest["files"][RECORD]}

    copy = edited(written, outside)
    with zipfile.ZipFile(copy, "a") as archive:
        archive.writestr(f"files/{name}", (Path(settings.EVIDENCE_DIR) / RECORD).read_bytes())

    done = machine.run("restore", copy)

    assert "备份中的文件名不对" in done.stderr
    assert not machine.evidence.exists()


def test_sessions_stay_out_and_only_its_owner_reads_it(client, written, record, tmp_path):
    client.force_login(record.leader)
    backup.write(tmp_path / "again.zip", at=NOW)

    assert not [name for name in tables_of(tmp_path / "again.zip") if "session" in name.lower()]
    assert (tmp_path / "again.zip").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob(".*.part")) == []


def test_command_keeps_the_newest(record, tmp_path, capsys):
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in ("20250101-020000", "20250102-020000"):
        (folder / f"courtplan-{day}.zip").write_bytes(b"older")
    (folder / "notes.zip").write_bytes(b"not ours")

    call_command("backup", to=str(folder), keep=2)

    left = sorted(path.name for path in folder.iterdir())
    assert len(left) == 3
    assert left[0] == "courtplan-20250102-020000.zip"
    assert left[2] == "notes.zip"
    assert "已备份并核对" in capsys.readouterr().out
    with pytest.raises(CommandError, match="至少为 1"):
        call_command("backup", to=str(folder), keep=0)


def test_people_keep_their_passwords_and_roles(record, machine, tmp_path):
    UserFactory(username="clerk").set_password("x")
    hashes = dict(User.objects.values_list("username", "password"))
    backup.write(tmp_path / "made.zip", at=NOW)
    machine.run("restore", tmp_path / "made.zip")

    read = machine.run(
        "shell",
        "-c",
        "import json; from apps.accounts.models import User;"
        "print(json.dumps(dict(User.objects.values_list('username', 'password'))))",
    )

    assert json.loads(read.stdout.splitlines()[-1]) == hashes


def test_what_stands_is_put_aside_and_the_backup_takes_its_place(written, server, record, tmp_path):
    server.run("restore", written)
    UserFactory(username="later")
    backup.write(tmp_path / "later.zip", at=NOW)

    unasked = server.run("restore", "--replace", tmp_path / "later.zip")
    with server.in_use():
        disturbed = server.run("restore", "--replace", "--yes", tmp_path / "later.zip")
    done = server.run("restore", "--replace", "--yes", tmp_path / "later.zip")

    assert "--yes" in unasked.stderr
    assert "请先停止" in disturbed.stderr
    assert (done.returncode, done.stderr) == (0, "")
    assert tables_of(server.backup()) == tables_of(tmp_path / "later.zip")
    assert [path.name for path in server.folder.glob("evidence.before_*/scan/*")] == [Path(RECORD).name]


def test_what_stood_comes_back_where_the_backup_cannot_be_taken_in(written, server):
    server.run("restore", written)

    def of_another_product(manifest):
        manifest["tables"]["else.Thing"] = manifest["tables"].pop("office.YearEnd")

    copy = edited(written, of_another_product)
    with zipfile.ZipFile(copy, "a") as archive:
        archive.writestr("tables/else.Thing.jsonl", archive.read("tables/office.YearEnd.jsonl"))
    done = server.run("restore", "--replace", "--yes", copy)

    assert "备份中有不认识的表：else.Thing" in done.stderr
    assert (server.evidence / RECORD).exists()
    assert tables_of(server.backup()) == tables_of(written)


@elsewhere
def test_a_restore_that_fails_leaves_the_place_empty(written, machine):
    """The last file can't be put where a folder stands in its way."""
    (machine.evidence / RECORD).mkdir(parents=True)

    failed = machine.run("restore", written)
    (machine.evidence / RECORD).rmdir()

    assert "没有恢复" in failed.stderr
    assert machine.run("restore", written).returncode == 0
