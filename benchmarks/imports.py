#!/usr/bin/env python3
"""How long a long table takes to be read, checked and taken in.

    .venv/bin/python benchmarks/imports.py [rows]

Readings (10,000 rows unless told) of the example plan's indicators, in a database of its own.
"""

import io
import os
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from itertools import product
from pathlib import Path


def main(n_rows):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "courtplan.settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "benchmark",
            "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from django.core.management import call_command
        from django.utils import timezone

        call_command("migrate", verbosity=0)
        call_command("load_example", verbosity=0)
        from apps.accounts.models import User
        from apps.core.tables import workbook_of
        from apps.office.services import check_table, import_table, upload_table
        from apps.plans.models import Plan

        plan = Plan.objects.select_related("court").get()
        admin = User.objects.create(username="admin", name="admin", is_superuser=True)
        codes = plan.indicators.filter(kind__in=["at_least", "at_most", "within"], accumulation="latest")
        periods = product(range(150), range(150), codes.values_list("code", flat=True))
        rows = [
            [code, date(2025, 1, 1) + timedelta(start), date(2025, 6, 1) + timedelta(end), start + end, "benchmark"]
            for (start, end, code), _n in zip(periods, range(n_rows), strict=False)
        ]
        print(f"{len(rows)} rows")
        file = io.BytesIO(workbook_of(["指标编号", "起始日期", "截止日期", "数值", "数据来源"], rows))
        import_file = _timed(
            "read",
            lambda: upload_table(plan=plan, table="readings", file=file, name="t.xlsx", by=admin, at=timezone.now()),
        )
        _timed("check", lambda: list(check_table(import_file, at=timezone.now())))
        _timed("take in", lambda: list(import_table(import_file, at=timezone.now())))


def _timed(name, work):
    begun = time.perf_counter()
    result = work()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name:>8}: {time.perf_counter() - begun:6.1f} s, at most {megabytes} MB so far")
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
