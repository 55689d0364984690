"""What is well with an installation and what is not: a judgement for each thing, over facts gathered elsewhere.

Each returns one Finding, with a reason that `wording` has the sentences for, and the values these speak of.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from hmac import compare_digest
from ipaddress import ip_address

from apps.operations.choices import State

OLDEST_PYTHON = (3, 11)
# What Django 5.2 asks for.
OLDEST_DATABASE = {"postgresql": (14, 0), "sqlite": (3, 31)}
SHORTEST_KEY, FEWEST_CHARACTERS = 32, 10
LOW_DISK, FULL_DISK, LOW_SHARE = 1024**3, 200 * 1024**2, 0.05
NIGHTLY = timedelta(hours=36)  # a nightly job that failed once
LONG_AGO = timedelta(days=7)
APART, FAR_APART = timedelta(seconds=5), timedelta(seconds=60)
LOCAL = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
# Where a file may be locked by another machine without this one knowing: no place for SQLite.
REMOTE_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "sshfs", "fuse.sshfs", "glusterfs", "ceph"}
)
OTHERS_MAY, OTHERS_PASS = 0o077, 0o011
# The file with the settings may belong to whoever administers the machine, and be read by the server's own group.
OTHERS_MAY_OF_SETTINGS = 0o037
SHORTEST_TOKEN = 16
UNKNOWN, CLOSED = "unknown", "closed"
ON = frozenset({"true", "on", "ok", "y", "yes", "1"})
OFF = frozenset({"false", "off", "n", "no", "0", ""})


@dataclass(frozen=True)
class Finding:
    """One judgement. `check` and `reason` together say which sentence tells it."""

    check: str
    state: State
    reason: str
    values: dict = field(default_factory=dict)

    @property
    def is_well(self):
        return self.state in (State.WELL, State.NOTE) and not self.is_unknown

    @property
    def is_unknown(self):
        """Whether the check couldn't be made, as without a database."""
        return self.reason == UNKNOWN


def well(check, reason="ok", **values):
    return Finding(check, State.WELL, reason, values)


def note(check, reason="ok", **values):
    return Finding(check, State.NOTE, reason, values)


def unknown(check):
    return note(check, UNKNOWN)


def watch(check, reason, **values):
    return Finding(check, State.WATCH, reason, values)


def bad(check, reason, **values):
    return Finding(check, State.BAD, reason, values)


def closed(check, *, fault):
    """What this process may not look at."""
    return watch(check, CLOSED, fault=fault)


# Version


def python(*, version, django):
    told = {"version": ".".join(map(str, version[:3])), "django": django}
    return well("python", **told) if version[:2] >= OLDEST_PYTHON else bad("python", "old", **told)


def requirements(*, wanted, installed):
    """Both by the packages' names; `installed` holds None for one that isn't there."""
    missing = sorted(name for name in wanted if installed.get(name) is None)
    if missing:
        return bad("requirements", "missing", names=tuple(missing))
    other = sorted(name for name in wanted if installed[name] != wanted[name])
    if other:
        return watch(
            "requirements", "other", names=tuple(f"{name} {installed[name]} ≠ {wanted[name]}" for name in other)
        )
    return well("requirements", n=len(wanted))


# Database


def database(*, vendor, version, name, size):
    told = {"name": name, "version": ".".join(map(str, version)), "size": size}
    oldest = OLDEST_DATABASE[vendor]
    if tuple(version[:2]) < oldest:
        return bad("database", "old", **told, oldest=".".join(map(str, oldest)).removesuffix(".0"))
    return well("database", **told)


def encoding(name):
    return (
        well("encoding", name=name) if name.upper().replace("-", "") == "UTF8" else bad("encoding", "other", name=name)
    )


def journal(*, mode, filesystem):
    """Of SQLite's file only."""
    if filesystem in REMOTE_FILESYSTEMS:
        return bad("journal", "remote", filesystem=filesystem)
    return well("journal", filesystem=filesystem) if mode.lower() == "wal" else bad("journal", "other", mode=mode)


def migrations(*, pending, unknown, n_applied):
    if pending:
        return bad("migrations", "pending", names=tuple(sorted(pending)), n=len(pending))
    if unknown:
        return bad("migrations", "newer", names=tuple(sorted(unknown)), n=len(unknown))
    return well("migrations", n=n_applied)


