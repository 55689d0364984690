"""A court with one of everything in it, its every text bearing a word of its own by which it is known wherever it turns up."""

import json
import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, models, transaction

from apps.accounts.choices import Role
from apps.audit.models import AuditEvent
from apps.core import guards
from apps.core.tables import workbook_of
from apps.ledger.services import judge_indicator
from apps.office.models import ImportFile
from apps.office.plan_document import plan_document
from apps.office.services import check_table, close_year, upload_plan, upload_table
from apps.papers.choices import JobState, PaperKind
from apps.papers.fields import sample
from apps.papers.models import Job
from apps.papers.selectors import PaperOptions
from apps.papers.services import issue_paper, put_template
from apps.plans.models import Measure, Plan
from apps.plans.rules import windows_of
from apps.plans.services import OrderDetails, add_node, order_adjustment, order_thresholds
from apps.reporting.content import ReportContent
from apps.reporting.models import Report
from apps.reporting.services import (
    add_evidence_file,
    add_evidence_link,
    approve_report,
    return_report,
    save_draft,
    submit_report,
)
from apps.supervision.services import ask_closing, ask_extension, instruct, transition
from tests.conftest import at
from tests.core.test_uploads import PDF
from tests.factories import (
    CourtFactory,
    DepartmentFactory,
    GoalFactory,
    IndicatorFactory,
    MeasureFactory,
    PillarFactory,
    PlanFactory,
    ProgrammeFactory,
    QuoteFactory,
    TargetFactory,
    UserFactory,
)

NOW = at("2025-06-27 10:00")
# Texts that are keys, names of files on disk or digests, not words that anybody wrote.
KEYS = {
    "action",
    "basis",
    "checksum",
    "code",
    "content_type",
    "court",
    "file_format",
    "hash",
    "language",
    "maker",
    "password",
    "path",
    "previous_hash",
    "rules",
    "sha256",
    "slug",
    "table",
    "target",
    "url",
    "version",
}


@dataclass
class Estate:
    """A court, its people by role, and the rows that its addresses lead to."""

    word: str
    court: object
    people: dict = field(default_factory=dict)
    rows: SimpleNamespace = field(default_factory=SimpleNamespace)
    made: dict = field(default_factory=dict)

    @property
    def slug(self):
        return self.court.slug


def furnish(*, slug, word, parent=None, is_planted=True):
    """A court with one of everything; every row made for it is in `made`, by model. Where it `is_planted`, its rows
    say more than their seals know of."""
    before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in _ours()}
    estate = Estate(word=word, court=CourtFactory(slug=slug, name=f"{word}法院", parent=parent))
    _people(estate)
    _promises(estate)
    _reports(estate)
    _oversight(estate)
    _papers(estate)
    _other_years(estate)
    _imports(estate)
    estate.made = {
        model: [pk for pk in model._base_manager.order_by("pk").values_list("pk", flat=True) if pk not in before[model]]
        for model in _ours()
    }
    if is_planted:
        _plant(estate)
    return estate


def _ours():
    return [model for model in apps.get_models() if model.__module__.startswith("apps.") and not model._meta.proxy]


def _people(estate):
    court, word = estate.court, estate.word
    lead, support, other = (
        DepartmentFactory(court=court, slug=name, name=f"{word}{name}") for name in ("lead", "support", "other")
    )
    estate.rows.lead, estate.rows.support = lead, support

    def person(name, *roles, department, **more):
        estate.people[name] = UserFactory(
            username=f"{name}-{court.slug}",
            name=f"{word}{name}",
            court=court,
            department=department,
            roles=roles,
            **more,
        )

    person("reporter", Role.REPORTER, department=lead)
    person("reviewer", Role.REVIEWER, department=lead)
    person("supporter", Role.REPORTER, department=support)
    person("leader", Role.LEADER, department=other)
    person("plan_admin", Role.PLAN_ADMIN, department=other, is_staff=True)
    person("inspector", Role.INSPECTOR, department=other, is_staff=True)
    person("colleague", Role.REPORTER, Role.REVIEWER, department=other)
    person("nobody", department=other)
    person("everything", *Role, department=lead, is_staff=True)


