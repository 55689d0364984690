"""What a balancer is told: by http, by any name, in a bounded time, and nothing that helps a stranger."""

import socket
import threading

import pytest
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from apps.core import guards
from apps.operations.checks import CheckContext, impatient_connection, not_ready
from apps.operations.readiness import ReadinessCheck, probe


def not_ready_now():
    return not_ready(CheckContext())


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_probes_are_answered_by_any_name_and_without_https(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get(path, headers={"host": "10.1.2.3"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


@pytest.mark.django_db
def test_other_pages_stay_with_the_servers_own_names(client):
    assert client.get("/login/", headers={"host": "10.1.2.3"}).status_code == 400


def test_other_pages_stay_with_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/login/").status_code == 301


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_only_read(client, path, method):
    assert getattr(client, method)(path).status_code == 405


def test_alive_says_nothing_of_the_database(client):
    """Without the fixture that opens it: a test may not touch the database then."""
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_ready_asks_for_every_part():
    parts = []

    assert not_ready(CheckContext(), on_check=parts.append) == []
    assert parts == ["database", "migrations", "guards", "evidence"]


@pytest.mark.django_db
def test_a_step_not_taken_is_not_ready():
    MigrationRecorder(connection).record_unapplied("reports", "0001_initial")

    assert not_ready_now() == [("migrations", "pending")]


@pytest.mark.django_db
def test_a_database_newer_than_the_code_is_not_ready():
    MigrationRecorder(connection).record_applied("reports", "9999_from_the_future")

    assert not_ready_now() == [("migrations", "newer")]


@pytest.mark.django_db
def test_a_lifted_guard_is_not_ready():
    guards.drop_triggers(connection)

    assert not_ready_now() == [("guards", "missing")]


@pytest.mark.django_db
def test_a_folder_that_takes_no_file_is_not_ready(client, settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path / "file" / "evidence"
    (tmp_path / "file").write_text("no folder")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"evidence: missing\n")
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
def test_who_asks_uses_no_connection_but_its_own():
    """A connection of the thread's besides would outlive it, one for each time a balancer asks."""
    results, own = [], impatient_connection()

    def ask():
        results.append(not_ready(CheckContext(connection=own)))
        results.append(list(connections.all(initialized_only=True)))
        own.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert results == [[], []]


@pytest.fixture
def silent_database():
    """A server that accepts a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        parameters = connection.copy().settings_dict | {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "court",
            "HOST": "127.0.0.1",
            "PORT": server.getsockname()[1],
            "USER": "nobody",
            "OPTIONS": {"connect_timeout": 2},
        }
        made = DatabaseWrapper(parameters)
        made.inc_thread_sharing()
        yield made


@pytest.mark.django_db
def test_a_database_that_hangs_holds_nobody_up(silent_database):
    check = ReadinessCheck(silent_database)
    check.start()

    first = check.wait(0.2)
    ended = check.done.wait(60)

    assert (first, ended, check.problems) == ([("database", "silent")], True, [("database", "unreachable")])


@pytest.mark.django_db
def test_requests_that_arrive_together_share_one_check(silent_database):
    check = ReadinessCheck(silent_database)
    check.start()
    probe.running = check

    answers = [probe.problems(timeout=0.05) for _request in range(3)]

    assert answers == [[("database", "silent")]] * 3
    assert probe.running is check
    check.done.wait(60)
    assert probe.problems() == []
