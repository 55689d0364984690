"""The cast of every flow, and the ground the tests stand on."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.core.cache import caches
from django.test import TransactionTestCase
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker
from django_tasks_db.management.commands.db_worker import Worker
from factory.base import FactoryMetaClass

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.plans.models import Measure
from tests import databases, extent, factories
from tests.factories import DepartmentFactory, MeasureFactory, PlanFactory, UserFactory

FIRST_NUMBER = 500

# A browser session runs an event loop of its own, which Django would take for an asynchronous view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def at(text):
    """A moment in Shanghai: "2025-06-20 09:30"."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def run_tasks(*, max_tasks=None):
    """Do the background tasks that are due, as the worker of `manage.py db_worker --batch` does."""
    worker = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=max_tasks,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    # A test's transaction would be lost with its connection; Django's test client leaves it open for the same reason.
    with patch.object(db_worker, "close_old_connections"):
        worker.run()


def pytest_configure():
    # Static files as they lie in the tree: nothing has been collected.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    # The same hashes, which any server of ours can read, made in less than a millisecond and not in a tenth of a second.
    ScryptPasswordHasher.work_factor = 2**4
    # After a test that commits: instead of emptying every table, which the triggers of append-only rows forbid.
    TransactionTestCase._fixture_teardown = lambda _case: databases.restore()


def pytest_collection_modifyitems(config, items):
    """What runs on one database only says so in the results, from which bin/test counts it."""
    left_out = [item for item in items if not extent.is_selected(item)]
    config.hook.pytest_deselected(items=left_out)
    # What takes longest comes first, so that no process is left with it when the others have ended.
    items[:] = sorted(filter(extent.is_selected, items), key=lambda item: not item.nodeid.startswith(extent.SLOW))
    for item in items:
        if reason := extent.reason_for_one(item):
            item.user_properties.append(("once", reason))


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):  # the process that has started the others
        databases.drop_all()


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, tmp_path_factory):
    worker = getattr(request.config, "workerinput", {}).get("workerid")
    folder = tmp_path_factory.getbasetemp()
    with django_db_blocker.unblock():
        databases.use(folder.parent if worker else folder, worker or "alone")
        databases.restore()


@pytest.fixture(autouse=True)
def clean_memory():
    """Empty the caches and restart the factories' numbering: a test is the same whatever ran before it.

    Numbers made by factories start high, after any a test gives itself.
    """
    for cache in caches.all():
        cache.clear()
    for factory in vars(factories).values():
        if isinstance(factory, FactoryMetaClass):
            factory.reset_sequence(FIRST_NUMBER, force=True)


@pytest.fixture(scope="module")
def example_year(django_db_setup, django_db_blocker):
    """The example's year, for a module about nothing else; each test works in a transaction on top."""
    with django_db_blocker.unblock():
        databases.restore("example_year")
        yield
        databases.restore()


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
