"""Who may change what all courts of an installation share."""

from apps.accounts.choices import Role
from apps.accounts.models import Court, User
from apps.accounts.permissions import has_role


def can_keep_sets(user: User) -> bool:
    """Published sets and their reference ranges are the same for every court here: they are kept by the plan admin
    of the only court, or of the one above all others; where no court is above all others, by the superuser."""
    if user.is_active and user.is_superuser:
        return True
    court = user.court
    if court is None or court.parent_id is not None or not has_role(user, Role.PLAN_ADMIN, court):
        return False
    return not Court.objects.filter(parent=None).exclude(pk=court.pk).exists()
