"""Which tests run where (docs/testing.md). bin/test says which run it is in TEST_EXTENT; elsewhere all that is selected runs.

In the usual run each test runs at least once: on SQLite what needs no database or only keeps its rows there, on
PostgreSQL the rest, and on both what the two may answer differently. A full run has everything on both, and more
examples; a quick one is for the loop of a change.
"""

import os

from django.conf import settings

USUAL, FULL, QUICK = "usual", "full", "quick"
EXTENT = os.environ.get("TEST_EXTENT", "")
DATABASE_FIXTURES = frozenset({"db", "transactional_db", "django_db_setup"})
# By reason; a path is a file or a folder with everything in it.
ON_BOTH = {
    "只追加的表、封条和审计链由数据库里的触发器保护": (
        "tests/audit/",
        "tests/core/test_guards.py",
        "tests/ledger/",
    ),
    "备份、恢复、升级和迁移各有各的做法": (
        "tests/operations/test_backup.py::test_it_goes_to_the_other_database_and_back",
        "tests/operations/test_backup.py::test_rows_are_of_one_moment_while_people_write",
        "tests/operations/test_backup.py::test_nobody_who_writes_is_held_up_while_rows_are_read",
        "tests/operations/test_backup.py::test_the_dump_inside_opens",
        "tests/operations/test_backup.py::test_what_stands_is_put_aside",
        "tests/operations/test_checks.py",
        "tests/operations/test_from_previous_version.py",
    ),
    "同时写入时，锁不一样": (
        "tests/attack/test_kills.py",
        "tests/reporting/test_at_once.py",
    ),
    "查询、排序和日期由数据库计算": (
        "tests/accounts/test_models.py",
        "tests/assessment/test_selectors.py",
        "tests/dashboard/test_search.py",
        "tests/dashboard/test_work.py",
        "tests/indicators/test_services.py",
        "tests/plans/",
        "tests/reporting/test_services.py",
        "tests/supervision/test_services.py",
    ),
}
ON_SQLITE = {
    "谁能做什么、看什么由程序决定，与数据库无关": ("tests/test_rights.py", "tests/attack/test_crawl.py"),
    "页面缓存按修订号，与数据库无关": ("tests/dashboard/test_page_cache.py",),
}
ON_POSTGRES = ("tests/operations/test_outage.py",)  # servers of their own, on a database that several can share
SLOW = (
    "tests/browser/",
    "tests/attack/",
    "tests/operations/",
    "tests/dashboard/test_page_cache.py",
    "tests/test_rights.py",
)
IN_QUICK = (
    "tests/accounts/",
    "tests/assessment/",
    "tests/core/",
    "tests/indicators/",
    "tests/ledger/",
    "tests/plans/",
    "tests/reporting/",
    "tests/supervision/",
)
NOT_IN_QUICK = ("tests/core/test_headers.py", "tests/accounts/test_models.py")  # every page; processes of their own


def examples(usual, full):
    """How many examples a generated test tries."""
    if EXTENT == QUICK:
        return max(1, usual // 5)
    return full if EXTENT == FULL else usual


def is_selected(item):
    """Whether this run, on the database that is set, has the test in it."""
    is_on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if EXTENT == QUICK:
        return item.nodeid.startswith(IN_QUICK) and not item.nodeid.startswith(NOT_IN_QUICK)
    if EXTENT and item.nodeid.startswith(ON_POSTGRES):
        return not is_on_sqlite
    if EXTENT and item.get_closest_marker("once"):
        return is_on_sqlite
    if EXTENT == USUAL and not _reason(item, ON_BOTH):
        return is_on_sqlite == (not needs_database(item) or bool(_reason(item, ON_SQLITE)))
    return True


def needs_database(item):
    """pytest-django refuses the database to every other test."""
    has_fixture = not DATABASE_FIXTURES.isdisjoint(item.fixturenames)
    return has_fixture or item.get_closest_marker("django_db") is not None


def reason_for_one(item):
    """Why the test runs on this database alone; "" where it runs on both, or where it was asked for by name."""
    if marker := item.get_closest_marker("once"):
        return marker.args[0]
    if item.nodeid.startswith(ON_POSTGRES):
        return "几台服务器只能合用 PostgreSQL"
    if EXTENT != USUAL or _reason(item, ON_BOTH):
        return ""
    if not needs_database(item):
        return "不用数据库"
    return _reason(item, ON_SQLITE) or "数据库只是存取数据；PostgreSQL 对类型和长度更严"


def _reason(item, table):
    return next((reason for reason, paths in table.items() if item.nodeid.startswith(paths)), "")
