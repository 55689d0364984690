"""Figures for Prometheus: valid, of all processes together, of pages and never of people; behind a switch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-the-court-1"
# A process of the server: it answers, without a database, one person's choices of language and one page that fails.
PROCESS = """
import django, sys
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
for language in sys.argv[1:]:
    client.post("/i18n/setlang/", {"language": language}, HTTP_HOST="localhost")
client.get("/login/", HTTP_HOST="localhost")
client.get("/zhang.wei/2025/", HTTP_HOST="localhost")
"""
READER = """
import django, sys
django.setup()
from django.test import Client
sys.stdout.write(Client().get("/metrics", headers={"authorization": "Bearer " + sys.argv[1]}).content.decode())
"""


@pytest.fixture
def run(tmp_path):
    """Runs a program as one process of a server whose database has no tables yet."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "courtplan.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "METRICS": "on",
        "METRICS_DIR": str(tmp_path / "metrics"),
        "METRICS_TOKEN": TOKEN,
        "PYTHONWARNINGS": "ignore",
    }

    def run(program, *arguments):
        command = [sys.executable, "-c", program, *arguments]
        ended = subprocess.run(  # noqa: S603 – our own command
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


def samples(text):
    """{(name, labels): value} of a text that is as Prometheus wants it."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_two_processes_add_up_and_name_nobody(run):
    run(PROCESS, "zh-hans", "en")
    run(PROCESS, "en", "en", "en")

    text = run(READER, TOKEN)

    found = samples(text)
    assert found["courtplan_requests_total", "3xx", "POST", "set_language"] == 5
    assert found["courtplan_requests_total", "5xx", "GET", "accounts:login"] == 2
    assert found["courtplan_exceptions_total", "OperationalError", "accounts:login"] == 2
    assert found["courtplan_request_seconds_count", "POST", "set_language"] == 5
    assert found["courtplan_request_seconds_bucket", "+Inf", "POST", "set_language"] == 5
    assert found["courtplan_queries_total", "accounts:login"] >= 2
    assert found["courtplan_cpu_seconds_total",] > 0
    # How it stands is told even of a database without tables; what is not known has no figure.
    assert found["courtplan_condition", "migrations"] == 2
    assert ("courtplan_condition", "audit") not in found
    assert ("courtplan_audit_whole",) not in found
    assert found["courtplan_max_resident_bytes",] > 10_000_000
    assert [word for word in ("zhang", "kfq", "127.0.0.1", "2025") if word in text] == []


def test_figures_are_not_there_unless_asked_for(client, db):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"x-forwarded-for": "10.0.0.7"}, 403),
        ("", {"x-forwarded-proto": "https"}, 403),
        (TOKEN, {}, 403),
        (TOKEN, {"authorization": TOKEN}, 403),
        (TOKEN, {"authorization": f"Basic {TOKEN}"}, 403),
        (TOKEN, {"authorization": "Bearer another-token-12345"}, 403),
        (TOKEN, {"authorization": f"bearer {TOKEN}", "x-forwarded-for": "10.0.0.7"}, 200),
    ],
)
def test_figures_are_for_this_machine_or_for_the_token(client, db, settings, tmp_path, token, headers, status):
    settings.METRICS, settings.METRICS_DIR, settings.METRICS_TOKEN = True, tmp_path, token

    answer = client.get("/metrics", headers={"host": "10.1.2.3", **headers})

    assert answer.status_code == status
    found = samples(answer.content.decode()) if status == 200 else {}
    assert (found.get(("courtplan_condition", "migrations")) == 0) == (status == 200)
    assert ("courtplan_database_bytes",) in found or status == 403
