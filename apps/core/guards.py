"""Append-only tables, enforced by database triggers.

A model with `append_only = AppendOnly()` only takes new rows. `set_once` names columns that are written together, once,
after the row was added, such as its withdrawal; the first of them is not null from then on. `added` names columns that
came with a later version: older rows hold their default, and the seals of those rows leave them out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction


@dataclass(frozen=True)
class AppendOnly:
    set_once: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def guarded_models() -> list[type[Any]]:
    return [
        model
        for model in apps.get_models()
        if isinstance(getattr(model, "append_only", None), AppendOnly) and not model._meta.proxy
    ]


def install_after_migrate(*, using: str, **kwargs: Any) -> None:
    install(connections[using])


def install(connection: Any) -> None:
    """Create the triggers that are missing, one transaction a table; tables not migrated yet are skipped.

    A table is locked only where its trigger is missing, and never against reading.
    """
    tables = set(connection.introspection.table_names())
    wanting = set(missing(connection)) & tables
    for model in guarded_models():
        if model._meta.db_table in wanting:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                for statement in _statements(connection, model):
                    cursor.execute(statement)


def drop_triggers(connection: Any) -> None:
    """Drop the triggers: before a database is emptied, as `restore` and the tests do."""
    with connection.cursor() as cursor:
        for model in guarded_models():
            for statement in _drop_statements(connection, model._meta.db_table):
                cursor.execute(statement)


def columns_of(model: type[Any]) -> tuple[list[models.Field], list[models.Field]]:
    """(fields that never change, fields set once), in the order of the model."""
    once = [field for field in model._meta.concrete_fields if field.name in model.append_only.set_once]
    once.sort(key=lambda field: model.append_only.set_once.index(field.name))
    return [field for field in model._meta.concrete_fields if field not in once], once


def missing(connection: Any) -> list[str]:
    """The append-only tables whose triggers are missing, disabled or changed."""
    standing = _standing_postgresql(connection) if connection.vendor == "postgresql" else _standing_sqlite(connection)
    return [
        model._meta.db_table
        for model in guarded_models()
        if not all(_plain(sql) in standing for sql in _expected(connection, model))
    ]


def _expected(connection: Any, model: type[Any]) -> list[str]:
    if connection.vendor == "postgresql":
        return [_body(connection, model)]
    return _sqlite(connection, model)


def _standing_sqlite(connection: Any) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        return {_plain(sql) for (sql,) in cursor.fetchall()}


def _standing_postgresql(connection: Any) -> set[str]:
    """The bodies of the guard functions that an active trigger calls before each row is updated or deleted."""
    before_each_row_update_delete = 1 | 2 | 8 | 16
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND t.tgtype = %s"
            " AND t.tgname = c.relname || '_guard' AND p.proname = c.relname || '_guard' AND t.tgqual IS NULL",
            [before_each_row_update_delete],
        )
        return {_plain(source) for (source,) in cursor.fetchall()}


def _plain(sql: str) -> str:
    return " ".join(sql.split())


def _statements(connection: Any, model: type[Any]) -> list[str]:
    if connection.vendor == "postgresql":
        return _postgresql(connection, model)
    return [*_drop_statements(connection, model._meta.db_table), *_sqlite(connection, model)]


def _drop_statements(connection: Any, table: str) -> list[str]:
    if connection.vendor == "postgresql":
        return [f'DROP TRIGGER IF EXISTS "{table}_guard" ON "{table}"']
    return [f'DROP TRIGGER IF EXISTS "{table}_guard_{act}"' for act in ("update", "delete")]


def _changed(connection: Any, fields: Sequence[models.Field]) -> str:
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    names = [connection.ops.quote_name(field.column) for field in fields]
    return " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in names)


def _forbidden_update(connection: Any, model: type[Any]) -> str:
    fixed, once = columns_of(model)
    condition = _changed(connection, fixed)
    if once:
        happened = connection.ops.quote_name(once[0].column)
        condition += f" OR (OLD.{happened} IS NOT NULL AND ({_changed(connection, once)}))"
    return condition


def _sqlite(connection: Any, model: type[Any]) -> list[str]:
    table = model._meta.db_table
    refuse = f"SELECT RAISE(ABORT, '{table}: rows of record are never changed or deleted')"
    return [
        f'CREATE TRIGGER "{table}_guard_update" BEFORE UPDATE ON "{table}" '
        f"WHEN {_forbidden_update(connection, model)} BEGIN {refuse}; END",
        f'CREATE TRIGGER "{table}_guard_delete" BEFORE DELETE ON "{table}" BEGIN {refuse}; END',
    ]


def _body(connection: Any, model: type[Any]) -> str:
    table = model._meta.db_table
    return f"""
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF NOT ({_forbidden_update(connection, model)}) THEN RETURN NEW; END IF;
            END IF;
            RAISE EXCEPTION '{table}: rows of record are never changed or deleted'
                USING ERRCODE = 'check_violation';
        END """


def _postgresql(connection: Any, model: type[Any]) -> list[str]:
    table = model._meta.db_table
    return [
        f'CREATE OR REPLACE FUNCTION "{table}_guard"() RETURNS trigger LANGUAGE plpgsql'
        f" AS $guard${_body(connection, model)}$guard$",
        # Not dropped first: that would lock out readers.
        f'CREATE OR REPLACE TRIGGER "{table}_guard" BEFORE UPDATE OR DELETE ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{table}_guard"()',
    ]
