"""The log: readable by a collector, tied to the request, and free of personal data."""

import json
import logging
import sys

import pytest
from django.db import connection
from django.urls import reverse

from apps.core.logs import JsonFormatter, watch_queries
from apps.core.middleware import RequestIdFilter
from tests.factories import UserFactory


@pytest.fixture
def lines():
    """What a collector would receive of everything logged, as objects."""
    told = []

    class Kept(logging.Handler):
        def emit(self, record):
            RequestIdFilter().filter(record)
            told.append(json.loads(JsonFormatter().format(record)))

    handler = Kept()
    loggers = [logging.getLogger(name) for name in ("", "django", "axes")]
    for logger in loggers:
        logger.addHandler(handler)
    yield told
    for logger in loggers:
        logger.removeHandler(handler)


def test_a_fault_is_one_object_with_its_traceback():
    try:
        raise ValueError("坏数据")
    except ValueError:
        record = logging.LogRecord("courtplan", logging.ERROR, __file__, 1, "第 %s 次", (2,), sys.exc_info())

    told = JsonFormatter().format(record)

    assert "\n" not in told
    assert json.loads(told)["message"] == "第 2 次"
    assert "ValueError: 坏数据" in json.loads(told)["traceback"]


def test_a_line_carries_the_request_its_answer_names(client, db, lines):
    client.force_login(UserFactory())

    answer = client.get("/no/such/page/")

    (line,) = [line for line in lines if line["logger"] == "django.request"]
    assert (line["request_id"], line["status"], line["level"]) == (answer["X-Request-ID"], 404, "WARNING")


def test_a_search_and_a_failed_sign_in_name_nobody(client, db, lines):
    client.post(reverse("accounts:login"), {"username": "zhang.wei", "password": "hunter2-secret"})
    client.force_login(UserFactory())
    client.get("/no/such/page/", {"q": "张伟的举措"})

    told = json.dumps(lines, ensure_ascii=False)

    assert lines
    assert [word for word in ("zhang.wei", "hunter2", "张伟", "127.0.0.1") if word in told] == []


@pytest.mark.parametrize(("limit", "n_lines"), [(1, 1), (60_000, 0), (0, 0)])
def test_a_slow_query_is_told_of_without_its_values(db, lines, settings, limit, n_lines):
    settings.SLOW_QUERY_MS = limit
    kept = list(connection.execute_wrappers)
    connection.execute_wrappers.clear()
    watch_queries(connection=connection)
    watch_queries(connection=connection)  # a second time adds nothing
    try:
        with connection.cursor() as cursor:
            cursor.execute(_slow(connection), ["机密"])
    finally:
        connection.execute_wrappers[:] = kept

    told = [line for line in lines if line["logger"] == "courtplan.slow_queries"]
    assert len(told) == n_lines
    assert all(line["ms"] >= limit and "机密" not in line["message"] for line in told)


def _slow(connection):
    """A query of more than a few milliseconds on either database."""
    if connection.vendor == "postgresql":
        return "SELECT pg_sleep(0.02), %s"
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*), %s FROM n"
