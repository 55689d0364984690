"""The log: readable by a collector, tied to the request, and free of personal data."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from apps.core.logs import ClientErrorFilter, JsonFormatter, LineFormatter, watch_queries
from apps.core.middleware import RequestIdFilter
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "postgres://nobody@127.0.0.1:9/none"


@pytest.fixture
def lines():
    """What a collector would receive of everything logged, as objects."""
    messages = []

    class Kept(logging.Handler):
        def emit(self, record):
            RequestIdFilter().filter(record)
            ClientErrorFilter().filter(record)
            messages.append(json.loads(JsonFormatter().format(record)))

    handler = Kept()
    loggers = [logging.getLogger(name) for name in ("", "django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield messages
    for logger in loggers:
        logger.removeHandler(handler)


def test_a_fault_is_one_object_with_its_traceback():
    try:
        raise ValueError("坏数据")
    except ValueError:
        record = logging.LogRecord("courtplan", logging.ERROR, __file__, 1, "第 %s 次", (2,), sys.exc_info())

    fields = JsonFormatter().format(record)

    assert "\n" not in fields
    assert json.loads(fields)["message"] == "第 2 次"
    assert "ValueError: 坏数据" in json.loads(fields)["traceback"]


def test_a_line_carries_the_request_its_answer_names(client, db, lines):
    client.force_login(UserFactory())

    answer = client.get("/no/such/page/")

    (line,) = [line for line in lines if line["logger"] == "django.request"]
    assert (line["request_id"], line["status"], line["level"]) == (answer["X-Request-ID"], 404, "WARNING")


def test_a_wrong_host_name_is_one_line_without_a_traceback(client, db, lines, settings):
    answer = client.get("/login/", headers={"host": "elsewhere.example"})

    (line,) = [line for line in lines if line["logger"] == "django.security.DisallowedHost"]
    assert answer.status_code == 400
    assert "elsewhere.example" in line["message"]
    assert "traceback" not in line
    assert "client_error" in settings.LOGGING["handlers"]["console"]["filters"]


def test_a_search_and_a_failed_sign_in_name_nobody(client, db, lines):
    client.post(reverse("accounts:login"), {"username": "zhang.wei", "password": "hunter2-secret"})
    client.force_login(UserFactory())
    client.get("/no/such/page/", {"q": "张伟的举措"})

    text = json.dumps(lines, ensure_ascii=False)

    assert lines
    assert [word for word in ("zhang.wei", "hunter2", "张伟", "127.0.0.1") if word in text] == []


def test_each_request_has_a_line_without_what_was_asked_for(client, cast, lines):
    client.force_login(cast.inspector)

    answer = client.get("/audit/", {"who": "张伟", "q": "zhang"})

    (line,) = [line for line in lines if line["logger"] == "courtplan.access"]
    assert answer.status_code == 200
    assert {name: line[name] for name in ("level", "method", "path", "view", "status", "request_id")} == {
        "level": "INFO",
        "method": "GET",
        "path": "/audit/",
        "view": "inspection:trail",
        "status": 200,
        "request_id": answer["X-Request-ID"],
    }
    assert line["ms"] >= 0
    assert line["queries"] > 0
    assert [word for word in ("张", "zhang", "who=", "127.0.0.1", cast.inspector.username) if word in str(line)] == []


def test_an_address_of_no_page_cannot_write_lines_of_its_own(client, db, lines):
    client.get("/x%0a2026 ERROR 假的/")

    (line,) = [line for line in lines if line["logger"] == "courtplan.access"]
    assert (line["view"], line["status"]) == ("-", 404)
    assert line["path"] == "/x%0A2026%20ERROR%20%E5%81%87%E7%9A%84/"


def test_a_fault_of_the_database_keeps_the_values_to_itself():
    message = (
        'duplicate key value violates unique constraint "username"\nDETAIL:  Key (username)=(zhang.wei) exists.\nEND'
    )
    try:
        raise ValueError(message)
    except ValueError:
        record = logging.LogRecord("courtplan", logging.ERROR, __file__, 1, "fault", (), sys.exc_info())

    formatted = [JsonFormatter().format(record), LineFormatter().format(record)]

    assert ["zhang" in text for text in formatted] == [False, False]
    assert ["unique constraint" in text and "END" in text for text in formatted] == [True, True]


@pytest.mark.parametrize(
    ("program", "message", "has_traceback"),
    [
        (
            "import sys, manage; manage.main(['manage.py', 'db_worker', '--batch', '-v', '0'])",
            "manage.py db_worker failed",
            True,
        ),
        (
            "import sys, manage; manage.main(['manage.py', 'restore', '--check', 'no-such-file'])",
            "manage.py restore ended with 1",
            False,
        ),
    ],
)
def test_a_command_nobody_watches_tells_the_log_how_it_failed(program, message, has_traceback):
    env = os.environ | {"DATABASE_URL": NOWHERE, "LOG_FORMAT": "json"}
    env |= {"DJANGO_SETTINGS_MODULE": "courtplan.settings", "PYTHONWARNINGS": "ignore"}

    ended = subprocess.run(  # noqa: S603 – our own command
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120
    )

    entries = [json.loads(line) for line in ended.stderr.splitlines() if line.startswith("{")]
    assert [(entry["logger"], entry["message"]) for entry in entries] == [("courtplan.commands", message)], ended.stderr
    assert ("traceback" in entries[0]) == has_traceback


@pytest.mark.parametrize(("limit", "n_lines"), [(1, 1), (60_000, 0), (0, 0)])
def test_a_slow_query_is_told_of_without_its_values(db, lines, settings, limit, n_lines):
    settings.SLOW_QUERY_MS = limit
    wrappers = list(connection.execute_wrappers)
    connection.execute_wrappers.clear()
    watch_queries(connection=connection)
    watch_queries(connection=connection)  # a second time adds nothing
    try:
        with connection.cursor() as cursor:
            cursor.execute(_slow(connection), ["机密"])
    finally:
        connection.execute_wrappers[:] = wrappers

    slow = [line for line in lines if line["logger"] == "courtplan.slow_queries"]
    assert len(slow) == n_lines
    assert all(line["ms"] >= limit and "机密" not in line["message"] for line in slow)


def _slow(connection):
    """A query of more than a few milliseconds on either database."""
    if connection.vendor == "postgresql":
        return "SELECT pg_sleep(0.02), %s"
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*), %s FROM n"
