"""The checks of an installation, registered with Django's check framework.

They look at the database, the disk and the network, so Django runs them only where both are asked for:
`manage.py check --deploy --database default`. The doctor, the status page and /metrics call `run_all`.
"""

import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, cast
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.selectors import demo_accounts, n_courts_in_earnest
from apps.audit.models import Verification
from apps.audit.selectors import last_event_at, last_verification
from apps.core import guards as database_guards
from apps.core.workdays import calendar_knows
from apps.operations import backup as backups
from apps.operations import host, rules
from apps.operations.choices import CHECKS, State
from apps.operations.results import (
    CLOSED,
    UNREACHABLE,
    CheckResult,
    bad,
    closed,
    note,
    unknown,
    unreachable,
    watch,
    well,
)
from apps.papers import pdf as papers_pdf
from apps.papers.selectors import queue_at
from apps.signin.selectors import certificate_problems

TAG = "operations"
TIMEOUT = 3  # seconds for the database: a balancer that asks every five has its answer before it asks again
MIN_KEY_LENGTH, MIN_KEY_CHARACTERS = 32, 10
MIN_TOKEN_LENGTH = 16
# The file with the settings may belong to whoever administers the machine, and be read by the server's own group.
FORBIDDEN_ON_SETTINGS = 0o037
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
SWITCHES = ("DEBUG", "HTTPS", "BEHIND_PROXY", "METRICS", "LDAP_START_TLS")
SWITCH_WORDS = frozenset(["true", "on", "ok", "y", "yes", "1", "false", "off", "n", "no", "0"]) | {""}
FIRST_UNPRIVILEGED_PORT = 1024
# What Django says as long as there is no https, which our own check says once.
FOLLOWS_FROM_NO_HTTPS = frozenset({"security.W004", "security.W008", "security.W012", "security.W016"})


@dataclass(frozen=True)
class CheckContext:
    """One run of the checks. A thorough one reads the newest backup through and collects the static files anew."""

    now: datetime = field(default_factory=timezone.now)
    is_thorough: bool = False
    connection: BaseDatabaseWrapper = field(default_factory=lambda: connection)
    port: int | None = None

    @cached_property
    def database_fault(self) -> str:
        """Why the database can't be reached; tried once, so that a run waits for it once."""
        try:
            self.connection.ensure_connection()
        except DatabaseError as error:
            return first_line(error)
        return ""

    @cached_property
    def n_real_courts(self) -> int:
        return int(n_courts_in_earnest())

    @property
    def holds_real_data(self) -> bool:
        """True where the database doesn't say."""
        try:
            return bool(self.database_fault) or self.n_real_courts > 0
        except DatabaseError:
            return True

    @cached_property
    def verification(self) -> Verification | None:
        found: Verification | None = last_verification()
        return found

    def value(self, query: str) -> Any:
        """The single value that a query on this run's own connection returns."""
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]


# Django passes no argument of ours to a check.
_context: ContextVar[CheckContext] = ContextVar("check_context")
CheckFunction = Callable[[CheckContext], CheckResult | None]
CHECK_FUNCTIONS: dict[str, CheckFunction] = {}


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def run_all(context: CheckContext) -> list[CheckResult]:
    """The results of every check, in the order of the page. The number of queries is fixed."""
    token = _context.set(context)
    try:
        results = checks.run_checks(tags=[TAG], include_deployment_checks=True, databases=[connection.alias])
    finally:
        _context.reset(token)
    order = list(CHECKS)
    return sorted(cast(list[CheckResult], results), key=lambda result: order.index(result.check))


