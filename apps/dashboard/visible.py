"""Which plans of a court a person may see, and which roles the person has: kept for as long as no promise changes.

Whatever gives or takes a right is an act, and raises `definition_revision` in the revision of the court or of the person's own
(`audit.services.record`); what the person's own row says is read anew with every request, and asked for here.
"""

from django.conf import settings

from apps.core.remembered import Remembered
from apps.plans.selectors import plans_visible_to

AN_HOUR = 60 * 60
_kept = Remembered(most=2048, seconds=AN_HOUR)


def plans_of(user, court, revision):
    """The court's plans that the person may see, newest first, for reading only. `court` is its address name."""
    if not settings.PROMISES_ARE_KEPT:
        return _read(user, court)
    key = (court, revision.definitions, user.pk, user.court_id, user.department_id, user.is_superuser)
    kept = _kept.get(key)
    if kept is None:
        kept = (_read(user, court), user.roles)
        _kept.put(key, kept)
    plans, user.roles = kept
    return plans


def _read(user, court):
    return list(plans_visible_to(user).filter(court__slug=court).order_by("-year"))
