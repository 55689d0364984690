"""The state of a person's sign-in, for the person and for who looks after them."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from apps.accounts.models import User
from apps.signin.models import SecondFactor
from apps.signin.permissions import can_do_without_second_factor, is_second_factor_offered


def sign_in_state(person: User) -> dict[str, Any]:
    """`n_recovery_codes` are those left; None where there is no second factor."""
    factor = SecondFactor.objects.filter(person=person).first()
    return {
        "has_second_factor": factor is not None,
        "n_recovery_codes": factor.recovery_codes.count() if factor else None,
        "second_factor_offered": is_second_factor_offered(),
        "may_do_without": can_do_without_second_factor(person),
        "has_password": person.has_usable_password(),
    }


def certificate_problems() -> tuple[str, ...]:
    """Sentences about certificates of the identity provider and the directory that Python 3.13 refuses.

    By name, for these modules need requirements-sso.txt and are imported only where they are set up.
    """
    modules = {"apps.signin.oidc": settings.OIDC_ISSUER, "apps.signin.directory": settings.LDAP_URL}
    found = (import_string(f"{module}.certificate_problem")() for module, is_set_up in modules.items() if is_set_up)
    return tuple(filter(None, found))


def people_looked_after_by(user: User) -> QuerySet[User]:
    """Whose sign-in the person may help with; narrowed to one person by `may_look_after`."""
    people = User.objects.all()
    return people if user.is_superuser else people.filter(court=user.court_id, court__isnull=False, is_superuser=False)
