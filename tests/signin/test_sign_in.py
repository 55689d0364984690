"""Guessing is slowed; sessions end when they should; nobody keeps who signed in when."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.signin import throttle
from apps.signin.models import FailedSignIn, UsualAddress
from apps.signin.services import lift_wait, sign_out_everywhere
from tests.factories import UserFactory

PASSWORD = "a-long-password-7"
HOME, AWAY = "10.0.0.1", "192.0.2.7"


def person_named(username, **facts):
    person = UserFactory(username=username, **facts)
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def person(db):
    return person_named("zhang")


def sign_in(client, username="zhang", password=PASSWORD, address=HOME):
    return type(client)().post(
        reverse("accounts:login"), {"username": username, "password": password}, REMOTE_ADDR=address
    )


def guess(client, n, **where):
    return [sign_in(client, password=f"guess {number}", **where).status_code for number in range(n)]


def fail_elsewhere(n, *, username="zhang"):
    """Failures of this name from so many other addresses, without hashing as many passwords."""
    FailedSignIn.objects.bulk_create(
        FailedSignIn(
            account=throttle.keyed_hash("account", username),
            address=throttle.keyed_hash("address", f"198.51.100.{number}"),
            at=timezone.now(),
        )
        for number in range(n)
    )


def fail_here(n, *, address=HOME):
    FailedSignIn.objects.bulk_create(
        FailedSignIn(
            account=throttle.keyed_hash("account", f"name-{number}"),
            address=throttle.keyed_hash("address", address),
            at=timezone.now(),
        )
        for number in range(n)
    )


def test_the_fifth_failure_has_to_wait_and_is_told_for_how_long(client, person):
    statuses = guess(client, 5)
    page = sign_in(client)

    assert statuses == [200, 200, 200, 200, 429]
    assert page.status_code == 429
    assert "请在 15 分钟后再试" in page.content.decode()
    assert 0 < int(page.headers["Retry-After"]) <= 900


def test_a_name_that_does_not_exist_is_answered_the_same(client, person):
    assert guess(client, 5, username="nobody") == guess(client, 5)


def test_whoever_guesses_from_many_addresses_waits_and_the_person_at_home_does_not(client, person):
    sign_in(client)
    fail_elsewhere(20)

    assert sign_in(client, address=AWAY).status_code == 429
    assert sign_in(client, address=HOME).status_code == 302


def test_many_names_from_one_address_are_slowed_and_nobody_at_home_there_is_locked_out(client, person):
    sign_in(client)
    person_named("li")
    fail_here(100)

    assert sign_in(client, username="li").status_code == 429  # has never signed in from here
    assert sign_in(client).status_code == 302
    assert guess(client, 1) == [429]  # one failure an hour now, and then a wait
    assert sign_in(client).status_code == 429
    assert sign_in(client, username="li", address=AWAY).status_code == 302


def test_right_password_forgets_the_failures_at_this_address(client, person):
    guess(client, 4)
    sign_in(client)

    assert FailedSignIn.objects.count() == 0
    assert guess(client, 4) == [200] * 4


def test_attempts_under_way_count(person):
    """Many at once, each noted before its password is looked at: the sixth is refused while five are still hashing."""
    now = timezone.now()

    waits = [throttle.begin_attempt(username="zhang", address=HOME, now=now) for _try in range(7)]

    assert [wait is None for wait in waits] == [True] * 5 + [False] * 2
    assert FailedSignIn.objects.count() == 5


def test_failures_are_erased_after_an_hour(person):
    now = timezone.now()
    throttle.begin_attempt(username="zhang", address=HOME, now=now - timedelta(hours=1, minutes=1))

    throttle.begin_attempt(username="li", address=HOME, now=now)

    assert FailedSignIn.objects.count() == 1


def test_a_forged_header_makes_no_new_address(client, person, settings):
    settings.BEHIND_PROXY = False
    for number in range(5):
        client.post(
            reverse("accounts:login"),
            {"username": "zhang", "password": "x"},
            REMOTE_ADDR=HOME,
            headers={"x-forwarded-for": f"203.0.113.{number}"},
        )

    assert sign_in(client).status_code == 429


def test_behind_our_proxy_each_client_has_its_own_address(client, person, settings):
    settings.BEHIND_PROXY = True
    sent = {"username": "zhang", "password": "x"}
    for _try in range(5):
        client.post(reverse("accounts:login"), sent, REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": AWAY})

    sent["password"] = PASSWORD
    response = client.post(reverse("accounts:login"), sent, REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": HOME})

    assert response.status_code == 302


def test_plan_admin_lifts_the_wait(client, cast):
    cast.reporter.set_password(PASSWORD)
    cast.reporter.save()
    guess(client, 5, username=cast.reporter.username)
    client.force_login(cast.plan_admin)

    page = client.get(reverse("signin:person", args=[cast.reporter.pk]))
    client.post(reverse("signin:help", args=[cast.reporter.pk, "lift"]))

    assert "解除登录限制" in page.content.decode()
    assert sign_in(client, username=cast.reporter.username).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.action, event.target) == ("user.wait_lifted", f"accounts.user:{cast.reporter.pk}")


@pytest.mark.parametrize("who", ["reporter", "reviewer", "leader", "inspector", "outsider"])
@pytest.mark.parametrize("act", ["lift", "sign-out", "reset"])
def test_nobody_else_helps(client, cast, who, act):
    client.force_login(getattr(cast, who))

    assert client.get(reverse("signin:person", args=[cast.supporter.pk])).status_code in (403, 404)
    assert client.post(reverse("signin:help", args=[cast.supporter.pk, act])).status_code in (403, 404)
    assert not AuditEvent.objects.exclude(action="refused").exists()


def test_help_is_no_way_round_ones_own_page(client, cast):
    client.force_login(cast.reporter)

    assert client.post(reverse("signin:help", args=[cast.reporter.pk, "sign-out"])).status_code == 403
    assert client.get("/my-work/").status_code == 200


def test_plan_admin_helps_no_superuser_and_nobody_of_another_court(client, cast):
    client.force_login(cast.plan_admin)
    boss = UserFactory(is_superuser=True, court=cast.plan_admin.court)

    for other in (boss, cast.outsider):
        assert client.get(reverse("signin:person", args=[other.pk])).status_code == 404
        assert client.post(reverse("signin:help", args=[other.pk, "sign-out"])).status_code == 404


# Sessions


def test_the_session_gets_a_new_key_at_the_sign_in(client, person):
    client.get(reverse("accounts:login"))
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key

    client.post(reverse("accounts:login"), {"username": "zhang", "password": PASSWORD})

    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize(
    ("began", "seen", "is_in"),
    [(0, 0, True), (50, 50, True), (61, 61, False), (11 * 60, 5, True), (12 * 60 + 1, 1, False)],
)
def test_a_session_ends_by_rest_and_by_age(client, person, began, seen, is_in):
    client.force_login(person)
    session = client.session
    now = timezone.now().timestamp()
    session["sign_in"] |= {"began": int(now - began * 60), "seen": int(now - seen * 60)}
    session.save()

    response = client.get(reverse("signin:password"))

    assert (response.status_code == 200) is is_in
    assert Session.objects.exists() is is_in


def test_a_session_from_before_this_was_kept_signs_in_again(client, person):
    client.force_login(person)
    session = client.session
    del session["sign_in"]
    session.save()

    assert client.get(reverse("signin:password")).status_code == 302


def test_use_is_noted_only_now_and_then(client, person, django_assert_num_queries):
    client.force_login(person)
    address = reverse("signin:sign_out_others")
    with django_assert_num_queries(2):  # the session, the person
        client.get(address)

    session = client.session
    session["sign_in"] |= {"seen": int(timezone.now().timestamp()) - 7 * 60}
    session.save()
    client.get(address)

    assert timezone.now().timestamp() - client.session["sign_in"]["seen"] < 60


def test_one_signs_out_everywhere_else(client, person):
    other = type(client)()
    for browser in (client, other):
        browser.force_login(person)

    client.post(reverse("signin:sign_out_others"))

    assert client.get(reverse("signin:password")).status_code == 200
    assert other.get(reverse("signin:password")).status_code == 302
    assert AuditEvent.objects.get().action == "user.signed_out"


def test_an_admin_signs_somebody_out_everywhere(client, cast):
    other = type(client)()
    other.force_login(cast.reporter)
    client.force_login(cast.plan_admin)

    client.post(reverse("signin:help", args=[cast.reporter.pk, "sign-out"]))

    assert other.get("/my-work/").status_code == 302
    event = AuditEvent.objects.get()
    assert (event.action, cast.plan_admin.username in event.by) == ("user.signed_out", True)


def change_in_back_office(client, cast, **changed):
    person = cast.reporter
    facts = {
        "username": person.username,
        "name": person.name,
        "department": person.department_id,
        "groups": [group.pk for group in person.groups.all()],
        "is_active": "on",
    }
    client.force_login(cast.plan_admin)
    sent = {name: value for name, value in (facts | changed).items() if value is not None}
    assert client.post(reverse("admin:accounts_user_change", args=[person.pk]), sent).status_code == 302


@pytest.mark.parametrize(
    ("changed", "ends"), [({"name": "改名"}, False), ({"groups": []}, True), ({"is_active": None}, True)]
)
def test_a_change_of_rights_ends_the_sessions(client, back_office, cast, changed, ends):
    own = type(client)()
    own.force_login(cast.reporter)

    change_in_back_office(client, cast, **changed)
    User.objects.filter(pk=cast.reporter.pk).update(is_active=True)  # even where the account is switched on again

    assert (own.get("/my-work/").status_code == 302) is ends


def test_nobody_signs_anybody_else_out_without_the_right(cast):
    with pytest.raises(Exception, match="没有进行此项操作的权限"):
        sign_out_everywhere(person=cast.leader, by=cast.reporter, at=timezone.now())
    with pytest.raises(Exception, match="没有进行此项操作的权限"):
        lift_wait(person=cast.leader, by=cast.leader, at=timezone.now())


# What is kept


def test_nothing_tells_who_signed_in_when(client, person):
    sign_in(client, password="typed into the wrong field")
    sign_in(client)
    client.force_login(person)
    client.post(reverse("accounts:logout"))

    person.refresh_from_db()
    assert person.last_login is None
    usual = UsualAddress.objects.get(person=person, mark=throttle.keyed_hash("address", HOME))
    before = usual.forget_on
    sign_in(client)
    usual.refresh_from_db()
    assert usual.forget_on == before
    assert HOME not in usual.mark


def test_usual_addresses_are_few_and_forgotten(person):
    day = timezone.localdate()
    for number in range(25):
        throttle.remember_address(person=person, address=f"10.0.1.{number}", on=day)
    assert person.usual_addresses.count() == throttle.MAX_USUAL_ADDRESSES

    throttle.remember_address(person=person, address="10.0.2.1", on=day + timedelta(days=91))

    assert person.usual_addresses.count() == 1


def test_signing_out_leads_to_the_sign_in_page_and_empties_the_browsers_cache(client, person):
    client.force_login(person)

    response = client.post(reverse("accounts:logout"), secure=True)

    assert response.url == reverse("accounts:login")
    assert response.headers["Clear-Site-Data"] == '"cache"'
