"""Judgements on facts gathered elsewhere: values in, a CheckResult out. What only reads settings is in `checks`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any

from django.utils.translation import gettext as _

from apps.audit.models import Verification
from apps.operations.results import CheckResult, bad, note, watch, well
from apps.papers.selectors import Queue

MIN_PYTHON = (3, 11)
# What Django 5.2 asks for.
MIN_DATABASE = {"postgresql": (14, 0), "sqlite": (3, 31)}
LOW_DISK, FULL_DISK, LOW_SHARE = 1024**3, 200 * 1024**2, 0.05
NIGHTLY = timedelta(hours=36)  # a nightly job that failed once
LONG_AGO = timedelta(days=7)
MAX_CLOCK_DIFFERENCE, BAD_CLOCK_DIFFERENCE = timedelta(seconds=5), timedelta(seconds=60)
# Another machine may lock a file there without this one knowing: SQLite would be damaged.
REMOTE_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "sshfs", "fuse.sshfs", "glusterfs", "ceph"}
)
PERMISSIONS_OF_OTHERS, PASS_THROUGH = 0o077, 0o011
DECEMBER = 12


def python(*, version: Sequence[int], django: str) -> CheckResult:
    values: dict[str, Any] = {"version": ".".join(map(str, version)), "django": django}
    if tuple(version[:2]) >= MIN_PYTHON:
        return well("python", _("Python %(version)s，Django %(django)s"), **values)
    hint = _("请安装 Python 3.11 或更高版本，再重新建立 .venv。")
    return bad("python", "old", _("Python %(version)s，版本太旧"), hint, **values)


def requirements(*, wanted: Mapping[str, str], installed: Mapping[str, str | None]) -> CheckResult:
    """Versions by the packages' names; `installed` has None for one that isn't there."""
    hint = _("请运行 .venv/bin/python -m pip install -r requirements.txt。")
    if missing := sorted(name for name in wanted if installed.get(name) is None):
        return bad("requirements", "missing", _("缺少：%(names)s"), hint, names=tuple(missing))
    if other := sorted(name for name in wanted if installed[name] != wanted[name]):
        names = tuple(f"{name} {installed[name]} ≠ {wanted[name]}" for name in other)
        return watch("requirements", "other", _("版本与规定的不同：%(names)s"), hint, names=names)
    return well("requirements", _("%(n)s 个组件都是规定的版本"), n=len(wanted))


# Database


def database(*, vendor: str, version: Sequence[int], name: str, size: int) -> CheckResult:
    values: dict[str, Any] = {"name": name, "version": ".".join(map(str, version)), "size": size}
    if tuple(version[:2]) >= MIN_DATABASE[vendor]:
        return well("database", _("%(name)s %(version)s，数据 %(size)s"), **values)
    return bad(
        "database",
        "old",
        _("%(name)s %(version)s，版本太旧"),
        _("请升级到 %(oldest)s 或更高版本；升级前先备份。"),
        **values,
        oldest=".".join(map(str, MIN_DATABASE[vendor])).removesuffix(".0"),
    )


def encoding(name: str) -> CheckResult:
    if name.upper().replace("-", "") == "UTF8":
        return well("encoding", "%(name)s", name=name)
    hint = _("请先备份，再用 UTF8 编码新建数据库（createdb -E UTF8 -T template0），把备份恢复进去。")
    return bad("encoding", "other", _("%(name)s，存不下全部汉字"), hint, name=name)


def journal(*, mode: str, filesystem: str) -> CheckResult:
    """Of SQLite's file only."""
    if filesystem in REMOTE_FILESYSTEMS:
        return bad(
            "journal",
            "remote",
            _("数据库文件在网络磁盘上（%(filesystem)s），可能损坏"),
            _("请停止服务，把数据文件夹移到本机磁盘；要放在别的机器上，请改用 PostgreSQL。"),
            filesystem=filesystem,
        )
    if mode.lower() != "wal":
        hint = _("请确认数据文件夹可以写入，然后重新启动服务；启动时会自动改为 WAL。")
        return bad("journal", "other", _("%(mode)s，读和写会互相等待"), hint, mode=mode)
    return well("journal", _("WAL，在本机磁盘上（%(filesystem)s）"), filesystem=filesystem)