def guards(*, missing, n_tables):
    return bad("guards", "missing", names=tuple(missing)) if missing else well("guards", n=n_tables)


def clock(*, now, database_now, last_event_at, zone, wanted_zone):
    """`database_now` is None where the database has no clock of its own."""
    if last_event_at is not None and now < last_event_at - FAR_APART:
        return bad("clock", "behind", at=now, last=last_event_at)
    apart = abs(now - database_now) if database_now is not None else timedelta(0)
    if apart > APART:
        seconds = round(apart.total_seconds())
        return (bad if apart > FAR_APART else watch)("clock", "apart", seconds=seconds)
    if zone != wanted_zone:
        return watch("clock", "zone", zone=zone, wanted=wanted_zone)
    return well("clock", at=now, zone=zone)


# Record


def audit(*, verification, now):
    """`verification` is what the last check of the whole record found, or None."""
    if verification is None:
        return watch("audit", "never")
    told = {"at": verification.at, "n_events": verification.n_events, "n_rows": verification.n_rows}
    if not verification.is_whole:
        broken = tuple(one["court"] for one in verification.chains if not one["is_whole"])
        return bad("audit", "broken", **told, names=broken)
    return watch("audit", "old", **told) if now - verification.at > NIGHTLY else well("audit", **told)


def backup(*, folder, made_at, size, fault, is_read_through, holds_real_data, now):
    """Of the newest backup: when it was made, None where there is none; `fault` why it can't be read, or nothing."""
    told = {"folder": folder}
    if made_at is None and not fault:
        return (bad if holds_real_data else watch)("backup", "none", **told)
    if fault:
        return bad("backup", "unreadable", **told, fault=fault)
    told |= {"at": made_at, "size": size}
    age = now - made_at
    if age > NIGHTLY:
        return (bad if age > LONG_AGO and holds_real_data else watch)("backup", "old", **told, days=age.days)
    return well("backup", "read" if is_read_through else "ok", **told)


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


def folder(check, facts, *, user, others_may=0):
    """`check` is which folder it is; one that is not there yet is made by the first who writes into it, if that can be.

    `others_may` are the permissions that others need there: the web server passes through to the style sheets.
    """
    told = {"path": facts.path, "free": facts.free, "total": facts.total}
    if not facts.is_writable:
        return bad(check, "readonly" if facts.exists else "missing", **told, user=user)
    if facts.free < FULL_DISK:
        return bad(check, "full", **told)
    if facts.exposed:
        return bad(check, "exposed", **told, names=facts.exposed)
    if facts.exists and facts.mode & OTHERS_MAY & ~others_may:
        return watch(check, "open", **told, mode=f"{facts.mode:03o}")
    if facts.exists and facts.owner != user:
        return watch(check, "owner", **told, owner=facts.owner, user=user)
    if facts.free < LOW_DISK or facts.free < LOW_SHARE * facts.total:
        return watch(check, "low", **told)
    return well(check, **told) if facts.exists else note(check, "new", **told)


def static(*, is_collected, missing, stale, n_files):
    """`missing` are the files of the code that were not collected, `stale` those collected from other code."""
    if not is_collected:
        return bad("static", "none")
    if missing or stale:
        return bad("static", "stale", names=tuple(sorted({*missing, *stale})[:5]), n=len({*missing, *stale}))
    return well("static", n=n_files)


# Access


def secret_key(*, key, path, mode):
    """`path` and `mode` are of the file with the settings; `mode` is None where there is none."""
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS or key.startswith("django-insecure"):
        return bad("secret_key", "weak", n=SHORTEST_KEY)
    if mode is not None and mode & OTHERS_MAY_OF_SETTINGS:
        return bad("secret_key", "open", path=path, mode=f"{mode:03o}")
    return well("secret_key", "environment" if mode is None else "ok")


def debug(is_on):
    return bad("debug", "on") if is_on else well("debug")


def switches(words):
    """What the settings that are on or off were set to: a word that isn't understood counts as off, unsaid."""
    strange = [f"{name}={word}" for name, word in words.items() if word.strip().lower() not in ON | OFF]
    return watch("switches", "strange", names=tuple(strange)) if strange else well("switches")


