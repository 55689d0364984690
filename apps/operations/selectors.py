"""The state of the installation: facts gathered, each judged by its rule. Asked by the status page, the doctor, the
readiness probe and the figures for Prometheus."""

import os
import sys
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache

import django
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from apps.accounts.selectors import demo_accounts, n_courts_in_earnest
from apps.audit.selectors import last_event_at, last_verification
from apps.core import guards
from apps.core.workdays import calendar_knows
from apps.operations import backup, machine, rules
from apps.operations.choices import WORST_FIRST, Subject
from apps.papers import pdf
from apps.papers.making import queue_at

# What Django's check says as long as there is no https, which is told of once, by our own.
FOLLOWS_FROM_NO_HTTPS = frozenset({"security.W004", "security.W008", "security.W012", "security.W016"})
SWITCHES = ("DEBUG", "HTTPS", "BEHIND_PROXY", "METRICS", "LDAP_START_TLS")
FIRST_PRIVILEGED = 1024
PATIENCE = 3  # seconds: a balancer that asks every five has its answer before it asks again


@dataclass(frozen=True)
class Look:
    """One look at the installation. A thorough one reads backups through and collects the static files anew."""

    now: datetime
    is_thorough: bool = False
    connection: object = field(default_factory=lambda: connection)
    port: int | None = None

    @cached_property
    def n_real_courts(self):
        return n_courts_in_earnest()

    @cached_property
    def holds_real_data(self):
        """Where the database doesn't say, better too careful."""
        try:
            self.connection.ensure_connection()  # the one with little patience first
            return self.n_real_courts > 0
        except DatabaseError:
            return True

    @cached_property
    def verification(self):
        return last_verification()


@dataclass(frozen=True)
class Line:
    """A finding in its place."""

    subject: Subject
    finding: rules.Finding


def impatient_connection():
    """A connection beside those of the requests, with little patience of its own."""
    made = connections["default"].copy()
    made.inc_thread_sharing()  # the probe makes it here and uses it in another thread, and nowhere else
    options = made.settings_dict["OPTIONS"]
    if made.vendor == "postgresql":
        options |= {"connect_timeout": PATIENCE, "options": f"-c statement_timeout={PATIENCE * 1000}"}
    else:
        options["timeout"] = PATIENCE
    return made


def condition_of(look):
    """Every check, in the order of the page. Where the database doesn't answer, what asks it says that it can't be
    seen; the number of queries is fixed."""
    reachable = True
    lines = []
    for check in CHECKS:
        finding = _found(check, look) if reachable or not check.asks_database else _unknown(check)
        if finding is None:
            continue
        if finding.check == "database" and finding.reason == "unreachable":
            reachable = False
        lines.append(Line(check.subject, finding))
    return lines


def _found(check, look):
    try:
        return check.look(look)
    except DatabaseError as error:  # such as a table that isn't there yet
        if check.look is _database:
            return rules.bad("database", "unreachable", fault=str(error).strip().splitlines()[0])
        return _unknown(check)
    except OSError as error:
        return rules.closed(_name(check), fault=f"{error.strerror} {error.filename or ''}".strip())


def _unknown(check):
    return rules.unknown(_name(check))


def _name(check):
    return check.look.__name__.removeprefix("_")


def not_ready(look, *, telling=lambda part: None):
    """What keeps this process from serving: nothing where it is ready. `telling` hears which part is looked at next."""
    found = []
    for part, check in (
        ("database", _database),
        ("migrations", _migrations),
        ("guards", _guards),
        ("evidence", _evidence_folder),
    ):
        telling(part)
        try:
            finding = check(look)
        except DatabaseError:
            finding = rules.bad(part, "unreachable" if part == "database" else rules.UNKNOWN)
        except OSError:
            finding = rules.bad(part, rules.CLOSED)
        if finding.state == WORST_FIRST[0]:
            found.append((part, finding.reason))
        if finding.reason == "unreachable":
            break
    return found


# Version


def _version(look):
    commit = machine.commit()
    told = {"version": settings.VERSION, "commit": commit}
    return rules.note("version", "commit" if commit else "ok", **told)


def _python(look):
    return rules.python(version=sys.version_info, django=django.get_version())