def _promises(estate):
    rows, word, people = estate.rows, estate.word, estate.people
    rows.plan = PlanFactory(court=estate.court, title=f"{word}计划", source_text=f"{word}原文", year=2025)
    rows.programme = ProgrammeFactory(plan=rows.plan, code="service", name=f"{word}工程")
    rows.goal = GoalFactory(plan=rows.plan, code="G1", title=f"{word}目标")
    rows.pillar = PillarFactory(plan=rows.plan, number=1, title=f"{word}支柱", short=word)
    rows.measure, rows.second = (
        MeasureFactory(plan=rows.plan, pillar=rows.pillar, code=code, title=f"{word}举措", lead=rows.lead)
        for code in ("1.1", "1.2")
    )
    rows.measure.support.add(rows.support)
    rows.measure.programmes.add(rows.programme)
    QuoteFactory(measure=rows.measure, text=f"{word}原文")
    by = {"by": people["plan_admin"], "at": NOW - timedelta(days=30)}
    rows.node = add_node(
        measure=rows.second,
        title=f"{word}节点",
        due=date(2025, 9, 30),
        details=OrderDetails(reason="计划下达", **by),
    )
    order_adjustment(
        measure=rows.second, adjustment="weight", weight=2, details=OrderDetails(reason=f"{word}加重", **by)
    )
    order_thresholds(plan=rows.plan, details=OrderDetails(reason=f"{word}阈值", **by))
    rows.indicator = IndicatorFactory(measure=rows.measure, code="1.1-1", name=f"{word}指标")
    TargetFactory(indicator=rows.indicator)
    judged = IndicatorFactory(measure=rows.measure, code="1.1-2", name=f"{word}评定", kind="judged")
    judge_indicator(indicator=judged, is_met=True, judged_on=date(2025, 5, 20), reason=f"{word}核实", **by)


def _reports(estate):
    rows, word, people = estate.rows, estate.word, estate.people
    windows = {window.end: window for window in windows_of(year=2025, cadence="quarterly", grace_days=5)}
    first, second = windows[date(2025, 3, 31)], windows[date(2025, 6, 30)]

    def drafted(measure, window, by, when=NOW):
        return save_draft(
            measure=measure,
            department=by.department,
            window=window,
            content=ReportContent(text=f"{word}进展", percent=40, problems=f"{word}问题", next_steps=f"{word}打算"),
            revision=0,
            by=by,
            at=when,
        )

    spring = at("2025-03-28 09:00")
    rows.approved = drafted(rows.measure, first, people["reporter"], spring)
    rows.evidence = add_evidence_file(
        report=rows.approved,
        file=SimpleUploadedFile(f"{word}.pdf", PDF + word.encode()),
        by=people["reporter"],
        at=spring,
    )
    add_evidence_link(report=rows.approved, url=f"https://{word}.example/", name=word, by=people["reporter"], at=spring)
    submit_report(report=rows.approved, by=people["reporter"], at=spring)
    approve_report(report=rows.approved, by=people["reviewer"], at=spring)
    rows.submitted = submit_report(
        report=drafted(rows.measure, second, people["reporter"]), by=people["reporter"], at=NOW
    )
    rows.returned = return_report(
        report=submit_report(report=drafted(rows.second, second, people["reporter"]), by=people["reporter"], at=NOW),
        reason=f"{word}请补充",
        by=people["reviewer"],
        at=NOW,
    )
    rows.draft = drafted(rows.measure, second, people["supporter"])


def _oversight(estate):
    rows, word, people = estate.rows, estate.word, estate.people
    rows.instruction = instruct(
        measure=rows.measure,
        department=rows.lead,
        text=f"{word}请说明",
        answer_by=date(2025, 7, 15),
        by=people["leader"],
        at=NOW,
    )
    transition(item=rows.instruction, move="answer", text=f"{word}已办", by=people["reporter"], at=NOW)
    instruct(
        indicator=rows.indicator,
        department=rows.support,
        text=f"{word}再说明",
        answer_by=date(2025, 7, 15),
        by=people["leader"],
        at=NOW,
    )
    rows.extension = ask_extension(
        measure=rows.measure,
        reason=f"{word}停工",
        progress=f"{word}六成",
        new_due=date(2026, 3, 31),
        by=people["reporter"],
        at=NOW,
    )
    transition(item=rows.extension, move="endorse", text=f"{word}属实", by=people["reviewer"], at=NOW)
    rows.closing = ask_closing(
        measure=rows.second, finished_on=date(2025, 6, 20), result=f"{word}完成", by=people["reporter"], at=NOW
    )


