"""Writers that are killed at a random moment, and what has to hold afterwards.

A child process does one act after the other and tells its parent of each, before and after. The parent kills it
(SIGKILL, which nothing can catch), and sends the next child to do the same act again, as a person would. In the end
each act has to be there wholly or not at all, none that was told to be done may be lost, and none be there twice.
Half the children begin somewhere else instead, or the acts that take longest would be killed most.
"""

import io
import os
import random
import signal
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.db.models import Count

from apps.accounts.choices import Role
from apps.audit.models import AuditEvent, Chain
from apps.audit.selectors import chain_states, records_state
from apps.core.tables import workbook_of
from apps.indicators.models import Indicator, Target
from apps.indicators.rules import TargetValues
from apps.indicators.services import order_target
from apps.ledger.models import LedgerEntry
from apps.office.models import ImportFile
from apps.office.services import check_table, import_table, upload_table
from apps.papers.bulletin import Wording
from apps.papers.choices import PaperKind
from apps.papers.models import Issue
from apps.papers.selectors import PaperOptions
from apps.papers.services import issue_paper
from apps.plans.models import Deadline, Measure, Plan
from apps.plans.rules import windows_of
from apps.plans.services import OrderDetails
from apps.reporting import services as progress
from apps.reporting.content import ReportContent
from apps.reporting.evidence_files import absolute_path, files_on_disk, is_intact
from apps.reporting.models import Evidence, Report
from apps.supervision.models import Closing, ClosingStep, Extension, Instruction
from apps.supervision.services import ask_closing, ask_extension, instruct, transition
from tests.conftest import at
from tests.factories import (
    CourtFactory,
    DepartmentFactory,
    IndicatorFactory,
    MeasureFactory,
    PillarFactory,
    PlanFactory,
    TargetFactory,
    UserFactory,
)

BEGINNING = at("2025-06-20 09:00")
ROWS_OF_IMPORT = 3
N_MEASURES = 6
# Measures of their own, so that a closing stops no report and a report takes no evidence away.
CLOSED_ONES, EVIDENCED_ONES = ("2.1", "2.2"), ("3.1", "3.2")
MAX_EVIDENCE = 3
N_TURNS = 10
INHERITED = []
# After which of the trail's words a report stands how.
STANDS = {
    "report.saved": None,  # a saving leaves the state as it was: draft or returned
    "report.submitted": "submitted",
    "report.approved": "approved",
    "report.approval_withdrawn": "returned",
}


def ground():
    """One court with a plan to write on; the people by role."""
    court = CourtFactory(slug="kfq")
    lead = DepartmentFactory(court=court)

    def person(*roles, department=lead, **more):
        return UserFactory(court=court, department=department, roles=roles, **more).pk

    plan = PlanFactory(court=court)
    pillar = PillarFactory(plan=plan)
    for number in range(1, N_MEASURES + 1):
        measure = MeasureFactory(plan=plan, pillar=pillar, code=f"1.{number}", lead=lead)
        TargetFactory(indicator=IndicatorFactory(measure=measure, code=f"1.{number}-1"))
    for code in (*CLOSED_ONES, *EVIDENCED_ONES):
        MeasureFactory(plan=plan, pillar=pillar, code=code, lead=lead)
    return {
        "reporter": person(Role.REPORTER),
        "reviewer": person(Role.REVIEWER),
        "leader": person(Role.LEADER, department=DepartmentFactory(court=court)),
        "plan_admin": person(Role.PLAN_ADMIN, department=DepartmentFactory(court=court)),
    }


