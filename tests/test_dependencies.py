"""What runs with the product is known by name, version, licence and checksum."""

import os
import re
import subprocess
import sys
import tomllib
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


def declared(*groups):
    """What pyproject.toml asks for."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = tables["dependency-groups"] | {"project": tables["project"]["dependencies"]}
    return [Requirement(line) for group in groups for line in lists[group]]


def names_needed(requirements, extras=("",)):
    """The names of what is asked for, and of everything that brings along on the oldest Python."""
    names = set()
    for requirement in requirements:
        python = {"python_version": "3.11", "python_full_version": "3.11.0"}
        if requirement.marker and not any(requirement.marker.evaluate(python | {"extra": extra}) for extra in extras):
            continue
        needs = map(Requirement, requires(requirement.name) or [])
        names |= {canonicalize_name(requirement.name)} | names_needed(needs, ("", *requirement.extras))
    return names


def test_every_package_has_one_version_and_it_is_the_one_installed():
    named = pinned(*RUNNING)

    assert len(named) == len({name for name, _number in named})
    assert {(name, version(name)) for name, _number in named} == named


@pytest.mark.parametrize(
    ("file", "groups"),
    [
        ("requirements.txt", ["project"]),
        ("requirements-pdf.txt", ["pdf"]),
        ("requirements-sso.txt", ["sso"]),
        ("requirements-dev.txt", ["project", "pdf", "sso", "dev"]),
    ],
)
def test_what_is_declared_and_all_it_needs_is_pinned_and_nothing_else(file, groups):
    """Fails after a change of pyproject.toml until bin/requirements has run."""
    requirements = declared(*groups)
    versions = dict(pinned(file))

    assert set(versions) == names_needed(requirements)
    assert all(requirement.specifier.contains(versions[requirement.name]) for requirement in requirements)


def test_checksums_are_of_exactly_these_versions():
    lines = (ROOT / "requirements-hashes.txt").read_text()

    assert pinned("requirements-hashes.txt") == pinned(*RUNNING)
    packages = re.split(r"\n(?=[\w.-]+==)", lines)[1:]
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", package) for package in packages)


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
    code = "import django, sys; django.setup(); import courtplan.urls; print([n for n in ('authlib', 'ldap3', 'requests') if n in sys.modules])"
    answer = subprocess.run(  # noqa: S603 – our own code
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=_environment()
    )

    assert answer.stdout.strip() == "[]"


def _environment():
    return os.environ | {"DJANGO_SETTINGS_MODULE": "courtplan.settings", "OIDC_ISSUER": "", "LDAP_URL": ""}
