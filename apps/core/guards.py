"""Rows of record are held by the database itself: triggers refuse what no code of ours may do.

A model says `append_only = AppendOnly()` and its rows can only be added. Where a row may be
withdrawn later, `set_once` names the columns that are written together, once, afterwards; the
first of them is the one whose value says that it has happened.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import connections


@dataclass(frozen=True)
class AppendOnly:
    set_once: tuple[str, ...] = ()


def guarded_models():
    return [
        model
        for model in apps.get_models()
        if isinstance(getattr(model, "append_only", None), AppendOnly) and not model._meta.proxy
    ]


def install_after_migrate(*, using, **kwargs):
    install(connections[using])


def install(connection):
    """Put the triggers in place, replacing those that stand; tables not migrated yet are passed over."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in guarded_models():
            if model._meta.db_table in tables:
                for statement in _statements(connection, model):
                    cursor.execute(statement)


def lift(connection):
    """Take the triggers away: only for emptying a throw-away database between tests."""
    with connection.cursor() as cursor:
        for model in guarded_models():
            for statement in _drop_statements(connection, model._meta.db_table):
                cursor.execute(statement)


def _columns(model):
    """(columns that never change, columns set once)."""
    once = [model._meta.get_field(name).column for name in model.append_only.set_once]
    fixed = [field.column for field in model._meta.concrete_fields if field.column not in once]
    return fixed, once


def _statements(connection, model):
    drops = _drop_statements(connection, model._meta.db_table)
    if connection.vendor == "postgresql":
        return [*drops, *_postgresql(connection, model)]
    return [*drops, *_sqlite(connection, model)]


def _drop_statements(connection, table):
    if connection.vendor == "postgresql":
        return [f'DROP TRIGGER IF EXISTS "{table}_guard" ON "{table}"']
    return [f'DROP TRIGGER IF EXISTS "{table}_guard_{act}"' for act in ("update", "delete")]


def _changed(connection, columns):
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    names = [connection.ops.quote_name(column) for column in columns]
    return " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in names)


def _forbidden_update(connection, model):
    fixed, once = _columns(model)
    condition = _changed(connection, fixed)
    if once:
        happened = connection.ops.quote_name(once[0])
        condition += f" OR (OLD.{happened} IS NOT NULL AND ({_changed(connection, once)}))"
    return condition


def _sqlite(connection, model):
    table = model._meta.db_table
    refuse = f"SELECT RAISE(ABORT, '{table}: rows of record are never changed or deleted')"
    return [
        f'CREATE TRIGGER "{table}_guard_update" BEFORE UPDATE ON "{table}" '
        f"WHEN {_forbidden_update(connection, model)} BEGIN {refuse}; END",
        f'CREATE TRIGGER "{table}_guard_delete" BEFORE DELETE ON "{table}" BEGIN {refuse}; END',
    ]


def _postgresql(connection, model):
    table = model._meta.db_table
    return [
        f"""
        CREATE OR REPLACE FUNCTION "{table}_guard"() RETURNS trigger LANGUAGE plpgsql AS $guard$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF NOT ({_forbidden_update(connection, model)}) THEN RETURN NEW; END IF;
            END IF;
            RAISE EXCEPTION '{table}: rows of record are never changed or deleted'
                USING ERRCODE = 'check_violation';
        END $guard$
        """,
        f'CREATE TRIGGER "{table}_guard" BEFORE UPDATE OR DELETE ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{table}_guard"()',
    ]
