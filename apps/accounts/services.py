from django.db.models import F

from apps.accounts.models import User


def end_sessions(person):
    """From now on every session of the person is over, on whatever machine; part of an act, which is recorded there."""
    User.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
    person.refresh_from_db(fields=["session_generation"])
