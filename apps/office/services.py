"""What the plan's office does: closes a year, opens the next one, imports tables and plans."""

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Court, User
from apps.accounts.permissions import is_plan_admin
from apps.assessment.archive import document_of
from apps.assessment.selectors import standing_of
from apps.audit.choices import Action
from apps.audit.import_tables import ImportTable, RowOutcome
from apps.audit.rules import digest_of
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.sheets import Row, read_table
from apps.office.import_registry import TABLES
from apps.office.models import UPLOAD_LIFETIME, ImportFile, YearEnd
from apps.office.plan_document import plan_document
from apps.office.plan_import import create_plan
from apps.office.rollover import next_year_of
from apps.office.tasks import delete_expired_uploads
from apps.plans.choices import PlanMove
from apps.plans.models import Plan
from apps.plans.services import transition_plan

PLAN_FILE = "plan"
MAX_PLAN_FILE_SIZE = 5 * 1024 * 1024
# (rows done, rows in all)
Progress = tuple[int, int]


@transaction.atomic
def close_year(*, plan: Plan, by: User, at: datetime) -> YearEnd:
    """Close a plan and store its standing on the last day, as known now (年终口径), with a checksum."""
    plan = transition_plan(plan=plan, move=PlanMove.CLOSE, by=by, at=at)
    document = document_of(standing_of(plan, on=plan.ends_on, known=at))
    year_end = YearEnd.objects.create(
        plan=plan, document=document, checksum=digest_of(document), made_by=by, made_at=at
    )
    data = {"checksum": year_end.checksum}
    record(by=by, action=Action.PLAN_YEAR_KEPT, target=plan, at=at, data=data, made=[year_end])
    return year_end


@transaction.atomic
def open_next_year(*, plan: Plan, codes: Collection[str], keeps_targets: bool, by: User, at: datetime) -> Plan:
    """Create next year's draft with the measures in `codes`. Nothing of this year changes."""
    require(is_plan_admin(by, plan.court))
    standing = standing_of(plan, on=plan.ends_on, known=at)
    document = next_year_of(plan_document(plan), standing, codes=set(codes), keeps_targets=keeps_targets)
    continued = {row.measure.code: row.measure for row in standing.measures if row.measure.code in codes}
    return create_plan(document, court=plan.court, by=by, at=at, continues=continued)


# Importing a plan


def upload_plan(*, court: Court, file: Any, name: str, by: User, at: datetime) -> ImportFile:
    """Store a plan's document for confirmation; ValidationError where it is none, or does not fit together."""
    require(is_plan_admin(by, court))
    if file.size > MAX_PLAN_FILE_SIZE:
        megabytes = MAX_PLAN_FILE_SIZE // 1024 // 1024
        raise ValidationError(_("文件超过 %(size)s MB，请分成几个文件。") % {"size": megabytes})
    content = file.read()
    # The plan is created and rolled back: the services check it, and the page tells what it would be.
    with transaction.atomic():
        plan = create_plan(_json(content), court=court, by=by, at=at)
        summary = {
            "title": plan.title,
            "year": plan.year,
            "measures": plan.measures.count(),
            "indicators": plan.indicators.count(),
        }
        transaction.set_rollback(True)
    _schedule_deletion(at=at)
    return ImportFile.objects.create(
        court=court,
        table=PLAN_FILE,
        name=name,
        content=ImportFile.encrypted(content),
        outcomes=summary,
        by=by,
        at=at,
    )


@transaction.atomic
def import_plan(upload: ImportFile, *, at: datetime) -> Plan:
    """Create the draft that an uploaded document describes."""
    # The lock lets a second click wait for the first and find the file imported.
    upload = ImportFile.objects.select_for_update().get(pk=upload.pk)
    if upload.done_at is not None:
        raise ValidationError(_("这个文件已经导入过了。"))
    plan = create_plan(_json(upload.decrypted()), court=upload.court, by=upload.by, at=at)
    upload.done_at, upload.content = at, b""
    upload.save(update_fields=["done_at", "content"])
    return plan


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ValidationError(_("这不是本系统导出的计划文件，或者版本不同。")) from None


def _schedule_deletion(*, at: datetime) -> None:
    """Delete the new upload when it expires, and now what expired where no worker runs."""
    ImportFile.objects.expired(at=at).delete()
    delete_expired_uploads.using(run_after=at + UPLOAD_LIFETIME).enqueue()


# Importing a table: every row or none, so that a file with an error is corrected and uploaded again.


class ImportRefused(Exception):
    """Some rows can't be imported, so none was."""


def upload_table(*, plan: Plan, table: str, file: IO[bytes], name: str, by: User, at: datetime) -> ImportFile:
    """Read an uploaded table and store it for confirmation. BadUploadError for what is not a table."""
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


def check_table(upload: ImportFile, *, at: datetime) -> Iterator[Progress]:
    """Import every row, roll all back, and store what each row would do. Yields its progress."""
    outcomes = []
    with transaction.atomic():
        for outcome, progress in _import_rows(upload, at=at):
            outcomes.append(outcome)
            yield progress
        transaction.set_rollback(True)
    upload.outcomes = outcomes
    upload.save(update_fields=["outcomes"])


def import_table(upload: ImportFile, *, at: datetime) -> Iterator[Progress]:
    """Import every row, or none: ImportRefused where a row can't be imported any more. Yields its progress."""
    outcomes = []
    with transaction.atomic():
        locked = ImportFile.objects.select_for_update().get(pk=upload.pk)
        if locked.done_at is not None:
            return
        for outcome, progress in _import_rows(upload, at=at):
            outcomes.append(outcome)
            yield progress
        if any(outcome["outcome"] == RowOutcome.FAILED for outcome in outcomes):
            raise ImportRefused
        # The file is not needed any more, and may hold first passwords.
        upload.outcomes, upload.done_at, upload.content = outcomes, at, b""
        upload.save(update_fields=["outcomes", "done_at", "content"])


def _import_rows(upload: ImportFile, *, at: datetime) -> Iterator[tuple[dict[str, Any], Progress]]:
    table = TABLES[upload.table](upload.plan, by=upload.by, at=at)
    sheet = read_table(upload.opened(), name=upload.name, sheet=str(table.title))
    labels = {column.key: str(column.name) for column in table.columns}
    for n_done, row in enumerate(sheet.rows, 1):
        yield _import_row(table, row, labels), (n_done, len(sheet.rows))


def _import_row(table: ImportTable, row: Row, labels: dict[str, str]) -> dict[str, Any]:
    outcome, errors = RowOutcome.FAILED, []
    try:
        # A savepoint, so that the rows after one that fails are still checked.
        with transaction.atomic():
            outcome = table.import_row(table.values_of(row.cells))
    except ValidationError as problem:
        by_column = problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}
        errors = [
            f"{labels[key]} · {text}" if key in labels else text for key, texts in by_column.items() for text in texts
        ]
    return {"number": row.number, "label": table.label_of(row.cells), "outcome": outcome, "errors": errors}
