"""Who a person is to a court."""

from apps.accounts.choices import Role


def may_see_court(user, court):
    """Own court, or one that is theirs to supervise."""
    if user.is_superuser:
        return True
    return user.court_id is not None and user.court_id in (court.pk, court.parent_id)


def has_role(user, role, court):
    """Whether the person holds the role in this very court; supervising gives sight, not roles."""
    return user.is_active and user.court_id == court.pk and role in user.roles


def is_plan_admin(user, court):
    """The office that keeps the plan; the superuser stands in where there is none yet."""
    return has_role(user, Role.PLAN_ADMIN, court) or (user.is_active and user.is_superuser)


def can_see_audit(user, court):
    return is_plan_admin(user, court) or has_role(user, Role.INSPECTOR, court)


def may_look_after(by, person):
    """Whether the sign-in of that person is theirs to help with; of superusers, only for superusers."""
    if by.is_superuser and by.is_active:
        return True
    return person.court is not None and not person.is_superuser and has_role(by, Role.PLAN_ADMIN, person.court)
