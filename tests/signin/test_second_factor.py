"""A second factor: who is asked for it, that it counts once, and that nothing is shown before it."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.core.encryption import DecryptionError
from apps.signin import codes, services
from apps.signin.models import RecoveryCode, SecondFactor
from tests.core.test_headers import addresses
from tests.factories import UserFactory

PASSWORD = "a-long-password-7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in base32


def code_now(secret=SECRET, *, ahead=0):
    return pyotp.TOTP(secret).at(timezone.now() + timedelta(seconds=30 * ahead))


def with_factor(person):
    person.set_password(PASSWORD)
    person.save()
    return SecondFactor.objects.create(person=person, secret=codes.encrypt_secret(SECRET), set_up_at=timezone.now())


def sign_in(client, person):
    return client.post(reverse("accounts:login"), {"username": person.username, "password": PASSWORD})


def verify(client, code):
    return client.post(reverse("signin:verify"), {"code": code, "next": "/my-work/"})


@pytest.fixture
def person(db):
    person = UserFactory(username="zhang")
    with_factor(person)
    return person


# The codes themselves


@pytest.mark.parametrize(
    ("moment", "code"),
    [  # RFC 6238, appendix B, the last six of its eight digits
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_the_standard(moment, code):
    at = datetime.fromtimestamp(moment, UTC)

    assert codes.matching_step(RFC_SECRET, code, at=at, after=0) == moment // 30


@pytest.mark.parametrize(
    ("seconds", "after", "matches"),
    [
        (0, 0, True),
        (29, 0, True),
        (30, 0, True),
        (-30, 0, True),
        (60, 0, False),
        (-31, 0, False),
        (0, 37037037, False),
        (0, 37037036, True),
    ],
)
def test_a_clock_may_be_one_step_off_and_a_code_counts_once(seconds, after, matches):
    at = datetime.fromtimestamp(1111111110 + seconds, UTC)  # the first second of step 37037037

    assert (codes.matching_step(RFC_SECRET, "050471", at=at, after=after) is not None) is matches


def test_secret_and_recovery_codes_are_not_to_be_read_from_the_database(person, settings):
    recovery_codes = services.renew_recovery_codes(person=person, at=timezone.now())
    factor = person.second_factor
    stored = [factor.secret, *RecoveryCode.objects.values_list("hash", flat=True)]

    assert len(set(recovery_codes)) == 10
    assert all(re.fullmatch(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", code) for code in recovery_codes)
    assert not any(SECRET in value or code in value for value in stored for code in recovery_codes)
    # a new key of the server reads it as long as the old one is named
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert codes.decrypt_secret(factor.secret) == SECRET
    assert services.prove(person=person, code=recovery_codes[0], at=timezone.now())
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(DecryptionError):
        codes.decrypt_secret(factor.secret)


def test_secret_stored_by_an_earlier_version_is_still_read(settings):
    settings.SECRET_KEY = "the key of an installation"
    stored = (
        "gAAAAABrCv0YVUQARTSMPlJCm4jaomapRwW1KB-afEXL9IoM_-eIeLiR0P-OfSpXwIA3Mee0pAWRTU7asPqiLt28RcTpGwFfdbI8jtC0yhlC"
        "ABZ80l3LnGc="
    )

    assert codes.decrypt_secret(stored) == "JBSWY3DPEHPK3PXP"


# Signing in with one


def test_password_then_code_then_the_page_asked_for(client, person):
    signed_in = sign_in(client, person)
    led = client.get("/my-work/")
    before = client.session.session_key
    verified = verify(client, code_now())

    assert (signed_in.status_code, led.status_code) == (302, 302)
    assert led.url == "/login/second/?next=%2Fmy-work%2F"
    assert verified.url == "/my-work/"
    assert client.session.session_key != before
    assert client.get("/my-work/").status_code == 200


def test_a_half_signed_in_person_sees_nothing(client, person):
    person.is_superuser = person.is_staff = True
    person.save()
    sign_in(client, person)
    open_to_all = {"/healthz", "/readyz", "/login/", "/i18n/setlang/", "/admin/jsi18n/"}

    reachable = [path for path in addresses() if path not in open_to_all and client.get(path).status_code == 200]

    assert reachable == ["/login/second/"]
    page = client.get("/login/second/").content.decode()
    assert person.name not in page
    assert person.court.name not in page
    assert client.get("/no/such/page/").content.decode().count(person.name) == 0


def test_neither_does_one_get_at_a_cached_page(client, cast):
    address = reverse("dashboard:plan", args=["kfq", 2025])
    colleague = type(client)()
    colleague.force_login(cast.colleague)
    first = colleague.get(address)
    mark = colleague.get(address).headers["ETag"]
    with_factor(cast.reporter)
    sign_in(client, cast.reporter)

    assert first.status_code == 200
    assert client.get(address, headers={"if-none-match": mark}).status_code == 302
    verify(client, code_now())
    assert client.get(address).status_code == 200


def test_a_wrong_code_shows_nothing_and_five_have_to_wait(client, person):
    sign_in(client, person)

    statuses = [verify(client, "000000").status_code for _try in range(6)]
    refused = verify(client, code_now())

    assert statuses == [200] * 5 + [429]
    assert refused.status_code == 429
    assert client.get("/my-work/").status_code == 302


def test_a_code_that_was_used_is_refused(client, person):
    code = code_now()
    sign_in(client, person)
    assert verify(client, code).status_code == 302
    other = type(client)()
    sign_in(other, person)

    assert verify(other, code).status_code == 200
    assert verify(other, code_now(ahead=1)).status_code == 302


def test_a_recovery_code_counts_once_and_for_one_person(client, person):
    code = services.renew_recovery_codes(person=person, at=timezone.now())[0]
    colleague = UserFactory(username="li")
    with_factor(colleague)
    theirs, again = type(client)(), type(client)()
    for browser, who in ((client, person), (again, person), (theirs, colleague)):
        sign_in(browser, who)

    assert verify(theirs, code).status_code == 200
    assert verify(client, code.lower().replace("-", " ")).status_code == 302
    assert verify(again, code).status_code == 200
    assert person.second_factor.recovery_codes.count() == 9
    assert "user.recovery_code_used" in AuditEvent.objects.values_list("action", flat=True)


def test_another_key_of_the_server_is_told_and_recovery_codes_still_help(client, person, settings):
    SecondFactor.objects.filter(person=person).update(secret="made with another key")
    sign_in(client, person)

    assert "服务器的密钥更换过" in verify(client, code_now()).content.decode()


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", r"\\evil.example"])
def test_the_way_on_leads_to_no_other_host(client, person, where):
    sign_in(client, person)

    assert client.post(reverse("signin:verify"), {"code": code_now(), "next": where}).url == "/"


# Setting one up


def enrol(client, **also):
    page = client.get(reverse("signin:set_up")).content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    return page, client.post(reverse("signin:set_up"), {"code": code_now(secret), **also})


def test_one_sets_it_up_with_ones_password_and_gets_recovery_codes_once(client, db):
    person = UserFactory()
    person.set_password(PASSWORD)
    person.save()
    other = type(client)()
    for browser in (client, other):
        browser.force_login(person)

    page, without = enrol(client)
    _page, done = enrol(client, password=PASSWORD)

    assert "<svg" in page
    assert not re.search(r"<svg[^>]*style|<path[^>]*style", page)
    assert "密码" in without.content.decode()
    assert done.content.decode().count("<li><code>") == 10
    assert done.headers["Cache-Control"].count("no-store") == 1
    assert client.get(reverse("signin:password")).status_code == 200
    assert other.get(reverse("signin:password")).status_code == 302  # signed in with less
    assert AuditEvent.objects.get().action == "user.second_factor_set_up"
    assert "new_second_factor" not in client.session


def test_a_wrong_first_code_binds_nothing(client, db):
    person = UserFactory()
    client.force_login(person)
    client.get(reverse("signin:set_up"))

    client.post(reverse("signin:set_up"), {"code": "000000"})

    assert not SecondFactor.objects.exists()


@pytest.mark.parametrize(
    ("policy", "who", "is_asked"),
    [
        ("off", "plan_admin", False),
        ("optional", "plan_admin", False),
        ("admins", "plan_admin", True),
        ("admins", "reporter", False),
        ("admins", "leader", False),
        ("admins", "superuser", True),
        ("all", "reporter", True),
    ],
)
def test_whom_the_setting_names_sets_it_up_before_anything_else(client, cast, settings, policy, who, is_asked):
    settings.SECOND_FACTOR = policy
    person = UserFactory(is_superuser=True, is_staff=True) if who == "superuser" else getattr(cast, who)
    client.force_login(person)

    response = client.get("/my-work/")

    assert (response.status_code == 302 and response.url.startswith("/login/set-up/")) is is_asked
    if is_asked:
        enrol(client)
        assert client.get("/my-work/").status_code == 200


def test_a_stricter_setting_holds_for_sessions_that_stand(client, cast, settings):
    client.force_login(cast.plan_admin)
    assert client.get("/my-work/").status_code == 200

    settings.SECOND_FACTOR = "admins"

    assert client.get("/my-work/").url.startswith("/login/set-up/")


def test_off_asks_nobody_and_offers_nothing(client, person, settings):
    settings.SECOND_FACTOR = "off"
    sign_in(client, person)

    assert client.get("/my-work/").status_code == 200
    assert client.get(reverse("signin:set_up")).status_code == 302
    assert "两步验证" not in client.get(reverse("signin:password")).content.decode()


def test_new_recovery_codes_and_doing_without_ask_for_a_code(client, person):
    sign_in(client, person)
    verify(client, code_now())
    address = reverse("signin:second_factor")

    assert client.post(address, {"code": "000000"}).status_code == 200
    assert SecondFactor.objects.get().recovery_codes.count() == 0
    renewed = client.post(address, {"code": code_now(ahead=1)})
    code = re.search(r"<li><code>([^<]+)</code>", renewed.content.decode())[1]
    dropped = client.post(address, {"code": code, "drop": "1"})

    assert dropped.status_code == 302
    assert not SecondFactor.objects.exists()


def test_whoever_needs_one_does_not_do_without(client, person, settings):
    settings.SECOND_FACTOR = "all"
    sign_in(client, person)
    verify(client, code_now())

    response = client.post(reverse("signin:second_factor"), {"code": code_now(ahead=1), "drop": "1"})

    assert response.status_code == 403
    assert SecondFactor.objects.exists()


# A lost phone


def test_an_admin_resets_it_for_somebody_else_and_the_trail_says_so(client, cast):
    with_factor(cast.reporter)
    own = type(client)()
    sign_in(own, cast.reporter)
    verify(own, code_now())
    client.force_login(cast.plan_admin)

    client.post(reverse("signin:help", args=[cast.reporter.pk, "reset"]))

    assert not SecondFactor.objects.exists()
    assert own.get("/my-work/").status_code == 302
    event = AuditEvent.objects.get()
    assert (event.action, cast.plan_admin.username in event.by) == ("user.second_factor_reset", True)


def test_nobody_resets_their_own(client, cast):
    with_factor(cast.plan_admin)
    sign_in(client, cast.plan_admin)
    verify(client, code_now())

    assert client.post(reverse("signin:help", args=[cast.plan_admin.pk, "reset"])).status_code == 403
    assert SecondFactor.objects.exists()


def test_from_the_server_itself_anybody_can_be_helped(person):
    call_command("help_sign_in", "zhang", "--second-factor", "--sign-out", verbosity=0)

    assert not SecondFactor.objects.exists()
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "by")) == [
        ("user.wait_lifted", ""),
        ("user.second_factor_reset", ""),
        ("user.signed_out", ""),
    ]
