#!/usr/bin/env python3
"""How long the audit trail takes to list, to search, to take along and to check, by the number of events.

    .venv/bin/python benchmarks/audit.py [events …]

Writes that many chained events (20,000 and 200,000 unless told) into a database of its own.
"""

import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

BATCH = 5000


def main(sizes):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "courtplan.settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "benchmark",
            "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
            "LOG_LEVEL": "ERROR",
            "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        }
        import django

        django.setup()
        from django.core.management import call_command
        from django.test import Client

        call_command("migrate", verbosity=0)
        from apps.accounts.models import User

        admin = User.objects.create(username="admin", name="admin", is_superuser=True)
        browser = Client(headers={"host": "localhost"})
        browser.force_login(admin)
        print(f"{'events':>9} {'list':>8} {'search':>8} {'page 100':>9} {'export':>8} {'check':>8}   (seconds)")
        for number, size in enumerate(sizes):
            court = f"court-{number}"
            write(court, size)
            seconds = [
                timed(lambda: browser.get("/audit/")),
                timed(lambda: browser.get("/audit/", {"what": "3.14", "action": "report.approved"})),
                timed(lambda: browser.get("/audit/", {"page": 100})),
                timed(lambda: sum(map(len, browser.post("/audit/export/", {"who": "reporter"}).streaming_content))),
                timed(lambda: browser.post("/audit/check/", {"number": ""})),
            ]
            print(
                f"{size:>9,} {seconds[0]:>8.3f} {seconds[1]:>8.3f} {seconds[2]:>9.3f} {seconds[3]:>8.2f} {seconds[4]:>8.2f}"
            )


def timed(act):
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def write(court, size):
    from apps.audit.models import AuditEvent, Chain
    from apps.audit.rules import GENESIS, hash_of

    previous, first, rows = GENESIS, datetime(2020, 1, 1, tzinfo=UTC), []
    for number in range(1, size + 1):
        content = {
            "number": number,
            "at": first + timedelta(minutes=10 * number),
            "by": f"Reporter {number % 40} (reporter-{number % 40})",
            "action": "report.approved" if number % 3 else "report.submitted",
            "target": f"progress.report:{number}",
            "target_label": f"{number % 5 + 1}.{number % 37} measure",
            "data": {"revision": number % 4, "ledger": [number, number + 1]},
            "previous_hash": previous,
        }
        previous = hash_of(chain=court, **content)
        rows.append(AuditEvent(court=court, hash=previous, **content))
        if len(rows) == BATCH or number == size:
            AuditEvent.objects.bulk_create(rows)
            rows = []
    Chain.objects.create(court=court, last_number=size, last_hash=previous)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [20_000, 200_000])
