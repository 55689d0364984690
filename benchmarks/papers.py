#!/usr/bin/env python3
"""How long the office's papers take, and how much memory: a bulletin of the example plan, a province's 台账.

    .venv/bin/python benchmarks/papers.py [rows]

The 台账 has 5,000 rows unless told: the example's 35 measures in as many courts as it takes, under one that
supervises them, made as a long file is. Each figure comes from a process of its own.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

ON = date(2025, 8, 15)
KNOWN = datetime(2025, 8, 15, 12, tzinfo=UTC)
PARTS = ("bulletin", "bulletin-pdf", "ledger-xlsx", "ledger-docx")


def set_up(folder):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "courtplan.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "benchmark",
        "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
        "LOG_LEVEL": "ERROR",
    }
    import django

    django.setup()


def fill(folder, n_rows):
    """The example's year, and its measures with their last report in enough courts below it."""
    set_up(folder)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_example", verbosity=0)
    call_command("seed_demo", verbosity=0)
    from apps.accounts.models import Court, Department, User
    from apps.ledger.models import LedgerEntry
    from apps.plans.models import Measure, Pillar, Plan

    plan = Plan.objects.select_related("court").get(year=2025)
    by = User.objects.get(username="planadmin")
    measures = list(Measure.objects.filter(plan=plan).select_related("pillar", "lead"))
    latest = {
        entry.measure_id: entry for entry in LedgerEntry.objects.filter(plan=plan, kind="progress").order_by("pk")
    }
    n_courts = -(-n_rows // len(measures)) - 1
    for number in range(n_courts):
        court = Court.objects.create(slug=f"c{number}", name=f"第{number}人民法院", parent=plan.court)
        lead = Department.objects.create(court=court, slug="d", name="综合办公室", order=1)
        copy = Plan.objects.create(
            court=court, year=2025, title=f"{court.name}2025年工作计划", status="open", opened_at=plan.opened_at
        )
        pillars = {
            pillar.number: Pillar.objects.create(
                plan=copy, number=pillar.number, title=pillar.title, short=pillar.short
            )
            for pillar in plan.pillars.all()
        }
        for measure in measures:
            made = Measure.objects.create(
                plan=copy,
                pillar=pillars[measure.pillar.number],
                code=measure.code,
                order=measure.order,
                title=measure.title,
                lead=lead,
                starts_on=measure.starts_on,
                cadence=measure.cadence,
            )
            entry = latest.get(measure.pk)
            if entry:
                LedgerEntry.objects.create(
                    plan=copy,
                    measure=made,
                    kind="progress",
                    percent=entry.percent,
                    text=entry.text * 4,
                    speaks_of=entry.speaks_of,
                    accepted_by=by,
                    accepted_at=entry.accepted_at,
                    department=lead,
                )
    print(f"{n_courts + 1} courts, {Measure.objects.count()} measures")


def measure(folder, part):
    set_up(folder)
    from django.utils import translation

    from apps.accounts.models import User
    from apps.plans.models import Plan

    translation.activate("zh-hans")
    plan = Plan.objects.select_related("court").get(court__slug="kfq", year=2025)
    begun = time.perf_counter()
    if part.startswith("bulletin"):
        from apps.papers.pdf import pdf_of
        from apps.papers.selectors import PaperOptions, draft_of
        from apps.papers.word import word_of

        paper = draft_of(plan, "bulletin", PaperOptions(on=ON, known=KNOWN, basis="截至2025年8月15日")).paper
        size = len(pdf_of(paper) if part.endswith("pdf") else word_of(paper))
    else:
        from django.core.management import call_command

        from apps.papers.models import Job
        from apps.papers.tasks import enqueue_job

        job = Job.objects.create(
            plan=plan,
            kind="ledger",
            file_format=part[-4:],
            on=ON,
            known=KNOWN,
            basis="截至2025年8月15日",
            with_courts_below=True,
            language="zh-hans",
            by=User.objects.get(username="inspector"),
            at=KNOWN,
            expires_at=KNOWN,
        )
        enqueue_job(job)
        call_command("db_worker", batch=True, startup_delay=False, verbosity=0)
        job.refresh_from_db()
        size = len(job.content)
    seconds = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{part:14} {seconds:6.2f} s   {memory:4.0f} MB   {size / 1024:6.0f} KB")


def main(n_rows):
    with tempfile.TemporaryDirectory() as folder:
        for step in ("fill", *PARTS):
            subprocess.run([sys.executable, __file__, str(n_rows), folder, step], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        _file, rows, folder, step = sys.argv
        fill(folder, int(rows)) if step == "fill" else measure(folder, step)
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
