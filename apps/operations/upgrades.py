"""Migrating the database while processes of the version before go on serving.

One machine migrates at a time; another that comes meanwhile finds it done. A change waits for its table only for a moment
and then steps back, so that readers never queue behind it.
"""

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

LOCK = 0x636F757274  # "court", as a number that no other product will have chosen
LOCK_TIMEOUT_MS = 2000
MAX_TRIES = 30
PAUSE = 1.0
LOCK_NOT_AVAILABLE = "55P03"

Progress = Callable[[str], object]


class UpgradeError(Exception):
    """The database could not be brought to this version; says in a sentence what stands now."""


def applied_migrations() -> list[tuple[str, str]]:
    return sorted(MigrationExecutor(connection).loader.applied_migrations)


def missing_migrations() -> list[tuple[str, str]]:
    """The migrations of this version that the database doesn't have yet, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _backwards in plan]


def reach_database(*, timeout: float, report_progress: Progress) -> None:
    """Connect to a database that may still be starting. Raises OperationalError after `timeout` seconds."""
    deadline, is_reported = time.monotonic() + timeout, False
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError:
            if time.monotonic() >= deadline:
                raise
        if not is_reported:
            report_progress(_("数据库还连不上，等它启动……"))
            is_reported = True
        time.sleep(PAUSE)


@contextlib.contextmanager
def upgrade_lock(*, report_progress: Progress, timeout: float = 600.0) -> Iterator[None]:
    """Nobody else upgrades this database meanwhile, on this machine or another."""
    acquire = _lock_on_server if connection.vendor == "postgresql" else _lock_beside_file
    deadline, is_reported = time.monotonic() + timeout, False
    with contextlib.ExitStack() as stack:
        while not acquire(stack):
            if time.monotonic() > deadline:
                raise UpgradeError(_("另一处一直在升级这个数据库，本次没有做任何改动。"))
            if not is_reported:
                report_progress(_("另一处正在升级这个数据库，等它完成……"))
                is_reported = True
            time.sleep(PAUSE)
        yield


def _lock_on_server(stack: contextlib.ExitStack) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        is_acquired: bool = cursor.fetchone()[0]
    if is_acquired:
        stack.callback(_unlock_on_server)
    return is_acquired


def _unlock_on_server() -> None:
    # A connection that broke has released it already.
    with contextlib.suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _lock_beside_file(stack: contextlib.ExitStack) -> bool:
    path = Path(connection.settings_dict["NAME"])
    file = stack.enter_context(path.with_name(f"{path.name}.upgrade").open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def migrate(*, report_progress: Progress, max_tries: int = MAX_TRIES, lock_timeout_ms: int = LOCK_TIMEOUT_MS) -> None:
    """Apply the missing migrations. Raises UpgradeError where one fails; those before it stay."""
    before = applied_migrations()
    try:
        with _lock_timeout(lock_timeout_ms):
            _migrate_with_retries(report_progress, max_tries)
    except Exception as error:
        connection.close()
        if n_applied := len(set(applied_migrations()) - set(before)):
            text = _("升级没有完成，数据库停在第 %(n)s 步之后：%(error)s")
            raise UpgradeError(text % {"n": n_applied, "error": error}) from error
        raise UpgradeError(_("升级没有完成，数据库没有改动：%s") % error) from error


@contextlib.contextmanager
def _lock_timeout(milliseconds: int) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(milliseconds)])
    try:
        yield
    finally:
        with contextlib.suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def _migrate_with_retries(report_progress: Progress, max_tries: int) -> None:
    """Try again while somebody holds a table. Each migration is a transaction, so nothing is done twice."""
    for number in range(1, max_tries + 1):
        try:
            call_command("migrate", verbosity=0, interactive=False)
            return
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE or number == max_tries:
                raise
            report_progress(_("数据表正在使用，稍后再试（第 %s 次）……") % number)
            time.sleep(PAUSE)
