#!/usr/bin/env python3
"""Fills an empty database with as many courts as one likes, each with years of monthly reports.

    DATABASE_URL=postgres://… .venv/bin/python benchmarks/courts.py 3500 [--years 2] [--on 2026-11-25]

The first court is made with the models: the published plan's 36 measures and their indicators, reported each month
by twelve departments, reviewed, and accepted into the ledger; two of three years are closed. The others are copies of
its rows under keys of their own, made inside the database, which takes minutes where the models would take days.
Each court has an audit chain of its own that holds, with an event for what was handed in and one for what was
approved. Rows of record are sealed for up to ten courts; beyond that the trail is whole, but names no seals.

Courts stand in provinces: one in 110 supervises its cities, whose court supervises eight basic courts each.
Everybody's password is `PASSWORD`; names are `c<court>-<role>-<department>`, such as `c1-reporter-3`.
On PostgreSQL the database's user has to be a superuser, for foreign keys are not checked while copies are made.
"""

import argparse
import io
import json
import os
import random
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "benchmark-of-courts"
IN_A_PROVINCE, IN_A_CITY = 110, 9
SEALED_UP_TO = 10
DEPARTMENTS = [
    "政治部",
    "综合办公室",
    "立案庭",
    "刑事审判庭",
    "民事审判第一庭",
    "民事审判第二庭",
    "行政审判庭",
    "执行局",
    "审判管理办公室",
    "法警大队",
    "研究室",
    "督察室",
]
WORDS = (
    "本期围绕年度目标继续推进，完成了既定的阶段任务，召开专题会议两次，印发工作提示一份，对薄弱环节逐一列出清单并明确责任人，",
    "已与相关部门沟通协调，数据较上期有所改善；下一步将压实责任、跟踪问效，",
    "组织业务培训一场，参训六十余人次；抽查案件三十件，对发现的问题即查即改，",
    "相关制度已修订并试行，运行平稳，",
)


