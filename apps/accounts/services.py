from collections.abc import Iterable

from django.db.models import F

from apps.accounts.choices import STAFF_ROLES
from apps.accounts.models import User

# A person's rights depend on these fields: changing one ends every session of theirs.
FIELDS_ENDING_SESSIONS = frozenset({"groups", "is_active", "court", "department", "username"})


def end_sessions(person: User) -> None:
    """End every session of the person, on any machine. It is part of another act, which records it."""
    User.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
    person.refresh_from_db(fields=["session_generation"])


def apply_rights(person: User, *, changed: Iterable[str]) -> bool:
    """Bring `is_staff` and the sessions in line after these fields were saved; returns whether sessions ended.

    The admin and the import both call it. Sessions that began before carry the rights of before.
    """
    needs_admin = person.is_superuser or person.groups.filter(name__in=STAFF_ROLES).exists()
    if person.is_staff != needs_admin:
        person.is_staff = needs_admin
        person.save(update_fields=["is_staff"])
    has_other_rights = not FIELDS_ENDING_SESSIONS.isdisjoint(changed)
    if has_other_rights:
        end_sessions(person)
    return has_other_rights
