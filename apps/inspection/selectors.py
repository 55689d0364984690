"""The events of the audit trail that a person may read."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.audit.models import AuditEvent


def courts_audited_by(user: User) -> list[str] | None:
    """The address names of the courts whose trail the person may read; None for all of them."""
    if user.is_superuser:
        return None
    return [user.court.slug] if user.court and user.roles & {Role.PLAN_ADMIN, Role.INSPECTOR} else []


def events_found(user: User, filters: Mapping[str, Any]) -> QuerySet[AuditEvent]:
    """The events that answer the filter, newest first. `filters` is cleaned input."""
    events = AuditEvent.objects.all()
    courts = courts_audited_by(user)
    if courts is not None:
        events = events.filter(court__in=courts)
    if filters.get("who"):
        events = events.filter(by__icontains=filters["who"])
    for word in (filters.get("what") or "").split():
        events = events.filter(target_label__icontains=word)
    if filters.get("action"):
        events = events.filter(action=filters["action"])
    if filters.get("since"):
        events = events.filter(at__gte=_start_of(filters["since"]))
    if filters.get("until"):
        events = events.filter(at__lt=_start_of(filters["until"] + timedelta(days=1)))
    return events.order_by("-at", "-pk")


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