def migrations(*, pending: Collection[str], unknown: Collection[str], n_applied: int) -> CheckResult:
    """`unknown` are applied migrations that the code doesn't have."""
    if pending:
        hint = _("请先备份，再运行 .venv/bin/python manage.py migrate。")
        names = tuple(sorted(pending))
        return bad("migrations", "pending", _("有 %(n)s 步没有更新：%(names)s"), hint, names=names, n=len(pending))
    if unknown:
        hint = _("请换上写入这个数据库的那一版程序，或者恢复升级之前的备份。")
        names = tuple(sorted(unknown))
        return bad("migrations", "newer", _("数据库比程序新，程序不认识：%(names)s"), hint, names=names, n=len(unknown))
    return well("migrations", _("已是最新（%(n)s 步）"), n=n_applied)


def clock(
    *, now: datetime, database_now: datetime | None, last_event_at: datetime | None, zone: str, wanted_zone: str
) -> CheckResult:
    """`database_now` is None where the database has no clock of its own."""
    if last_event_at is not None and now < last_event_at - BAD_CLOCK_DIFFERENCE:
        hint = _("请校准服务器的时钟（timedatectl），并设好院内的对时服务。")
        text = _("时钟是 %(at)s，比最后一条审计记录（%(last)s）还早")
        return bad("clock", "behind", text, hint, at=now, last=last_event_at)
    difference = abs(now - database_now) if database_now is not None else timedelta(0)
    if difference > MAX_CLOCK_DIFFERENCE:
        hint = _("请把两台服务器的时钟都对准（timedatectl），并设好院内的对时服务。")
        judged = bad if difference > BAD_CLOCK_DIFFERENCE else watch
        text = _("与数据库服务器的时钟相差 %(seconds)s 秒")
        return judged("clock", "apart", text, hint, seconds=round(difference.total_seconds()))
    if zone != wanted_zone:
        hint = _("请把 TIME_ZONE 改回 %(wanted)s：截止日期按北京时间算。")
        return watch("clock", "zone", _("时区是 %(zone)s，不是 %(wanted)s"), hint, zone=zone, wanted=wanted_zone)
    return well("clock", _("%(at)s，%(zone)s"), at=now, zone=zone)


# Record


def audit(*, verification: Verification | None, now: datetime) -> CheckResult:
    """`verification` is what the last check of the whole record found, or None."""
    if verification is None:
        hint = _("请运行 .venv/bin/python manage.py verify_audit，并设成每夜运行。")
        return watch("audit", "never", _("还没有全面核验过"), hint)
    values: dict[str, Any] = {"at": verification.at, "n_events": verification.n_events, "n_rows": verification.n_rows}
    if not verification.is_whole:
        broken = tuple(chain["court"] for chain in verification.chains if not chain["is_whole"])
        hint = _(
            "请保护现场，不要改动数据库；运行 .venv/bin/python manage.py verify_audit 看是哪几条，并报告分管领导。"
        )
        return bad("audit", "broken", _("%(at)s 核验异常"), hint, **values, names=broken)
    if now - verification.at > NIGHTLY:
        hint = _("每夜的核验没有运行。请运行 .venv/bin/python manage.py verify_audit，并查看定时任务为什么没有执行。")
        return watch("audit", "old", _("上次核验在 %(at)s，当时完整"), hint, **values)
    return well("audit", _("%(at)s 完整：审计记录 %(n_events)s 条，台账等记录 %(n_rows)s 条"), **values)


