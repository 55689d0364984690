"""A copy of the database in its own format, laid inside each backup: readable without this program.

SQLite: a database file. PostgreSQL: SQL by pg_dump, where the machine has one that is as new as the server.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Collection
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _
from psycopg2.extensions import make_dsn

# Of the open connection's parameters: pg_dump may be older than psycopg2's own libpq and refuse the others.
TARGET = {"host", "port", "user", "dbname", "passfile", "sslmode", "sslcert", "sslkey", "sslrootcert"}
NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.sql"}


class NoDumpError(Exception):
    """The dump can't be made; says why in a sentence. The backup is whole without it."""


def write_dump(folder: Path, *, kept_tables: Collection[str]) -> Path:
    """Write the dump into `folder`, of the very snapshot that the open transaction reads.

    Of any other table only the structure is written: what a backup leaves out must not come in by this way.
    """
    path = folder / NAMES[connection.vendor]
    path.touch(mode=0o600)
    emptied = sorted(set(connection.introspection.table_names()) - set(kept_tables))
    (_dump_postgresql if connection.vendor == "postgresql" else _dump_sqlite)(path, emptied)
    return path


def _dump_sqlite(path: Path, emptied: list[str]) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        # Through Django's own connection, because its read transaction fixes the snapshot.
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, which opens on a read-only disk as well
        for table in emptied:
            copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 – a name from the database itself
        copy.execute("VACUUM")  # deleted rows stay in the file until then


def _dump_postgresql(path: Path, emptied: list[str]) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise NoDumpError(_("这台机器上没有 pg_dump（软件包 postgresql-client）"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot(), current_schema()")
        snapshot, schema = cursor.fetchone()
        # What `restore --replace` set aside. (--schema=public would write a CREATE SCHEMA that fails everywhere.)
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> %s", [schema])
        others = [name for (name,) in cursor.fetchall()]
    info = connection.connection.info
    # The password by the environment, where no other user of the machine can read it.
    environment = os.environ | {"PGPASSWORD": info.password or ""}
    target = make_dsn(**{name: value for name, value in info.dsn_parameters.items() if name in TARGET})
    command = [program, f"--dbname={target}", f"--snapshot={snapshot}"]
    command += [f"--file={path}", "--lock-wait-timeout=60000", "--no-owner", "--no-privileges", "--encoding=UTF8"]
    command += [f'--exclude-schema="{name}"' for name in others]
    command += [f"--exclude-table-data={schema}.{table}" for table in emptied]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 – no user input
    if done.returncode:
        raise NoDumpError(_("pg_dump 没有成功：%s") % " ".join(done.stderr.split()))
