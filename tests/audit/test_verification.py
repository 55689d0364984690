"""What a check of the whole record found is kept: the newest says how the record stands."""

from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from apps.audit import services
from apps.audit.models import AuditEvent, Verification
from apps.audit.selectors import chain_states, last_verification, records_state
from apps.audit.services import note_verification, record
from apps.core import guards
from tests.conftest import at
from tests.factories import UserFactory

NIGHT = at("2025-06-27 02:00")


@pytest.fixture
def acts(cast):
    for hour in (9, 10, 11):
        record(
            by=cast.leader,
            action="paper.issued",
            target=cast.measure,
            court=cast.leader.court,
            at=at(f"2025-06-26 {hour:02}:00"),
        )
    return cast


@time_machine.travel(NIGHT, tick=False)
def test_the_nightly_check_keeps_what_it_found_for_each_court(acts):
    call_command("verify_audit", stdout=StringIO())

    verification = last_verification()
    assert (verification.at, verification.is_whole, verification.n_events) == (NIGHT, True, 3)
    assert verification.chains == [{"court": "kfq", "n_events": 3, "broken": "", "missing": "", "is_whole": True}]
    assert verification.records == {"altered": 0, "missing": 0, "unrecorded": 0, "unguarded": 0}


def test_a_broken_chain_is_kept_as_broken(acts):
    guards.drop_triggers(connection)
    AuditEvent.objects.filter(number=2).update(by="另一人")
    guards.install(connection)

    with pytest.raises(CommandError):
        call_command("verify_audit", stdout=StringIO())

    verification = last_verification()
    assert (
        verification.is_whole,
        [(chain["court"], chain["broken"], chain["is_whole"]) for chain in verification.chains],
    ) == (
        False,
        [("kfq", "2", False)],
    )


def test_a_check_of_one_court_does_not_speak_for_the_whole(client, acts):
    client.force_login(acts.plan_admin)
    client.post(reverse("inspection:check"), {})
    assert last_verification() is None

    client.force_login(UserFactory(court=None, department=None, is_superuser=True))
    client.post(reverse("inspection:check"), {})
    assert last_verification().is_whole


def test_old_checks_make_room(acts, monkeypatch):
    monkeypatch.setattr(services, "MAX_VERIFICATIONS", 2)

    for night in (25, 26, 27):
        note_verification(chain_states(), records_state(), at=at(f"2025-06-{night} 02:00"))

    assert [verification.at for verification in Verification.objects.all()] == [
        at("2025-06-27 02:00"),
        at("2025-06-26 02:00"),
    ]