def backup(
    *,
    folder: str,
    made_at: datetime | None,
    size: int,
    fault: str,
    is_read_through: bool,
    holds_real_data: bool,
    now: datetime,
) -> CheckResult:
    """The newest backup: `made_at` is None where there is none, `fault` says why it can't be read."""
    if fault:
        hint = _("请检查 %(folder)s 的权限和磁盘，运行 .venv/bin/python manage.py backup 另做一份，并把坏的移开。")
        return bad("backup", "unreadable", _("读不了：%(fault)s"), hint, folder=folder, fault=fault)
    if made_at is None:
        hint = _("请运行 .venv/bin/python manage.py backup --keep 30，并设成每夜运行。")
        judged = bad if holds_real_data else watch
        return judged("backup", "none", _("还没有备份（%(folder)s）"), hint, folder=folder)
    values: dict[str, Any] = {"folder": folder, "at": made_at, "size": size}
    age = now - made_at
    if age > NIGHTLY:
        hint = _(
            "每夜的备份没有运行。请运行 .venv/bin/python manage.py backup --keep 30，并查看定时任务为什么没有执行。"
        )
        judged = bad if age > LONG_AGO and holds_real_data else watch
        return judged("backup", "old", _("%(at)s，%(size)s，已过去 %(days)s 天"), hint, **values, days=age.days)
    if is_read_through:
        return well("backup", _("%(at)s，%(size)s，刚刚逐行读过，完整"), "read", **values)
    return well("backup", _("%(at)s，%(size)s，写成时已核对"), **values)


# Files


@dataclass(frozen=True)
class FolderFacts:
    """A folder as this process finds it; `owner` is whose it is, `mode` its permissions, `free` and `total` in bytes
    of the disk it lies on, `exposed` the files that anybody on the machine can read."""

    path: str
    exists: bool
    is_writable: bool = False
    owner: str = ""
    mode: int = 0
    free: int = 0
    total: int = 0
    exposed: tuple[str, ...] = ()


def folder(check: str, facts: FolderFacts, *, user: str, others_may: int = 0) -> CheckResult:
    """`check` is which folder it is. One that doesn't exist yet is made at its first use, if the parent allows.

    `others_may` are the permissions that others need there: the web server passes through to the style sheets.
    """
    values: dict[str, Any] = {"path": facts.path, "free": facts.free, "total": facts.total}
    if not facts.is_writable and not facts.exists:
        hint = _("请建立这个文件夹并交给运行服务的用户：install -d -m 700 -o %(user)s %(path)s")
        return bad(check, "missing", _("%(path)s 不存在，也建不了"), hint, **values, user=user)
    if not facts.is_writable:
        hint = _("请交给运行服务的用户（chown -R %(user)s %(path)s，chmod 700 %(path)s），并确认磁盘没有只读挂载。")
        return bad(check, "readonly", _("%(path)s 不能写入"), hint, **values, user=user)
    if facts.free < FULL_DISK:
        hint = _("请马上清理磁盘：写满以后不能填报，也不能备份。")
        return bad(check, "full", _("%(path)s，只剩 %(free)s，快满了"), hint, **values)
    if facts.exposed:
        text, hint = _("%(path)s 里的 %(names)s 本机任何用户都能读"), _("请运行 chmod go= %(names)s。")
        return bad(check, "exposed", text, hint, **values, names=facts.exposed)
    if facts.exists and facts.mode & PERMISSIONS_OF_OTHERS & ~others_may:
        text, hint = _("%(path)s 的权限是 %(mode)s，别的用户也能进入"), _("请运行 chmod 700 %(path)s。")
        return watch(check, "open", text, hint, **values, mode=f"{facts.mode:03o}")
    if facts.exists and facts.owner != user:
        text = _("%(path)s 属于 %(owner)s，不属于运行服务的 %(user)s")
        hint = _("请运行 chown -R %(user)s %(path)s；命令要用运行服务的用户执行。")
        return watch(check, "owner", text, hint, **values, owner=facts.owner, user=user)
    if facts.free < LOW_DISK or facts.free < LOW_SHARE * facts.total:
        hint = _("请清理磁盘或换更大的磁盘；备份可以少留几份（--keep）。")
        return watch(check, "low", _("%(path)s，只剩 %(free)s 可用"), hint, **values)
    if not facts.exists:
        return note(check, "new", _("%(path)s，用到时自动建立；还有 %(free)s 可用"), **values)
    return well(check, _("%(path)s，还有 %(free)s 可用"), **values)


def static(*, is_collected: bool, missing: Collection[str], stale: Collection[str], n_files: int) -> CheckResult:
    """`missing` are files of the code that were not collected, `stale` those collected from other code."""
    if not is_collected:
        hint = _("请运行 .venv/bin/python manage.py collectstatic --noinput。")
        return bad("static", "none", _("还没有收集"), hint)
    if wrong := {*missing, *stale}:
        hint = _("请运行 .venv/bin/python manage.py collectstatic --noinput，再重新启动服务。")
        names = tuple(sorted(wrong))
        return bad("static", "stale", _("有 %(n)s 个文件与程序不一致：%(names)s"), hint, names=names, n=len(wrong))
    return well("static", _("%(n)s 个文件，与程序一致"), n=n_files)


