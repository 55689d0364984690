"""The trail as people read, take along and check it."""

import csv
import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from apps.accounts.choices import Role
from apps.audit.models import AuditEvent, Chain
from apps.audit.selectors import chain_state, still_holds
from apps.audit.services import record
from apps.audit.wording import lines_of, ranges
from apps.core import guards
from apps.plans.services import OrderDetails, order_deadline
from tests.conftest import at
from tests.factories import UserFactory

TRAIL, EXPORT, CHECK = (reverse(f"inspection:{name}") for name in ("trail", "export", "check"))


@pytest.fixture
def events(cast):
    """Three events of one court, and one of another."""
    for day, person, action, data in (
        (1, cast.plan_admin, "deadline.ordered", {"before": None, "after": "2025-11-30", "reason": "=1+1"}),
        (2, cast.plan_admin, "report.approved", {"revision": 2}),
        (3, cast.reviewer, "report.approved", {"revision": 3}),
    ):
        record(
            by=person,
            action=action,
            target=cast.measure,
            court=cast.measure.plan.court,
            at=at(f"2025-03-0{day} 23:30"),
            data=data,
        )
    record(
        by=cast.outsider,
        action="report.approved",
        target=cast.outsider,
        court=cast.outsider.court,
        at=at("2025-03-02 09:00"),
    )


@pytest.fixture
def inspector(client, cast, events):
    client.force_login(cast.inspector)
    return client


def numbers(response):
    return [row["event"].number for row in response.context["rows"]]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("reporter", 403),
        ("reviewer", 403),
        ("leader", 403),
        ("colleague", 403),
        ("outsider", 403),
        ("plan_admin", 200),
        ("inspector", 200),
    ],
)
def test_trail_is_for_the_office_and_the_inspector(client, cast, events, who, status):
    client.force_login(getattr(cast, who))

    assert client.get(TRAIL).status_code == client.post(CHECK).status_code == status
    assert client.post(EXPORT).status_code == status


def test_each_court_reads_its_own(client, cast, events, inspector):
    assert numbers(inspector.get(TRAIL)) == [3, 2, 1]
    theirs = UserFactory(court=cast.outsider.court, roles=[Role.INSPECTOR])
    client.force_login(theirs)
    assert numbers(client.get(TRAIL)) == [1]
    client.force_login(UserFactory(court=None, department=None, is_superuser=True))
    assert len(numbers(client.get(TRAIL))) == 4


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [3, 2, 1]),
        ({"action": "report.approved"}, [3, 2]),
        ({"since": "2025-03-02"}, [3, 2]),
        ({"until": "2025-03-01"}, [1]),
        ({"since": "2025-03-02", "until": "2025-03-02"}, [2]),
        ({"what": "1.1"}, [3, 2, 1]),
        ({"what": "1.1 没有"}, []),
        ({"who": "没有"}, []),
    ],
)
def test_filter_finds_by_action_day_object_and_person(inspector, query, found):
    assert numbers(inspector.get(TRAIL, query)) == found


def test_filter_finds_by_person(inspector, cast):
    assert numbers(inspector.get(TRAIL, {"who": cast.reviewer.name})) == [3]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "三月"}, "since"),
        ({"since": "2025-03-02", "until": "2025-03-01"}, "until"),
        ({"what": "长" * 500}, "what"),
        ({"action": "nonsense"}, "action"),
    ],
)
def test_unreadable_filter_is_said(inspector, query, field):
    response = inspector.get(TRAIL, query)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]


@pytest.mark.parametrize("who", ["\x00", "%", "'", "\u202e"])
def test_odd_characters_find_nothing_and_break_nothing(inspector, who):
    assert inspector.get(TRAIL, {"who": who}).status_code == 200


@pytest.mark.parametrize("n_more", [1, 3, 60])
def test_trail_takes_the_same_number_of_queries(inspector, cast, django_assert_num_queries, n_more):
    for _number in range(n_more):
        record(
            by=cast.leader,
            action="test.done",
            target=cast.measure,
            court=cast.measure.plan.court,
            at=at("2025-04-01 09:00"),
        )

    with django_assert_num_queries(6):
        response = inspector.get(TRAIL)

    assert response.context["page_obj"].paginator.count == 3 + n_more


def test_export_is_a_safe_table_and_on_record(inspector):
    response = inspector.post(EXPORT, {"until": "2025-03-02"})
    text = b"".join(response.streaming_content).decode()

    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert [row[1] for row in rows] == ["序号", "2", "1"]
    assert rows[2][2] == "2025-03-01 23:30:00"
    assert "调整前: —\n调整后: 2025-11-30\n理由: =1+1" in rows[2][6]
    assert response["Content-Disposition"].startswith('attachment; filename="audit-kfq-2025-03-02-')
    event = AuditEvent.objects.filter(court="kfq").latest("number")
    assert (event.action, event.data) == ("audit.exported", {"filter": {"until": "2025-03-02"}, "n_events": 2})


