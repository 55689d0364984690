"""Each rule on an installation as a truth table; none lacks a sentence or, where something is wrong, a hint."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from django.core import checks

from apps.operations import rules
from apps.operations.choices import State
from apps.operations.results import closed, unknown, unreachable, written_size
from apps.operations.rules import FolderFacts
from apps.papers.selectors import Queue
from tests.conftest import at

NOW = at("2025-06-27 10:00")
GB = 1024**3
SHANGHAI = "Asia/Shanghai"


@dataclass(frozen=True)
class Verification:
    """As the audit's own row."""

    at: datetime = NOW - timedelta(hours=8)
    is_whole: bool = True
    n_events: int = 480
    n_rows: int = 395
    chains: tuple = ({"court": "kfq", "is_whole": True}, {"court": "linqu", "is_whole": True})


BROKEN = Verification(is_whole=False, chains=({"court": "kfq", "is_whole": False}, {"court": "x", "is_whole": True}))
FOLDER = FolderFacts(
    path="/data", exists=True, is_writable=True, owner="court", mode=0o700, free=50 * GB, total=90 * GB
)


def clock(**more):
    facts = {"now": NOW, "database_now": NOW, "last_event_at": NOW - timedelta(hours=1), "zone": SHANGHAI}
    return rules.clock(**(facts | {"wanted_zone": SHANGHAI} | more))


def backup(**more):
    facts = {"folder": "/backups", "made_at": NOW - timedelta(hours=8), "size": 9, "fault": "", "now": NOW}
    return rules.backup(**(facts | {"is_read_through": False, "holds_real_data": True} | more))


def folder(*, others_may=0, **more):
    return rules.folder("evidence_folder", replace(FOLDER, **more), user="court", others_may=others_may)


def static(**more):
    return rules.static(**({"is_collected": True, "missing": [], "stale": [], "n_files": 9} | more))


def port(**more):
    return rules.port(**({"number": 8000, "is_privileged": False, "answers": False, "is_taken": False} | more))


def jobs(n_stuck=0, n_failed=0):
    return rules.jobs(Queue(n_waiting=2, n_stuck=n_stuck, n_failed=n_failed))


def database(vendor, *version):
    return rules.database(vendor=vendor, version=version, name=vendor, size=9)


def python(*version):
    return rules.python(version=version, django="5.2.19")


def requirements(**installed):
    return rules.requirements(wanted={"django": "5.2.19"}, installed={"django": None} | installed)


def migrations(pending=(), unknown=()):
    return rules.migrations(pending=pending, unknown=unknown, n_applied=48)


def calendar(known_until, today):
    return rules.calendar(known_until=known_until, today=today)


