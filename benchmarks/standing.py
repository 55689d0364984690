#!/usr/bin/env python3
"""How long one reading of a plan takes, and how many queries, by the size of the plan.

    .venv/bin/python benchmarks/standing.py [measures …]

Makes plans of that many measures (35 and 1,000 unless told) with a year of monthly reports and readings, in a
database of its own, and prints for each: queries, milliseconds in all, and milliseconds without the database.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

ROUNDS = 15
YEAR_END = date(2025, 12, 31)


def main(sizes):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "courtplan.settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "benchmark",
            "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
            "LOG_LEVEL": "WARNING",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(f"{'measures':>9} {'entries':>8} {'queries':>8} {'ms (median)':>12} {'of it Python':>13}")
        for size in sizes:
            measure(size)


def measure(size):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from apps.assessment.selectors import standing_of

    plan = make_plan(size)
    known = datetime(2026, 2, 1, tzinfo=UTC)
    standing_of(plan, on=YEAR_END, known=known)
    times, in_database = [], []
    for _round in range(ROUNDS):
        spent = 0.0

        def timed(execute, *args):
            nonlocal spent
            start = time.perf_counter()
            try:
                return execute(*args)
            finally:
                spent += time.perf_counter() - start

        with connection.execute_wrapper(timed):
            start = time.perf_counter()
            standing_of(plan, on=YEAR_END, known=known)
            times.append(time.perf_counter() - start)
        in_database.append(spent)
    with CaptureQueriesContext(connection) as queries:
        standing_of(plan, on=YEAR_END, known=known)
    whole = statistics.median(times) * 1000
    python = whole - statistics.median(in_database) * 1000
    print(f"{size:>9} {plan.ledger.count():>8} {len(queries):>8} {whole:>12.1f} {python:>13.1f}")


def make_plan(size):
    """A plan of `size` measures, each with an indicator, a deadline and twelve reports with readings."""
    from apps.accounts.models import Court, Department, User
    from apps.indicators.models import Indicator, Target
    from apps.ledger.models import LedgerEntry
    from apps.plans.models import Deadline, Measure, Pillar, Plan

    court = Court.objects.create(slug=f"court-{size}", name=f"法院 {size}")
    department = Department.objects.create(court=court, slug="one", name="审判庭", order=1)
    person = User.objects.create(username=f"person-{size}", name="人员", court=court, department=department)
    opened = datetime(2024, 12, 31, 16, tzinfo=UTC)
    plan = Plan.objects.create(court=court, year=2025, title="计划", status="open", opened_at=opened)
    pillars = [Pillar.objects.create(plan=plan, number=n, title=f"支柱{n}", short=f"{n}") for n in range(1, 6)]
    measures = Measure.objects.bulk_create(
        Measure(
            plan=plan,
            pillar=pillars[n % 5],
            code=f"{n}",
            order=n,
            title=f"举措{n}",
            lead=department,
            starts_on=plan.starts_on,
            cadence="monthly",
        )
        for n in range(size)
    )
    for measure in measures:
        measure.support.add(department)
    first = {"number": 1, "effective_from": plan.starts_on, "reason": "计划下达", "made_at": opened}
    Deadline.objects.bulk_create(Deadline(measure=measure, due=plan.ends_on, **first) for measure in measures)
    indicators = Indicator.objects.bulk_create(
        Indicator(plan=plan, measure=measure, code=f"{measure.code}-1", name="指标", kind="at_least", basis="stated")
        for measure in measures
    )
    Target.objects.bulk_create(Target(indicator=indicator, low=Decimal(100), **first) for indicator in indicators)
    for month in range(1, 13):
        day = date(2025, month, 28)
        accepted = {
            "plan": plan,
            "speaks_of": day,
            "accepted_by": person,
            "accepted_at": datetime(2025, month, 28, 8, tzinfo=UTC),
        }
        LedgerEntry.objects.bulk_create(
            LedgerEntry(
                kind="progress",
                measure=measure,
                percent=month * 8,
                department=department,
                declared="normal",
                **accepted,
            )
            for measure in measures
        )
        LedgerEntry.objects.bulk_create(
            LedgerEntry(
                kind="reading",
                measure=indicator.measure,
                indicator=indicator,
                period_start=plan.starts_on,
                value=Decimal(month * 8),
                **accepted,
            )
            for indicator in indicators
        )
    return plan


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [35, 1000])
