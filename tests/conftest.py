"""The cast of every flow, and the ground the tests stand on."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from factory.base import FactoryMetaClass

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.core import guards
from apps.plans.models import Measure
from tests import factories
from tests.factories import DepartmentFactory, MeasureFactory, PlanFactory, UserFactory

FIRST_MADE = 500

# A browser session runs an event loop of its own, which Django would take for an asynchronous view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def at(text):
    """A moment in Shanghai: "2025-06-20 09:30"."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def pytest_configure():
    """Static files as they lie in the tree: nothing has been collected. And no page is kept while factories
    change the record beneath it, nor what was promised; tests/dashboard/test_kept.py keeps both again.
    """
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    settings.PROMISES_ARE_KEPT = False
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    # The same hashes, which any server of ours can read, made in less than a millisecond and not in a tenth of a second.
    ScryptPasswordHasher.work_factor = 2**4


def pytest_collection_modifyitems(items):
    """What runs on one database only says so in the results, from which bin/test counts it."""
    for item in items:
        if marker := item.get_closest_marker("once"):
            (reason,) = marker.args
            item.user_properties.append(("once", reason))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tests' database is dropped at the end, whichever thread of a server or a probe still holds a connection."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
        connection.close()


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Neither a cached page nor the factories' numbering: a test is the same whatever ran before it.

    Numbers made by factories start high, after any a test gives itself.
    """
    cache.clear()
    for made in vars(factories).values():
        if isinstance(made, FactoryMetaClass):
            made.reset_sequence(FIRST_MADE, force=True)


@pytest.fixture(autouse=True)
def guards_lifted_for_flush(request):
    """A test that really commits is cleaned up by emptying tables, which the guards forbid.

    They come back with the flush itself, which ends like a migration.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = (marker is not None and marker.kwargs.get("transaction")) or bool(
        {"transactional_db", "live_server"} & set(request.fixturenames)
    )
    if commits:
        request.getfixturevalue("transactional_db")
    yield
    if commits:
        guards.drop_triggers(connection)


@pytest.fixture(scope="module")
def told_year(django_db_setup, django_db_blocker):
    """The example's year, told once for a module that is about nothing else; each test works in a savepoint on top,
    and at the module's end all is rolled back.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_example", verbosity=0)
        call_command("seed_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


@dataclass
class Cast:
    """Everybody of one court, around one measure, and somebody of another court."""

    measure: Measure
    reporter: User
    reviewer: User
    leader: User
    plan_admin: User
    inspector: User
    colleague: User
    supporter: User
    outsider: User


@pytest.fixture
def cast(db):
    plan = PlanFactory(court__slug="kfq")
    court = plan.court
    measure = MeasureFactory(plan=plan, code="1.1")
    support = DepartmentFactory(court=court)
    measure.support.add(support)

    def person(*roles, department=None):
        return UserFactory(court=court, department=department or DepartmentFactory(court=court), roles=roles)

    return Cast(
        measure=measure,
        reporter=person(Role.REPORTER, department=measure.lead),
        reviewer=person(Role.REVIEWER, department=measure.lead),
        leader=person(Role.LEADER),
        plan_admin=UserFactory(
            court=court, department=DepartmentFactory(court=court), roles=[Role.PLAN_ADMIN], is_staff=True
        ),
        inspector=person(Role.INSPECTOR),
        colleague=person(Role.REPORTER),
        supporter=person(Role.REPORTER, department=support),
        outsider=UserFactory(roles=[Role.REPORTER, Role.REVIEWER]),
    )
