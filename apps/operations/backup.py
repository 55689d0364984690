"""A backup: all rows and files of an installation in one file that either database can take back.

The file is a zip: `manifest.json`; each table as `tables/<app>.<model>.jsonl`, a row a line, its columns in the order
the manifest gives; the evidence under `files/`; and a dump in the database's own format. All rows are of one snapshot,
while people go on working.
"""

import base64
import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from apps.accounts.models import User
from apps.audit.models import Verification
from apps.core import guards
from apps.office.models import ImportFile
from apps.operations.native_dump import NoDumpError, write_dump
from apps.papers.models import Job
from apps.signin.models import FailedSignIn, UsualAddress

FORMAT = 1
MANIFEST = "manifest.json"
# Everybody signs in again after a restore; that the record was whole says nothing of where it is restored; an upload
# not taken in yet lives for a day and may hold first passwords; files in the making go with the tasks that make them.
LEFT_OUT = frozenset(
    model._meta.label for model in (Session, FailedSignIn, UsualAddress, Verification, ImportFile, Job, DBTaskResult)
)
BATCH_SIZE = 1000
FILE_PATTERN = "courtplan-????????-??????.zip"
CHUNK_SIZE = 1024 * 1024


class BackupError(Exception):
    """The backup can't be made, read or restored; says why in a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Summary:
    """What a backup holds. `dump` is the native dump's name; where there is none, `no_dump` says why."""

    made_at: str
    vendor: str
    n_rows: int
    n_files: int
    dump: str = ""
    dump_size: int = 0
    no_dump: str = ""


# Writing


def write(path: str | Path, *, at: datetime) -> Summary:
    """Write a backup to `path` and read it back; the file appears only when all of it is right.

    Raises BackupError where `path` exists, or where what was written can't be read back as it was.
    """
    path = Path(path)
    if path.exists():
        raise BackupError(_("%s 已经存在。") % path)
    part = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
                _write_all(archive, at, folder=path.parent)
            raw.flush()
            os.fsync(raw.fileno())
        summary = check(part)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return summary


