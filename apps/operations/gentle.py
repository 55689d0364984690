"""Which steps of a migration processes of the version before can live with, and which they can't.

An upgrade migrates first and restarts afterwards, so for a while the old version works on the new tables. What only
adds is gentle: a table, a column that may stay empty or that the database itself fills (`db_default`), an index.
What the old version still needs is taken away one version later.
"""

from django.db.migrations import operations
from django.db.models import NOT_PROVIDED

TAKES_AWAY = (
    operations.RemoveField,
    operations.DeleteModel,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)


def disturbs(migration, state):
    """What in the migration may make the older version fail, named as operation and place; `state` is that before it."""
    state = state.clone()
    made, found = set(), []
    for operation in migration.operations:
        model = getattr(operation, "model_name_lower", None)
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        elif model not in made and _is_disturbing(operation, migration.app_label, state):
            found.append(operation.describe())
        operation.state_forwards(migration.app_label, state)
    return found


def _is_disturbing(operation, app, state):
    if isinstance(operation, TAKES_AWAY):
        return True
    if isinstance(operation, operations.AddField):
        return not operation.field.many_to_many and _must_be_told(operation.field)
    if isinstance(operation, operations.AlterField):
        before = state.models[app, operation.model_name_lower].fields[operation.name_lower]
        return _is_narrower(before, operation.field)
    if isinstance(operation, operations.AddConstraint):
        return True  # it may refuse what the older version writes
    # What is done by hand can't be judged.
    return isinstance(operation, operations.RunPython | operations.RunSQL)


def _must_be_told(field):
    return not field.null and field.db_default is NOT_PROVIDED


def _is_narrower(before, after):
    if before.get_internal_type() != after.get_internal_type() or (before.null and not after.null):
        return True
    lengths = (getattr(before, "max_length", None), getattr(after, "max_length", None))
    return None not in lengths and lengths[1] < lengths[0]
