"""The events of the audit trail that a person may read."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from apps.accounts.choices import Role
from apps.audit.models import AuditEvent


def courts_audited_by(user):
    """The address names of the courts whose trail the person may read; None for all of them."""
    if user.is_superuser:
        return None
    return [user.court.slug] if user.court_id and user.roles & {Role.PLAN_ADMIN, Role.INSPECTOR} else []


def events_found(user, asked):
    """The events that answer the filter, newest first. `asked` is cleaned input."""
    events = AuditEvent.objects.all()
    courts = courts_audited_by(user)
    if courts is not None:
        events = events.filter(court__in=courts)
    if asked.get("who"):
        events = events.filter(by__icontains=asked["who"])
    for word in (asked.get("what") or "").split():
        events = events.filter(target_label__icontains=word)
    if asked.get("action"):
        events = events.filter(action=asked["action"])
    if asked.get("since"):
        events = events.filter(at__gte=_start_of(asked["since"]))
    if asked.get("until"):
        events = events.filter(at__lt=_start_of(asked["until"] + timedelta(days=1)))
    return events.order_by("-at", "-pk")


def _start_of(day):
    return timezone.make_aware(datetime.combine(day, time.min))