def _requirements(look):
    wanted = machine.wanted_packages()
    return rules.requirements(wanted=wanted, installed=machine.installed_packages(wanted))


# Database


def _database(look):
    vendor = look.connection.vendor
    with look.connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database())"
            if vendor == "postgresql"
            else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        )
        (size,) = cursor.fetchone()
    return rules.database(
        vendor=vendor,
        version=look.connection.get_database_version(),
        name="PostgreSQL" if vendor == "postgresql" else "SQLite",
        size=size,
    )


def _encoding(look):
    is_postgresql = look.connection.vendor == "postgresql"
    return rules.encoding(_told(look, "SHOW server_encoding" if is_postgresql else "PRAGMA encoding"))


def _journal(look):
    if look.connection.vendor != "sqlite":
        return None
    name = look.connection.settings_dict["NAME"]
    return rules.journal(mode=_told(look, "PRAGMA journal_mode"), filesystem=machine.filesystem_of(name))


def _told(look, question):
    with look.connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


@lru_cache(maxsize=1)
def _known_migrations():
    """What the code holds: it stays the same as long as the process runs."""
    return MigrationLoader(None, ignore_no_migrations=True).disk_migrations


def _applied(connection):
    """Over this very connection: the recorder's own question goes over the thread's, which has all the patience there
    is, and which nobody closes where a thread asks once and ends.
    """
    if not MigrationRecorder(connection).has_table():
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def _migrations(look):
    known = _known_migrations()
    applied = _applied(look.connection)
    ours = {app for app, _name in known}
    pending = [
        f"{app}.{name}"
        for (app, name), migration in known.items()
        if (app, name) not in applied and not (migration.replaces and applied.issuperset(migration.replaces))
    ]
    unknown = [f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in known]
    return rules.migrations(pending=pending, unknown=unknown, n_applied=len(applied))


def _guards(look):
    return rules.guards(missing=guards.missing(look.connection), n_tables=len(guards.guarded_models()))


def _clock(look):
    is_postgresql = look.connection.vendor == "postgresql"
    now, database_now = look.now, _told(look, "SELECT clock_timestamp()") if is_postgresql else None
    if database_now is not None:
        database_now -= timezone.now() - now  # what has passed since the look began
    return rules.clock(
        now=now,
        database_now=database_now,
        last_event_at=last_event_at(),
        zone=settings.TIME_ZONE,
        wanted_zone="Asia/Shanghai",
    )


# Record


def _audit(look):
    return rules.audit(verification=look.verification, now=look.now)


def _backup(look):
    newest, made_at, fault = backup.newest(settings.BACKUP_DIR), None, ""
    if newest is not None:
        try:
            told = backup.check(newest) if look.is_thorough else backup.about(newest)
            made_at = datetime.fromisoformat(told.made_at)
        except (OSError, backup.BackupError) as error:
            fault = str(error)
    return rules.backup(
        folder=str(settings.BACKUP_DIR),
        made_at=made_at,
        size=newest.stat().st_size if made_at else 0,
        fault=fault,
        is_read_through=look.is_thorough,
        holds_real_data=look.holds_real_data,
        now=look.now,
    )


# Files


def _data_folder(look):
    kept = settings.DATABASES["default"]
    files = [f"{kept['NAME']}{end}" for end in ("", "-wal", "-shm")] if kept["ENGINE"].endswith("sqlite3") else []
    facts = machine.folder(settings.DATA_DIR, files=files)
    return rules.folder("data_folder", facts, user=machine.user(), others_may=rules.OTHERS_PASS)


def _evidence_folder(look):
    return _folder("evidence_folder", settings.EVIDENCE_DIR)


def _backup_folder(look):
    return _folder("backup_folder", settings.BACKUP_DIR)


def _folder(check, path):
    return rules.folder(check, machine.folder(path), user=machine.user())


def _static(look):
    is_collected, missing, stale, n_files = machine.static_files(compares=look.is_thorough)
    return rules.static(is_collected=is_collected, missing=missing, stale=stale, n_files=n_files)


# Access


def _secret_key(look):
    return rules.secret_key(
        key=settings.SECRET_KEY, path=str(settings.ENV_FILE), mode=machine.mode_of(settings.ENV_FILE)
    )


def _debug(look):
    return rules.debug(settings.DEBUG)