def test_cell_that_looks_like_a_formula_is_told_as_text(inspector, cast):
    cast.measure.title = "x"
    for start in "=+-@":
        record(
            by=cast.leader,
            action=f"{start}SUM(A1)",
            target=cast.measure,
            court=cast.measure.plan.court,
            at=at("2025-04-01 09:00"),
        )

    text = b"".join(inspector.post(EXPORT, {"until": "2025-04-01", "since": "2025-04-01"}).streaming_content).decode()

    assert [row[4] for row in csv.reader(io.StringIO(text[1:]))][1:] == [
        "'@SUM(A1)",
        "'-SUM(A1)",
        "'+SUM(A1)",
        "'=SUM(A1)",
    ]


def test_check_says_that_all_stands_and_is_on_record(inspector, cast):
    order_deadline(
        measure=cast.measure,
        due=date(2025, 11, 30),
        details=OrderDetails(reason="提前", by=cast.plan_admin, at=at("2025-03-05 09:00")),
    )

    page = inspector.post(CHECK).content.decode()

    assert "4 条，逐条相符，没有改动，没有缺失。" in page
    assert "1 条，与审计记录中的封存值逐条相符" in page
    event = AuditEvent.objects.filter(court="kfq").latest("number")
    assert (event.action, event.data) == ("audit.checked", {"n_events": 4, "is_whole": True})


def test_check_names_what_was_altered_and_what_is_missing(inspector):
    guards.drop_triggers(connection)
    AuditEvent.objects.filter(court="kfq", number=1).update(by="别人")
    AuditEvent.objects.filter(court="kfq", number=2).delete()

    page = inspector.post(CHECK).content.decode()

    assert "被改动的序号：1, 3。缺失的序号：2。" in page
    assert "防改动机制缺失" in page
    assert AuditEvent.objects.filter(court="kfq").latest("number").data["is_whole"] is False


def test_chain_that_takes_no_event_is_shown_nevertheless(inspector):
    guards.drop_triggers(connection)
    Chain.objects.filter(court="kfq").update(last_number=1)

    page = inspector.post(CHECK)

    assert page.status_code == 200
    assert "审计记录不完整" in page.content.decode()


def test_chain_that_lost_its_end_is_shown_nevertheless(inspector):
    Chain.objects.filter(court="kfq").delete()

    page = inspector.post(CHECK)

    assert page.status_code == 200
    assert "被改动的序号：1–3。" in page.content.decode()


def test_name_of_a_court_that_has_a_trail_stands(client, cast, events):
    client.force_login(UserFactory(court=None, department=None, is_superuser=True, is_staff=True))
    court = cast.measure.plan.court

    page = client.get(reverse("admin:accounts_court_change", args=[court.pk]))

    assert "slug" not in page.context["adminform"].form.fields


def test_what_was_noted_down_is_compared(inspector, cast):
    event = AuditEvent.objects.get(court="kfq", number=2)

    def posted(**typed):
        return inspector.post(CHECK, typed).content.decode()

    assert "到这一条为止的记录没有变过" in posted(number="2", noted_hash=event.hash.upper())
    assert "与记下的不符" in posted(number="1", noted_hash=event.hash)
    assert "序号和校验值须一并填写。" in posted(number="2")
    assert "校验值是 64 位的数字和字母" in posted(number="2", noted_hash="abc")
    assert "请填写整数。" in posted(number="二", noted_hash=event.hash)


def test_chain_rewritten_from_some_event_on_is_found_by_what_was_noted(events):
    """Whoever can write the whole database can also compute every hash anew: the note kept elsewhere tells."""
    noted = AuditEvent.objects.get(court="kfq", number=3)
    guards.drop_triggers(connection)
    AuditEvent.objects.filter(court="kfq", number=3).delete()
    chain = Chain.objects.get(court="kfq")
    chain.last_number, chain.last_hash = 2, AuditEvent.objects.get(court="kfq", number=2).hash
    chain.save()

    assert chain_state(chain).is_whole
    assert not still_holds(court="kfq", number=3, noted_hash=noted.hash)


def test_end_of_chain_that_was_exchanged_is_named(events):
    chain = Chain.objects.get(court="kfq")
    chain.last_hash = "0" * 64
    chain.save()

    assert chain_state(chain).broken == (3,)


def test_command_compares_what_was_noted(events, capsys):
    event = AuditEvent.objects.get(court="kfq", number=2)
    call_command("verify_audit", anchor=[f"kfq:2:{event.hash}"])
    assert "kfq 第 2 条：与记下的相同" in capsys.readouterr().out

    for anchor in (f"kfq:1:{event.hash}", "kfq", "kfq:x:y"):
        with pytest.raises(CommandError):
            call_command("verify_audit", anchor=[anchor])


def test_numbers_are_folded():
    assert ranges([3, 12, 13, 14, 18]) == "3, 12–14, 18"
    assert ranges([]) == ""


def test_content_is_told_flat_and_in_words():
    lines = lines_of({"before": {"low": "24"}, "is_met": True, "ledger": [1, 2], "seals": {"made": {}}, "other": None})

    assert [(line.name, line.value) for line in lines] == [
        ("调整前 · 目标值（下限）", "24"),
        ("台账记录", "1; 2"),
        ("评定为达标", "是"),
        ("other", "—"),
    ]
