"""docs/security.md says what holds each line, and what is kept about a person: both are read here and compared."""

import ast
import re
import subprocess
from pathlib import Path

from django.apps import apps
from django.conf import settings

from apps.accounts.models import User

ROOT = Path(__file__).resolve().parent.parent
TABLE = (ROOT / "docs" / "security.md").read_text()
LINE = re.compile(r"^\| (\d[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def named_in(file):
    path = ROOT / file
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_line_names_a_test_and_every_test_is_there():
    lines = LINE.findall(TABLE)
    named = {line[0]: TEST.findall(line[3]) for line in lines}
    missing = {f"{file}::{name}" for found in named.values() for file, name in found if name not in named_in(file)}

    assert len(lines) > 55
    assert [number for number, found in named.items() if not found] == []
    assert missing == set()
    assert len(re.findall(r"^\| \d", TABLE.split("## What does not apply")[0], re.MULTILINE)) == len(lines)


def code():
    """(place, tree) of all that runs."""
    for folder in ("apps", "courtplan"):
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text())


def imported():
    for path, tree in code():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            yield from ((str(path), name) for name in names)


def test_nothing_that_comes_in_is_made_into_an_object():
    makers = {"pickle", "cPickle", "marshal", "shelve", "dill", "yaml", "jsonpickle"}

    assert [(path, name) for path, name in imported() if name.split(".")[0] in makers] == []
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"


def test_chance_comes_from_the_operating_system():
    """`random` only where chance is part of a made-up story or a forecast, never of a key."""
    by_chance = {path for path, name in imported() if name.split(".")[0] == "random"}

    assert {
        path for path in by_chance if path.startswith(("apps/signin", "apps/accounts", "apps/core", "courtplan"))
    } == set()


SECRET = re.compile(r"(password|secret|token|api_?key)$", re.IGNORECASE)
# Known to everybody by intent; names of places, not secrets.
PUBLIC = {"DEMO_PASSWORD", "NEW_SECRET"}


def test_no_secret_stands_in_the_code():
    found = [
        (str(path), target.id)
        for path, tree in code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name) and SECRET.search(target.id) and node.value.value and target.id not in PUBLIC
    ]
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()  # noqa: S607

    assert found == []
    assert [
        name for name in tracked if name.rpartition("/")[2] in (".env", "id_rsa") or name.endswith((".pem", ".key"))
    ] == []


def test_debugging_is_off_unless_asked_for():
    assert 'DEBUG = env.bool("DEBUG", default=False)' in (ROOT / "courtplan" / "settings.py").read_text()
    assert not settings.DEBUG


def test_another_host_is_refused(client, db):
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 400


def test_the_list_of_what_is_kept_is_whole():
    """Every field of a person, and every table that leads to one and is not of record, stands in the list."""
    section = TABLE.split("## What is kept about a person")[1]
    words = {
        "id": "username",
        "password": "password",
        "last_login": "last sign-in",
        "is_superuser": "roles",
        "is_staff": "roles",
        "groups": "roles",
        "user_permissions": "roles",
        "username": "username",
        "name": "name",
        "court": "court",
        "department": "department",
        "email": "e-mail",
        "is_active": "active",
        "date_joined": "when the account was made",
        "password_given_at": "somebody else set the password",
        "session_generation": "sessions",
    }
    fields = {field.name for field in (*User._meta.fields, *User._meta.many_to_many)}
    tables = {model._meta.label for model in apps.get_app_config("access").get_models()}

    assert fields == words.keys()
    assert [word for word in words.values() if word not in section] == []
    assert [label for label in tables if f"`{label}`" not in section] == []
