"""Machines besides the test's own: each with its database and folders, run by the product's own commands."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import zipfile
from urllib.parse import urlsplit

import environ
from django.conf import settings
from django.db import ConnectionHandler, connection
from django.test import override_settings

from apps.operations import backup
from tests import databases
from tests.conftest import at

NOW = at("2025-07-15 10:00")
NUMBERS = itertools.count()
RECORD = "scan/方案 终稿.pdf"


class Machine:
    """An empty machine with the same product: its own database and evidence folder."""

    def __init__(self, folder, url=None):
        self.folder = folder
        folder.mkdir()
        self.evidence = folder / "evidence"
        self.database = folder / "db.sqlite3"
        self.url = url or f"sqlite:///{self.database}"

    def run(self, *args):
        variables = {
            "SECRET_KEY": "t",
            "ENV_FILE": os.devnull,
            "DATABASE_URL": self.url,
            "EVIDENCE_DIR": str(self.evidence),
        }
        return subprocess.run(  # noqa: S603 – our own command, with our own arguments
            [sys.executable, "manage.py", *map(str, args)],
            cwd=settings.BASE_DIR,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @contextlib.contextmanager
    def in_use(self):
        """Somebody else holds the database open, and does nothing with it."""
        wrapper = ConnectionHandler({"default": settings.DATABASES["default"] | environ.Env.db_url_config(self.url)})
        other = wrapper["default"]
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT 1")
                yield other
        finally:
            other.close()

    @contextlib.contextmanager
    def as_default(self):
        """This machine's database is the one of this very process meanwhile."""
        own = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = environ.Env.db_url_config(self.url)["NAME"]
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = own

    def backup(self):
        """A backup of the machine as it is now."""
        path = self.folder / f"backup-{next(NUMBERS)}.zip"
        if self.url.partition(":")[0] != urlsplit(os.environ["DATABASE_URL"]).scheme:  # not this process's kind
            done = self.run("backup", "--to", path.with_suffix(""))
            assert done.returncode == 0, done.stderr
            return next(path.with_suffix("").glob("*.zip"))
        with self.as_default(), override_settings(EVIDENCE_DIR=self.evidence):
            backup.write(path, at=NOW)
        return path


@contextlib.contextmanager
def new_server(folder, *, is_migrated=False):
    """A machine on the kind of database that this process uses: a new one on its PostgreSQL, or a file.

    Its database has no tables, or those of this version and nobody's data.
    """
    if connection.vendor != "postgresql":
        machine = Machine(folder)
        if is_migrated:
            databases.copy_to(machine.database)
        yield machine
        return
    name = f"server_{os.getpid()}_{next(NUMBERS)}"
    if is_migrated:
        databases.copy_to(name)
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield Machine(folder, urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl())
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def tables_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("tables/")}


def edited(path, change):
    """A copy of the backup with another manifest; `change` may also name members to leave out."""
    copy = path.with_name("edited.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        manifest = json.loads(old.read(backup.MANIFEST))
        left_out = change(manifest) or ()
        for name in old.namelist():
            if name != backup.MANIFEST and name not in left_out:
                new.writestr(name, old.read(name))
        new.writestr(backup.MANIFEST, json.dumps(manifest))
    return copy
