"""Passwords of a directory, asked of a real one."""

import sys

import pytest
from django.urls import reverse

from apps.signin.directory import DirectoryBackend, certificate_problem
from tests.factories import UserFactory
from tests.signin import slapd
from tests.signin.certificates import Authority

RIGHT = "right-in-the-directory"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ldap"))


@pytest.fixture(scope="module")
def running(authority):
    directory = slapd.Directory(*authority.certificate("127.0.0.1"), authority.file)
    yield directory
    directory.stop()


@pytest.fixture
def directory(running, authority, settings, db):
    settings.AUTHENTICATION_BACKENDS = [
        settings.AUTHENTICATION_BACKENDS[0],
        "apps.signin.directory.DirectoryBackend",
        settings.AUTHENTICATION_BACKENDS[-1],
    ]
    settings.LDAP_URL, settings.LDAP_START_TLS, settings.LDAP_CA_FILE = running.plain, True, authority.file
    settings.LDAP_BASE, settings.LDAP_FILTER = slapd.BASE, "(uid={username})"
    settings.LDAP_BIND_DN, settings.LDAP_BIND_PASSWORD = slapd.ROOT_DN, slapd.ROOT_PASSWORD
    return running


@pytest.fixture
def person(db):
    person = UserFactory(username="zhang")
    person.set_unusable_password()
    person.save()
    return person


def is_let_in(username, password):
    return DirectoryBackend().authenticate(None, username=username, password=password) is not None


def sign_in(client, password=RIGHT):
    return client.post(reverse("accounts:login"), {"username": "zhang", "password": password})


@pytest.mark.parametrize("by", ["StartTLS", "LDAPS"])
def test_the_directorys_password_lets_in_whoever_has_an_account(client, directory, person, settings, by):
    if by == "LDAPS":
        settings.LDAP_URL = directory.guarded

    refused = sign_in(client, "wrong")
    done = sign_in(client)

    assert (refused.status_code, done.status_code) == (200, 302)
    assert client.get("/my-work/").status_code == 200
    assert "这里没有密码" in client.get(reverse("signin:password")).content.decode()


@pytest.mark.parametrize(
    ("username", "password", "is_in"),
    [
        ("zhang", RIGHT, True),
        ("zhang", "of-somebody-else", False),
        # a directory takes an empty password for a question of nobody's, and says yes
        ("zhang", "", False),
        ("zhang", None, False),
        ("", RIGHT, False),
        # signs that mean something in a filter mean themselves
        ("zhan*", RIGHT, False),
        ("*", RIGHT, False),
        ("zhang)(uid=*", RIGHT, False),
        ("x)(|(uid=zhang", RIGHT, False),
        ("zhang\\2a", RIGHT, False),
        # two entries of one name are nobody in particular
        ("twice", "shared-by-two", False),
        # in the directory, but not here
        ("li", "of-somebody-else", False),
    ],
)
def test_who_is_let_in(directory, person, username, password, is_in):
    for name in ("zhan*", "*", "zhang)(uid=*", "x)(|(uid=zhang", r"zhang\2a", "twice"):
        UserFactory(username=name)

    assert is_let_in(username, password) is is_in


def test_who_is_switched_off_here_stays_out(directory, person):
    person.is_active = False
    person.save()

    assert not is_let_in("zhang", RIGHT)


def test_a_certificate_nobody_vouches_for_is_told_no_password(directory, person, settings, tmp_path):
    settings.LDAP_CA_FILE = Authority(tmp_path / "another").file

    assert not is_let_in("zhang", RIGHT)
    settings.LDAP_URL = directory.guarded
    assert not is_let_in("zhang", RIGHT)


@pytest.mark.parametrize("by", ["StartTLS", "LDAPS"])
def test_a_certificate_that_only_the_strict_check_refuses_is_told_in_a_sentence(
    directory, person, settings, tmp_path, caplog, by
):
    authority = Authority(tmp_path / "lax", is_proper=False)
    lax = slapd.Directory(*authority.certificate("127.0.0.1"), authority.file)
    settings.LDAP_URL, settings.LDAP_CA_FILE = (lax.plain if by == "StartTLS" else lax.guarded), authority.file
    try:
        problem = certificate_problem()
        is_let_in("zhang", RIGHT)
    finally:
        lax.stop()

    assert "RFC 5280" in problem
    assert ("请本院的证书机构" in caplog.text) is (sys.version_info >= (3, 13))


@pytest.mark.parametrize("url", ["plain", "guarded", "away"])
def test_a_proper_certificate_is_no_problem_nor_is_a_directory_that_is_away(directory, settings, url):
    settings.LDAP_URL = getattr(directory, url, "ldaps://127.0.0.1:1")

    assert certificate_problem() == ""


def test_a_certificate_for_another_host_is_told_no_password(directory, person, settings):
    """The name we ask for is not among those of the certificate, though it is the same machine."""
    settings.LDAP_URL = directory.plain.replace("127.0.0.1", "localhost")

    assert not is_let_in("zhang", RIGHT)


def test_a_wrong_service_account_lets_nobody_in(directory, person, settings):
    settings.LDAP_BIND_PASSWORD = "not the readers"

    assert not is_let_in("zhang", RIGHT)


def test_a_directory_that_is_away_leaves_the_own_passwords(client, directory, settings):
    settings.LDAP_URL = "ldap://127.0.0.1:1"
    person = UserFactory(username="zhang")
    person.set_password("an-own-long-password")
    person.save()

    assert sign_in(client, "an-own-long-password").status_code == 302


def test_guessing_is_slowed_here_too(client, directory, person):
    statuses = [sign_in(client, "wrong").status_code for _try in range(5)]

    assert statuses == [200, 200, 200, 200, 429]
    assert sign_in(client).status_code == 429
