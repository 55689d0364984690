"""Three servers under load, one killed, PostgreSQL restarted: the bounded version of benchmarks/outage.py."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.skipif(connection.vendor != "postgresql", reason="几台服务器只能合用 PostgreSQL")
def test_no_report_is_lost_or_doubled_while_a_server_is_killed_and_the_database_restarted():
    done = subprocess.run(
        [sys.executable, "benchmarks/outage.py", "24", "4"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.splitlines()[0].startswith("24 reports by 4 people")
    assert done.stdout.splitlines()[-1] == "nothing lost, nothing doubled"
