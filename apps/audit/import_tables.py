"""Base of the tables that can be imported; each room has its own in `import_tables`, office lists them all.

It stands in this room because every row that an import saves leaves an audit event.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.services import record
from apps.core import cells
from apps.core.permissions import require


class RowOutcome(StrEnum):
    """What importing a row does, or would do."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    FAILED = "failed"


def strongest(*outcomes):
    """What a row did that did several things: NEW before CHANGED before SAME."""
    return max(outcomes, key=list(RowOutcome).index)


@dataclass(frozen=True)
class Column:
    """A column of a table to fill in. `key` is its name in the code, and in the errors of services."""

    key: str
    name: str
    _: KW_ONLY
    read: Callable = cells.text
    is_required: bool = False
    hint: str = ""

    def example(self, plan):
        """The hint, with the plan's year in its days."""
        return str(self.hint).replace("YYYY", str(plan.year))

    def cell_of(self, row):
        """This column's cell; the file may name it in either language."""
        return next((row[name] for name in cells.in_both_languages(self.name) if name in row), None)


class ImportTable:
    """One kind of table, imported into one plan by one person.

    `import_row` calls the same services as the pages do, so the same permissions, checks and audit trail apply.
    """

    do_not_call_in_templates = True
    slug = ""
    title = ""
    about = ""
    unavailable = gettext_lazy("计划现在的状态不能导入。")
    columns = ()

    def __init__(self, plan, *, by, at):
        require(self.can_import(by, plan))
        self.plan, self.by, self.at = plan, by, at
        self.load()

    @staticmethod
    def can_import(user, plan):
        raise NotImplementedError

    def load(self):
        """Read once what all rows need."""

    def import_row(self, values):
        """Do what the row says and return its RowOutcome; raise ValidationError by column key where it can't be done."""
        raise NotImplementedError

    def values_of(self, row):
        """A row's cells as values, by column key; ValidationError with everything that can't be read."""
        values, errors = {}, {}
        for column in self.columns:
            try:
                values[column.key] = column.read(column.cell_of(row))
            except ValidationError as problem:
                errors[column.key] = problem.messages
                continue
            if column.is_required and values[column.key] in (None, "", []):
                errors[column.key] = [_("这一列必须填写。")]
        if errors:
            raise ValidationError(errors)
        return values

    def label_of(self, row):
        """The text that a row's outcome is listed by; it is stored, so no secret cell may be taken for it."""
        return next((str(cell) for cell in row.values() if cell is not None), "")

    def save_row(self, row, values):
        """Save a model's row with these values where they differ, and record it as the back office does."""
        is_new = row.pk is None
        changed = {name: value for name, value in values.items() if is_new or getattr(row, name) != value}
        if not changed:
            return RowOutcome.SAME
        for name, value in changed.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
        self.record(
            f"{row._meta.model_name}.{'added' if is_new else 'changed'}",
            row,
            {name: str("" if value is None else value) for name, value in changed.items()},
        )
        return RowOutcome.NEW if is_new else RowOutcome.CHANGED

    def record(self, action, target, data):
        record(by=self.by, action=action, target=target, court=self.plan.court, at=self.at, data=data)


def row_named(rows, name, *, column, error):
    """The row of that name; None for an empty cell, ValidationError at the column where there is none."""
    if not name:
        return None
    if name not in rows:
        raise ValidationError({column: error % {"name": name}})
    return rows[name]


def by_code(rows):
    return {row.code: row for row in rows}
