"""Make the databases that test_from_previous_version.py upgrades. Run with the code of the version before, in its folder.

    git worktree add OLD dbc8b20 && cd OLD                     # the last commit before the packages were renamed
    export ENV_FILE=/dev/null SECRET_KEY=previous STATICFILES_STORAGE=django.contrib.staticfiles.storage.StaticFilesStorage
    export DATA_DIR=EMPTY-FOLDER DATABASE_URL=sqlite:///EMPTY-FOLDER/db.sqlite3
    python …/tests/operations/previous/make.py OUT         # OUT/sqlite.sql.xz and OUT/backup.zip
    DATABASE_URL=postgres://…                                  # the same on PostgreSQL: OUT/postgresql.sql.xz

The example year with its pending matters, and acts of each kind that the year leaves out. The names are those of the old version.
"""
# ruff: noqa: E402, S603, T201

import io
import json
import lzma
import os
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import django

sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "courtplan.settings"
django.setup()

import pyotp
from apps.access.models import FailedSignIn, UsualAddress
from apps.access.services import set_up_second_factor
from apps.core.backup import write
from apps.progress.content import ReportContent
from apps.progress.services import add_evidence_file, add_evidence_link, save_draft
from apps.reports.making import ask_for
from apps.reports.selectors import PaperOptions
from apps.reports.services import issue_paper
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Court, User
from apps.accounts.selectors import DEMO_PASSWORD
from apps.assessment.archive import document_of
from apps.assessment.selectors import standing_of
from apps.core import guards
from apps.dashboard.days import shown_day
from apps.office.services import open_next_year, receive_table
from apps.plans.models import Plan
from apps.plans.rules import windows_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# The smallest PNG: one grey point. The test writes it where the row of evidence says.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6368"
    "00000082008177cd72b60000000049454e44ae426082"
)
NOW = timezone.make_aware(timezone.datetime(2026, 1, 6, 10))


def act():
    """What the example year leaves out."""
    court = Court.objects.get(slug="kfq")
    plan = Plan.objects.select_related("court").get(court=court)
    admin, leader = User.objects.get(username="planadmin"), User.objects.get(username="leader")

    window = windows_of(year=plan.year, cadence="quarterly", grace_days=plan.grace_days)[-1]
    unwritten = plan.measures.exclude(reports__window_end=window.end).filter(lead__slug="zzb").first()
    unwritten = unwritten or plan.measures.exclude(reports__window_end=window.end).select_related("lead").first()
    writer = User.objects.get(groups__name="reporter", department=unwritten.lead)
    draft = save_draft(
        measure=unwritten,
        department=unwritten.lead,
        window=window,
        content=ReportContent(text="示例：还没有写完", next_steps="示例：补齐数字", help_from="示例：请财务部门核对"),
        revision=0,
        by=writer,
        at=NOW,
    )
    file = SimpleUploadedFile("现场 照片.png", PICTURE)
    add_evidence_file(report=draft, file=file, by=writer, at=NOW)
    draft.refresh_from_db()
    add_evidence_link(report=draft, url="https://court.example/notice", name="通知", by=writer, at=NOW)

    issue_paper(
        plan=plan,
        kind="bulletin",
        options=PaperOptions(on=date(2025, 11, 30), known=NOW, basis="截至2025年11月30日"),
        by=admin,
        at=NOW,
    )
    day = shown_day(plan, "2025-12-31", None, now=NOW, today=NOW.date())
    ask_for(plan=plan, kind="ledger", form="xlsx", day=day, with_courts_below=False, by=leader, at=NOW)
    table = SimpleUploadedFile("departments.csv", "名称,简称\n示例部门,slbm\n".encode("utf-8-sig"))
    receive_table(plan=plan, table="departments", file=table, name="departments.csv", by=admin, at=timezone.now())
    open_next_year(plan=plan, codes=["5.6", "1.2"], keeps_targets=True, by=admin, at=NOW)

    set_up_second_factor(
        person=User.objects.get(username="leader-2"), secret=SECRET, code=pyotp.TOTP(SECRET).at(NOW), at=NOW
    )
    UsualAddress.objects.create(person=leader, mark="0" * 64, forget_on=date(2026, 3, 1))
    FailedSignIn.objects.create(account="1" * 64, address="2" * 64, at=timezone.now())
    client = Client(headers={"host": "localhost"})
    client.post("/login/", {"username": "leader", "password": DEMO_PASSWORD})
    assert client.get("/my-work/").status_code == 200
    call_command("verify_audit")


def compress(path, text):
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    for command in ("migrate", "load_example", "seed_demo"):
        call_command(command, verbosity=0, stdout=io.StringIO())
    act()
    assert not guards.missing(connection)
    plan = Plan.objects.get(court__slug="kfq", year=2025)
    compress(out / "standing.json.xz", json.dumps(document_of(standing_of(plan, on=plan.ends_on, known=NOW))))
    connection.close()
    if connection.vendor == "sqlite":
        with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as database:
            dump = "\n".join(database.iterdump())
        (out / "backup.zip").unlink(missing_ok=True)
        write(out / "backup.zip", at=NOW + timedelta(minutes=1))
    else:
        command = ["pg_dump", "--inserts", "--rows-per-insert=500", "--no-owner", "--no-privileges"]
        dump = subprocess.run([*command, os.environ["DATABASE_URL"]], check=True, capture_output=True, text=True).stdout
        # Lines for psql, not for the server.
        dump = "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))
    compress(out / f"{connection.vendor}.sql.xz", dump)
    for path in sorted(out.iterdir()):
        print(path.name, path.stat().st_size)


main(Path(sys.argv[1]))
