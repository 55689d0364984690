import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.accounts.models import User
from apps.audit.choices import Action, action_label, changes_pages
from apps.audit.models import AuditEvent, Chain
from apps.audit.selectors import chain_state
from apps.audit.services import record
from apps.core import guards
from apps.plans.choices import PlanMove
from apps.supervision.choices import ClosingMove, ExtensionMove, InstructionMove
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


# What an act changes


@pytest.mark.parametrize(
    ("action", "revision"),
    [
        (Action.INSTRUCTION_READ, 3),
        (Action.REPORT_APPROVED, 4),
        (Action.DEADLINE_ORDERED, 4),
        ("court.changed", 4),  # a row saved in the back office
        ("not.declared", 4),
    ],
)
def test_revision_rises_with_an_act_that_changes_pages(chain, action, revision):
    person = User.objects.get(username="zhang")

    record(by=person, action=action, target=person, court=person.court, at=at("2025-03-04 09:00"))

    chain.refresh_from_db()
    assert chain.revision == revision


def test_revised_at_never_goes_back(chain):
    person = User.objects.get(username="zhang")

    record(by=person, action="x.changed", target=person, court=person.court, at=at("2024-01-01 09:00"))

    before = chain.revised_at
    chain.refresh_from_db()
    assert chain.revised_at == before


def test_stored_action_is_plain_text(chain):
    person = User.objects.get(username="zhang")

    record(by=person, action=Action.AUDIT_CHECKED, target=person, court=None, at=at("2025-03-04 09:00"))

    event = AuditEvent.objects.get(court="")
    assert (event.action, action_label(event.action)) == ("audit.checked", "核验审计记录")
    assert chain_state(Chain.objects.get(court="")).is_whole


@pytest.mark.parametrize(
    "name",
    [
        f"{matter}.{move}"
        for matter, moves in (
            ("plan", PlanMove),
            ("instruction", InstructionMove),
            ("extension", ExtensionMove),
            ("closing", ClosingMove),
        )
        for move in moves
    ],
)
def test_every_transition_is_a_declared_action(name):
    assert name in Action
    assert changes_pages(name)
