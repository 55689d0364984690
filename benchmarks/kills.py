#!/usr/bin/env python3
"""Kill writers at random moments, a thousand unless told, and look whether anything is lost, doubled or half done.

    .venv/bin/python benchmarks/kills.py [kills] [seed]                 on SQLite, in a file of its own
    .venv/bin/python bin/with_pg .venv/bin/python benchmarks/kills.py   on a PostgreSQL of its own

Needs requirements-dev.txt. Reports are written, handed in, approved and taken back, instructions given, extensions
asked for and granted, files laid beside reports and taken off, measures closed and opened again, targets ordered, tables
taken in and papers issued; each child dies by SIGKILL within 80 ms.
"""

import os
import sys
import tempfile
import time
from pathlib import Path


def main(n_kills, seed):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "courtplan.settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "benchmark",
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/benchmark.sqlite3",
            "EVIDENCE_DIR": f"{folder}/evidence",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from apps.audit.models import AuditEvent
        from tests.attack.writers import ground, kill_many, n_stray_files, problems_of

        call_command("migrate", verbosity=0)
        call_command("loaddata", "roles", verbosity=0)
        began = time.perf_counter()

        def tell(journal):
            if journal.n_kills % 100 == 0:
                print(f"{journal.n_kills} kills, {sum(journal.done.values())} acts done", flush=True)

        journal = kill_many(ground(), n_kills=n_kills, seed=seed, after_each=tell)
        took = time.perf_counter() - began
        n_stray = n_stray_files()
        problems = problems_of(journal)
        print(f"{connection.vendor}, seed {seed}: {n_kills} kills in {took:.0f} s")
        print(f"killed inside an act {sum(journal.killed_in.values())}, between acts {journal.n_between}")
        for action in sorted(journal.begun):
            n_found = AuditEvent.objects.filter(action=action).count()
            print(
                f"  {action:28} begun {journal.begun[action]:5}, done {journal.done[action]:5}, "
                f"killed in {journal.killed_in[action]:4}, events {n_found:5}"
            )
        print(f"files that a kill left to be tidied {n_stray}")
        print(f"events in the trail {AuditEvent.objects.count()}; problems: {problems or 'none'}")
        call_command("verify_audit")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*[int(argument) for argument in (*sys.argv[1:], *("1000", "0")[len(sys.argv) - 1 :])]))