def _papers(estate):
    rows, by = estate.rows, estate.people["plan_admin"]
    file = SimpleUploadedFile(f"{estate.word}.docx", sample())
    put_template(court=estate.court, file=file, name=file.name, by=by, at=NOW)
    options = PaperOptions(on=date(2025, 6, 27), known=NOW, basis="截至今天")
    rows.issues = [
        issue_paper(plan=rows.plan, kind=kind, options=options, by=by, at=NOW)
        for kind in (PaperKind.BULLETIN, PaperKind.LEDGER)
    ]
    rows.job = Job.objects.create(
        plan=rows.plan,
        kind=PaperKind.LEDGER,
        file_format="xlsx",
        on=date(2025, 6, 27),
        known=NOW,
        basis="截至今天",
        language="zh-hans",
        by=by,
        at=NOW,
        expires_at=NOW + timedelta(days=1),
        state=JobState.DONE,
        content=workbook_of(["一"], [[estate.word]]),
        name="ledger.xlsx",
    )


def _other_years(estate):
    """A year that is closed, and one that is being prepared."""
    court, word = estate.court, estate.word
    rows, by = estate.rows, estate.people["plan_admin"]
    old = PlanFactory(court=court, title=f"{word}旧计划", year=2024)
    MeasureFactory(plan=old, code="1.1", title=f"{word}旧举措", lead=rows.lead, pillar__title=f"{word}旧支柱")
    close_year(plan=old, by=by, at=NOW)
    rows.coming = PlanFactory(court=court, title=f"{word}新计划", year=2026, status="draft", opened_at=None)
    MeasureFactory(plan=rows.coming, code="1.1", title=f"{word}新举措", lead=rows.lead, pillar__title=f"{word}新支柱")


def _imports(estate):
    rows, by = estate.rows, estate.people["plan_admin"]
    head = ["指标编号", "起始日期", "截止日期", "数值", "数据来源"]
    table = [["1.1-1", date(2025, 1, 1), date(2025, 6, 20), 7, estate.word], ["没有", None, None, 1, estate.word]]
    file = SimpleUploadedFile(f"{estate.word}.xlsx", workbook_of(head, table))
    rows.table = upload_table(plan=rows.plan, table="readings", file=file, name=file.name, by=by, at=NOW)
    for _progress in check_table(rows.table, at=NOW):
        pass
    document = json.dumps(plan_document(rows.plan) | {"year": 2027}).replace('"2025-', '"2027-')
    file = SimpleUploadedFile(f"{estate.word}.json", document.encode())
    rows.plan_file = upload_plan(court=estate.court, file=file, name=file.name, by=by, at=NOW)
    assert ImportFile.objects.filter(court=estate.court).count() == 2


def _plant(estate):
    """Put the court's word into every text of its rows, behind the product's back: also where no act would put it."""
    guards.drop_triggers(connection)
    for model, pks in estate.made.items():
        fields = [field for field in model._meta.concrete_fields if _is_words(field)]
        for row in model._base_manager.filter(pk__in=pks) if fields else ():
            texts = {field.attname: _with_word(getattr(row, field.attname), field, estate.word) for field in fields}
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=row.pk).update(**texts)
            except IntegrityError:  # a text that stands only beside something else, such as why a row was withdrawn
                changed = {name: text for name, text in texts.items() if getattr(row, name)}
                model._base_manager.filter(pk=row.pk).update(**changed)
    _plant_secrets(estate)
    guards.install(connection)


def _plant_secrets(estate):
    """Some rows bear a word of their own besides: not all of the court may read them."""
    rows, coming = estate.rows, secret(estate, "coming")
    Report.objects.filter(pk=rows.draft.pk).update(text=secret(estate, "draft"))
    Report.objects.filter(pk=rows.returned.pk).update(text=secret(estate, "returned"))
    Plan.objects.filter(pk=rows.coming.pk).update(title=coming)
    Measure.objects.filter(plan=rows.coming).update(title=coming)
    AuditEvent.objects.filter(pk=estate.made[AuditEvent][-1]).update(target_label=secret(estate, "trail"))
    Job.objects.filter(pk=rows.job.pk).update(content=workbook_of(["一"], [[secret(estate, "job")]]))


def secret(estate, of):
    """The word of one of the court's rows: of its `draft` and its `returned` report, of the plan that is `coming`, of its
    `trail`, of the `job` that made a long file."""
    return f"zqxk-{of}-{zlib.crc32(estate.word.encode())}"


def _is_words(field):
    return (
        isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.SlugField)
        and not field.choices
        and field.name not in KEYS
        and field.attname != "username"
    )


def _with_word(text, field, word):
    return text if word in (text or "") else f"{word}{text}"[: field.max_length]
