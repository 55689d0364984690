"""What every answer tells the browser, whoever asks for whatever."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from tests.factories import UserFactory

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style\b|\sstyle=|\son\w+=|javascript:", re.IGNORECASE
)
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def addresses(patterns=None, prefix="/"):
    """Each address of the product with something in its placeholders."""
    of_name = {"year": "2025", "code": "1.1", "court": "kfq", "app_label": "plans"}
    of_kind = {"slug": "one", "uuid": "00000000-0000-0000-0000-000000000001"}
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = re.sub(
            r"<(?:(\w+):)?(\w+)>",
            lambda found: of_name.get(found[2]) or of_kind.get(found[1]) or "1",
            str(getattr(pattern.pattern, "_route", "")),
        )
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns, prefix + route)
        elif "<" not in route:
            yield prefix + route


def faults(response, path):
    problems = [f"{path}: {name}" for name, value in ALWAYS.items() if response.headers.get(name) != value]
    if "camera=()" not in response.headers.get("Permissions-Policy", ""):
        problems.append(f"{path}: Permissions-Policy")
    caching = response.headers.get("Cache-Control", "")
    if not re.search(r"no-store|no-cache", caching) or "public" in caching:
        problems.append(f"{path}: Cache-Control {caching}")
    policy = dict(
        part.strip().split(" ", 1)
        for part in response.headers.get("Content-Security-Policy", "").split(";")
        if part.strip()
    )
    if policy != POLICY and policy.get("default-src") != "'none'":
        problems.append(f"{path}: policy {policy}")
    if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
        problems += [f"{path}: inline {found}" for found in INLINE.findall(response.content.decode())]
    return problems


@pytest.mark.parametrize("who", [None, "reporter", "plan_admin", "superuser"])
def test_every_answer_keeps_the_browser_to_this_server(client, cast, who):
    person = UserFactory(is_superuser=True, is_staff=True) if who == "superuser" else who and getattr(cast, who)
    if person:
        client.force_login(person)
    client.raise_request_exception = False

    problems, statuses = [], set()
    for path in addresses():
        if "/logout/" not in path:
            for method in ("get", "post") if who == "plan_admin" else ("get",):
                response = getattr(client, method)(path)
                statuses.add(response.status_code)
                problems += faults(response, path)

    assert problems == []
    assert statuses >= ({200, 302, 404} if person else {200, 302})
    assert 500 not in statuses


def test_every_error_page_does_so_too(client, db, monkeypatch):
    client.raise_request_exception = False
    client.force_login(UserFactory())
    not_found = client.get("/no/such/page/")
    too_much = client.post(
        "/password/", data=b"x", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(10**9)
    )
    monkeypatch.setattr("apps.dashboard.views.own_pages.current_plan", None)
    broken = client.get("/")
    stale = Client(enforce_csrf_checks=True).post(reverse("accounts:login"), {"username": "x", "password": "y"})
    answers = (not_found, too_much, broken, stale)

    assert [response.status_code for response in answers] == [404, 413, 500, 403]
    assert [fault for response in answers for fault in faults(response, response.status_code)] == []


def test_static_files_are_under_the_same_rules(client, db):
    response = client.get("/static/img/favicon.svg")
    response.close()

    assert response.status_code == 200
    assert [name for name, value in ALWAYS.items() if response.headers.get(name) not in (value, None)] == []
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


ASK = """
import json, django
django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.test import Client, RequestFactory

client = Client(HTTP_HOST="court.example")
answer = client.get("/healthz", secure=True)
plain = Client(HTTP_HOST="court.example").get("/login/")
language = client.post("/i18n/setlang/", {"language": "en"}, secure=True)
form = CsrfViewMiddleware(lambda request: HttpResponse(get_token(request)))(RequestFactory().get("/"))
told = {name: [bool(one["secure"]), one["path"], one["domain"], one["samesite"], bool(one["httponly"])]
        for answered in (form, language) for name, one in answered.cookies.items()}
print(json.dumps({"cookies": told, "session": settings.SESSION_COOKIE_NAME, "secure": settings.SESSION_COOKIE_SECURE,
    "hsts": answer.headers["Strict-Transport-Security"], "redirect": [plain.status_code, plain.headers["Location"]]}))
"""


def test_by_https_the_cookies_stay_with_this_host():
    """In a process of its own: these settings are read when it starts."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "courtplan.settings",
        "HTTPS": "on",
        "ALLOWED_HOSTS": "court.example",
    }
    answer = subprocess.run(  # noqa: S603 – our own question
        [sys.executable, "-W", "ignore", "-c", ASK],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    headers = json.loads(answer.stdout)

    assert headers["cookies"] == {
        "__Host-csrftoken": [True, "/", "", "Lax", False],  # the autosave of forms reads it
        "django_language": [True, "/", "", "Lax", True],
    }
    assert (headers["session"], headers["secure"]) == ("__Host-sessionid", True)
    assert headers["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["redirect"] == [301, "https://court.example/login/"]


def test_the_session_cookie_is_out_of_reach_of_scripts():
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
