"""The tests' database: migrated once a run, then copied.

Each process of a run has a database of its own. `restore` makes it a copy of one of the run's templates, which the
process that needs one first builds: a file beside it on SQLite, `CREATE DATABASE … TEMPLATE` on PostgreSQL. So no
process migrates for itself, and a test that commits is cleaned up by restoring instead of by emptying every table.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import sys
import uuid
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

# The commands that fill each template, after those of the template it starts from.
TEMPLATES = {"migrated": (None, ["migrate"]), "example_year": ("migrated", ["load_example", "seed_demo"])}
MAKE_THE_SCHEMA = (
    "requirements.txt",
    "courtplan/settings.py",
    *(
        f"apps/**/{name}"
        for name in ("migrations/*.py", "models/*.py", "models.py", "choices.py", "guards.py", "apps.py")
    ),
)
# Inherited by the processes that pytest-xdist starts.
RUN = os.environ.setdefault("COURTPLAN_TEST_RUN", uuid.uuid4().hex[:12])


def use(folder, worker):
    """Let the connection lead to this process's own database. The folder is the same for all processes of the run."""
    Templates.folder = folder
    name = str(folder / f"{worker}.sqlite3") if connection.vendor == "sqlite" else f"test_{RUN}_{worker}"
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def restore(template="migrated"):
    """Make the test database a copy of the template."""
    copy_to(connection.settings_dict["NAME"], template)


def copy_to(target, template="migrated"):
    """Make `target`, a file on SQLite and a database's name on PostgreSQL, a copy of the template."""
    with _lock():
        _build(template)
    _copy(_name_of(template), target)


class Templates:
    folder: Path


@contextmanager
def _lock():
    with open(Templates.folder / "templates.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _name_of(template):
    if connection.vendor == "sqlite":
        return str(Templates.folder / f"{template}.sqlite3")
    return f"test_{RUN}_template_{template}"


def _build(template):
    built = Templates.folder / f"{template}.built"
    if built.exists():
        return
    start, commands = TEMPLATES[template]
    own, name = connection.settings_dict["NAME"], _name_of(template)
    cached = _cached(template)
    if cached and cached.exists():
        shutil.copyfile(cached, name)
        commands = []
    elif start:
        _build(start)
        _copy(_name_of(start), name)
    elif connection.vendor == "postgresql":
        _execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        for command in commands:
            call_command(command, verbosity=0, stdout=StringIO())
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
    if cached and commands:
        _keep(Path(name), cached)
    built.touch()


def _cached(template):
    """Where SQLite's migrated database is kept from run to run, for as long as nothing changes that makes it."""
    if template != "migrated" or connection.vendor != "sqlite":
        return None
    digest = hashlib.sha256(sys.version.encode())
    for pattern in MAKE_THE_SCHEMA:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            digest.update(path.read_bytes())
    return settings.BASE_DIR / ".pytest_cache" / "databases" / f"{digest.hexdigest()}.sqlite3"


def _keep(file, cached):
    cached.parent.mkdir(parents=True, exist_ok=True)
    for outdated in cached.parent.glob("*.sqlite3"):
        outdated.unlink(missing_ok=True)
    new = shutil.copyfile(file, cached.with_suffix(f".{RUN}"))
    new.replace(cached)  # at one stroke: another run may be looking


def _copy(source, target):
    connection.close()
    if connection.vendor == "sqlite":
        # SQLite's own backup, so that another thread's open connection sees the change as one transaction.
        with closing(sqlite3.connect(source)) as template, closing(sqlite3.connect(target)) as copy:
            template.backup(copy)
    else:
        # Threads of a server or a probe may still be connected.
        _execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)', f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def drop_all():
    """Drop all databases of the run; its folder goes with pytest's own."""
    if connection.vendor == "postgresql":
        names = _execute("SELECT datname FROM pg_database WHERE datname LIKE %s", parameters=[f"test_{RUN}_%"])
        _execute(*(f'DROP DATABASE "{name}" WITH (FORCE)' for (name,) in names))


def _execute(*statements, parameters=None):
    with closing(psycopg2.connect(**connection.get_connection_params() | {"dbname": "postgres"})) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
