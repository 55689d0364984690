"""Signing in, staying private."""

import re

import pytest
from django.urls import get_resolver, reverse

from tests.factories import UserFactory

PASSWORD = "a-long-password-7"
OPEN = {"login", "logout", "set_language"}
# PaperOptions by a balancer, and by Prometheus with its token; tests/operations says what they tell.
OPEN |= {"healthz", "readyz", "metrics"}


@pytest.fixture
def person(db):
    person = UserFactory(username="zhang")
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client, password, **headers):
    return client.post(reverse("accounts:login"), {"username": "zhang", "password": password}, **headers)


def test_person_signs_in_and_out(client, person):
    assert sign_in(client, PASSWORD).headers["Location"] == "/"

    client.post(reverse("accounts:logout"))

    assert client.get("/").headers["Location"].startswith("/login/")


def test_fifth_wrong_password_locks_this_person_at_this_place_only(client, person):
    for _try in range(5):
        response = sign_in(client, "wrong")

    assert response.status_code == 429
    assert "15" in response.content.decode()
    assert sign_in(client, PASSWORD).status_code == 429
    assert sign_in(client, PASSWORD, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_colleague_behind_the_same_address_is_not_locked_out(client, person):
    colleague = UserFactory(username="li")
    colleague.set_password(PASSWORD)
    colleague.save()
    for _try in range(5):
        sign_in(client, "wrong")

    response = client.post(reverse("accounts:login"), {"username": "li", "password": PASSWORD})

    assert response.status_code == 302


def test_wrong_password_is_said_in_chinese(client, person):
    assert "请输入一个正确的" in sign_in(client, "wrong").content.decode()


def test_every_page_asks_for_a_login(client, db):
    answers = {}
    for name, path in _addresses():
        if name not in OPEN:
            response = client.get(path)
            answers[path] = (response.status_code, response.headers.get("Location", ""))

    let_in = {path for path, (status, where) in answers.items() if not (status == 302 and "login" in where)}
    assert let_in == set()
    assert len(answers) > 60


def _addresses(patterns=None, prefix="/"):
    """Each address of the product with something in its placeholders."""
    of_name = {"year": "2025", "code": "1.1"}
    of_kind = {"slug": "one", "uuid": "00000000-0000-0000-0000-000000000001"}
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = re.sub(
            r"<(?:(\w+):)?(\w+)>",
            lambda found: (found[2] == "court" and "kfq") or of_kind.get(found[1]) or of_name.get(found[2], "1"),
            str(getattr(pattern.pattern, "_route", "")),
        )
        if hasattr(pattern, "url_patterns"):
            yield from _addresses(pattern.url_patterns, prefix + route)
        elif "<" not in route and not (prefix + route).startswith("/admin/jsi18n"):
            yield pattern.name, prefix + route


def test_a_page_that_needs_no_sign_in_does_not_read_the_session(client, cast, django_assert_num_queries):
    client.force_login(cast.reporter)

    with django_assert_num_queries(0):
        response = client.post("/i18n/setlang/", {"language": "en"})

    assert response.status_code == 302


def test_headers_keep_the_browser_to_this_server(client, db):
    response = client.get(reverse("accounts:login"))

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Request-ID"]


def test_unknown_address_is_answered_in_the_house_style(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get("/no/such/page/")

    assert response.status_code == 404
    assert "zh-Hans" in response.content.decode()


def test_unexpected_fault_shows_a_page_with_the_request_id(client, person, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("apps.dashboard.views.own_pages.current_plan", fail)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False

    response = client.get("/")

    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_back_office_has_no_way_in_of_its_own(client, db, method):
    response = getattr(client, method)("/admin/login/?next=/admin/", {"username": "x", "password": "y"})

    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:login"))
