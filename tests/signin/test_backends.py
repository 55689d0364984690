"""Every way of signing in is throttled, and nothing of django-axes is left in a database that had it."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from apps.signin import throttle
from apps.signin.models import FailedSignIn
from tests.factories import UserFactory

PASSWORD = "a-long-password-7"
HOME = "10.0.0.1"


@pytest.fixture
def person(db):
    person = UserFactory(username="zhang")
    person.set_password(PASSWORD)
    person.save()
    return person


def fail(n):
    for _attempt in range(n):
        throttle.begin_attempt(username="zhang", address=HOME, now=timezone.now())


@pytest.mark.parametrize("n_failures", [4, 5])
def test_no_backend_sees_a_password_that_has_to_wait(person, settings, n_failures):
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, "tests.signin.test_backends.Witness"]
    Witness.n_calls = 0
    fail(n_failures)
    request = RequestFactory().post("/", REMOTE_ADDR=HOME)

    authenticate(request, username="zhang", password="wrong")

    assert Witness.n_calls == (1 if n_failures == 4 else 0)
    assert request.sign_in_wait.reason == "pair"  # with the fifth failure, too


class Witness:
    n_calls = 0

    def authenticate(self, request, username=None, password=None):
        type(self).n_calls += 1


def test_code_that_signs_in_without_a_request_is_throttled_by_name(person):
    for _attempt in range(5):
        assert authenticate(None, username="zhang", password="wrong") is None

    assert authenticate(None, username="zhang", password=PASSWORD) is None


def test_asking_whether_somebody_waits_writes_nothing(person, django_assert_num_queries):
    fail(5)

    with django_assert_num_queries(1):
        assert throttle.is_throttled(person, now=timezone.now())
    with django_assert_num_queries(2):
        assert throttle.wait_now(username="zhang", address=HOME, now=timezone.now())

    assert FailedSignIn.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_what_axes_left_in_the_database_goes():
    call_command("migrate", "access", "0002", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE axes_accesslog (id integer PRIMARY KEY, username varchar(255))")
        cursor.execute("INSERT INTO axes_accesslog VALUES (1, 'zhang')")
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('axes', '0001_initial', CURRENT_TIMESTAMP)"
        )
    kind = ContentType.objects.create(app_label="axes", model="accesslog")
    Permission.objects.create(content_type=kind, codename="view_accesslog", name="view")

    call_command("migrate", "access", verbosity=0)

    assert "axes_accesslog" not in connection.introspection.table_names()
    assert not ContentType.objects.filter(app_label="axes").exists()
    assert not Permission.objects.filter(codename="view_accesslog").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'axes'")
        assert cursor.fetchone() == (0,)