def _switches(look):
    return rules.switches({name: os.environ[name] for name in SWITCHES if name in os.environ})


def _hosts(look):
    return rules.hosts(settings.ALLOWED_HOSTS)


def _https(look):
    return rules.https(is_on=settings.HTTPS, is_behind_proxy=settings.BEHIND_PROXY, hosts=settings.ALLOWED_HOSTS)


def _origins(look):
    return rules.origins(origins=settings.CSRF_TRUSTED_ORIGINS, hosts=settings.ALLOWED_HOSTS, is_https=settings.HTTPS)


def _deploy(look):
    """A thorough look asks everything that Django checks; the page what it checks of safety."""
    tags = None if look.is_thorough else [checks.Tags.security]
    said = [one for one in checks.run_checks(tags=tags, include_deployment_checks=True) if not one.is_silenced()]
    if not settings.HTTPS:
        said = [one for one in said if one.id not in FOLLOWS_FROM_NO_HTTPS]
    errors = [one.id for one in said if one.level >= checks.ERROR]
    warnings = [one.id for one in said if checks.WARNING <= one.level < checks.ERROR]
    return rules.deploy(errors=errors, warnings=warnings)


def _demo(look):
    return rules.demo(n_accounts=len(demo_accounts()), n_real_courts=look.n_real_courts)


def _port(look):
    if look.port is None:
        return None
    answers, is_taken = machine.port(look.port)
    is_privileged = look.port < FIRST_PRIVILEGED and os.geteuid() != 0
    return rules.port(number=look.port, is_privileged=is_privileged, answers=answers, is_taken=is_taken)


# Papers


def _pdf(look):
    return rules.pdf(pdf.missing())


def _jobs(look):
    queue = queue_at(look.now)
    return rules.jobs(
        n_waiting=queue.n_waiting,
        n_stuck=queue.n_stuck,
        n_failed=queue.n_failed,
        by_service=settings.PAPER_MAKER == "service",
    )


def _calendar(look):
    today = timezone.localdate(look.now)
    known_until = today.year if calendar_knows(today.year) else None
    while known_until is not None and calendar_knows(known_until + 1):
        known_until += 1
    return rules.calendar(known_until=known_until, today=today)


# Log and figures


def _log(look):
    return rules.log(format=settings.LOG_FORMAT, level=settings.LOG_LEVEL, slow=settings.SLOW_QUERY_MS)


def _metrics(look):
    return rules.metrics(is_on=settings.METRICS, token=settings.METRICS_TOKEN, is_behind_proxy=settings.BEHIND_PROXY)


@dataclass(frozen=True)
class Check:
    subject: Subject
    look: object
    asks_database: bool = False


CHECKS = (
    Check(Subject.VERSION, _version),
    Check(Subject.VERSION, _python),
    Check(Subject.VERSION, _requirements),
    Check(Subject.DATABASE, _database, asks_database=True),
    Check(Subject.DATABASE, _encoding, asks_database=True),
    Check(Subject.DATABASE, _journal, asks_database=True),
    Check(Subject.DATABASE, _migrations, asks_database=True),
    Check(Subject.DATABASE, _guards, asks_database=True),
    Check(Subject.DATABASE, _clock, asks_database=True),
    Check(Subject.RECORD, _audit, asks_database=True),
    Check(Subject.RECORD, _backup),
    Check(Subject.FILES, _data_folder),
    Check(Subject.FILES, _evidence_folder),
    Check(Subject.FILES, _backup_folder),
    Check(Subject.FILES, _static),
    Check(Subject.ACCESS, _secret_key),
    Check(Subject.ACCESS, _debug),
    Check(Subject.ACCESS, _switches),
    Check(Subject.ACCESS, _hosts),
    Check(Subject.ACCESS, _https),
    Check(Subject.ACCESS, _origins),
    Check(Subject.ACCESS, _deploy),
    Check(Subject.ACCESS, _demo, asks_database=True),
    Check(Subject.ACCESS, _port),
    Check(Subject.PAPERS, _pdf),
    Check(Subject.PAPERS, _jobs, asks_database=True),
    Check(Subject.PAPERS, _calendar),
    Check(Subject.LOG, _log),
    Check(Subject.LOG, _metrics),
)