def check(function: CheckFunction | None = None, *, asks_database: bool = False) -> Any:
    """Register a check under its function's name. It returns None where there is nothing to say."""

    def register(function: CheckFunction) -> CheckFunction:
        name = function.__name__

        def run(app_configs: Any = None, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
            if not databases:
                return []
            context = _context.get(None) or CheckContext()
            result = unknown(name) if asks_database and context.database_fault else _run(name, context)
            return [] if result is None else [result]

        CHECK_FUNCTIONS[name] = function
        checks.register(run, TAG, checks.Tags.database, deploy=True)
        return function

    return register if function is None else register(function)


def _run(name: str, context: CheckContext) -> CheckResult | None:
    try:
        return CHECK_FUNCTIONS[name](context)
    except DatabaseError:  # such as a table that isn't there yet
        return unknown(name)
    except OSError as error:
        return closed(name, fault=f"{error.strerror} {error.filename or ''}".strip())


# Version


@check
def version(context: CheckContext) -> CheckResult:
    if commit := host.commit():
        return note("version", "commit", _("%(version)s（代码 %(commit)s）"), version=settings.VERSION, commit=commit)
    return note("version", "ok", "%(version)s", version=settings.VERSION)


@check
def python(context: CheckContext) -> CheckResult:
    return rules.python(version=sys.version_info[:3], django=django.get_version())


@check
def requirements(context: CheckContext) -> CheckResult:
    wanted = host.wanted_packages()
    return rules.requirements(wanted=wanted, installed=host.installed_packages(wanted))


# Database


@check
def database(context: CheckContext) -> CheckResult:
    if context.database_fault:
        return unreachable(fault=context.database_fault)
    is_postgresql = context.connection.vendor == "postgresql"
    try:
        size = context.value(
            "SELECT pg_database_size(current_database())"
            if is_postgresql
            else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        )
    except DatabaseError as error:  # it stopped answering since
        return unreachable(fault=first_line(error))
    return rules.database(
        vendor=context.connection.vendor,
        version=context.connection.get_database_version(),
        name="PostgreSQL" if is_postgresql else "SQLite",
        size=size,
    )


@check(asks_database=True)
def encoding(context: CheckContext) -> CheckResult:
    is_postgresql = context.connection.vendor == "postgresql"
    return rules.encoding(context.value("SHOW server_encoding" if is_postgresql else "PRAGMA encoding"))


@check(asks_database=True)
def journal(context: CheckContext) -> CheckResult | None:
    if context.connection.vendor != "sqlite":
        return None
    filesystem = host.filesystem_of(context.connection.settings_dict["NAME"])
    return rules.journal(mode=context.value("PRAGMA journal_mode"), filesystem=filesystem)


@lru_cache(maxsize=1)
def _known_migrations() -> dict[tuple[str, str], Any]:
    """Those of the code, which stay the same as long as the process runs."""
    return MigrationLoader(None, ignore_no_migrations=True).disk_migrations


@check(asks_database=True)
def migrations(context: CheckContext) -> CheckResult:
    known, applied = _known_migrations(), set()
    # Not by the recorder's own query: that opens the thread's connection, without this one's time limit.
    if MigrationRecorder(context.connection).has_table():
        with context.connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    ours = {app for app, _name in known}
    pending = [
        f"{app}.{name}"
        for (app, name), migration in known.items()
        if (app, name) not in applied and not (migration.replaces and applied.issuperset(migration.replaces))
    ]
    newer = [f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in known]
    return rules.migrations(pending=pending, unknown=newer, n_applied=len(applied))


@check(asks_database=True)
def guards(context: CheckContext) -> CheckResult:
    if missing := database_guards.missing(context.connection):
        hint = _("请运行 .venv/bin/python manage.py migrate 重新装上，再核验审计记录，并查明是谁拆下的。")
        return bad("guards", "missing", _("没有保护：%(names)s"), hint, names=tuple(missing))
    return well("guards", _("%(n)s 张表都在保护之下"), n=len(database_guards.guarded_models()))


@check(asks_database=True)
def clock(context: CheckContext) -> CheckResult:
    database_now = None
    if context.connection.vendor == "postgresql":
        # Less what has passed since the run began.
        database_now = context.value("SELECT clock_timestamp()") - (timezone.now() - context.now)
    return rules.clock(
        now=context.now,
        database_now=database_now,
        last_event_at=last_event_at(),
        zone=settings.TIME_ZONE,
        wanted_zone="Asia/Shanghai",
    )


# Record


@check(asks_database=True)
def audit(context: CheckContext) -> CheckResult:
    return rules.audit(verification=context.verification, now=context.now)


@check
def backup(context: CheckContext) -> CheckResult:
    newest, made_at, fault = backups.newest(settings.BACKUP_DIR), None, ""
    if newest is not None:
        try:
            summary = backups.check(newest) if context.is_thorough else backups.about(newest)
            made_at = datetime.fromisoformat(summary.made_at)
        except (OSError, backups.BackupError) as error:
            fault = str(error)
    return rules.backup(
        folder=str(settings.BACKUP_DIR),
        made_at=made_at,
        size=newest.stat().st_size if newest and made_at else 0,
        fault=fault,
        is_read_through=context.is_thorough,
        holds_real_data=context.holds_real_data,
        now=context.now,
    )


# Files


@check
def data_folder(context: CheckContext) -> CheckResult:
    database = settings.DATABASES["default"]
    is_file = database["ENGINE"].endswith("sqlite3")
    files = [f"{database['NAME']}{suffix}" for suffix in ("", "-wal", "-shm")] if is_file else []
    facts = host.folder(settings.DATA_DIR, files=files)
    # The web server passes through it to the style sheets.
    return rules.folder("data_folder", facts, user=host.user(), others_may=rules.PASS_THROUGH)


@check
def evidence_folder(context: CheckContext) -> CheckResult:
    return rules.folder("evidence_folder", host.folder(settings.EVIDENCE_DIR), user=host.user())


@check
def backup_folder(context: CheckContext) -> CheckResult:
    return rules.folder("backup_folder", host.folder(settings.BACKUP_DIR), user=host.user())


@check
def static(context: CheckContext) -> CheckResult:
    is_collected, missing, stale, n_files = host.static_files(compares=context.is_thorough)
    return rules.static(is_collected=is_collected, missing=missing, stale=stale, n_files=n_files)


# Access


@check
def secret_key(context: CheckContext) -> CheckResult:
    key, mode = settings.SECRET_KEY, host.mode_of(settings.ENV_FILE)
    if len(key) < MIN_KEY_LENGTH or len(set(key)) < MIN_KEY_CHARACTERS or key.startswith("django-insecure"):
        hint = _("请换成至少 %(n)s 个随机字符的 SECRET_KEY；换过以后大家要重新登录。")
        return bad("secret_key", "weak", _("太短或太简单"), hint, n=MIN_KEY_LENGTH)
    if mode is None:
        return well("secret_key", _("够长，来自环境变量"), "environment")
    if mode & FORBIDDEN_ON_SETTINGS:
        text = _("%(path)s 的权限是 %(mode)s，别的用户能读到密钥")
        hint = _("请运行 chmod 600 %(path)s，并更换 SECRET_KEY。")
        return bad("secret_key", "open", text, hint, path=str(settings.ENV_FILE), mode=f"{mode:03o}")
    return well("secret_key", _("够长，只有运行服务的用户能读"))


@check
def debug(context: CheckContext) -> CheckResult:
    if settings.DEBUG:
        hint = _("请设 DEBUG=off，再重新启动服务。")
        return bad("debug", "on", _("已打开，出错时会把程序和设置显示给所有人"), hint)
    return well("debug", _("已关闭"))


@check
def switches(context: CheckContext) -> CheckResult:
    """A word that the settings don't understand silently counts as off."""
    words = {name: os.environ.get(name, "") for name in SWITCHES}
    if strange := [f"{name}={word}" for name, word in words.items() if word.strip().lower() not in SWITCH_WORDS]:
        hint = _("请写 on 或 off，后面不要跟注释。")
        return watch("switches", "strange", _("不认得，当作关：%(names)s"), hint, names=tuple(strange))
    return well("switches", _("都认得"))


@check
def hosts(context: CheckContext) -> CheckResult:
    names = tuple(settings.ALLOWED_HOSTS)
    if not names:
        hint = _("请在 ALLOWED_HOSTS 里写上大家访问用的名称或地址，用逗号隔开。")
        return bad("hosts", "none", _("没有写，谁也打不开"), hint)
    if "*" in names:
        hint = _("请在 ALLOWED_HOSTS 里只写大家访问用的名称或地址。")
        return watch("hosts", "any", _("任何名称都可以（*）"), hint)
    if set(names) <= LOCAL_HOSTS:
        hint = _("要让别的电脑打开，请在 ALLOWED_HOSTS 里写上服务器的名称或地址。")
        return note("hosts", "local", _("只有本机（%(names)s）"), hint, names=names)
    return well("hosts", "%(names)s", names=names)


@check
def https(context: CheckContext) -> CheckResult:
    if settings.BEHIND_PROXY and not settings.HTTPS:
        hint = _("请设 HTTPS=on；不加密的话，请设 BEHIND_PROXY=off。")
        return bad("https", "proxy_only", _("设了 BEHIND_PROXY=on，却没有设 HTTPS=on，等于没有设"), hint)
    if settings.HTTPS and not settings.BEHIND_PROXY:
        hint = _("由代理加密时请设 BEHIND_PROXY=on，否则会反复跳转、打不开。")
        return watch("https", "no_proxy", _("已打开，但没有设 BEHIND_PROXY=on"), hint)
    if settings.HTTPS:
        return well("https", _("已打开，由前面的代理加密"))
    if set(settings.ALLOWED_HOSTS) <= LOCAL_HOSTS:
        return note("https", "local", _("没有打开，只供本机使用"))
    hint = _("请在前面放一台代理（nginx）来加密，然后设 HTTPS=on 和 BEHIND_PROXY=on。")
    return watch("https", "off", _("没有打开，口令在网络上可以被看到"), hint)


@check
def origins(context: CheckContext) -> CheckResult:
    """Where forms may come from besides the server's own name."""
    origins, hosts = tuple(settings.CSRF_TRUSTED_ORIGINS), settings.ALLOWED_HOSTS
    if wrong := [origin for origin in origins if not origin.startswith(("http://", "https://"))]:
        hint = _("CSRF_TRUSTED_ORIGINS 的每一项都要以 https:// 或 http:// 开头。")
        return bad("origins", "scheme", _("写法不对：%(names)s"), hint, names=tuple(wrong))
    if settings.HTTPS and (plain := [origin for origin in origins if origin.startswith("http://")]):
        hint = _("已打开加密，请把 CSRF_TRUSTED_ORIGINS 里的 http:// 改为 https://。")
        return watch("origins", "plain", _("有不加密的来源：%(names)s"), hint, names=tuple(plain))
    if strange := [o for o in origins if not validate_host(split_domain_port(urlsplit(o).netloc)[0], hosts)]:
        hint = _("请核对 CSRF_TRUSTED_ORIGINS；用不着的请删去，用得着的名称也要写进 ALLOWED_HOSTS。")
        return watch("origins", "strange", _("不在服务器名称之列：%(names)s"), hint, names=tuple(strange))
    if origins:
        return well("origins", _("另外还收：%(names)s"), names=origins)
    return well("origins", _("只收本服务器的表单"), "none")


@check
def deploy(context: CheckContext) -> CheckResult:
    """Django's own checks for a server in use: all of them in a thorough run, else those of security."""
    tags = None if context.is_thorough else [checks.Tags.security]
    messages = checks.run_checks(tags=tags, include_deployment_checks=True)
    ignored = frozenset() if settings.HTTPS else FOLLOWS_FROM_NO_HTTPS
    messages = [message for message in messages if not message.is_silenced() and message.id not in ignored]
    if errors := tuple(message.id for message in messages if message.level >= checks.ERROR):
        hint = _("请运行 .venv/bin/python manage.py check --deploy，按提示改正。")
        return bad("deploy", "errors", _("有错误：%(names)s"), hint, names=errors)
    if warnings := tuple(message.id for message in messages if message.level >= checks.WARNING):
        hint = _("请运行 .venv/bin/python manage.py check --deploy 看是什么；多数在打开加密访问以后消失。")
        return watch("deploy", "warnings", _("有提醒：%(names)s"), hint, names=warnings)
    return well("deploy", _("没有发现问题"))


@check
def certificates(context: CheckContext) -> CheckResult | None:
    """Those of the identity provider and the directory; in a thorough run only, for it asks them over the network."""
    if not context.is_thorough or not (settings.OIDC_ISSUER or settings.LDAP_URL):
        return None
    if problems := certificate_problems():
        found = bad if sys.version_info >= (3, 13) else watch
        return found("certificates", "strict", "%(names)s", _("签发以前，请用 Python 3.12 运行。"), names=problems)
    return well("certificates", _("Python 3.13 也接受"))


@check(asks_database=True)
def demo(context: CheckContext) -> CheckResult:
    """Accounts whose password is in the manual, beside courts with people and without example data."""
    n_accounts = len(demo_accounts())
    if n_accounts and context.n_real_courts:
        text = _("有 %(n)s 个还能登录，口令是公开的，而系统里已有真实数据")
        hint = _("请用自己的账号登录，在“计划管理 → 离任交接”里停用示例账号。")
        return bad("demo", "beside", text, hint, n=n_accounts)
    if n_accounts:
        return note("demo", "only", _("有 %(n)s 个，口令是公开的；系统里只有示例数据"), n=n_accounts)
    return well("demo", _("都已停用，或者从来没有"))


@check
def port(context: CheckContext) -> CheckResult | None:
    if context.port is None:
        return None
    answers, is_taken = host.port(context.port)
    is_privileged = context.port < FIRST_UNPRIVILEGED_PORT and os.geteuid() != 0
    return rules.port(number=context.port, is_privileged=is_privileged, answers=answers, is_taken=is_taken)


# Papers


@check
def pdf(context: CheckContext) -> CheckResult:
    return rules.pdf(papers_pdf.missing())


@check(asks_database=True)
def jobs(context: CheckContext) -> CheckResult:
    return rules.jobs(queue_at(context.now))


@check
def calendar(context: CheckContext) -> CheckResult:
    today = timezone.localdate(context.now)
    known_until = today.year if calendar_knows(today.year) else None
    while known_until is not None and calendar_knows(known_until + 1):
        known_until += 1
    return rules.calendar(known_until=known_until, today=today)


# Log and metrics


@check
def log(context: CheckContext) -> CheckResult:
    text = (
        _("JSON，级别 %(level)s，慢于 %(slow)s 毫秒的查询单独记下")
        if settings.LOG_FORMAT == "json"
        else _("每件事一行，级别 %(level)s，慢于 %(slow)s 毫秒的查询单独记下")
    )
    return note("log", settings.LOG_FORMAT, text, level=settings.LOG_LEVEL, slow=settings.SLOW_QUERY_MS)


@check
def metrics(context: CheckContext) -> CheckResult:
    if not settings.METRICS:
        return note("metrics", "off", _("没有打开（METRICS=off）"))
    if settings.METRICS_TOKEN:
        if len(settings.METRICS_TOKEN) < MIN_TOKEN_LENGTH:
            return watch("metrics", "short", _("METRICS_TOKEN 太短"), _("请换成至少 16 个随机字符。"))
        return note("metrics", "token", _("在 /metrics 提供，凭 METRICS_TOKEN 读取"))
    if settings.BEHIND_PROXY:
        hint = _("设了 BEHIND_PROXY=on 时看不出谁在本机，请设 METRICS_TOKEN。")
        return watch("metrics", "nobody", _("已打开，但谁也读不到"), hint)
    return note("metrics", "loopback", _("在 /metrics 提供，只有本机能读"))


# Readiness

READY_PARTS = {"database": "database", "migrations": "migrations", "guards": "guards", "evidence": "evidence_folder"}


def not_ready(context: CheckContext, *, on_check: Callable[[str], None] = lambda part: None) -> list[tuple[str, str]]:
    """(part, reason) of whatever keeps this process from serving. `on_check` is called with each part before it.

    Every query goes over the context's own connection.
    """
    found = []
    for part, name in READY_PARTS.items():
        on_check(part)
        result = _run(name, context)
        if result is None:
            continue
        if result.state == State.BAD or result.is_unknown or result.reason == CLOSED:
            found.append((part, result.reason))
        if result.reason == UNREACHABLE:
            break
    return found


def impatient_connection() -> BaseDatabaseWrapper:
    """A connection beside those of the requests, which gives up after TIMEOUT."""
    made = connections["default"].copy()
    made.inc_thread_sharing()  # the probe opens it here and uses it in another thread, and nowhere else
    options = made.settings_dict["OPTIONS"]
    if made.vendor == "postgresql":
        options |= {"connect_timeout": TIMEOUT, "options": f"-c statement_timeout={TIMEOUT * 1000}"}
    else:
        options["timeout"] = TIMEOUT
    return made