def _write_all(archive: zipfile.ZipFile, at: datetime, *, folder: Path) -> None:
    # Files before and after the rows: one added meanwhile is caught by the second pass, one taken away by the first.
    files = _write_files(archive, {})
    with _snapshot():
        migrations = sorted(MigrationRecorder(connection).applied_migrations())
        models = _models(_registry_as_migrated())
        tables = {model._meta.label: _write_table(archive, model) for model in models}
        dump = _write_dump(archive, models, folder)
    files = _write_files(archive, files)
    manifest = {
        "format": FORMAT,
        "made_at": at.isoformat(),
        "vendor": connection.vendor,
        "migrations": migrations,
        "tables": tables,
        "files": files,
        "dump": dump,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


@contextlib.contextmanager
def _snapshot() -> Iterator[None]:
    """Every query inside reads the same snapshot, and blocks nobody who writes."""
    if connection.in_atomic_block:
        raise BackupError(_("正在进行的事务里不能备份。"))
    connection.ensure_connection()
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _registry_as_migrated() -> Apps:
    """The models as the database has them: before an upgrade its tables are those of an older version."""
    executor = MigrationExecutor(connection)
    applied, known = set(executor.loader.applied_migrations), set(executor.loader.disk_migrations)
    if not applied:
        raise BackupError(_("数据库里还没有任何数据。"))
    _refuse_newer(applied, known)
    if known <= applied:
        return apps
    return executor.loader.project_state(sorted(applied & known)).apps


def _refuse_newer(applied: set[tuple[str, str]], known: set[tuple[str, str]]) -> None:
    ours = {app for app, _name in known}
    if unknown := sorted(f"{app}.{name}" for app, name in applied - known if app in ours):
        raise BackupError(_("数据来自更新的版本（%s），请先升级系统。") % ", ".join(unknown[:3]))


def _models(registry: Apps) -> list[type[Model]]:
    return [
        model
        for model in registry.get_models(include_auto_created=True)
        if not model._meta.proxy and model._meta.managed and model._meta.label not in LEFT_OUT
    ]


def _write_table(archive: zipfile.ZipFile, model: type[Model]) -> dict[str, Any]:
    columns = [field.attname for field in model._meta.concrete_fields]
    digest, n_rows = hashlib.sha256(), 0
    with archive.open(f"tables/{model._meta.label}.jsonl", "w", force_zip64=True) as out:
        for row in _rows(model, columns):
            line = json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            out.write(line)
            n_rows += 1
    return {"columns": columns, "rows": n_rows, "sha256": digest.hexdigest()}


def _rows(model: type[Model], columns: list[str]) -> Iterator[tuple]:
    """All rows by primary key, a batch at a time: memory doesn't grow with the table."""
    queryset = model._base_manager.order_by("pk").values_list("pk", *columns)
    rows = list(queryset[:BATCH_SIZE])
    while rows:
        yield from (row[1:] for row in rows)
        rows = list(queryset.filter(pk__gt=rows[-1][0])[:BATCH_SIZE])


def _plain(value: Any) -> Any:
    """A value that JSON knows; the field it is restored into turns it back."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, timedelta):
        raise TypeError(value)
    return value


def _write_dump(archive: zipfile.ZipFile, models: Iterable[type[Model]], folder: Path) -> dict[str, Any]:
    tables = {model._meta.db_table for model in models} | {MigrationRecorder.Migration._meta.db_table}
    with tempfile.TemporaryDirectory(dir=folder, prefix=".dump-") as temporary:
        try:
            path = write_dump(Path(temporary), kept_tables=tables)
        except NoDumpError as error:
            return {"missing": str(error)}
        with path.open("rb") as source:
            digest = _write_file(archive, zipfile.ZipInfo(path.name), source, compress_type=zipfile.ZIP_DEFLATED)
        return {"name": path.name, "size": path.stat().st_size, "sha256": digest}


def _write_files(archive: zipfile.ZipFile, written: dict[str, str]) -> dict[str, str]:
    root = Path(settings.EVIDENCE_DIR)
    written = dict(written)
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        name = path.relative_to(root).as_posix()
        if name in written or not path.is_file() or path.is_symlink():
            continue
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as source:  # taken away meanwhile
            # Photographs, PDF and Word files are compressed already.
            written[name] = _write_file(archive, zipfile.ZipInfo(f"files/{name}"), source, zipfile.ZIP_STORED)
    return written


def _write_file(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: IO[bytes], compress_type: int) -> str:
    """Add a file, and return its checksum."""
    info.compress_type = compress_type
    with archive.open(info, "w", force_zip64=True) as out:
        return _digest(source, out.write)


def _digest(source: IO[bytes], consume: Callable[[bytes], object] = lambda chunk: None) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_SIZE):
        digest.update(chunk)
        consume(chunk)
    return digest.hexdigest()


# Reading


def check(path: str | Path) -> Summary:
    """What the backup holds, after all of it was read and compared with its checksums.

    Raises BackupError where it is no backup, is of a newer format, or is damaged.
    """
    with _open(path) as (archive, manifest):
        for label, table in manifest["tables"].items():
            digest, n_rows = hashlib.sha256(), 0
            for line in _lines(archive, label):
                digest.update(line)
                n_rows += 1
            _require_intact((digest.hexdigest(), n_rows) == (table["sha256"], table["rows"]), label)
        members = {f"files/{name}": digest for name, digest in manifest["files"].items()}
        if "name" in (dump := manifest.get("dump", {})):
            members[dump["name"]] = dump["sha256"]
        for name, wanted in members.items():
            with archive.open(name) as source:
                _require_intact(_digest(source) == wanted, name.removeprefix("files/"))
        return _summary(manifest)


def _require_intact(is_intact: bool, name: str) -> None:
    if not is_intact:
        raise BackupError(_("备份已损坏：%s 的内容与校验值不符。") % name)


def migrations_of(path: str | Path) -> list[tuple[str, str]]:
    """The migrations that were applied when the backup was made."""
    with _open(path) as (_archive, manifest):
        return sorted((app, name) for app, name in manifest["migrations"])


def about(path: str | Path) -> Summary:
    """What the backup says of itself; its rows and files stay unread. BackupError where it can't be opened."""
    with _open(path) as (_archive, manifest):
        return _summary(manifest)


def newest(folder: str | Path) -> Path | None:
    return max(Path(folder).glob(FILE_PATTERN), default=None)


def _summary(manifest: dict[str, Any]) -> Summary:
    dump = manifest.get("dump", {})
    return Summary(
        made_at=manifest["made_at"],
        vendor=manifest["vendor"],
        n_rows=sum(table["rows"] for table in manifest["tables"].values()),
        n_files=len(manifest["files"]),
        dump=dump.get("name", ""),
        dump_size=dump.get("size", 0),
        no_dump=dump.get("missing", ""),
    )


@contextlib.contextmanager
def _open(path: str | Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] > FORMAT:
                raise BackupError(_("这份备份由更新的版本写成，请先升级系统。"))
            yield archive, manifest
    except FileNotFoundError:
        raise BackupError(_("找不到 %s。") % path) from None
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError) as error:
        raise BackupError(_("%(path)s 不是完整的备份：%(error)s") % {"path": path, "error": error}) from None