def port(*, number: int, is_privileged: bool, answers: bool, is_taken: bool) -> CheckResult:
    """`answers` is whether our own server answers there."""
    if answers:
        return well("port", _("%(number)s，服务正在运行"), number=number)
    if is_taken:
        hint = _("请用 ss -ltnp 看是哪个程序，把它停下，或者用 PORT 换一个端口。")
        return bad("port", "taken", _("%(number)s 被别的程序占用"), hint, number=number)
    if is_privileged:
        hint = _("请用 1024 以上的端口，由前面的代理（nginx）接 80 和 443。")
        return bad("port", "privileged", _("%(number)s 小于 1024，普通用户不能使用"), hint, number=number)
    return note("port", "free", _("%(number)s 空着，服务没有运行"), number=number)


# Papers


def pdf(missing: Collection[str]) -> CheckResult:
    requirements = " ".join(name for name in missing if name.endswith(".txt"))
    packages = " ".join(name for name in missing if not name.endswith(".txt"))
    if requirements and packages:
        hint = _(
            "请以 root 身份运行 apt install %(packages)s，再运行 .venv/bin/python -m pip install -r %(requirements)s，"
            "然后重新启动服务。"
        )
        text = _("不能制作，缺少系统组件和 Python 组件")
        return watch("pdf", "both", text, hint, requirements=requirements, packages=packages)
    if requirements:
        hint = _("请运行 .venv/bin/python -m pip install -r %(requirements)s，再重新启动服务。")
        return watch("pdf", "requirements", _("不能制作，缺少 Python 组件"), hint, requirements=requirements)
    if packages:
        hint = _("请以 root 身份运行 apt install %(packages)s，再重新启动服务。")
        return watch("pdf", "packages", _("不能制作，缺少系统组件"), hint, packages=packages)
    return well("pdf", _("可以制作"))


def jobs(queue: Queue) -> CheckResult:
    values = asdict(queue)
    if queue.n_stuck:
        hint = _(
            "请启动 courtplan-worker 服务；没有这个服务时请运行 .venv/bin/python manage.py db_worker，看它报什么错。"
        )
        return bad("jobs", "stuck", _("有 %(n_stuck)s 份没有人制作：后台任务没有人执行"), hint, **values)
    if queue.n_failed:
        hint = _("请在日志里查 make_paper，看是什么原因。")
        return watch("jobs", "failed", _("一天内有 %(n_failed)s 份没有做成"), hint, **values)
    return well("jobs", _("没有积压（等待 %(n_waiting)s 份）"), **values)


def calendar(*, known_until: int | None, today: date) -> CheckResult:
    """Holidays are published in November for the year after; `known_until` is the last year known, None for none."""
    if known_until is None or known_until < today.year:
        hint = _("请更新组件 chinesecalendar（国务院每年十一月公布下一年的安排），再重新启动服务。")
        text = _("不知道 %(year)s 年的放假和调休，按周一到周五算")
        return watch("calendar", "missing", text, hint, year=today.year)
    if known_until == today.year and today.month == DECEMBER:
        hint = _("请在年底前更新组件 chinesecalendar，否则明年的截止日期只按周一到周五算。")
        return watch("calendar", "soon", _("还不知道 %(year)s 年的放假和调休"), hint, year=today.year + 1)
    return well("calendar", _("知道到 %(year)s 年的放假和调休"), year=known_until)


def may_read_metrics(*, address: str, sent: str, token: str, is_forwarded: bool, is_behind_proxy: bool) -> bool:
    """Whoever sends the token; where none is set, this very machine.

    Behind a proxy every request seems to come from this machine, so that without a token nobody may.
    """
    if token:
        return compare_digest(sent.encode(), token.encode())
    return not is_forwarded and not is_behind_proxy and _is_loopback(address)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # as with a socket that has no address
        return False
