"""A backup: everything a court has told the system, in one file that either database can take back.

The file is a zip: `manifest.json`, a table each as `tables/<app>.<model>.jsonl` (a row a line, columns in the order
the manifest gives), and the evidence under `files/`. All rows are of one moment, while people go on working.
Sessions and the record of failed sign-ins stay out: a restored server asks everybody to sign in again. So do the
checks of the audit trail: that one was whole says nothing of where it is restored. Uploads not taken in yet
are notes of a day, and may hold first passwords; files in the making go with the tasks that make them.
"""

import base64
import contextlib
import hashlib
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from apps.core import guards

FORMAT = 1
MANIFEST = "manifest.json"
LEFT_OUT = {"sessions", "django_tasks_database"}
LEFT_OUT_TABLES = {
    "access.FailedSignIn",
    "access.UsualAddress",
    "audit.Verification",
    "office.ImportFile",
    "reports.Job",
}
N_ROWS = 1000
NAMED_SO = "courtplan-????????-??????.zip"
CHUNK = 1024 * 1024


class BackupError(Exception):
    """The backup can't be made, read or restored; says why in a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Summary:
    """What a backup holds."""

    made_at: str
    vendor: str
    n_rows: int
    n_files: int


# Writing


def write(path, *, at):
    """Write a backup of this moment to `path` and read it back; the file appears only when all of it is right.

    Raises BackupError where `path` exists, or where what was written can't be read back as it was.
    """
    path = Path(path)
    if path.exists():
        raise BackupError(_("%s 已经存在。") % path)
    part = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
                _write_all(archive, at)
            raw.flush()
            os.fsync(raw.fileno())
        summary = check(part)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return summary


def _write_all(archive, at):
    # Files before and after the rows: one added meanwhile is caught by the second pass, one taken away by the first.
    files = _write_files(archive, {})
    with _one_moment():
        migrations = sorted(MigrationRecorder(connection).applied_migrations())
        registry = _as_migrated()
        tables = {model._meta.label: _write_table(archive, model) for model in _models(registry)}
    files = _write_files(archive, files)
    manifest = {
        "format": FORMAT,
        "made_at": at.isoformat(),
        "vendor": connection.vendor,
        "migrations": migrations,
        "tables": tables,
        "files": files,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


@contextlib.contextmanager
def _one_moment():
    """Every query inside sees the same moment, and holds up nobody who writes."""
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


def _as_migrated():
    """The models as the database has them: before an upgrade it is still in the state of an older version."""
    executor = MigrationExecutor(connection)
    applied, known = set(executor.loader.applied_migrations), set(executor.loader.disk_migrations)
    if not applied:
        raise BackupError(_("数据库里还没有任何数据。"))
    _refuse_newer(applied, known)
    if known <= applied:
        return apps
    return executor.loader.project_state(sorted(applied & known)).apps


def _refuse_newer(applied, known):
    ours = {app for app, _name in known}
    if strange := sorted(f"{app}.{name}" for app, name in applied - known if app in ours):
        raise BackupError(_("数据来自更新的版本（%s），请先升级系统。") % ", ".join(strange[:3]))


def _models(registry):
    return [
        model
        for model in registry.get_models(include_auto_created=True)
        if not model._meta.proxy
        and model._meta.managed
        and model._meta.app_label not in LEFT_OUT
        and model._meta.label not in LEFT_OUT_TABLES
    ]


def _write_table(archive, model):
    columns = [field.attname for field in model._meta.concrete_fields]
    digest, n_rows = hashlib.sha256(), 0
    with archive.open(f"tables/{model._meta.label}.jsonl", "w", force_zip64=True) as out:
        for row in _rows(model, columns):
            line = json.dumps([_told(value) for value in row], ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            out.write(line)
            n_rows += 1
    return {"columns": columns, "rows": n_rows, "sha256": digest.hexdigest()}


def _rows(model, columns):
    """All rows by their key, some at a time: memory doesn't grow with the table."""
    found = model._base_manager.order_by("pk").values_list("pk", *columns)
    rows = list(found[:N_ROWS])
    while rows:
        yield from (row[1:] for row in rows)
        rows = list(found.filter(pk__gt=rows[-1][0])[:N_ROWS])


def _told(value):
    """A value as JSON tells it; the field it is restored into knows what it was."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, timedelta):
        raise TypeError(value)
    return value


def _write_files(archive, done):
    root = Path(settings.EVIDENCE_DIR)
    written = dict(done)
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        name = path.relative_to(root).as_posix()
        if name in written or not path.is_file() or path.is_symlink():
            continue
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as found:  # taken away while we were at it
            written[name] = _write_file(archive, name, found)
    return written


def _write_file(archive, name, found):
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(f"files/{name}")
    info.compress_type = zipfile.ZIP_STORED  # photographs, PDF and Word files are compressed already
    with archive.open(info, "w", force_zip64=True) as out:
        while chunk := found.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


# Reading


def check(path):
    """What the backup holds, after every row and file of it was read and compared with its checksum.

    Raises BackupError where it is no backup, is of a newer format, or is damaged.
    """
    with _opened(path) as (archive, manifest):
        for label, table in manifest["tables"].items():
            digest, n_rows = hashlib.sha256(), 0
            for line in _lines(archive, label):
                digest.update(line)
                n_rows += 1
            if (digest.hexdigest(), n_rows) != (table["sha256"], table["rows"]):
                raise BackupError(_("备份已损坏：%s 的内容与校验值不符。") % label)
        for name, wanted in manifest["files"].items():
            digest = hashlib.sha256()
            with archive.open(f"files/{name}") as found:
                while chunk := found.read(CHUNK):
                    digest.update(chunk)
            if digest.hexdigest() != wanted:
                raise BackupError(_("备份已损坏：%s 的内容与校验值不符。") % name)
        return _summary(manifest)


def migrations_of(path):
    """The migrations that stood when the backup was made."""
    with _opened(path) as (_archive, manifest):
        return sorted(tuple(one) for one in manifest["migrations"])


def about(path):
    """What the backup says of itself; its rows and files stay unread. BackupError where it can't be opened."""
    with _opened(path) as (_archive, manifest):
        return _summary(manifest)


