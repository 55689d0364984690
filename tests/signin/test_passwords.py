"""Which passwords are one's own to choose, and how they are kept."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse

from apps.accounts.models import Court, User
from apps.audit.models import AuditEvent
from tests.factories import UserFactory

PERSON = User(username="zhangwei", name="张伟", court=Court(slug="kfq", name="开发区人民法院"))


@pytest.mark.parametrize(
    "password",
    [
        "mashed potato river",
        "竹林细雨打芭蕉，又是一年春",
        "蓝鲸路过第三座灯塔，向左转",
        "xkjwpvhqzmtr",
        "correct horse battery staple",
        "courtplan-demo-lamp-wool",
        "ñandú über pingüino",
        " spaces at both ends ",
        "x" * 3 + "lkjhpoiu mnrt" + "🙂",
        "kqzmvtrbwpxn" * 10,
    ],
)
def test_a_good_password_needs_no_mixture(password):
    validate_password(password, PERSON)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short phras",
        "a" * 129,
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "13812345678 13812345678",
        "110101199003071234",
        "password1234",
        "P@ssw0rd2025!!",
        "passwordpassword",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "poiuytrewq99",
        "woaini1314520",
        "WoAiZhongGuo2025",
        "fayuan123456",
        "Renminfayuan@2026",
        "rmfy20260101!",
        "kfqfayuan2026",
        "ｆａｙｕａｎ２０２６２０２６",
        "开发区人民法院2026年",
        "zhangwei20260101",
        "张伟19900307张伟19900307",
        "admin@fayuan.2026",
        "人民法院为人民服务1234",
        "courtplan-courtplan",
    ],
)
def test_what_others_would_try_first_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, PERSON)


def test_passwords_are_hashed_by_scrypt_and_older_hashes_are_renewed_at_the_sign_in(client, db):
    person = UserFactory(username="zhang", password=make_password("a-long-password-7", hasher="pbkdf2_sha256"))

    client.post(reverse("accounts:login"), {"username": "zhang", "password": "a-long-password-7"})

    person.refresh_from_db()
    assert identify_hasher(person.password).algorithm == "scrypt"
    assert settings.PASSWORD_HASHERS[0].endswith("ScryptPasswordHasher")


NEW = "mashed potato river"


@pytest.fixture
def person(db):
    person = UserFactory(username="zhang")
    person.set_password("a-long-password-7")
    person.save()
    return person


def change(client, old="a-long-password-7", new=NEW):
    return client.post(reverse("signin:password"), {"old_password": old, "new_password1": new, "new_password2": new})


def test_one_changes_ones_own_password_knowing_the_old_one(client, person):
    client.force_login(person)

    refused = change(client, old="guessed")
    done = change(client)

    person.refresh_from_db()
    assert (refused.status_code, done.status_code) == (200, 302)
    assert person.check_password(NEW)
    assert client.get(reverse("signin:password")).status_code == 200
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["user.password_changed"]


def test_the_old_password_is_not_guessed_here_either(client, person):
    client.force_login(person)

    statuses = [change(client, old=f"guess {number}").status_code for number in range(6)]

    assert statuses == [200] * 5 + [429]


def test_changing_it_ends_the_other_sessions_and_renews_this_one(client, person, django_user_model):
    other = type(client)()
    other.force_login(person)
    client.force_login(person)
    before = client.session.session_key

    change(client)

    assert client.get(reverse("signin:password")).status_code == 200
    assert client.session.session_key != before
    assert other.get(reverse("signin:password")).status_code == 302


def test_a_password_set_by_somebody_else_is_changed_before_anything_else(client, back_office, cast):
    client.force_login(cast.plan_admin)
    client.post(
        reverse("admin:auth_user_password_change", args=[cast.reporter.pk]),
        {"password1": "given to you today 1", "password2": "given to you today 1", "usable_password": "true"},
    )
    own = type(client)()
    sent = {"username": cast.reporter.username, "password": "given to you today 1"}

    signed_in = own.post(reverse("accounts:login"), sent)
    led = own.get("/my-work/")
    changed = own.post(
        led.url,
        {"old_password": "given to you today 1", "new_password1": NEW, "new_password2": NEW, "next": "/my-work/"},
    )

    assert signed_in.status_code == 302
    assert led.url == "/password/?next=%2Fmy-work%2F"
    assert changed.url == "/my-work/"
    assert own.get("/my-work/").status_code == 200
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["user.password_given", "user.password_changed"]


def test_a_new_person_has_a_given_password(client, back_office, cast):
    client.force_login(cast.plan_admin)

    client.post(
        reverse("admin:accounts_user_add"),
        {"username": "newcomer", "name": "新人", "usable_password": "true", "password1": NEW, "password2": NEW},
    )

    assert User.objects.get(username="newcomer").password_given_at is not None


def test_the_back_office_changes_nobodys_own_password_without_the_old_one(client, back_office, cast):
    client.force_login(cast.plan_admin)
    address = reverse("admin:auth_user_password_change", args=[cast.plan_admin.pk])

    response = client.post(address, {"password1": NEW, "password2": NEW, "usable_password": "true"})

    assert response.url == reverse("signin:password")
    cast.plan_admin.refresh_from_db()
    assert not cast.plan_admin.check_password(NEW)


def test_demonstration_accounts_keep_the_password_everybody_knows(client, db):
    person = UserFactory(username="reporter", court__has_demo_data=True)
    person.set_password("courtplan-demo")
    person.save()

    client.post(reverse("accounts:login"), {"username": "reporter", "password": "courtplan-demo"})

    assert client.get("/my-work/").status_code == 200
