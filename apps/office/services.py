"""The acts of the plan's office: closing a year, taking tables in."""

import json

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.permissions import is_plan_admin
from apps.assessment.archive import checksum_of, document_of
from apps.assessment.selectors import standing_of
from apps.audit.choices import Action
from apps.audit.import_tables import RowOutcome
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.sheets import read_table
from apps.office.document import plan_document
from apps.office.import_registry import TABLES
from apps.office.models import UPLOAD_LIFETIME, ImportFile, YearEnd
from apps.office.planting import create_plan
from apps.office.rollover import next_year_of
from apps.office.tasks import delete_expired_uploads
from apps.plans.choices import PlanMove
from apps.plans.services import step_plan


@transaction.atomic
def close_year(*, plan, by, at):
    """Close a plan and keep how it stood on its last day, as known now (年终口径), with a checksum."""
    plan = step_plan(plan=plan, move=PlanMove.CLOSE, by=by, at=at)
    document = document_of(standing_of(plan, on=plan.ends_on, known=at))
    kept = YearEnd.objects.create(plan=plan, document=document, checksum=checksum_of(document), made_by=by, made_at=at)
    record(
        by=by,
        action=Action.PLAN_YEAR_KEPT,
        target=plan,
        court=plan.court,
        at=at,
        data={"checksum": kept.checksum},
        made=[kept],
    )
    return kept


@transaction.atomic
def open_next_year(*, plan, codes, keeps_targets, by, at):
    """Make next year's draft: what is in `codes` goes on from this year. Nothing of this year changes."""
    require(is_plan_admin(by, plan.court))
    standing = standing_of(plan, on=plan.ends_on, known=at)
    document = next_year_of(plan_document(plan), standing, codes=set(codes), keeps_targets=keeps_targets)
    going_on = {one.measure.code: one.measure for one in standing.measures if one.measure.code in codes}
    return create_plan(document, court=plan.court, by=by, at=at, continues=going_on)


PLAN_FILE = "plan"
LARGEST_PLAN = 5 * 1024 * 1024


def receive_plan(*, court, file, name, by, at):
    """Try a plan's document and lay it aside; ValidationError where it is none, or does not fit together."""
    require(is_plan_admin(by, court))
    if file.size > LARGEST_PLAN:
        raise ValidationError(_("文件超过 %(size)s MB，请分成几个文件。") % {"size": LARGEST_PLAN // 1024 // 1024})
    content = file.read()
    with transaction.atomic():
        made = create_plan(document_in(content), court=court, by=by, at=at)
        found = {
            "title": made.title,
            "year": made.year,
            "measures": made.measures.count(),
            "indicators": made.indicators.count(),
        }
        transaction.set_rollback(True)
    _schedule_deletion(at=at)
    return ImportFile.objects.create(
        court=court,
        table=PLAN_FILE,
        name=name,
        content=ImportFile.encrypted(content),
        outcomes=found,
        by=by,
        at=at,
    )


@transaction.atomic
def take_plan(received, *, at):
    """Make the draft that a document describes."""
    held = ImportFile.objects.select_for_update().get(pk=received.pk)
    if held.done_at is not None:
        raise ValidationError(_("这个文件已经导入过了。"))
    plan = create_plan(document_in(held.decrypted()), court=held.court, by=held.by, at=at)
    held.done_at, held.content = at, b""
    held.save(update_fields=["done_at", "content"])
    return plan


def _schedule_deletion(*, at):
    """Delete what is received now when its time is over, and what an installation without a worker left."""
    ImportFile.objects.expired(at=at).delete()
    delete_expired_uploads.using(run_after=at + UPLOAD_LIFETIME).enqueue()


def document_in(content):
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ValidationError(_("这不是本系统导出的计划文件，或者版本不同。")) from None


# Taking a table in. A row that can't be taken stops the whole file, so that it is mended and sent once more.


class ImportRefused(Exception):
    """Some rows can't be taken; nothing was."""


def receive_table(*, plan, table, file, name, by, at):
    """Read an uploaded table and lay it aside for its check. BadUploadError for what is not a table."""
    require(TABLES[table].can_import(by, plan))
    sheet = read_table(file, name=name, sheet=str(TABLES[table].title))
    _schedule_deletion(at=at)
    file.seek(0)
    return ImportFile.objects.create(
        court=plan.court,
        plan=plan,
        table=table,
        name=name,
        content=ImportFile.encrypted(file.read()),
        notes=list(sheet.notes),
        by=by,
        at=at,
    )


def check_table(received, *, at):
    """Try every row and undo it. A generator: yields (rows done, rows in all), and keeps what each row would do."""
    outcomes = []
    with transaction.atomic():
        for outcome, progress in _taken(received, at=at):
            outcomes.append(outcome)
            yield progress
        transaction.set_rollback(True)
    received.outcomes = outcomes
    received.save(update_fields=["outcomes"])


def take_table(received, *, at):
    """Take every row in, or none. A generator, as above; ImportRefused where a row can't be taken any more."""
    outcomes = []
    with transaction.atomic():
        held = ImportFile.objects.select_for_update().get(pk=received.pk)
        if held.done_at is not None:
            return
        for outcome, progress in _taken(received, at=at):
            outcomes.append(outcome)
            yield progress
        if any(outcome["outcome"] == RowOutcome.FAILED for outcome in outcomes):
            raise ImportRefused
        # The file is not needed any more, and may hold first passwords.
        received.outcomes, received.done_at, received.content = outcomes, at, b""
        received.save(update_fields=["outcomes", "done_at", "content"])


def _taken(received, *, at):
    """Do what each row says: (what it did, (rows done, rows in all)) one after the other."""
    table = TABLES[received.table](received.plan, by=received.by, at=at)
    sheet = read_table(received.opened(), name=received.name, sheet=str(table.title))
    labels = {column.key: str(column.name) for column in table.columns}
    for n_done, row in enumerate(sheet.rows, 1):
        yield _outcome(table, row, labels), (n_done, len(sheet.rows))


def _outcome(table, row, labels):
    label = table.label_of(row.cells)
    try:
        with transaction.atomic():
            outcome = table.import_row(table.values_of(row.cells))
    except ValidationError as problem:
        found = problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}
        errors = [
            f"{labels[key]} · {text}" if key in labels else text for key, texts in found.items() for text in texts
        ]
        return {"number": row.number, "label": label, "outcome": RowOutcome.FAILED, "errors": errors}
    return {"number": row.number, "label": label, "outcome": outcome, "errors": []}
