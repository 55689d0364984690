"""Every row of record is sealed by the event that tells of it: what is altered behind the product's back is named."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from apps.audit.models import AuditEvent
from apps.audit.seals import is_sealed_by, key_of, seal, seals_of
from apps.audit.selectors import records_state
from apps.audit.services import _court_of
from apps.core import guards
from apps.indicators.models import Target
from apps.indicators.rules import TargetValues
from apps.indicators.services import order_target, set_members
from apps.ledger.models import LedgerEntry
from apps.office.services import close_year
from apps.papers.fields import sample
from apps.papers.selectors import PaperOptions
from apps.papers.services import drop_template, issue_paper, put_template, withdraw_issue
from apps.plans.models import Deadline
from apps.plans.services import OrderDetails, order_adjustment, order_deadline, order_thresholds
from apps.reporting.models import Review
from apps.reporting.services import (
    add_evidence_link,
    approve_report,
    remove_evidence,
    return_report,
    submit_report,
    withdraw_approval,
)
from apps.supervision import services as oversight
from tests.conftest import at
from tests.factories import IndicatorFactory, PlanFactory, ProgressEntryFactory

NOW = at("2025-06-10 10:00")


@pytest.fixture
def record(cast, save):
    """Every kind of row of record, made through the services."""
    by, measure = cast.plan_admin, cast.measure
    report = save()
    evidence = add_evidence_link(report=report, url="http://oa.court/1", name="", by=cast.reporter, at=NOW)
    remove_evidence(evidence=evidence, by=cast.reporter, at=NOW)
    report = submit_report(report=report, by=cast.reporter, at=at("2025-06-26 09:00"))
    return_report(report=report, reason="请补充", by=cast.reviewer, at=at("2025-06-26 10:00"))
    report = submit_report(report=save(revision=1), by=cast.reporter, at=at("2025-06-26 11:00"))
    approve_report(report=report, by=cast.reviewer, at=at("2025-06-27 10:00"))
    withdraw_approval(report=report, reason="多报", by=by, at=at("2025-06-28 10:00"))
    order_deadline(measure=measure, due=date(2025, 11, 30), details=OrderDetails(reason="提前", by=by, at=NOW))
    order_adjustment(measure=measure, adjustment="pause", details=OrderDetails(reason="统筹", by=by, at=NOW))
    order_thresholds(plan=measure.plan, watch_gap=12, late_gap=30, details=OrderDetails(reason="调整", by=by, at=NOW))
    indicator = IndicatorFactory(measure=measure, strength="aim")
    order_target(
        indicator=indicator,
        values=TargetValues(low=4, pace="steps", steps=((date(2025, 6, 30), 2), (date(2025, 12, 31), Decimal("4.0")))),
        details=OrderDetails(reason="设定", by=by, at=NOW),
    )
    composite = IndicatorFactory(measure=measure, kind="all_met", strength="aim")
    set_members(indicator=composite, members=[indicator], by=by, at=NOW)
    set_members(indicator=composite, members=[], by=by, at=NOW)
    instruction = oversight.instruct(
        measure=measure, department=measure.lead, text="请说明", answer_by=date(2025, 6, 20), by=cast.leader, at=NOW
    )
    oversight.mark_read(instruction=instruction, by=cast.reporter, at=NOW)
    oversight.transition(item=instruction, move="answer", text=" 已办\n", by=cast.reporter, at=NOW)
    extension = oversight.ask_extension(
        measure=measure, reason="停工", progress="六成", new_due=date(2026, 1, 31), by=cast.reporter, at=NOW
    )
    oversight.transition(item=extension, move="endorse", by=cast.reviewer, at=NOW)
    closing = oversight.ask_closing(
        measure=measure, finished_on=date(2025, 1, 2), result="完成", by=cast.reporter, at=NOW
    )
    oversight.transition(item=closing, move="return", text="补充", by=by, at=NOW)
    close_year(plan=PlanFactory(court=measure.plan.court, year=2024), by=by, at=NOW)
    put_template(court=measure.plan.court, file=SimpleUploadedFile("t.docx", sample()), name="t.docx", by=by, at=NOW)
    issue = issue_paper(
        plan=measure.plan,
        kind="bulletin",
        options=PaperOptions(on=date(2025, 6, 29), known=at("2025-06-29 20:00"), basis=""),
        by=by,
        at=at("2025-06-29 20:00"),
    )
    withdraw_issue(issue=issue, reason="有误", by=by, at=at("2025-06-29 21:00"))
    drop_template(court=measure.plan.court, by=by, at=at("2025-06-29 22:00"))
    return measure


def test_untouched_record_is_whole_in_every_kind(record):
    filled = {model._meta.label for model in guards.guarded_models() if model.objects.exists()}

    assert filled == {model._meta.label for model in guards.guarded_models()}
    assert records_state().is_whole


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (LedgerEntry, {"percent": Decimal("99")}),
        (LedgerEntry, {"withdrawn_reason": "别的理由"}),
        (LedgerEntry, {"withdrawn_at": None, "withdrawn_by": None, "withdrawn_reason": ""}),
        (Review, {"content": {}}),
        (Target, {"steps": []}),
        (Deadline, {"due": date(2027, 1, 1)}),
    ],
)
def test_altered_row_is_named(record, model, change):
    guards.drop_triggers(connection)
    row = model.objects.order_by("-pk").first()
    model.objects.filter(pk=row.pk).update(**change)

    state = records_state()

    assert state.altered == (f"{model._meta.label_lower}:{row.pk}",)
    assert not state.missing


def test_missing_and_smuggled_rows_are_named(record):
    guards.drop_triggers(connection)
    gone = Review.objects.order_by("pk").first().pk
    Review.objects.filter(pk=gone).delete()
    smuggled = ProgressEntryFactory(measure=record)

    state = records_state()

    assert (state.missing, state.unrecorded) == (
        (f"progress.review:{gone}",),
        (f"ledger.ledgerentry:{smuggled.pk}",),
    )


def test_lifted_guards_are_named_and_come_back(record):
    assert guards.missing(connection) == []
    tables = [model._meta.db_table for model in guards.guarded_models()]
    guards.drop_triggers(connection)
    assert guards.missing(connection) == tables

    guards.install(connection)

    assert guards.missing(connection) == []


def test_what_was_written_before_there_were_seals_is_taken_as_it_stands_once(record):
    old = ProgressEntryFactory(measure=record)
    withdrawn = ProgressEntryFactory(
        measure=record, withdrawn_at=NOW, withdrawn_by=old.accepted_by, withdrawn_reason="有误"
    )
    assert not records_state().is_whole

    call_command("seal_existing", stdout=StringIO())

    assert records_state().is_whole
    assert records_state([record.plan.court.slug]).is_whole
    event = AuditEvent.objects.get(action="audit.sealed")
    assert event.court == record.plan.court.slug
    assert set(event.data["seals"]["made"]) == {f"ledger.ledgerentry:{row.pk}" for row in (old, withdrawn)}
    smuggled = ProgressEntryFactory(measure=record)
    with pytest.raises(CommandError, match="已经封存过"):
        call_command("seal_existing", stdout=StringIO())
    assert records_state().unrecorded == (f"ledger.ledgerentry:{smuggled.pk}",)


def test_every_row_of_record_leads_to_its_court(record):
    of_rooms = [model for model in guards.guarded_models() if model is not AuditEvent]

    courts = {model._meta.label: _court_of(model.objects.first()) for model in of_rooms}

    assert set(courts.values()) == {record.plan.court}


# The columns that the first seals speak of, by table. A column that comes later is named in its model's
# `AppendOnly(added=…)`, or the rows of before would all look altered; this list stays as it is.
FIRST_SEALED = Path(__file__).with_name("first_sealed.txt")


def test_columns_that_came_after_the_first_seals_are_named_as_added():
    sealed = dict(line.split(": ") for line in FIRST_SEALED.read_text(encoding="utf-8").splitlines())
    for model in guards.guarded_models():
        fixed, _once = guards.columns_of(model)
        names = [field.name for field in fixed if field.name not in model.append_only.added]
        assert names == sealed[model._meta.label].split(), model._meta.label


def test_a_row_sealed_before_a_column_came_is_whole_and_a_changed_one_is_found(record):
    """The seal of an older version doesn't speak of `help_from`: it holds while that is empty, and only then."""
    entry = LedgerEntry.objects.filter(withdrawn_at=None, kind="progress").first() or LedgerEntry.objects.first()
    older = seal(entry, [field for field in guards.columns_of(LedgerEntry)[0] if field.name != "help_from"])
    changed = LedgerEntry.objects.get(pk=entry.pk)
    changed.text = "改写"
    filled_in = LedgerEntry.objects.get(pk=entry.pk)
    filled_in.help_from = "办公室"
    now = seals_of([filled_in])[key_of(entry)]

    assert is_sealed_by(entry, older)
    assert not is_sealed_by(changed, older)
    assert not is_sealed_by(filled_in, older)
    assert is_sealed_by(filled_in, now)
    assert not is_sealed_by(entry, now)  # emptied again behind the product's back
