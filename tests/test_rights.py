"""Who may do what: the table of docs/architecture.md, tried through HTTP by everybody in every state.

Whoever may not is answered 403 or 404, changes nothing, and leaves an event in the trail. Whoever may, but not in
this state, is told so, and nothing changes either.
"""

import functools
from dataclasses import dataclass, field
from zlib import crc32

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.reporting.models import Report
from apps.reporting.services import approve_report, return_report, submit_report
from apps.supervision.services import (
    ask_closing,
    ask_extension,
    instruct,
    transition,
)
from tests.attack.visitors import OF_VISITS, TRAIL, table_of, watched_writes
from tests.conftest import at
from tests.extent import EXTENT, FULL
from tests.factories import DepartmentFactory, IndicatorFactory, UserFactory
from tests.reporting.conftest import save, window  # noqa: F401 – fixtures
from tests.test_admin import form_data

NOW = at("2025-06-27 10:00")
UNCOUNTED = {"sessions.Session", "audit.AuditEvent", "audit.Chain"}


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def everybody(cast):
    """By name: each role in the lead, a supporting and another department, in another court, and in the one above."""
    call_command("loaddata", "roles", verbosity=0)
    court, lead = cast.measure.plan.court, cast.measure.lead
    court.parent = DepartmentFactory().court
    court.save()
    support, other = cast.supporter.department, cast.colleague.department

    def person(*roles, of=court, department=None):
        is_staff = bool({Role.PLAN_ADMIN, Role.INSPECTOR} & set(roles))
        return UserFactory(
            court=of, department=department or DepartmentFactory(court=of), roles=roles, is_staff=is_staff
        )

    people = {
        "reporter": cast.reporter,
        "reviewer": cast.reviewer,
        "colleague of the reporter": person(Role.REPORTER, department=lead),
        "nobody in the lead department": person(department=lead),
        "supporting reporter": cast.supporter,
        "supporting reviewer": person(Role.REVIEWER, department=support),
        "other reporter": cast.colleague,
        "other reviewer": person(Role.REVIEWER, department=other),
        "leader": cast.leader,
        "other leader": person(Role.LEADER),
        "plan admin": User.objects.get(pk=cast.plan_admin.pk),
        "inspector": person(Role.INSPECTOR),
    }
    for name, of in (("elsewhere", cast.outsider.court), ("above", court.parent)):
        for role in Role:
            people[f"{role} {name}"] = person(role, of=of)
    return people


WRITERS = {"reporter", "reviewer", "colleague of the reporter"}
SUPPORTERS = {"supporting reporter", "supporting reviewer"}
LEADERS = {"leader", "other leader"}


@dataclass
class Ground:
    """What the acts are about: one report, one instruction, one extension, one closing, each in a state."""

    cast: object
    save: object
    report: object = None
    instruction: object = None
    extension: object = None
    closing: object = None
    common: dict = field(default_factory=dict)


@pytest.fixture
def ground(cast, save):  # noqa: F811 – the fixture
    return Ground(cast=cast, save=save)


# How each matter comes into each state.


def draft(ground):
    ground.report = ground.save()


def submitted(ground):
    draft(ground)
    ground.report = submit_report(report=ground.report, by=ground.cast.reporter, at=NOW)


def returned(ground):
    submitted(ground)
    ground.report = return_report(report=ground.report, reason="请补充", by=ground.cast.reviewer, at=NOW)


def approved(ground):
    submitted(ground)
    ground.report = approve_report(report=ground.report, by=ground.cast.reviewer, at=NOW)


def nothing(ground):
    """Nothing has been asked or said yet."""


def instructed(ground):
    ground.instruction = instruct(
        measure=ground.cast.measure,
        department=ground.cast.measure.lead,
        text="请说明",
        answer_by=NOW.date(),
        by=ground.cast.leader,
        at=NOW,
    )


def answered(ground):
    instructed(ground)
    transition(item=ground.instruction, move="answer", text="已办", by=ground.cast.reporter, at=NOW)


def instruction_closed(ground):
    instructed(ground)
    transition(item=ground.instruction, move="close", by=ground.cast.leader, at=NOW)


def extension_asked(ground):
    ground.extension = ask_extension(
        measure=ground.cast.measure,
        reason="停工",
        progress="六成",
        new_due=NOW.date().replace(year=2026),
        by=ground.cast.reporter,
        at=NOW,
    )


def endorsed(ground):
    extension_asked(ground)
    transition(item=ground.extension, move="endorse", by=ground.cast.reviewer, at=NOW)


def endorsed_under_a_leader(ground):
    ground.cast.measure.leader = ground.cast.leader
    ground.cast.measure.save()
    endorsed(ground)


def granted(ground):
    endorsed(ground)
    transition(item=ground.extension, move="grant", text="同意", by=ground.cast.leader, at=NOW)