class Acts:
    """The acts, in turn. Act `n` is the same act however often it is begun; each is one transaction or more of the
    services, and says (through `done`) which events of the trail it has brought about."""

    def __init__(self, people):
        user = Report._meta.get_field("author").related_model
        self.by = {name: user.objects.get(pk=pk) for name, pk in people.items()}
        self.plan = Plan.objects.select_related("court").get()
        found = Measure.objects.select_related("plan__court", "lead").order_by("code")
        self.measures = list(found.filter(code__startswith="1."))
        self.others = {measure.code: measure for measure in found.exclude(code__startswith="1.")}
        self.windows = windows_of(year=2025, cadence="quarterly", grace_days=5)[:2]

    def do(self, n, *, begin, done):
        self.n, self.at = n, BEGINNING + timedelta(seconds=n)
        self.begin, self.done = begin, done
        turn = (
            self.report,
            self.instruct,
            self.report,
            self.extension,
            self.evidence,
            self.closing,
            self.report,
            self.order,
            self.take,
            self.issue,
        )
        turn[n % N_TURNS]()

    def record(self, action, act):
        """Do it between two words to the parent; what somebody else has decided meanwhile was not done here."""
        self.begin(action)
        with suppress(progress.AlreadyDecided, progress.StaleReport):
            act()
            self.done(action)

    def report(self):
        """One report, one step further: written and handed in, approved, or taken back."""
        measure = self.measures[self.n % N_MEASURES]
        window = self.windows[self.n // N_MEASURES % len(self.windows)]
        found = Report.objects.filter(measure=measure, window_end=window.end).first()
        match found and found.status:
            case None | "draft" | "returned":
                self._write(measure, window, found)
            case "submitted":
                self.record(
                    "report.approved",
                    lambda: progress.approve_report(report=found, by=self.by["reviewer"], at=self.at),
                )
            case "approved":
                self.record(
                    "report.approval_withdrawn",
                    lambda: progress.withdraw_approval(
                        report=found, reason=f"多报 {self.n}", by=self.by["plan_admin"], at=self.at
                    ),
                )

    def _write(self, measure, window, found):
        text = f"进展 {self.n}"
        if found is None or found.text != text:
            self._save(measure, window, found, text=text)
        written = Report.objects.get(measure=measure, window_end=window.end)
        self.record(
            "report.submitted",
            lambda: progress.submit_report(report=written, by=self.by["reporter"], at=self.at),
        )

    def _save(self, measure, window, found, *, text):
        self.record(
            "report.saved",
            lambda: progress.save_draft(
                measure=measure,
                department=measure.lead,
                window=window,
                content=ReportContent(text=text, percent=self.n % 100),
                revision=found.revision if found else 0,
                by=self.by["reporter"],
                at=self.at,
            ),
        )
        return Report.objects.get(measure=measure, window_end=window.end)

    def instruct(self):
        measure = self.measures[self.n % N_MEASURES]
        # Sent a second time, the form has the same key, and makes nothing more.
        if Instruction.objects.filter(key=key_of(self.n)).exists():
            return
        self.record(
            "instruction.given",
            lambda: instruct(
                measure=measure,
                department=measure.lead,
                text=f"请说明 {self.n}",
                answer_by=self.at.date() + timedelta(days=30),
                key=key_of(self.n),
                by=self.by["leader"],
                at=self.at,
            ),
        )

    def extension(self):
        """Asked for, endorsed, granted: the dated order and the step stand together."""
        measure = self.measures[self.n % N_MEASURES]
        pending = next((item for item in Extension.objects.filter(measure=measure) if item.is_pending), None)
        if pending is None:
            due = Deadline.objects.filter(measure=measure).order_by("number").last().due
            self.record(
                "extension.asked",
                lambda: ask_extension(
                    measure=measure,
                    reason="停工",
                    progress="六成",
                    new_due=due + timedelta(days=1),
                    by=self.by["reporter"],
                    at=self.at,
                ),
            )
            return
        move, who = {"asked": ("endorse", "reviewer"), "endorsed": ("grant", "leader")}[pending.status]
        self.record(
            f"extension.{move}",
            lambda: transition(item=pending, move=move, text="同意", by=self.by[who], at=self.at),
        )

    def evidence(self):
        """A file laid beside a draft, and the oldest taken off where there are many."""
        measure = self.others[EVIDENCED_ONES[self.n // N_TURNS % 2]]
        window = self.windows[0]
        draft = Report.objects.filter(measure=measure, window_end=window.end).first() or self._save(
            measure, window, None, text="有佐证"
        )
        name = f"佐证{self.n}.xlsx"
        if draft.evidence.filter(name=name).exists():
            return
        lying = list(draft.evidence.filter(removed_at=None))
        if len(lying) >= MAX_EVIDENCE:
            self.record(
                "evidence.removed",
                lambda: progress.remove_evidence(evidence=lying[0], by=self.by["reporter"], at=self.at),
            )
        file = SimpleUploadedFile(name, workbook_of(["序号"], [[self.n]]))
        self.record(
            "evidence.added",
            lambda: progress.add_evidence_file(report=draft, file=file, by=self.by["reporter"], at=self.at),
        )

    def closing(self):
        """Asked for, confirmed, opened again: the step and the entry in the ledger stand together."""
        measure = self.others[CLOSED_ONES[self.n // N_TURNS % 2]]
        last = Closing.objects.filter(measure=measure).order_by("pk").last()
        if last is None or last.status == "reopened":
            ask = {"finished_on": date(2025, 6, 1), "result": f"办结 {self.n}", "key": key_of(self.n)}
            self.record(
                "closing.asked", lambda: ask_closing(measure=measure, by=self.by["reporter"], at=self.at, **ask)
            )
            return
        move = {"asked": "confirm", "confirmed": "reopen"}[last.status]
        self.record(
            f"closing.{move}",
            lambda: transition(item=last, move=move, text=f"核对 {self.n}", by=self.by["plan_admin"], at=self.at),
        )

    def order(self):
        indicator = Indicator.objects.select_related("plan__court").get(code=f"1.{self.n % N_MEASURES + 1}-1")
        if Target.objects.filter(indicator=indicator, reason=f"调整 {self.n}").exists():
            return
        self.record(
            "target.ordered",
            lambda: order_target(
                indicator=indicator,
                values=TargetValues(low=10 + self.n % 7),
                details=OrderDetails(reason=f"调整 {self.n}", by=self.by["plan_admin"], at=self.at),
            ),
        )

    def take(self):
        """A table of readings: laid aside, tried, taken in."""
        if LedgerEntry.objects.filter(source=source_of(self.n)).exists():
            return
        head = ["指标编号", "起始日期", "截止日期", "数值", "数据来源"]
        start = date(2025, 1, 1) + timedelta(days=self.n // N_TURNS % 150)
        table = [
            [f"1.{number}-1", start, start + timedelta(days=1 + self.n // (150 * N_TURNS)), number, source_of(self.n)]
            for number in range(1, ROWS_OF_IMPORT + 1)
        ]
        file = SimpleUploadedFile("表.xlsx", workbook_of(head, table))
        received = upload_table(
            plan=self.plan, table="readings", file=file, name=file.name, by=self.by["plan_admin"], at=self.at
        )
        for _progress in check_table(received, at=self.at):
            pass

        def take_all():
            for _progress in import_table(received, at=self.at):
                pass

        self.record("reading.entered", take_all)

    def issue(self):
        title = f"通报 {self.n}"
        if Issue.objects.filter(title=title).exists():
            return
        options = PaperOptions(on=self.at.date(), known=self.at, basis="截至今天", wording=Wording(title=title))
        self.record(
            "paper.issued",
            lambda: issue_paper(
                plan=self.plan, kind=PaperKind.BULLETIN, options=options, by=self.by["plan_admin"], at=self.at
            ),
        )


def key_of(n):
    return uuid.uuid5(uuid.NAMESPACE_OID, str(n))


def source_of(n):
    return f"第{n}次导入"


@dataclass
class Journal:
    """What the children said: how often each act was begun and done, and where they were killed."""

    begun: Counter = field(default_factory=Counter)
    done: Counter = field(default_factory=Counter)
    killed_in: Counter = field(default_factory=Counter)
    n_kills: int = 0
    n_between: int = 0
    n_acts: int = 0


def kill_many(people, *, n_kills, seed=0, longest=0.08, after_each=None):
    """Let children write and kill each of them; the journal of it all.

    A child is killed `longest` seconds at most after it began to write, at a moment that `seed` decides.
    """
    journal, chance, n = Journal(), random.Random(seed), 0  # noqa: S311 – no secret hangs on it
    while journal.n_kills < n_kills:
        if chance.random() < 0.5:
            n += chance.randrange(1, N_TURNS + 1)
        n = _one_child(people, n, journal, chance.uniform(0, longest))
        if after_each:
            after_each(journal)
    journal.n_acts = n
    return journal


def _one_child(people, n, journal, delay):
    """Fork, let it write from act `n` on, kill it; the act at which the next begins."""
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _write_on(people, n, writing)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as output:
        heard = output.read(1)  # it has connected, and begins
        time.sleep(delay)
        os.kill(pid, signal.SIGKILL)
        heard += _all_of(output)
    _pid, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), f"a writer ended by itself: {heard.decode()}"
    journal.n_kills += 1
    return _told(heard.decode(), n, journal)


def _all_of(output):
    parts = []
    while part := output.read(65536):
        parts.append(part)
    return b"".join(parts)


def _write_on(people, n, writing):
    """The child: write until killed. A fault is told, and ends it."""
    # A browser test before this one may have left a connection that the parent's `close_all` does not see. It is set
    # aside and never closed: what is said on it, a farewell too, would reach the parent's session on the server.
    INHERITED.extend(connections[alias] for alias in connections)
    for alias in connections:
        del connections[alias]
    try:
        acts = Acts(people)
        os.write(writing, b"!")

        def say(word):
            return lambda action: os.write(writing, f"{word}{action}\n".encode())

        while True:
            os.write(writing, f"#{n}\n".encode())
            acts.do(n, begin=say("+"), done=say("-"))
            n += 1
    except BaseException as fault:
        os.write(writing, f"fault: {fault!r}\n".encode())
    finally:
        os._exit(1)


def _told(heard, n, journal):
    open_act = None
    for line in heard.removeprefix("!").splitlines():
        mark, rest = line[0], line[1:]
        if mark == "#":
            n, open_act = int(rest), None
        elif mark == "+":
            journal.begun[rest] += 1
            open_act = rest
        elif mark == "-":
            journal.done[rest] += 1
            open_act = None
    if open_act:
        journal.killed_in[open_act] += 1
    else:
        journal.n_between += 1
    return n


# What has to hold


def problems_of(journal):
    """What the kills have left wrong; empty where each act is there wholly or not at all, none lost and none doubled."""
    return [
        *_problems_of_trail(),
        *_problems_of_counts(journal),
        *_problems_of_reports(),
        *_problems_of_doubles(),
        *_problems_of_closings(),
        *_problems_of_files(),
    ]


def _problems_of_trail():
    for state in chain_states():
        if not state.is_whole:
            yield f"chain {state}"
    for chain in Chain.objects.all():
        if chain.last_number != AuditEvent.objects.filter(court=chain.court).count():
            yield f"end of chain {chain}"
    records = records_state()
    if not records.is_whole:
        yield f"records {records}"


def _problems_of_counts(journal):
    """Each act has its event: as many as were told to be done, and at most one more for each that was killed midway."""
    found = Counter(AuditEvent.objects.values_list("action", flat=True))
    for action in journal.begun:
        rows = ROWS_OF_IMPORT if action == "reading.entered" else 1
        least = journal.done[action] * rows
        if not least <= found[action] <= least + journal.killed_in[action] * rows or found[action] % rows:
            yield f"{action}: done {journal.done[action]}, killed in {journal.killed_in[action]}, found {found[action]}"


def _problems_of_reports():
    """The state of a report, its decisions, its ledger entries and the trail tell the same story."""
    for report in Report.objects.all():
        events = AuditEvent.objects.filter(target=f"progress.report:{report.pk}").order_by("number")
        states = [STANDS[action] for action in events.values_list("action", flat=True) if STANDS[action]]
        if report.status != (states[-1] if states else "draft"):
            yield f"report {report.pk} is {report.status}, its trail says {states[-1:]}"
        reviews = report.reviews.count()
        if reviews != sum(state in ("approved", "returned") for state in states):
            yield f"report {report.pk} has {reviews} decisions, its trail tells of {states}"
        standing = LedgerEntry.objects.filter(
            kind="progress", measure=report.measure_id, withdrawn_at=None, batch__in=report.reviews.values("batch")
        ).count()
        if standing != (report.status == "approved"):
            yield f"report {report.pk} is {report.status} with {standing} entries standing"


def _problems_of_doubles():
    imported = LedgerEntry.objects.filter(source__startswith="第").values_list("source").annotate(n=Count("pk"))
    for source, n in imported.order_by():
        if n != ROWS_OF_IMPORT:
            yield f"{source}: {n} rows"
    taken = ImportFile.objects.exclude(done_at=None).count()
    if taken > imported.order_by().count():
        yield f"{taken} tables are marked as taken in, {imported.count()} were"
    for model, name in (
        (Issue, "title"),
        (Target, "reason"),
        (Instruction, "text"),
        (Closing, "result"),
        (Evidence, "name"),
    ):
        rows = model.objects.exclude(**{name: "计划原文"}).values_list(name).annotate(n=Count("pk")).order_by()
        for value, n in rows.filter(n__gt=1):
            yield f"{model.__name__} {value}: {n} times"
    grants = Extension.objects.filter(steps__move="grant").count()
    if Deadline.objects.count() != Measure.objects.count() + grants:
        yield f"{Deadline.objects.count()} deadlines for {grants} extensions granted"


def _problems_of_closings():
    """A measure is closed in the ledger exactly while the last closing of it is confirmed."""
    for code in CLOSED_ONES:
        last = Closing.objects.filter(measure__code=code).order_by("pk").last()
        standing = LedgerEntry.objects.filter(kind="closed", measure__code=code, withdrawn_at=None).count()
        if standing != (last is not None and last.status == "confirmed"):
            yield f"{code} has {standing} closings standing, the last is {last and last.status}"
    confirmed = ClosingStep.objects.filter(move="confirm").count()
    entries = LedgerEntry.objects.filter(kind="closed").count()
    if confirmed != entries:
        yield f"{confirmed} closings confirmed, {entries} entries"


def _problems_of_files():
    """No row without its file, while it is not taken off; and after tidying no file without a row."""
    for evidence in Evidence.objects.filter(removed_at=None):
        if not is_intact(evidence):
            yield f"{evidence.name}: the file is gone or broken"
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    for path, _written in files_on_disk():
        os.utime(absolute_path(path), (two_days_ago, two_days_ago))
    call_command("tidy_evidence", stdout=io.StringIO())
    left = {path for path, _written in files_on_disk()}
    wanted = set(Evidence.objects.filter(removed_at=None).values_list("path", flat=True))
    if left != wanted:
        yield f"files without a row, or taken off: {left - wanted}; missing: {wanted - left}"


def n_stray_files():
    """How many files the kills have left without a row, or with one that says it was taken off."""
    wanted = set(Evidence.objects.filter(removed_at=None).values_list("path", flat=True))
    return len({path for path, _written in files_on_disk()} - wanted)