def main(n_courts, n_years, on):
    begun = time.perf_counter()
    setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("loaddata", "roles", verbosity=0)
    from apps.accounts.models import Court

    if Court.objects.exists():
        sys.exit("the database already holds courts; the data maker begins in an empty one")
    events = FirstCourt(n_years, on).make()
    tell(begun, "the first court")
    copies = Copies(connection, n_courts)
    copies.make(lambda table: tell(begun, table))
    chains(connection, events, n_courts)
    tell(begun, "audit chains")
    if n_courts <= SEALED_UP_TO:
        from apps.audit.services import seal_existing

        seal_existing(at=datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    tell(begun, "statistics")


def setup():
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courtplan.settings")
    os.environ.setdefault("SECRET_KEY", "benchmark")
    os.environ |= {"ENV_FILE": os.devnull, "LOG_LEVEL": "WARNING"}
    import django

    django.setup()


def tell(begun, what):
    print(f"{time.perf_counter() - begun:7.1f} s  {what}", flush=True)


def written(rng):
    """Some 60 to 200 characters, as a department writes in a month."""
    return "".join(rng.choice(WORDS) for _sentence in range(rng.randint(2, 5))) + "按序时进度推进。"


class FirstCourt:
    """The court that all others are copies of."""

    def __init__(self, n_years, on):
        self.years = range(on.year - n_years + 1, on.year + 1)
        self.on, self.rng, self.events = on, random.Random(36), []
        self.fixture = json.loads((ROOT / "fixtures/plan_2025.json").read_text())

    def make(self):
        from django.db import transaction

        with transaction.atomic():
            self._people()
            for year in self.years:
                self._year(year)
        return self.events

    def _of(self, model):
        return [row["fields"] for row in self.fixture if row["model"] == model]

    def _people(self):
        from django.contrib.auth.hashers import make_password
        from django.contrib.auth.models import Group

        from apps.accounts.models import Court, Department, User

        self.court = Court.objects.create(slug="c1", name="第1人民法院", level="high")
        self.departments = [
            Department.objects.create(court=self.court, slug=f"d{n}", name=name, order=n)
            for n, name in enumerate(DEPARTMENTS, start=1)
        ]
        groups, password = {group.name: group for group in Group.objects.all()}, make_password(PASSWORD)

        def person(role, number, department, **more):
            user = User.objects.create(
                username=f"c1-{role}-{number}", name=f"{role}{number}", password=password, court=self.court,
                department=department, **more,
            )  # fmt: skip
            user.groups.add(groups[role])
            return user

        office = self.departments[1]
        self.reporters = [person("reporter", n, d) for n, d in enumerate(self.departments, start=1)]
        self.reviewers = [person("reviewer", n, d) for n, d in enumerate(self.departments, start=1)]
        self.leaders = [person("leader", n, None) for n in range(1, 5)]
        self.plan_admin = person("plan_admin", 1, office, is_staff=True)
        person("inspector", 1, self.departments[11])

    # One year's promises

    def _year(self, year):
        from apps.plans.models import Goal, Pillar, Plan, Programme

        is_over = year < self.on.year
        opened = datetime(year, 1, 1, 1, tzinfo=UTC)
        closing = {
            "status": "closed",
            "closed_by": self.plan_admin,
            "closed_at": datetime(year + 1, 1, 20, 2, tzinfo=UTC),
        }
        (fields,) = self._of("plans.plan")
        self.first = {"number": 1, "effective_from": date(year, 1, 1), "reason": "计划下达", "made_at": opened}
        self.plan = Plan.objects.create(
            court=self.court, year=year, title=f"第1人民法院{year}年工作计划", theme=fields["theme"], main_line=fields["main_line"],
            source_text=fields["source_text"], opened_at=opened, **(closing if is_over else {"status": "open"}),
        )  # fmt: skip
        self.pillars = {
            row["number"]: Pillar.objects.create(
                plan=self.plan, number=row["number"], title=row["title"], short=row["short"]
            )
            for row in self._of("plans.pillar")
        }
        self.goals = {
            row["code"]: Goal.objects.create(
                plan=self.plan, **{name: row[name] for name in ("code", "title", "quote", "order")}
            )
            for row in self._of("plans.goal")
        }
        self.programmes = {
            row["code"]: Programme.objects.create(
                plan=self.plan, code=row["code"], name=row["name"], order=row["order"]
            )
            for row in self._of("plans.programme")
        }
        self._measures()
        self._indicators()
        self._instructions()
        self._reports()

    def _measures(self):
        from apps.plans.models import Deadline, Measure, Node, Quote

        rows, year = self._of("plans.measure"), self.plan.year
        rows.append({**rows[-1], "code": "5.99", "order": 99, "title": "健全常态化督查问效机制"})
        self.measures = {}
        deadlines, nodes = [], []
        for index, row in enumerate(rows):
            measure = Measure.objects.create(
                plan=self.plan, pillar=self.pillars[row["pillar"][2]], code=row["code"], order=row["order"], title=row["title"],
                lead=self.departments[index % 12], leader=self.leaders[index % 4], starts_on=self.plan.starts_on, cadence="monthly",
            )  # fmt: skip
            measure.support.set([self.departments[(index + 5) % 12], self.departments[(index + 7) % 12]])
            measure.programmes.set([self.programmes[code] for *_plan, code in row["programmes"]])
            self.measures[row["code"]] = measure
            deadlines.append(
                Deadline(measure=measure, due=date(year, 12, 31) - timedelta(days=30 * (index % 4)), **self.first)
            )
            if index % 4 == 3:  # every fourth is told by its nodes
                nodes += [Node(measure=measure, order=n, title=f"第{n}阶段：{row['title'][:12]}") for n in range(1, 5)]
            if index % 9 == 8:
                moved = {"effective_from": date(year, 6, 2), "reason": "统筹调整", "made_by": self.plan_admin}
                made_at = datetime(year, 6, 2, 2, tzinfo=UTC)
                deadlines.append(Deadline(measure=measure, number=2, due=date(year, 12, 31), made_at=made_at, **moved))
        self.nodes = {}
        for node in Node.objects.bulk_create(nodes):
            self.nodes.setdefault(node.measure_id, []).append(node)
            deadlines.append(
                Deadline(measure=node.measure, node=node, due=date(year, node.order * 3, 20), **self.first)
            )
        Deadline.objects.bulk_create(deadlines)
        Quote.objects.bulk_create(
            Quote(measure=self.measures[row["measure"][2]], order=row["order"], text=row["text"])
            for row in self._of("plans.quote")
        )

    def _indicators(self):
        from apps.indicators.models import Indicator, Target

        made = []
        for row in self._of("indicators.indicator"):
            where = (
                {"measure": self.measures[row["measure"][2]]}
                if row["measure"]
                else {"goal": self.goals[row["goal"][2]]}
            )
            same = (
                "code",
                "order",
                "name",
                "kind",
                "basis",
                "strength",
                "accumulation",
                "has_parts",
                "unit",
                "scope",
                "quote",
            )
            made.append(
                Indicator(
                    plan=self.plan,
                    scale=Decimal(row["scale"]),
                    cadence="quarterly",
                    **where,
                    **{n: row[n] for n in same},
                )
            )
        with_own = {indicator.measure_id for indicator in made}
        for index, measure in enumerate(self.measures.values()):
            if measure.pk not in with_own and index % 2:
                parts = {"has_parts": True, "scale": Decimal(100), "unit": "%"} if index % 3 == 0 else {"unit": "件"}
                made.append(
                    Indicator(plan=self.plan, measure=measure, code=f"{measure.code}-1", name=f"{measure.title[:20]}完成情况",
                        kind="at_least", basis="stated", cadence="monthly", **parts)
                )  # fmt: skip
        self.indicators = Indicator.objects.bulk_create(made)
        bounds = {
            "at_least": {"low": Decimal(90)}, "at_most": {"high": Decimal(120)}, "within": {"low": Decimal(60), "high": Decimal(140)},
            "below_baseline": {"baseline": Decimal(110)}, "above_baseline": {"baseline": Decimal(50)}, "rank_within": {"high": Decimal(10)},
        }  # fmt: skip
        Target.objects.bulk_create(
            Target(
                indicator=indicator,
                pace="linear" if indicator.kind == "at_least" else "",
                **bounds.get(indicator.kind, {}),
                **self.first,
            )
            for indicator in self.indicators
        )

    def _instructions(self):
        from apps.supervision.models import Instruction, InstructionStep

        for index, measure in enumerate(list(self.measures.values())[::6]):
            issued_at = datetime(self.plan.year, 2 + index, 10, 2, tzinfo=UTC)
            instruction = Instruction.objects.create(
                plan=self.plan, measure=measure, department=measure.lead, by=self.leaders[index % 4], at=issued_at,
                text="请抓紧推进，倒排工期，月底前报告进展情况。", answer_by=(issued_at + timedelta(days=20)).date(),
            )  # fmt: skip
            steps = [("answer", "已按要求推进，情况如下：" + written(self.rng), self.reporters[measure.lead.order - 1])]
            if index < 4:
                steps.append(("close", "同意。", instruction.by))
            for number, (move, text, by) in enumerate(steps, start=1):
                at = issued_at + timedelta(days=5 * number)
                InstructionStep.objects.create(
                    instruction=instruction, number=number, move=move, text=text, by=by, at=at
                )

    # One year's reports

    def _reports(self):
        from apps.plans.rules import windows_of
        from apps.reporting.models import Report, ReportNode, ReportReading, Review

        windows = windows_of(year=self.plan.year, cadence="monthly", grace_days=self.plan.grace_days)
        reports = [
            self._report(measure, window, index)
            for window in windows
            if window.end < self.on
            for index, measure in enumerate(self.measures.values())
        ]
        made = Report.objects.bulk_create([report for report in reports if report is not None])
        readings, nodes, reviews, entries = [], [], [], []
        for report in made:
            readings += (own := self._readings(report))
            nodes += (done := self._nodes_done(report))
            self._tell("report.submitted", report, report.submitted_by, report.submitted_at, {"revision": 2})
            if report.status == "approved":
                review = self._review(report, own)
                reviews.append(review)
                entries += self._entries(report, review, own, done)
                self._tell("report.approved", report, review.by, review.at, {"revision": 2, "ledger": []})
            elif report.status == "returned":
                reviews.append(self._review(report, own, decision="return", reason="请补充数据来源和下一步措施。"))
        ReportReading.objects.bulk_create(readings)
        ReportNode.objects.bulk_create(nodes)
        Review.objects.bulk_create(reviews)
        from apps.ledger.models import LedgerEntry

        LedgerEntry.objects.bulk_create(entries)

    def _report(self, measure, window, index):
        """Nearly all are approved; of the last month a few wait or came back, and a few were never written."""
        from apps.reporting.models import Report

        month, is_last = window.end.month, window.end + timedelta(days=31) > self.on and self.plan.year == self.on.year
        if (index + month) % 29 == 7:
            return None
        status = "approved"
        if is_last and index % 12 in (4, 9):
            status = "submitted" if index % 12 == 4 else "returned"
        at = datetime(window.end.year, month, window.end.day - index % 5, 1, index, tzinfo=UTC)
        by = self.reporters[measure.lead.order - 1]
        percent = None if measure.pk in self.nodes else Decimal(min(100, month * (9 if index % 5 else 6)))
        blocked = index % 17 == 0 and month % 4 == 0
        return Report(
            measure=measure, department=measure.lead, window_start=window.start, window_end=window.end, status=status, revision=2,
            text=written(self.rng), percent=percent, declared="needs_help" if blocked else "normal",
            problems="人手不足，需统筹协调。" if blocked else "", next_steps=written(self.rng), author=by, created_at=at, saved_by=by,
            saved_at=at, submitted_by=by, submitted_at=at, first_submitted_at=at,
        )  # fmt: skip

    def _readings(self, report):
        from apps.reporting.models import ReportReading

        made, month = [], report.window_end.month
        for indicator in self.indicators:
            if indicator.measure_id != report.measure_id or (indicator.cadence == "quarterly" and month % 3):
                continue
            if indicator.kind not in ("at_least", "at_most", "within", "below_baseline", "above_baseline"):
                continue
            figure = Decimal(self.rng.randint(20, 100) + month)
            parts = {"numerator": figure, "denominator": Decimal(120)} if indicator.has_parts else {"value": figure}
            start = report.window_start if indicator.accumulation != "latest" else self.plan.starts_on
            made.append(
                ReportReading(
                    report=report, indicator=indicator, period_start=start, period_end=report.window_end, **parts
                )
            )
        return made

    def _nodes_done(self, report):
        from apps.reporting.models import ReportNode

        nodes = self.nodes.get(report.measure_id, [])
        return [
            ReportNode(report=report, node=node, done_on=report.window_end)
            for node in nodes
            if node.order * 3 == report.window_end.month
        ]

    def _review(self, report, readings, *, decision="approve", reason=""):
        import uuid

        from apps.reporting.models import Review

        index = report.measure.lead.order - 1
        content = {
            "revision": 2, "department": report.department.name, "submitted_by": str(report.submitted_by),
            "submitted_at": report.submitted_at, "text": report.text, "percent": report.percent, "declared": report.declared,
            "problems": report.problems, "help_from": "", "next_steps": report.next_steps, "nodes_done": [], "evidence": [],
            "readings": [
                {"indicator": reading.indicator.code, "period_start": reading.period_start, "period_end": reading.period_end, "value": reading.value,
                 "numerator": reading.numerator, "denominator": reading.denominator, "achieved_on": None, "out_of": None, "source": ""}
                for reading in readings
            ],
        }  # fmt: skip
        batch = uuid.UUID(int=self.rng.getrandbits(96)) if decision == "approve" else None
        at = report.submitted_at + timedelta(days=1)
        return Review(
            report=report,
            decision=decision,
            reason=reason,
            by=self.reviewers[index],
            at=at,
            content=content,
            batch=batch,
        )

    def _entries(self, report, review, readings, nodes):
        from apps.ledger.models import LedgerEntry

        common = {
            "plan": self.plan, "measure": report.measure, "department": report.department, "accepted_by": review.by,
            "accepted_at": review.at, "batch": review.batch,
        }  # fmt: skip
        yield LedgerEntry(
            kind="progress", speaks_of=report.window_end, percent=report.percent, declared=report.declared, text=report.text,
            problems=report.problems, next_steps=report.next_steps, **common,
        )  # fmt: skip
        for reading in readings:
            yield LedgerEntry(
                kind="reading", indicator=reading.indicator, speaks_of=reading.period_end, period_start=reading.period_start, value=reading.value,
                numerator=reading.numerator, denominator=reading.denominator, **common,
            )  # fmt: skip
        for node in nodes:
            yield LedgerEntry(kind="node_done", node=node.node, speaks_of=node.done_on, **common)

    def _tell(self, action, report, by, at, data):
        self.events.append((at, by, action, report.pk, str(report)[:300], data))


# The other courts


class Copies:
    """Each row of the first court again for each other court, its keys moved on by as many as the first court has."""

    def __init__(self, connection, n_courts):
        from django.apps import apps

        self.connection, self.n_courts = connection, n_courts
        self.is_postgresql = connection.vendor == "postgresql"
        labels = ("accounts", "plans", "indicators", "ledger", "progress", "oversight")
        models = [
            model for label in labels for model in apps.get_app_config(label).get_models(include_auto_created=True)
        ]
        models_used = [model for model in models if not model._meta.proxy and model._base_manager.exists()]
        self.steps = {
            model: model._base_manager.order_by("-pk").values_list("pk", flat=True)[0] for model in models_used
        }

    def make(self, tell):
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SET session_replication_role = replica" if self.is_postgresql else "PRAGMA foreign_keys = OFF"
            )
            for model in self.steps:
                if self.n_courts > 1:
                    cursor.execute(self._statement(model))
                    tell(f"{cursor.rowcount} × {model._meta.db_table}")
            cursor.execute(
                "SET session_replication_role = DEFAULT" if self.is_postgresql else "PRAGMA foreign_keys = ON"
            )
            cursor.execute(self._parents())
            from django.core.management.color import no_style

            for statement in self.connection.ops.sequence_reset_sql(no_style(), list(self.steps)):
                cursor.execute(statement)

    def _statement(self, model):
        fields, quoted = model._meta.concrete_fields, self.connection.ops.quote_name
        columns = ", ".join(quoted(field.column) for field in fields)
        values = ", ".join(self._value(model, field) for field in fields)
        series = (
            f"WITH RECURSIVE court(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM court WHERE k < {self.n_courts - 1})"
        )
        table = quoted(model._meta.db_table)
        return f"{series} INSERT INTO {table} ({columns}) SELECT {values} FROM court CROSS JOIN {table} AS t WHERE true"

    def _value(self, model, field):
        name = f"t.{self.connection.ops.quote_name(field.column)}"
        key = f"{model._meta.label}.{field.name}"
        if field.primary_key:
            return f"{name} + court.k * {self.steps[model]}"
        if field.is_relation and field.related_model in self.steps:
            return f"{name} + court.k * {self.steps[field.related_model]}"
        if key in ("accounts.Court.slug", "accounts.User.username"):
            return f"replace({name}, 'c1', 'c' || (court.k + 1))"
        if key in ("accounts.Court.name", "plans.Plan.title"):
            return f"replace({name}, '第1人民', '第' || (court.k + 1) || '人民')"
        if field.get_internal_type() == "UUIDField":
            if self.is_postgresql:
                return f"(lpad(to_hex(court.k), 8, '0') || substr(replace({name}::text, '-', ''), 9))::uuid"
            return f"printf('%08x', court.k) || substr({name}, 9)"
        return name

    def _parents(self):
        """The first of each province stands above the first of its cities, and those above their basic courts."""
        quoted, step = self.connection.ops.quote_name, "(id - 1)"
        return f"""
            UPDATE {quoted("accounts_court")} SET
                level = CASE WHEN {step} % {IN_A_PROVINCE} = 0 THEN 'high'
                    WHEN ({step} % {IN_A_PROVINCE}) % {IN_A_CITY} = 1 THEN 'intermediate' ELSE 'basic' END,
                parent_id = CASE WHEN {step} % {IN_A_PROVINCE} = 0 THEN NULL
                    WHEN ({step} % {IN_A_PROVINCE}) % {IN_A_CITY} = 1 THEN id - {step} % {IN_A_PROVINCE}
                    ELSE id - (({step} % {IN_A_PROVINCE}) - 1) % {IN_A_CITY} END
        """


