"""What is well with an installation and what is not: each rule as a table, and a sentence for each of its reasons."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from apps.operations import rules, wording
from apps.operations.choices import State
from apps.operations.rules import FolderFacts
from tests.conftest import at

NOW = at("2025-06-27 10:00")
GB = 1024**3
SHANGHAI = "Asia/Shanghai"
KEY = "k3v9-x7Qp_2mZr8Tn5Lw1Yb6Hd4Fs0Gj"
LOCAL = ["127.0.0.1", "localhost", "[::1]"]


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
    told = {"now": NOW, "database_now": NOW, "last_event_at": NOW - timedelta(hours=1), "zone": SHANGHAI}
    return rules.clock(**(told | {"wanted_zone": SHANGHAI} | more))


def backup(**more):
    told = {"folder": "/backups", "made_at": NOW - timedelta(hours=8), "size": 9, "fault": "", "now": NOW}
    return rules.backup(**(told | {"is_read_through": False, "holds_real_data": True} | more))


def folder(*, others_may=0, **more):
    return rules.folder("evidence_folder", replace(FOLDER, **more), user="court", others_may=others_may)


def static(**more):
    return rules.static(**({"is_collected": True, "missing": [], "stale": [], "n_files": 9} | more))


def key(key=KEY, mode=0o600):
    return rules.secret_key(key=key, path="/srv/.env", mode=mode)


def https(is_on, is_behind_proxy, hosts=("plan.court",)):
    return rules.https(is_on=is_on, is_behind_proxy=is_behind_proxy, hosts=hosts)


def origins(*names, is_https=True):
    return rules.origins(origins=names, hosts=["plan.court", ".inner.court"], is_https=is_https)


def port(**more):
    return rules.port(**({"number": 8000, "is_privileged": False, "answers": False, "is_taken": False} | more))


def jobs(n_stuck=0, n_failed=0, by_service=False):
    return rules.jobs(n_waiting=2, n_stuck=n_stuck, n_failed=n_failed, by_service=by_service)


def database(vendor, *version):
    return rules.database(vendor=vendor, version=version, name=vendor, size=9)


def python(*version):
    return rules.python(version=version, django="5.2.19")


def requirements(**installed):
    return rules.requirements(wanted={"django": "5.2.19"}, installed={"django": None} | installed)


def migrations(pending=(), unknown=()):
    return rules.migrations(pending=pending, unknown=unknown, n_applied=48)


def metrics(is_on=True, token="", is_behind_proxy=False):
    return rules.metrics(is_on=is_on, token=token, is_behind_proxy=is_behind_proxy)


def calendar(known_until, today):
    return rules.calendar(known_until=known_until, today=today)


TABLE = [
    # Version
    (rules.note("version", "ok", version="1.0.0"), "note", "ok"),
    (rules.note("version", "commit", version="1.0.0", commit="abc"), "note", "commit"),
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
    (rules.bad("database", "unreachable", fault="no route"), "bad", "unreachable"),
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
    (rules.guards(missing=[], n_tables=19), "well", "ok"),
    (rules.guards(missing=["ledger_ledgerentry"], n_tables=19), "bad", "missing"),
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
    (folder(mode=0o711, others_may=rules.OTHERS_PASS), "well", "ok"),
    (folder(mode=0o755, others_may=rules.OTHERS_PASS), "watch", "open"),
    (folder(mode=0o711, exposed=("/data/db",)), "bad", "exposed"),
    (folder(owner="root"), "watch", "owner"),
    (folder(exists=False, mode=0o755, owner="root"), "note", "new"),
    (static(), "well", "ok"),
    (static(is_collected=False, missing=["a.css"]), "bad", "none"),
    (static(missing=["a.css"]), "bad", "stale"),
    (static(stale=["a.css"]), "bad", "stale"),
    # Access
    (key(), "well", "ok"),
    (key(mode=0o640), "well", "ok"),
    (key(mode=None), "well", "environment"),
    (key(key="x"), "bad", "weak"),
    (key(key="ab" * 30), "bad", "weak"),
    (key(key=f"django-insecure-{KEY}"), "bad", "weak"),
    (key(mode=0o604), "bad", "open"),
    (key(mode=0o660), "bad", "open"),
    (rules.debug(False), "well", "ok"),
    (rules.debug(True), "bad", "on"),
    (rules.switches({"DEBUG": "off", "HTTPS": " ON ", "METRICS": ""}), "well", "ok"),
    (rules.switches({"HTTPS": "ture"}), "watch", "strange"),
    (rules.switches({"HTTPS": "on # since May"}), "watch", "strange"),
    (rules.hosts(["plan.court"]), "well", "ok"),
    (rules.hosts(LOCAL), "note", "local"),
    (rules.hosts([]), "bad", "none"),
    (rules.hosts(["*"]), "watch", "any"),
    (https(True, True), "well", "ok"),
    (https(True, False), "watch", "no_proxy"),
    (https(False, True), "bad", "proxy_only"),
    (https(False, False), "watch", "off"),
    (https(False, False, hosts=LOCAL), "note", "local"),
    (origins(), "well", "none"),
    (origins("https://plan.court", "https://plan.court:8443", "https://a.inner.court"), "well", "ok"),
    (origins("plan.court"), "bad", "scheme"),
    (origins("http://plan.court"), "watch", "plain"),
    (origins("http://plan.court", is_https=False), "well", "ok"),
    (origins("https://elsewhere.example"), "watch", "strange"),
    (rules.deploy(errors=[], warnings=[]), "well", "ok"),
    (rules.deploy(errors=[], warnings=["security.W021"]), "watch", "warnings"),
    (rules.deploy(errors=["models.E001"], warnings=["security.W021"]), "bad", "errors"),
    (rules.demo(n_accounts=0, n_real_courts=3), "well", "ok"),
    (rules.demo(n_accounts=7, n_real_courts=0), "note", "only"),
    (rules.demo(n_accounts=7, n_real_courts=1), "bad", "beside"),
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
    (jobs(n_stuck=1, n_failed=1), "watch", "stuck"),
    (jobs(n_stuck=1, by_service=True), "bad", "service"),
    (calendar(2026, date(2025, 12, 31)), "well", "ok"),
    (calendar(2025, date(2025, 11, 30)), "well", "ok"),
    (calendar(2025, date(2025, 12, 1)), "watch", "soon"),
    (calendar(2024, date(2025, 1, 1)), "watch", "missing"),
    (calendar(None, date(2025, 1, 1)), "watch", "missing"),
    # Log and figures
    (rules.log(format="line", level="INFO", slow=500), "note", "line"),
    (rules.log(format="json", level="INFO", slow=500), "note", "json"),
    (metrics(is_on=False), "note", "off"),
    (metrics(), "note", "loopback"),
    (metrics(is_behind_proxy=True), "watch", "nobody"),
    (metrics(token="x" * 16, is_behind_proxy=True), "note", "token"),
    (metrics(token="short"), "watch", "short"),
]


@pytest.mark.parametrize(("finding", "state", "reason"), TABLE)
def test_each_thing_is_judged(finding, state, reason):
    assert (finding.state.key, finding.reason) == (state, reason)


def test_each_reason_has_its_sentences_and_no_other_has():
    given = {("folder" if one.check in wording.FOLDERS else one.check, one.reason) for one, _state, _reason in TABLE}

    assert given == set(wording.SENTENCES)


@pytest.mark.parametrize(("finding", "state", "reason"), TABLE)
def test_what_is_not_well_comes_with_how_to_mend_it(finding, state, reason):
    with translation.override("zh-hans"):
        said, mend = wording.said(finding), wording.mend(finding)

    assert said
    assert "%(" not in said + mend
    assert mend or finding.is_well


def test_what_cannot_be_seen_is_neither_well_nor_to_mend():
    finding = rules.unknown("audit")

    assert (finding.is_well, finding.state, str(wording.said(finding)), wording.mend(finding)) == (
        False,
        State.NOTE,
        "现在看不了",
        "",
    )


def test_what_may_not_be_looked_at_is_told_of():
    finding = rules.closed("static", fault="Permission denied /srv/static")

    assert (finding.state, finding.is_well) == (State.WATCH, False)
    assert "Permission denied /srv/static" in wording.said(finding)
    assert wording.mend(finding)


def test_a_long_list_is_cut_short():
    assert wording.said(migrations(pending=[f"a.{n}" for n in range(48)])).endswith("a.0、a.1、a.10、a.11、a.12…")


@pytest.mark.parametrize(
    ("size", "written"), [(0, "0.1 MB"), (1_600_000, "1.5 MB"), (45_000_000, "43 MB"), (3 * GB, "3.0 GB")]
)
def test_sizes_are_written_for_people(size, written):
    assert wording.written_size(size) == written


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