def hosts(names):
    if not names:
        return bad("hosts", "none")
    if "*" in names:
        return watch("hosts", "any")
    told = {"names": tuple(names)}
    return note("hosts", "local", **told) if set(names) <= LOCAL else well("hosts", **told)


def https(*, is_on, is_behind_proxy, hosts):
    if is_behind_proxy and not is_on:
        return bad("https", "proxy_only")
    if is_on:
        return well("https") if is_behind_proxy else watch("https", "no_proxy")
    return note("https", "local") if set(hosts) <= LOCAL else watch("https", "off")


def origins(*, origins, hosts, is_https):
    """Where forms may come from beside the server's own name."""
    wrong = [one for one in origins if not one.startswith(("http://", "https://"))]
    if wrong:
        return bad("origins", "scheme", names=tuple(wrong))
    if is_https and (plain := [one for one in origins if one.startswith("http://")]):
        return watch("origins", "plain", names=tuple(plain))
    strange = [one for one in origins if not _is_ours(one.partition("://")[2].rsplit(":", 1)[0], hosts)]
    if strange:
        return watch("origins", "strange", names=tuple(strange))
    return well("origins", "ok" if origins else "none", names=tuple(origins))


def _is_ours(name, hosts):
    return "*" in hosts or name in hosts or any(one.startswith(".") and name.endswith(one) for one in hosts)


def deploy(*, errors, warnings):
    """The ids of what Django's own check for a server in use found."""
    if errors:
        return bad("deploy", "errors", names=tuple(errors))
    return watch("deploy", "warnings", names=tuple(warnings)) if warnings else well("deploy")


def demo(*, n_accounts, n_real_courts):
    """`n_accounts` open to everybody who has read the manual; `n_real_courts` with people and no example data."""
    if n_accounts and n_real_courts:
        return bad("demo", "beside", n=n_accounts)
    return note("demo", "only", n=n_accounts) if n_accounts else well("demo")


def port(*, number, is_privileged, answers, is_taken):
    """`answers` is whether our own server answers there."""
    told = {"number": number}
    if answers:
        return well("port", **told)
    if is_taken:
        return bad("port", "taken", **told)
    return bad("port", "privileged", **told) if is_privileged else note("port", "free", **told)


# Papers


def pdf(missing):
    if not missing:
        return well("pdf")
    requirements = tuple(one for one in missing if one.endswith(".txt"))
    packages = tuple(one for one in missing if not one.endswith(".txt"))
    reason = "both" if requirements and packages else "requirements" if requirements else "packages"
    return watch("pdf", reason, requirements=" ".join(requirements), packages=" ".join(packages))


def jobs(*, n_waiting, n_stuck, n_failed, by_service):
    told = {"n_waiting": n_waiting, "n_stuck": n_stuck, "n_failed": n_failed}
    if n_stuck:
        return (bad if by_service else watch)("jobs", "service" if by_service else "stuck", **told)
    return watch("jobs", "failed", **told) if n_failed else well("jobs", **told)


def calendar(*, known_until, today):
    """Holidays are published in November for the year after; `known_until` is the last year known, None for none."""
    december = 12
    if known_until is None or known_until < today.year:
        return watch("calendar", "missing", year=today.year)
    if known_until == today.year and today.month == december:
        return watch("calendar", "soon", year=today.year + 1)
    return well("calendar", year=known_until)


# Log and figures


def log(*, format, level, slow):
    return note("log", format, level=level, slow=slow)


def metrics(*, is_on, token, is_behind_proxy):
    if not is_on:
        return note("metrics", "off")
    if token:
        return note("metrics", "token") if len(token) >= SHORTEST_TOKEN else watch("metrics", "short")
    return watch("metrics", "nobody") if is_behind_proxy else note("metrics", "loopback")


def may_read_metrics(*, address, sent, token, is_forwarded, is_behind_proxy):
    """Whoever sends the token; where there is none, this very machine.

    Behind a proxy every request seems to come from this machine, so that without a token nobody may.
    """
    if token:
        return compare_digest(sent.encode(), token.encode())
    return not is_forwarded and not is_behind_proxy and _is_loopback(address)


def _is_loopback(address):
    try:
        return ip_address(address).is_loopback
    except ValueError:  # as with a socket that has no address
        return False