def closing_asked(ground):
    ground.closing = ask_closing(
        measure=ground.cast.measure,
        finished_on=NOW.date(),
        result="完成",
        by=ground.cast.reporter,
        at=NOW,
    )


def closed(ground):
    closing_asked(ground)
    transition(item=ground.closing, move="confirm", by=ground.cast.plan_admin, at=NOW)


MEASURE = "/kfq/2025/measures/1.1/"
WRITTEN = {"text": "改写", "percent": "60", "declared": "normal", "act": "save"}
ASKED = {"new_due": "2026-11-30", "reason": "停工", "progress": "六成"}
SAID = {"text": "说明", "answer_by": "2025-07-31", "reason": "理由"}


def write_address(ground):
    return f"{MEASURE}report/?window=2025-06-30"


def of(name, act):
    return lambda ground: getattr(ground, name).get_absolute_url() + f"{act}/"


def at_measure(act):
    return lambda ground: f"{MEASURE}{act}/"


# (act, address, what is sent, who may, in which state it can be done, the states it is tried in)
REPORT_STATES = (draft, submitted, returned, approved)
INSTRUCTION_STATES = (instructed, answered, instruction_closed)
EXTENSION_STATES = (extension_asked, endorsed, granted)
CLOSING_STATES = (closing_asked, closed)
ACTS = (
    ("approve", of("report", "approve"), {}, {"reviewer", "plan admin"}, {submitted}, REPORT_STATES),
    ("return", of("report", "return"), SAID, {"reviewer", "plan admin"}, {submitted}, REPORT_STATES),
    ("withdraw", of("report", "withdraw"), SAID, {"plan admin"}, {approved}, REPORT_STATES),
    ("recall", of("report", "recall"), {}, WRITERS, {submitted}, REPORT_STATES),
    ("instruct", at_measure("instruct"), SAID, LEADERS, {nothing}, (nothing,)),
    ("answer", of("instruction", "answer"), SAID, WRITERS, {instructed, answered}, INSTRUCTION_STATES),
    ("follow up", of("instruction", "follow_up"), SAID, {"leader"}, {instructed, answered}, INSTRUCTION_STATES),
    ("close", of("instruction", "close"), SAID, {"leader"}, {instructed, answered}, INSTRUCTION_STATES),
    ("take back", of("instruction", "withdraw"), SAID, {"leader"}, {instructed}, INSTRUCTION_STATES),
    (
        "ask extension",
        at_measure("extend"),
        ASKED,
        {"reporter", "colleague of the reporter"},
        {nothing, granted},
        (nothing, extension_asked, granted, closed),
    ),
    ("endorse", of("extension", "endorse"), SAID, {"reviewer"}, {extension_asked}, EXTENSION_STATES),
    ("decline", of("extension", "decline"), SAID, {"reviewer"}, {extension_asked}, EXTENSION_STATES),
    ("grant", of("extension", "grant"), SAID, LEADERS | {"plan admin"}, {endorsed}, EXTENSION_STATES),
    ("refuse", of("extension", "refuse"), SAID, LEADERS | {"plan admin"}, {endorsed}, EXTENSION_STATES),
    (
        "grant under a leader",
        of("extension", "grant"),
        SAID,
        LEADERS,
        {endorsed_under_a_leader},
        (endorsed_under_a_leader,),
    ),
    (
        "take extension back",
        of("extension", "withdraw"),
        SAID,
        {"reporter", "colleague of the reporter"},
        {extension_asked, endorsed},
        EXTENSION_STATES,
    ),
    (
        "ask closing",
        at_measure("close"),
        {"finished_on": "2025-06-20", "result": "完成"},
        WRITERS,
        {nothing},
        (nothing, closing_asked, closed),
    ),
    ("confirm", of("closing", "confirm"), SAID, {"plan admin"}, {closing_asked}, CLOSING_STATES),
    ("return closing", of("closing", "return"), SAID, {"plan admin"}, {closing_asked}, CLOSING_STATES),
    ("reopen", of("closing", "reopen"), SAID, {"plan admin"}, {closed}, CLOSING_STATES),
    ("take closing back", of("closing", "withdraw"), SAID, WRITERS, {closing_asked}, CLOSING_STATES),
)
TRIED = [
    pytest.param(address, sent, who, state in done_in, state, id=f"{act}-{state.__name__}")
    for act, address, sent, who, done_in, states in ACTS
    for state in states
]


@functools.cache
def _questions():
    """For each table that an act might change its query, in plain SQL: they are asked thousands of times."""
    queries, quote = {}, connection.ops.quote_name
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.label not in UNCOUNTED and meta.managed and not meta.proxy:
            # Signing in notes when.
            columns = [quote(column.column) for column in meta.concrete_fields if column.name != "last_login"]
            names, table, order = ", ".join(columns), quote(meta.db_table), quote(meta.pk.column)
            queries[meta.label] = f"SELECT {names} FROM {table} ORDER BY {order}"  # noqa: S608 – names of our own
    return queries


