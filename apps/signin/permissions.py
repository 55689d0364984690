"""What a person may do about their own sign-in; about that of others, see `accounts.permissions.may_look_after`."""

from django.conf import settings

from apps.accounts.models import User
from apps.signin.choices import SecondFactorPolicy
from apps.signin.rules import needs_second_factor
from apps.signin.sessions import is_admin


def is_second_factor_offered() -> bool:
    return bool(settings.SECOND_FACTOR != SecondFactorPolicy.OFF)


def can_do_without_second_factor(person: User) -> bool:
    return not needs_second_factor(settings.SECOND_FACTOR, is_admin=is_admin(person))
