"""Set the current data aside before a restore, and put it back where the restore fails.

On PostgreSQL the schema is renamed, on SQLite the file, and so is the evidence folder. Nothing removes them later; that is
left to a person.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.operations.backup import BackupError


@dataclass(frozen=True)
class SetAside:
    """The new names of what was there: the schema or file of the database, and the evidence folder."""

    database: str
    evidence: Path | None


@contextlib.contextmanager
def set_aside_current(*, at):
    """Run the block with an empty database and an empty evidence folder; put back what was there if it fails.

    Raises BackupError, with nothing changed, where somebody else is using the database.
    """
    mark = f"before_{timezone.localtime(at):%Y%m%d_%H%M%S}"
    database = _Schema(mark) if connection.vendor == "postgresql" else _File(mark)
    database.set_aside()
    try:
        evidence = _set_folder_aside(mark)
        try:
            yield SetAside(database=database.aside, evidence=evidence)
        except BaseException:
            _put_folder_back(evidence)
            raise
    except BaseException:
        database.put_back()
        raise


class _Schema:
    """The tables on PostgreSQL."""

    def __init__(self, mark):
        self.aside = mark

    def set_aside(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if n_others := cursor.fetchone()[0]:
                raise BackupError(_("还有 %s 个连接在使用数据库，请先停止各台机器上的服务。") % n_others)
            cursor.execute("SELECT current_schema()")
            self.name = cursor.fetchone()[0]
            try:
                cursor.execute(f'ALTER SCHEMA "{self.name}" RENAME TO "{self.aside}"; CREATE SCHEMA "{self.name}"')
            except Error as error:
                raise BackupError(_("数据库用户不是数据库的所有者，不能移开原有的数据：%s") % error) from None

    def put_back(self):
        connection.close()  # whatever transaction failed
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{self.name}" CASCADE; ALTER SCHEMA "{self.aside}" RENAME TO "{self.name}"')


class _File:
    """The file on SQLite."""

    def __init__(self, mark):
        self.path = Path(connection.settings_dict["NAME"])
        self.aside = str(self.path.with_name(f"{self.path.name}.{mark}"))

    def set_aside(self):
        with connection.cursor() as cursor:
            try:
                # Leaving WAL needs the file for oneself, and takes in what lies in the log beside it.
                cursor.execute("PRAGMA busy_timeout=2000")
                cursor.execute("PRAGMA journal_mode=DELETE")
                is_alone = cursor.fetchone()[0] == "delete"
            except Error:
                is_alone = False
        connection.close()
        if not is_alone:
            raise BackupError(_("数据库正在使用，请先停止服务。"))
        if self.path.exists():
            self.path.rename(self.aside)

    def put_back(self):
        connection.close()
        for name in ("-wal", "-shm"):
            self.path.with_name(self.path.name + name).unlink(missing_ok=True)
        if Path(self.aside).exists():
            Path(self.aside).replace(self.path)


def _set_folder_aside(mark):
    root = Path(settings.EVIDENCE_DIR)
    if not root.is_dir() or not any(path.is_file() for path in root.rglob("*")):
        return None
    aside = root.with_name(f"{root.name}.{mark}")
    try:
        root.rename(aside)
    except OSError as error:  # where it is a disk of its own
        raise BackupError(
            _("佐证文件夹 %(path)s 移不开，请自行清空：%(error)s") % {"path": root, "error": error}
        ) from None
    return aside


def _put_folder_back(aside):
    if aside is not None:
        root = Path(settings.EVIDENCE_DIR)
        if root.is_dir():  # what restoring left behind: empty folders
            for folder in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
                folder.rmdir()
            root.rmdir()
        aside.rename(root)