TABLE = [
    # Version
    (python(3, 11, 0), "well", "ok"),
    (python(3, 10, 9), "bad", "old"),
    (requirements(django="5.2.19"), "well", "ok"),
    (requirements(django="5.2.1"), "watch", "other"),
    (requirements(), "bad", "missing"),
    # Database
    (database("postgresql", 14, 0), "well", "ok"),
    (database("postgresql", 13, 9), "bad", "old"),
    (database("sqlite", 3, 31, 0), "well", "ok"),
    (database("sqlite", 3, 30, 9), "bad", "old"),
    (unreachable(fault="no route"), "bad", "unreachable"),
    (rules.encoding("UTF8"), "well", "ok"),
    (rules.encoding("UTF-8"), "well", "ok"),
    (rules.encoding("SQL_ASCII"), "bad", "other"),
    (rules.journal(mode="wal", filesystem="ext4"), "well", "ok"),
    (rules.journal(mode="delete", filesystem="ext4"), "bad", "other"),
    (rules.journal(mode="wal", filesystem="nfs4"), "bad", "remote"),
    (migrations(), "well", "ok"),
    (migrations(pending=["a.1"]), "bad", "pending"),
    (migrations(unknown=["a.9"]), "bad", "newer"),
    (migrations(pending=["a.1"], unknown=["a.9"]), "bad", "pending"),
    (clock(), "well", "ok"),
    (clock(database_now=None, last_event_at=None), "well", "ok"),
    (clock(database_now=NOW + timedelta(seconds=5)), "well", "ok"),
    (clock(database_now=NOW - timedelta(seconds=6)), "watch", "apart"),
    (clock(database_now=NOW + timedelta(seconds=61)), "bad", "apart"),
    (clock(last_event_at=NOW + timedelta(seconds=59)), "well", "ok"),
    (clock(last_event_at=NOW + timedelta(seconds=61)), "bad", "behind"),
    (clock(zone="UTC"), "watch", "zone"),
    # Record
    (rules.audit(verification=None, now=NOW), "watch", "never"),
    (rules.audit(verification=Verification(), now=NOW), "well", "ok"),
    (rules.audit(verification=Verification(at=NOW - timedelta(hours=36)), now=NOW), "well", "ok"),
    (rules.audit(verification=Verification(at=NOW - timedelta(hours=37)), now=NOW), "watch", "old"),
    (rules.audit(verification=BROKEN, now=NOW), "bad", "broken"),
    (rules.audit(verification=replace(BROKEN, at=NOW - timedelta(days=9)), now=NOW), "bad", "broken"),
    (backup(), "well", "ok"),
    (backup(is_read_through=True), "well", "read"),
    (backup(made_at=None), "bad", "none"),
    (backup(made_at=None, holds_real_data=False), "watch", "none"),
    (backup(made_at=None, fault="torn"), "bad", "unreadable"),
    (backup(made_at=NOW - timedelta(hours=37)), "watch", "old"),
    (backup(made_at=NOW - timedelta(days=8)), "bad", "old"),
    (backup(made_at=NOW - timedelta(days=8), holds_real_data=False), "watch", "old"),
    # Files
    (folder(), "well", "ok"),
    (folder(exists=False), "note", "new"),
    (folder(exists=False, is_writable=False), "bad", "missing"),
    (folder(is_writable=False), "bad", "readonly"),
    (folder(free=100 * 1024**2), "bad", "full"),
    (folder(free=GB // 2), "watch", "low"),
    (folder(free=4 * GB), "watch", "low"),
    (folder(mode=0o750), "watch", "open"),
    (folder(mode=0o701), "watch", "open"),
    (folder(mode=0o711, others_may=rules.PASS_THROUGH), "well", "ok"),
    (folder(mode=0o755, others_may=rules.PASS_THROUGH), "watch", "open"),
    (folder(mode=0o711, exposed=("/data/db",)), "bad", "exposed"),
    (folder(owner="root"), "watch", "owner"),
    (folder(exists=False, mode=0o755, owner="root"), "note", "new"),
    (static(), "well", "ok"),
    (static(is_collected=False, missing=["a.css"]), "bad", "none"),
    (static(missing=["a.css"]), "bad", "stale"),
    (static(stale=["a.css"]), "bad", "stale"),
    # Access
    (port(answers=True, is_taken=True, is_privileged=True), "well", "ok"),
    (port(), "note", "free"),
    (port(is_taken=True), "bad", "taken"),
    (port(number=80, is_privileged=True), "bad", "privileged"),
    # Papers
    (rules.pdf(()), "well", "ok"),
    (rules.pdf(("requirements-pdf.txt",)), "watch", "requirements"),
    (rules.pdf(("libpango-1.0-0", "fonts-noto-cjk")), "watch", "packages"),
    (rules.pdf(("requirements-pdf.txt", "fonts-noto-cjk")), "watch", "both"),
    (jobs(), "well", "ok"),
    (jobs(n_failed=1), "watch", "failed"),
    (jobs(n_stuck=1, n_failed=1), "bad", "stuck"),
    (calendar(2026, date(2025, 12, 31)), "well", "ok"),
    (calendar(2025, date(2025, 11, 30)), "well", "ok"),
    (calendar(2025, date(2025, 12, 1)), "watch", "soon"),
    (calendar(2024, date(2025, 1, 1)), "watch", "missing"),
    (calendar(None, date(2025, 1, 1)), "watch", "missing"),
]


@pytest.mark.parametrize(("result", "state", "reason"), TABLE)
def test_each_fact_is_judged(result, state, reason):
    assert (result.state.key, result.reason) == (state, reason)
    assert result.msg
    assert "%(" not in result.msg + result.hint
    assert result.hint or result.is_well


def test_unknown_is_neither_well_nor_to_mend():
    result = unknown("audit")

    assert (result.is_well, result.needs_action, result.msg, result.hint) == (False, False, "现在看不了", "")


def test_what_this_process_may_not_read_is_reported():
    result = closed("static", fault="Permission denied /srv/static")

    assert (result.state, result.is_well) == (State.WATCH, False)
    assert "Permission denied /srv/static" in result.msg
    assert result.hint


def test_a_long_list_is_cut_short():
    assert migrations(pending=[f"a.{n}" for n in range(48)]).msg.endswith("a.0、a.1、a.10、a.11、a.12…")


def test_a_result_is_a_message_of_djangos_checks():
    result = backup(made_at=None)

    assert (result.level, result.id, str(result.obj)) == (checks.ERROR, "operations.backup.none", "最近的备份")
    assert result.is_serious()


@pytest.mark.parametrize(
    ("size", "written"), [(0, "0.1 MB"), (1_600_000, "1.5 MB"), (45_000_000, "43 MB"), (3 * GB, "3.0 GB")]
)
def test_sizes_are_written_for_people(size, written):
    assert written_size(size) == written


@pytest.mark.parametrize(
    ("address", "sent", "token", "is_forwarded", "is_behind_proxy", "may"),
    [
        ("127.0.0.1", "", "", False, False, True),
        ("127.8.8.8", "", "", False, False, True),
        ("::1", "", "", False, False, True),
        ("10.0.0.7", "", "", False, False, False),
        ("", "", "", False, False, False),
        ("127.0.0.1", "", "", True, False, False),
        ("127.0.0.1", "", "", False, True, False),
        ("127.0.0.1", "", "secret-of-the-court", False, False, False),
        ("10.0.0.7", "secret-of-the-court", "secret-of-the-court", True, True, True),
        ("10.0.0.7", "secret-of-the-cour", "secret-of-the-court", False, False, False),
        ("10.0.0.7", "秘密", "secret-of-the-court", False, False, False),
    ],
)
def test_figures_are_for_this_machine_or_for_who_has_the_token(
    address, sent, token, is_forwarded, is_behind_proxy, may
):
    assert (
        rules.may_read_metrics(
            address=address, sent=sent, token=token, is_forwarded=is_forwarded, is_behind_proxy=is_behind_proxy
        )
        == may
    )
