"""The acts of the plan's office: closing a year, taking tables in."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.assessment.selectors import standing_of
from apps.audit.services import record
from apps.core.sheets import read_table
from apps.office.archive import checksum_of, document_of
from apps.office.kinds import TABLES
from apps.office.models import ImportFile, YearEnd
from apps.office.supposing import undone
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
        action="plan.year_kept",
        target=plan,
        court=plan.court,
        at=at,
        data={"checksum": kept.checksum},
        made=[kept],
    )
    return kept


# Taking a table in. A row that can't be taken stops the whole file, so that it is mended and sent once more.

KEPT_FOR = timedelta(days=1)
FAILED = "failed"


class ImportRefused(Exception):
    """Some rows can't be taken; nothing was."""


def receive_table(*, plan, table, file, name, by, at):
    """Read an uploaded table and lay it aside for its check. BadUploadError for what is not a table."""
    TABLES[table](plan, by=by, at=at)  # asks whether the person may
    sheet = read_table(file, name=name, sheet=str(TABLES[table].title))
    ImportFile.objects.filter(at__lt=at - KEPT_FOR).delete()
    file.seek(0)
    return ImportFile.objects.create(
        plan=plan, table=table, name=name, content=file.read(), notes=list(sheet.notes), by=by, at=at
    )


def check_table(received, *, at):
    """Try every row and undo it. A generator: yields (rows done, rows in all), and keeps what each row would do."""
    outcomes = []
    with undone():
        for outcome, progress in _taken(received, at=at):
            outcomes.append(outcome)
            yield progress
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
        if any(outcome["did"] == FAILED for outcome in outcomes):
            raise ImportRefused
        # The file has served: it may hold what is nobody's business any more, such as first passwords.
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
    label = next((str(cell) for cell in row.cells.values() if cell is not None), "")
    try:
        with transaction.atomic():
            did = table.take(table.values_of(row.cells))
    except ValidationError as problem:
        found = problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}
        errors = [
            f"{labels[key]} · {text}" if key in labels else text for key, texts in found.items() for text in texts
        ]
        return {"number": row.number, "label": label, "did": FAILED, "errors": errors}
    return {"number": row.number, "label": label, "did": str(did), "errors": []}
