"""Bringing the database to this version, while processes of the one before go on serving.

One machine migrates at a time, whoever comes second finds it done. A change waits for its table only for a moment and
then steps back, so that those who read never queue behind it. Where a step fails, the steps taken before it are undone:
nothing that people wrote meanwhile is lost.
"""

import contextlib
import fcntl
import time
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from apps.operations.gentle import disturbs

LOCK = 0x636F757274  # "court", as a number that no other product will have chosen
LOCK_TIMEOUT_MS = 2000
N_TRIES = 30
PAUSE = 1.0
TAKEN_BY_OTHERS = "55P03"  # lock_not_available


class UpgradeError(Exception):
    """The database could not be brought to this version; says in a sentence what stands now."""


def steps_before():
    """The steps that the database has taken."""
    return sorted(MigrationExecutor(connection).loader.applied_migrations)


def steps_missing():
    """The steps of this version that the database has not taken yet, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _backwards in plan]


def disturbances():
    """What of the missing steps may make processes of the version before fail, as sentences for the log."""
    executor = MigrationExecutor(connection)
    applied = set(executor.loader.applied_migrations) & set(executor.loader.disk_migrations)
    state = executor.loader.project_state(sorted(applied))
    found = []
    for step in steps_missing():
        migration = executor.loader.disk_migrations[step]
        found += [f"{migration.app_label}.{migration.name}：{what}" for what in disturbs(migration, state)]
        migration.mutate_state(state, preserve=False)
    return found


def reach_database(*, wait, tell_waiting):
    """A connection to the database, which for up to `wait` seconds may still be starting. OperationalError where it
    stays away."""
    deadline = time.monotonic() + wait
    is_told = False
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError:
            if time.monotonic() >= deadline:
                raise
        if not is_told:
            tell_waiting()
            is_told = True
        time.sleep(PAUSE)


@contextlib.contextmanager
def alone(*, tell, wait=600.0):
    """Nobody else upgrades this database meanwhile, on this machine or another."""
    take = _take_on_server if connection.vendor == "postgresql" else _take_beside_file
    deadline = time.monotonic() + wait
    with contextlib.ExitStack() as held:
        is_told = False
        while not take(held):
            if time.monotonic() > deadline:
                raise UpgradeError(_("另一处一直在升级这个数据库，本次没有做任何改动。"))
            if not is_told:
                tell(_("另一处正在升级这个数据库，等它完成……"))
                is_told = True
            time.sleep(PAUSE)
        yield


def _take_on_server(held):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        is_taken = cursor.fetchone()[0]
    if is_taken:
        held.callback(_give_back_on_server)
    return is_taken


def _give_back_on_server():
    # A connection that broke has given it back by itself.
    with contextlib.suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _take_beside_file(held):
    path = Path(connection.settings_dict["NAME"])
    file = held.enter_context(path.with_name(f"{path.name}.upgrade").open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def migrate(*, tell, n_tries=N_TRIES, lock_timeout_ms=LOCK_TIMEOUT_MS):
    """Take the steps that are missing; UpgradeError, with those just taken undone, where one fails."""
    before = steps_before()
    try:
        with _short_waits(lock_timeout_ms):
            _patiently(lambda: call_command("migrate", verbosity=0, interactive=False), tell=tell, n_tries=n_tries)
    except Exception as error:
        connection.close()
        if steps_before() == before:
            raise UpgradeError(_("升级没有完成，数据库没有改动：%s") % error) from error
        undo_to(before, tell=tell, n_tries=n_tries, lock_timeout_ms=lock_timeout_ms)
        raise UpgradeError(_("升级没有完成，已退回原来的结构，数据没有丢失：%s") % error) from error


def undo_to(steps, *, tell, n_tries=N_TRIES, lock_timeout_ms=LOCK_TIMEOUT_MS):
    """Take back every step but these; what was written meanwhile stays. UpgradeError where it can't be done."""
    try:
        with _short_waits(lock_timeout_ms):
            _patiently(lambda: _take_back(set(steps)), tell=tell, n_tries=n_tries)
    except (IrreversibleError, OperationalError) as error:
        raise UpgradeError(_("不能退回原来的结构（%s），请用升级前的备份恢复。") % error) from error


def _take_back(wanted):
    executor = MigrationExecutor(connection)
    taken = {step for step in executor.loader.applied_migrations if step in executor.loader.disk_migrations}
    names = {app: [name for other, name in wanted if other == app] for app, _name in taken - wanted}
    executor.migrate([(app, max(kept) if kept else None) for app, kept in names.items()])


@contextlib.contextmanager
def _short_waits(milliseconds):
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(milliseconds)])
    try:
        yield
    finally:
        with contextlib.suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def _patiently(act, *, tell, n_tries):
    """Try again while somebody holds a table; each step is taken whole or not at all, so nothing is done twice."""
    for number in range(1, n_tries + 1):
        try:
            return act()
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != TAKEN_BY_OTHERS or number == n_tries:
                raise
            tell(_("数据表正在使用，稍后再试（第 %s 次）……") % number)
            time.sleep(PAUSE)
    return None