def _lines(archive: zipfile.ZipFile, label: str) -> Iterator[bytes]:
    with archive.open(f"tables/{label}.jsonl") as source:
        yield from source


# Restoring


def restore(path: str | Path) -> Summary:
    """Fill an empty database and an empty evidence folder from the backup.

    The tables are migrated to the version of the backup, filled in one transaction, and left there without their
    triggers: the caller migrates to the present, which puts them in place. Raises BackupError, and changes nothing,
    where database or folder isn't empty or the backup isn't whole.
    """
    summary = check(path)
    with _open(path) as (archive, manifest):
        root = Path(settings.EVIDENCE_DIR)
        for name in manifest["files"]:
            pure = PurePosixPath(name)
            if pure.is_absolute() or ".." in pure.parts or "\\" in name:
                raise BackupError(_("备份中的文件名不对：%s") % name)
        if root.is_dir() and any(file.is_file() for file in root.rglob("*")):
            raise BackupError(_("佐证文件夹 %s 里已有文件，只能恢复到空的位置。") % root)
        registry = _migrate_empty_database(_targets(manifest))
        written: list[Path] = []
        try:
            with transaction.atomic():
                guards.drop_triggers(connection)
                _fill(archive, manifest, registry)
                for name in manifest["files"]:
                    written.append(root / name)
                    _extract(archive, name, root / name)
        except BaseException:  # empty again, so that restoring can be tried once more
            for file in written:
                with contextlib.suppress(OSError):
                    file.unlink()
            raise
    return summary


def _targets(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """The migrations to migrate to: those that stood when the backup was made."""
    executor = MigrationExecutor(connection)
    applied = {(app, name) for app, name in manifest["migrations"]}
    known = set(executor.loader.disk_migrations)
    _refuse_newer(applied, known)
    if _has_people() or executor.loader.applied_migrations.keys() - applied:
        raise BackupError(_("数据库不是空的，只能恢复到空的数据库；要换掉现有的数据，请加 --replace。"))
    # The last ones only: given one in the middle as target, Django would unapply those after it.
    nodes, wanted = executor.loader.graph.node_map, applied & known
    return sorted(step for step in wanted if not any(child.key in wanted for child in nodes[step].children))


def _has_people() -> bool:
    return User._meta.db_table in connection.introspection.table_names() and User._base_manager.exists()


def _migrate_empty_database(targets: list[tuple[str, str]]) -> Apps:
    """The models as they were at the version of the backup."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(targets)
    state = executor.migrate(targets, plan=plan) if plan else executor.loader.project_state(targets)
    return state.apps


def _fill(archive: zipfile.ZipFile, manifest: dict[str, Any], registry: Apps) -> None:
    models = {model._meta.label: model for model in _models(registry)}
    # Backups of earlier versions hold tables that are left out since.
    tables = {label: table for label, table in manifest["tables"].items() if label not in LEFT_OUT}
    if unknown := sorted(set(tables) - set(models)):
        raise BackupError(_("备份中有不认识的表：%s") % ", ".join(unknown))
    with connection.cursor() as cursor:
        for model in models.values():  # what migrations put there comes from the backup, too
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
    for label, table in tables.items():
        model = models[label]
        fields = {field.attname: field for field in model._meta.concrete_fields}
        for field in fields.values():  # the moments of the backup, not of the restore
            field.auto_now = field.auto_now_add = False  # type: ignore[attr-defined]
        batch = []
        for line in _lines(archive, label):
            values = zip(table["columns"], json.loads(line), strict=True)
            batch.append(model(**{name: fields[name].to_python(value) for name, value in values}))
            if len(batch) == BATCH_SIZE:
                model._base_manager.bulk_create(batch, batch_size=BATCH_SIZE)
                batch = []
        model._base_manager.bulk_create(batch, batch_size=BATCH_SIZE)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
            cursor.execute(statement)


def _extract(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with archive.open(f"files/{name}") as source, open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
        _digest(source, out.write)
        out.flush()
        os.fsync(out.fileno())
