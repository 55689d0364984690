"""Each act about a sign-in; `by` None where a command on the server does it."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Court, User
from apps.accounts.permissions import may_look_after
from apps.accounts.services import end_sessions
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.signin import throttle
from apps.signin.codes import (
    decrypt_secret,
    encrypt_secret,
    matching_step,
    new_recovery_codes,
    recovery_hash,
    recovery_hashes,
)
from apps.signin.models import RecoveryCode, SecondFactor
from apps.signin.permissions import can_do_without_second_factor, is_second_factor_offered


@transaction.atomic
def change_password(*, person: User, password: str, at: datetime) -> None:
    """Set the person's own new password and end all their sessions; the caller may renew the current one."""
    person.set_password(password)
    person.password_given_at = None
    person.save(update_fields=["password", "password_given_at"])
    end_sessions(person)
    _record(person, Action.USER_PASSWORD_CHANGED, by=person, at=at)


@transaction.atomic
def sign_out_everywhere(*, person: User, by: User | None, at: datetime) -> None:
    require(by == person or _may_help(by, person))
    end_sessions(person)
    _record(person, Action.USER_SIGNED_OUT, by=by, at=at)


@transaction.atomic
def lift_wait(*, person: User, by: User | None, at: datetime) -> None:
    """The person may try to sign in again at once."""
    require(_may_help(by, person))
    throttle.clear(person)
    _record(person, Action.USER_WAIT_LIFTED, by=by, at=at)


# The second factor


@transaction.atomic
def set_up_second_factor(*, person: User, secret: str, code: str, at: datetime) -> list[str]:
    """Bind the authenticator app that shows this code; returns the recovery codes, which are shown only once."""
    require(is_second_factor_offered())
    step = matching_step(secret, code, at=at, after=0)
    if step is None:
        raise ValidationError(_("验证码不对。请看手机上现在显示的六位数字，并核对手机的时间。"))
    SecondFactor.objects.filter(person=person).delete()
    factor = SecondFactor.objects.create(person=person, secret=encrypt_secret(secret), set_up_at=at, last_step=step)
    end_sessions(person)
    _record(person, Action.USER_SECOND_FACTOR_SET_UP, by=person, at=at)
    return _new_codes(factor)


@transaction.atomic
def prove(*, person: User, code: str, at: datetime) -> bool:
    """Whether the code is the person's, of their app or for recovery; either counts once.

    Raises DecryptionError where the secret was encrypted with another SECRET_KEY.
    """
    factor = SecondFactor.objects.select_for_update().get(person=person)
    plain = "".join(code.split())
    if plain.isdecimal():
        step = matching_step(decrypt_secret(factor.secret), plain, at=at, after=factor.last_step)
        if step is None:
            return False
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        return True
    used, _each = RecoveryCode.objects.filter(
        factor=factor, hash__in=recovery_hashes(plain, person_pk=person.pk)
    ).delete()
    if used:
        _record(person, Action.USER_RECOVERY_CODE_USED, by=person, at=at, left=factor.recovery_codes.count())
    return bool(used)


@transaction.atomic
def renew_recovery_codes(*, person: User, at: datetime) -> list[str]:
    """Replace the recovery codes."""
    factor = SecondFactor.objects.select_for_update().get(person=person)
    _record(person, Action.USER_RECOVERY_CODES_RENEWED, by=person, at=at)
    return _new_codes(factor)


@transaction.atomic
def drop_second_factor(*, person: User, at: datetime) -> None:
    """The person does without from now on."""
    require(can_do_without_second_factor(person))
    SecondFactor.objects.filter(person=person).delete()
    _record(person, Action.USER_SECOND_FACTOR_DROPPED, by=person, at=at)


@transaction.atomic
def reset_second_factor(*, person: User, by: User | None, at: datetime) -> None:
    """For somebody whose phone is gone: they sign in with the password and set a new one up."""
    require(_may_help(by, person) and by != person)
    SecondFactor.objects.filter(person=person).delete()
    throttle.clear(person)
    end_sessions(person)
    _record(person, Action.USER_SECOND_FACTOR_RESET, by=by, at=at)


def _new_codes(factor: SecondFactor) -> list[str]:
    codes = new_recovery_codes()
    factor.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, hash=recovery_hash(code, person_pk=factor.person_id)) for code in codes
    )
    return codes


@transaction.atomic
def create_person_from_provider(*, username: str, name: str, court: Court, at: datetime) -> User:
    """An account, without any role, for somebody whom the identity provider knows and we do not."""
    person = User(username=username, name=name or username, court=court)
    person.set_unusable_password()
    person.full_clean(exclude=["password"])
    person.save()
    record(by=None, action="user.added", target=person, at=at, data={"by_single_sign_on": True})
    return person


def _may_help(by: User | None, person: User) -> bool:
    """Whether `by` may look after the person; None is a command on the server."""
    return by is None or may_look_after(by, person)


def _record(person: User, action: Action, *, by: User | None, at: datetime, **data: Any) -> None:
    record(by=by, action=action, target=person, at=at, data=data)
