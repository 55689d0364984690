"""Who a person is to a court."""

from apps.accounts.choices import Role
from apps.accounts.models import Court, User


def has_role(user: User, role: Role, court: Court) -> bool:
    """Whether the person holds the role in this very court; supervising gives sight, not roles."""
    return user.is_active and user.court_id == court.pk and role in user.roles


def is_plan_admin(user: User, court: Court) -> bool:
    """The court's plan admin, or the superuser."""
    return has_role(user, Role.PLAN_ADMIN, court) or (user.is_active and user.is_superuser)


def may_look_after(by: User, person: User) -> bool:
    """Whether the sign-in of that person is theirs to help with; of superusers, only for superusers."""
    if by.is_superuser and by.is_active:
        return True
    return person.court is not None and not person.is_superuser and has_role(by, Role.PLAN_ADMIN, person.court)