def chains(connection, events, n_courts):
    """Each court's chain, every event bound to the one before it."""
    from apps.audit.models import AuditEvent, Chain
    from apps.audit.rules import GENESIS, hash_of
    from apps.reporting.models import Report

    step = Report.objects.order_by("-pk").values_list("pk", flat=True)[0] // n_courts
    events.sort(key=lambda event: event[0])
    ends = []

    def rows():
        for court in range(1, n_courts + 1):
            chain, previous = f"c{court}", GENESIS
            for number, (at, by, action, pk, label, data) in enumerate(events, start=1):
                content = {
                    "number": number, "at": at, "by": f"{by.name} ({by.username.replace('c1', chain, 1)})", "action": action,
                    "target": f"progress.report:{pk + (court - 1) * step}", "target_label": label, "data": data,
                }  # fmt: skip
                own = hash_of(previous_hash=previous, chain=chain, **content)
                yield {"court": chain, **content, "data": json.dumps(data), "previous_hash": previous, "hash": own}
                previous = own
            ends.append(
                Chain(
                    court=chain,
                    last_number=len(events),
                    last_hash=previous,
                    revision=len(events),
                    revised_at=events[-1][0],
                )
            )

    _write(connection, AuditEvent._meta.db_table, rows())
    Chain.objects.bulk_create(ends, batch_size=500)


AT_ONCE = 20_000


def _write(connection, table, rows):
    names, batch = None, []
    for row in rows:
        names = names or list(row)
        batch.append(list(row.values()))
        if len(batch) == AT_ONCE:
            _put(connection, table, names, batch)
            batch = []
    if batch:
        _put(connection, table, names, batch)


def _put(connection, table, names, rows):
    columns = ", ".join(connection.ops.quote_name(name) for name in names)
    if connection.vendor == "postgresql":
        text = io.StringIO("".join("\t".join(_escaped(value) for value in row) + "\n" for row in rows))
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
        return
    at = names.index("at")
    for row in rows:
        row[at] = connection.ops.adapt_datetimefield_value(row[at])
    places = ", ".join(["?"] * len(names))
    connection.connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
    connection.connection.commit()


def _escaped(value):
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("courts", type=int)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument(
        "--on", type=date.fromisoformat, default=None, help="the day up to which months are reported; today"
    )
    options = parser.parse_args()
    main(options.courts, options.years, options.on or datetime.now(UTC).date())
