import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.audit.models import AuditEvent, Chain
from apps.audit.selectors import chain_state
from apps.audit.services import record
from apps.core import guards
from tests.conftest import at
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    person = UserFactory(court__slug="kfq", name="张", username="zhang")
    for day in (1, 2, 3):
        record(
            by=person,
            action="test.done",
            target=person,
            court=person.court,
            at=at(f"2025-03-0{day} 09:00"),
            data={"day": day},
        )
    return Chain.objects.get(court="kfq")


def test_untouched_chain_is_whole(chain):
    state = chain_state(chain)

    assert (state.n_events, state.is_whole) == (3, True)


def test_events_are_numbered_and_name_who_did_what(chain):
    events = AuditEvent.objects.order_by("number").values_list("number", "by", "action")

    assert list(events) == [(number, "张 (zhang)", "test.done") for number in (1, 2, 3)]


def test_altered_event_is_named(chain):
    guards.drop_triggers(connection)
    AuditEvent.objects.filter(number=2).update(by="别人")

    assert chain_state(chain).broken == (2,)


def test_missing_events_are_named_in_the_middle_and_at_the_end(chain):
    guards.drop_triggers(connection)
    AuditEvent.objects.filter(number__in=(2, 3)).delete()

    state = chain_state(chain)

    assert state.missing == (2, 3)


def test_command_says_whether_the_chain_is_whole(chain, capsys):
    call_command("verify_audit")
    assert "kfq：3 条，完整" in capsys.readouterr().out

    guards.drop_triggers(connection)
    AuditEvent.objects.filter(number=1).update(action="test.other")
    with pytest.raises(CommandError):
        call_command("verify_audit")