def newest(folder):
    """The newest of the backups in the folder; None where there is none."""
    found = sorted(Path(folder).glob(NAMED_SO))
    return found[-1] if found else None


def _summary(manifest):
    return Summary(
        made_at=manifest["made_at"],
        vendor=manifest["vendor"],
        n_rows=sum(table["rows"] for table in manifest["tables"].values()),
        n_files=len(manifest["files"]),
    )


@contextlib.contextmanager
def _opened(path):
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


def _lines(archive, label):
    with archive.open(f"tables/{label}.jsonl") as found:
        yield from found


# Restoring


def restore(path):
    """Fill an empty database and an empty evidence folder from the backup, in the state its own version left.

    The tables are brought to the version of the backup first, filled in one transaction, and left there without their
    guards: the caller migrates to the present, which puts them in place. Raises BackupError, and changes nothing, where either place isn't empty or the backup
    isn't whole.
    """
    summary = check(path)
    with _opened(path) as (archive, manifest):
        root = Path(settings.EVIDENCE_DIR)
        for name in manifest["files"]:
            pure = PurePosixPath(name)
            if pure.is_absolute() or ".." in pure.parts or "\\" in name:
                raise BackupError(_("备份中的文件名不对：%s") % name)
        if root.is_dir() and any(one.is_file() for one in root.rglob("*")):
            raise BackupError(_("佐证文件夹 %s 里已有文件，只能恢复到空的位置。") % root)
        registry = _brought_to(_version(manifest))
        put = []
        try:
            with transaction.atomic():
                guards.drop_triggers(connection)
                _fill(archive, manifest, registry)
                for name in manifest["files"]:
                    put.append(root / name)
                    _put(archive, name, root)
        except BaseException:  # as before: the place is empty again, and restoring can be tried once more
            for path in put:
                with contextlib.suppress(OSError):
                    path.unlink()
            raise
    return summary


def _version(manifest):
    """The migrations that stood when the backup was made, as targets to migrate to."""
    executor = MigrationExecutor(connection)
    applied = {tuple(one) for one in manifest["migrations"]}
    known = set(executor.loader.disk_migrations)
    _refuse_newer(applied, known)
    if _holds_people() or executor.loader.applied_migrations.keys() - applied:
        raise BackupError(_("数据库不是空的，只能恢复到空的数据库；要换掉现有的数据，请加 --replace。"))
    # The last steps only: asked for one in the middle, Django would take those after it back.
    nodes, stood = executor.loader.graph.node_map, applied & known
    return sorted(step for step in stood if not any(child.key in stood for child in nodes[step].children))


def _holds_people():
    model = apps.get_model(settings.AUTH_USER_MODEL)
    return model._meta.db_table in connection.introspection.table_names() and model._base_manager.exists()


def _brought_to(targets):
    """Migrate the empty database to the version of the backup; its models as they were then."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(targets)
    state = executor.migrate(targets, plan=plan) if plan else executor.loader.project_state(targets)
    return state.apps


def _fill(archive, manifest, registry):
    models = {model._meta.label: model for model in _models(registry)}
    # Backups of earlier versions hold tables that are left out since.
    tables = {label: table for label, table in manifest["tables"].items() if label not in LEFT_OUT_TABLES}
    if strange := sorted(set(tables) - set(models)):
        raise BackupError(_("备份中有不认识的表：%s") % ", ".join(strange))
    for model in models.values():  # what the migrations put there themselves comes from the backup, too
        model._base_manager.all()._raw_delete(connection.alias)
    for label, table in tables.items():
        model = models[label]
        fields = {field.attname: field for field in model._meta.concrete_fields}
        for field in fields.values():
            field.auto_now = field.auto_now_add = False
        some = []
        for line in _lines(archive, label):
            values = zip(table["columns"], json.loads(line), strict=True)
            some.append(model(**{name: fields[name].to_python(value) for name, value in values}))
            if len(some) == N_ROWS:
                model._base_manager.bulk_create(some, batch_size=N_ROWS)
                some = []
        model._base_manager.bulk_create(some, batch_size=N_ROWS)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
            cursor.execute(statement)


def _put(archive, name, root):
    path = root / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with archive.open(f"files/{name}") as found, open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
        while chunk := found.read(CHUNK):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