def rows():
    """Everything that an act might change, but for the moment of the last sign-in."""
    counts = {}
    with connection.cursor() as cursor:
        for label, question in _questions().items():
            cursor.execute(question)
            counts[label] = cursor.fetchall()
    return counts


class RolledBack(Exception):
    pass


def tried(client, person, url, sent, *, before):
    """(status, whether anything changed, events left in the trail) of one attempt, which is then undone."""
    last = AuditEvent.objects.order_by("pk").last()
    outcome = []
    client.force_login(person)
    try:
        with transaction.atomic():
            with watched_writes() as statements:
                status = client.post(url, sent).status_code
            left = AuditEvent.objects.filter(pk__gt=last.pk if last else 0).order_by("pk")
            wrote = {table_of(sql) for sql in statements} - OF_VISITS - TRAIL
            outcome = [status, bool(wrote) and rows() != before, list(left.values_list("action", flat=True))]
            raise RolledBack
    except RolledBack:
        return outcome


def trying(everybody, request):
    """Everybody in a full run; else of the ten of other courts one of each, other ones with each row of the table."""
    strangers = [name for name in everybody if name.endswith((" elsewhere", " above"))]
    turn = crc32(request.node.name.encode()) % len(Role)
    left_out = set() if EXTENT == FULL else set(strangers) - set(strangers[turn :: len(Role)])
    return {name: person for name, person in everybody.items() if name not in left_out}


@pytest.mark.parametrize(("address", "sent", "may", "is_now", "state"), TRIED)
def test_everybody_tries_everything_in_every_state(
    client, ground, everybody, request, address, sent, may, is_now, state
):
    state(ground)
    department = {"department": ground.cast.measure.lead.pk}
    url, before = address(ground), rows()

    wrong = {}
    for name, person in trying(everybody, request).items():
        status, changed, left = tried(client, User.objects.get(pk=person.pk), url, sent | department, before=before)
        if name not in may:
            as_should_be = status in (403, 404) and not changed and left == ["refused"]
        elif is_now:
            as_should_be = status == 302 and changed and "refused" not in left
        else:
            as_should_be = status in (200, 302) and not changed and left == []
        if not as_should_be:
            wrong[name] = (status, changed, left)

    assert wrong == {}


@pytest.mark.parametrize("act", ["save", "submit"])
@pytest.mark.parametrize("state", [nothing, draft, returned, submitted, approved])
def test_everybody_tries_to_write_a_report(client, ground, everybody, request, state, act):
    """The lead's report only while it is open; a supporting department's own in any case."""
    state(ground)
    revision, before = {"revision": Report.objects.get().revision if ground.report else 0}, rows()

    wrong = {}
    for name, person in trying(everybody, request).items():
        is_supporting = name in SUPPORTERS
        sent = WRITTEN | {"act": act} | ({} if is_supporting else revision)
        person_now = User.objects.get(pk=person.pk)
        status, changed, left = tried(client, person_now, write_address(ground), sent, before=before)
        if name not in WRITERS | SUPPORTERS:
            as_should_be = status in (403, 404) and not changed and left == ["refused"]
        elif is_supporting or state in (nothing, draft, returned):
            as_should_be = status == 302 and changed and "refused" not in left
        else:
            as_should_be = status in (200, 302) and not changed and left == []
        if not as_should_be:
            wrong[name] = (status, changed, left)

    assert wrong == {}


def test_everybody_tries_to_give_an_order(client, cast, everybody):
    """In the back office: only the plan admin of this very court; others are sent to sign in, or refused."""
    indicator = IndicatorFactory(measure=cast.measure)
    url = reverse("admin:indicators_indicator_change", args=[indicator.pk])
    client.force_login(everybody["plan admin"])
    typed = {"targets-0-low": "2", "targets-0-effective_from": "2025-06-12", "targets-0-reason": "调整"}
    sent, before = form_data(client.get(url)) | typed, rows()

    changed_by = {
        name
        for name, person in everybody.items()
        if tried(client, User.objects.get(pk=person.pk), url, sent, before=before)[1]
    }

    assert changed_by == {"plan admin"}


@pytest.mark.parametrize("page", ["inspection:trail", "inspection:check"])
def test_trail_is_for_office_and_inspector_each_of_their_own_court(client, cast, everybody, page):
    reading = {name for name, person in everybody.items() if _status(client, person, reverse(page)) == 200}

    assert reading == {
        "plan admin",
        "inspector",
        *(f"{role} {where}" for role in (Role.PLAN_ADMIN, Role.INSPECTOR) for where in ("elsewhere", "above")),
    }


def _status(client, person, url):
    client.force_login(person)
    return client.get(url).status_code
