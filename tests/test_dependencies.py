"""What runs with the product is known by name, version, licence and checksum."""

import os
import re
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.once("只读代码、文件和翻译，不用数据库")

ROOT = Path(__file__).resolve().parent.parent
RUNNING = ("requirements.txt", "requirements-pdf.txt", "requirements-sso.txt")
PINNED = re.compile(r"^([\w.-]+)==([^\s\\]+)", re.MULTILINE)


def pinned(*files):
    return {
        (canonicalize_name(name), number)
        for file in files
        for name, number in PINNED.findall((ROOT / file).read_text())
    }


def test_every_package_has_one_version_and_it_is_the_one_installed():
    named = pinned(*RUNNING)

    assert len(named) == len({name for name, _number in named})
    assert {(name, version(name)) for name, _number in named} == named


@pytest.mark.parametrize(
    "files",
    [("requirements.txt",), ("requirements.txt", "requirements-pdf.txt"), ("requirements.txt", "requirements-sso.txt")],
)
def test_what_the_packages_need_is_named_too(files):
    named = {name for name, _number in pinned(*files)}
    needed = {
        canonicalize_name(one.name)
        for name in named
        for one in map(Requirement, requires(name) or [])
        if one.marker is None or one.marker.evaluate({"extra": ""})
    }

    assert needed - named == set()


def test_checksums_are_of_exactly_these_versions():
    lines = (ROOT / "requirements-hashes.txt").read_text()

    assert pinned("requirements-hashes.txt") == pinned(*RUNNING)
    each = re.split(r"\n(?=[\w.-]+==)", lines)[1:]
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", one) for one in each)


def test_the_list_of_licences_is_of_what_is_installed(tmp_path):
    written = (ROOT / "docs" / "licences.md").read_text()
    rows = {
        (canonicalize_name(cells[1].strip()), cells[2].strip())
        for line in written.splitlines()
        if len(cells := line.split("|")) == 6 and "==" not in line and cells[1].strip() not in ("package", "---")
    }

    assert rows == pinned(*RUNNING)
    assert "see the package" not in written


def test_the_sign_in_asks_for_no_optional_package():
    """What requirements-sso.txt brings is not even imported while single sign-on is off."""
    ask = "import django, sys; django.setup(); import courtplan.urls; print([n for n in ('authlib', 'ldap3', 'requests') if n in sys.modules])"
    answer = subprocess.run(  # noqa: S603 – our own question
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True, env=_environment()
    )

    assert answer.stdout.strip() == "[]"


def _environment():
    return os.environ | {"DJANGO_SETTINGS_MODULE": "courtplan.settings", "OIDC_ISSUER": "", "LDAP_URL": ""}
