"""Who tries to act where they may not is refused, changes nothing, and is on record."""

import pytest
from django.test import Client

from apps.audit.models import AuditEvent
from apps.reporting.models import Report


@pytest.mark.parametrize(
    ("who", "act", "status"),
    [
        ("reporter", "approve/", 403),
        ("reporter", "return/", 403),
        ("colleague", "approve/", 404),
        ("outsider", "approve/", 404),
        ("inspector", "return/", 403),
    ],
)
def test_refused_attempt_is_recorded_and_changes_nothing(client, cast, submitted, who, act, status):
    person = getattr(cast, who)
    client.force_login(person)
    before = AuditEvent.objects.count()
    url = submitted.get_absolute_url() + act

    assert client.post(url, {"reason": "试一试"}).status_code == status

    event = AuditEvent.objects.latest("pk")
    assert AuditEvent.objects.count() == before + 1
    assert (event.action, event.court, event.by) == ("refused", person.court.slug, f"{person.name} ({person.username})")
    assert event.data == {"method": "POST", "path": url, "status": status}
    assert Report.objects.get().status == "submitted"


def test_address_that_leads_nowhere_is_no_attempt(client, cast):
    client.force_login(cast.colleague)

    assert client.post("/nowhere/at/all/x/").status_code == 404
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("path", ["/reviews/", "/kfq/2025/measures/9.9/", "/nowhere/"])
def test_looking_is_not_recorded(client, cast, path):
    client.force_login(cast.colleague)
    client.get(path)
    client.head(path)

    assert not AuditEvent.objects.exists()


def test_stranger_and_old_page_are_not_recorded(cast, submitted):
    before = AuditEvent.objects.count()
    url = submitted.get_absolute_url() + "approve/"

    assert Client().post(url).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.outsider)
    assert strict.post(url).status_code == 403
    assert AuditEvent.objects.count() == before
