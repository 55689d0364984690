"""Cached pages: no act leaves a stale one, nobody is shown another person's, an unchanged one costs little."""

import inspect
import re
from datetime import date, timedelta
from zlib import crc32

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.selectors import revision_of_all
from apps.dashboard import page_cache
from apps.indicators import services as of_indicators
from apps.indicators.choices import Kind, Strength
from apps.indicators.models import Indicator, IndicatorSet, SetEntry
from apps.indicators.rules import TargetValues
from apps.ledger import services as of_ledger
from apps.ledger.models import LedgerEntry
from apps.plans import services as of_plans
from apps.plans.choices import Adjustment, Cadence
from apps.plans.rules import windows_of
from apps.plans.services import OrderDetails
from apps.reporting import services as of_progress
from apps.reporting.content import ReportContent
from apps.supervision import services as of_oversight
from tests import test_rights as rights
from tests.extent import EXTENT, FULL
from tests.factories import IndicatorFactory, TargetFactory
from tests.reporting.conftest import save, window  # noqa: F401 – fixtures
from tests.test_admin import form_data
from tests.test_rights import NOW, everybody, ground  # noqa: F401 – fixtures

QUARTERS = windows_of(year=2025, cadence="quarterly", grace_days=5)
PAGES = ("plan", "measures", "measure", "indicators", "indicator", "department", "pillar", "year", "source")


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def evidence(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path


@pytest.fixture
def addresses(cast):
    # One that may lack its figure: the measure can be closed, and 无变化 can be said.
    IndicatorFactory(measure=cast.measure, code="1.1-1", strength=Strength.AIM, cadence=Cadence.YEARLY)
    more = {
        "measure": ["1.1"],
        "indicator": ["1.1-1"],
        "department": [cast.measure.lead.slug],
        "pillar": [cast.measure.pillar.number],
    }
    return [reverse(f"dashboard:{name}", args=["kfq", 2025, *more.get(name, [])]) for name in PAGES]


def sign_in(client, person):
    """As force_login, which would begin a new session for every page."""
    if client.session.get(SESSION_KEY) != str(person.pk):
        client.force_login(person)


def page_of(client, person, address):
    """The page as this person gets it, without the token of its forms, which is another one each time."""
    sign_in(client, person)
    response = client.get(address)
    if response.status_code != 200:
        return response.status_code, ""  # the page bears the request's own number
    page = response.content.decode()
    return response.status_code, re.sub(r'(name="csrfmiddlewaretoken" value=|"X-CSRFToken": )"\w{64}"', r"\1…", page)


def fresh(client, person, address):
    cache.clear()
    return page_of(client, person, address)


def some_of(addresses, request):
    """All in a full run. Every act raises the revision, and every page goes by it: here a few, others for each test."""
    return addresses if EXTENT == FULL else addresses[crc32(request.node.name.encode()) % 4 :: 4]


def all_fresh(client, people, addresses):
    """{(person, address): page} with an empty cache: each page of each person is built anew."""
    cache.clear()
    return {(person.pk, address): page_of(client, person, address) for person in people for address in addresses}


# One act a service, on a court where the measure has a draft, a report waiting, and so on as the act needs it.


def order_target(ground):  # noqa: F811
    of_indicators.order_target(
        indicator=Indicator.objects.first(),
        values=TargetValues(low=3),
        details=OrderDetails(reason="调整", by=office(ground), at=NOW),
    )


def set_members(ground):  # noqa: F811
    member = IndicatorFactory(measure=ground.cast.measure)
    composite = IndicatorFactory(measure=ground.cast.measure, kind=Kind.ALL_MET)
    of_indicators.set_members(indicator=composite, members=[member], by=office(ground), at=NOW)


def a_set_with_a_range(ground):  # noqa: F811
    indicator_set = IndicatorSet.objects.create(
        name="体系", version="一", source_document="文件", valid_from=date(2024, 1, 1)
    )
    SetEntry.objects.create(
        indicator_set=indicator_set,
        name=Indicator.objects.first().name,
        low=1,
        high=2,
        document="某号文",
        document_date=date(2024, 9, 1),
    )


def adopt_set(ground):  # noqa: F811
    plan = ground.cast.measure.plan
    of_indicators.adopt_set(plan=plan, indicator_set=IndicatorSet.objects.get(), by=office(ground), at=NOW)


def judge(ground):  # noqa: F811
    by_hand = IndicatorFactory(measure=ground.cast.measure, kind=Kind.JUDGED)
    of_ledger.judge_indicator(
        indicator=by_hand, is_met=True, judged_on=NOW.date(), reason="合格", by=office(ground), at=NOW
    )


def enter_reading(ground):  # noqa: F811
    of_ledger.enter_reading(
        indicator=Indicator.objects.first(),
        period_start=date(2025, 1, 1),
        period_end=date(2025, 6, 1),
        value=4,
        by=office(ground),
        at=NOW,
    )


def office(ground):  # noqa: F811
    return User.objects.get(pk=ground.cast.plan_admin.pk)


def close_measure(ground):  # noqa: F811
    of_ledger.close_measure(measure=ground.cast.measure, closed_on=NOW.date(), result="完成", by=office(ground), at=NOW)


def withdraw_entry(ground):  # noqa: F811
    of_ledger.withdraw_entry(entry=LedgerEntry.objects.get(), reason="有误", by=office(ground), at=NOW)


def order_deadline(ground):  # noqa: F811
    of_plans.order_deadline(
        measure=ground.cast.measure,
        due=date(2025, 6, 1),
        details=OrderDetails(reason="提前", by=office(ground), at=NOW),
    )


def add_node(ground):  # noqa: F811
    of_plans.add_node(
        measure=ground.cast.measure,
        title="一步",
        due=date(2025, 9, 1),
        details=OrderDetails(reason="计划下达", by=office(ground), at=NOW),
    )


def order_adjustment(ground):  # noqa: F811
    of_plans.order_adjustment(
        measure=ground.cast.measure,
        adjustment=Adjustment.PAUSE,
        details=OrderDetails(reason="暂停", by=office(ground), at=NOW),
    )


def order_thresholds(ground):  # noqa: F811
    of_plans.order_thresholds(
        plan=ground.cast.measure.plan,
        watch_gap=1,
        late_gap=2,
        details=OrderDetails(reason="从严", by=office(ground), at=NOW),
    )


def assign_measure(ground):  # noqa: F811
    measure = ground.cast.measure
    of_plans.assign_measure(
        measure=measure, lead=measure.lead, leader=ground.cast.leader, support=[], by=office(ground), at=NOW
    )


def close_plan(ground):  # noqa: F811
    of_plans.transition_plan(plan=ground.cast.measure.plan, move="close", by=office(ground), at=NOW)


def reported_in_the_first_quarter(ground):  # noqa: F811
    cast = ground.cast
    report = of_progress.save_draft(
        measure=cast.measure,
        department=cast.measure.lead,
        window=QUARTERS[0],
        content=ReportContent(text="一季度", percent=20),
        revision=0,
        by=cast.reporter,
        at=NOW,
    )
    of_progress.submit_report(report=report, by=cast.reporter, at=NOW)
    of_progress.approve_report(report=report, by=cast.reviewer, at=NOW)


def no_change(ground):  # noqa: F811
    cast = ground.cast
    of_progress.report_no_change(
        measure=cast.measure, department=cast.measure.lead, window=QUARTERS[1], by=cast.reporter, at=NOW
    )


def add_file(ground):  # noqa: F811
    file = SimpleUploadedFile("说明.pdf", b"%PDF-1.4\n%%EOF\n")
    of_progress.add_evidence_file(report=ground.report, file=file, by=ground.cast.reporter, at=NOW)


def add_link(ground):  # noqa: F811
    return of_progress.add_evidence_link(
        report=ground.report, url="https://example.org/a", name="页", by=ground.cast.reporter, at=NOW
    )


def draft_with_evidence(ground):  # noqa: F811
    rights.draft(ground)
    ground.evidence = add_link(ground)


def remove_evidence(ground):  # noqa: F811
    of_progress.remove_evidence(evidence=ground.evidence, by=ground.cast.reporter, at=NOW)


def of_report(service, person, **more):
    return lambda ground: getattr(of_progress, service)(  # noqa: F811
        report=ground.report, by=User.objects.get(pk=getattr(ground.cast, person).pk), at=NOW, **more
    )


def step(kind, move, person):
    def act(ground):  # noqa: F811
        by = User.objects.get(pk=getattr(ground.cast, person).pk)
        of_oversight.transition(item=getattr(ground, kind), move=move, text="意见", by=by, at=NOW)

    return act


# {service, and of what where one service has several cases: (what has to stand before, the act)}
ACTS = {
    "indicators.order_target": (rights.nothing, order_target),
    "indicators.set_members": (rights.nothing, set_members),
    "indicators.adopt_set": (a_set_with_a_range, adopt_set),
    "ledger.judge_indicator": (rights.nothing, judge),
    "ledger.enter_reading": (rights.nothing, enter_reading),
    "ledger.close_measure": (rights.nothing, close_measure),
    "ledger.withdraw_entry": (rights.closed, withdraw_entry),
    "plans.order_deadline": (rights.nothing, order_deadline),
    "plans.add_node": (rights.nothing, add_node),
    "plans.order_adjustment": (rights.nothing, order_adjustment),
    "plans.order_thresholds": (rights.nothing, order_thresholds),
    "plans.assign_measure": (rights.nothing, assign_measure),
    "plans.transition_plan": (rights.nothing, close_plan),
    "progress.save_draft": (rights.nothing, rights.draft),
    "progress.report_no_change": (reported_in_the_first_quarter, no_change),
    "progress.submit_report": (rights.draft, of_report("submit_report", "reporter")),
    "progress.approve_report": (rights.submitted, of_report("approve_report", "reviewer")),
    "progress.return_report": (rights.submitted, of_report("return_report", "reviewer", reason="补充")),
    "progress.withdraw_approval": (rights.approved, of_report("withdraw_approval", "plan_admin", reason="有误")),
    "progress.recall_report": (rights.submitted, of_report("recall_report", "reporter")),
    "progress.add_evidence_file": (rights.draft, add_file),
    "progress.add_evidence_link": (rights.draft, add_link),
    "progress.remove_evidence": (draft_with_evidence, remove_evidence),
    "oversight.instruct": (rights.nothing, rights.instructed),
    "oversight.transition of an instruction": (rights.instructed, step("instruction", "answer", "reporter")),
    "oversight.ask_extension": (rights.nothing, rights.extension_asked),
    "oversight.transition of an extension": (rights.endorsed, step("extension", "grant", "leader")),
    "oversight.ask_closing": (rights.nothing, rights.closing_asked),
    "oversight.transition of a closing": (rights.closing_asked, step("closing", "confirm", "plan_admin")),
}
# Parts of acts, called by the services above and never by a page, and what no page of a plan tells of.
PARTS = {"plans.issue_order", "plans.set_deadline", "ledger.accept", "ledger.withdraw_batch"}
TOLD_NOWHERE = {"oversight.mark_read"}


def test_every_service_has_its_row():
    rooms = {
        "indicators": of_indicators,
        "ledger": of_ledger,
        "oversight": of_oversight,
        "plans": of_plans,
        "progress": of_progress,
    }
    services = {
        f"{room}.{name}"
        for room, module in rooms.items()
        for name, service in inspect.getmembers(module, inspect.isfunction)
        if service.__module__.startswith(module.__name__)
        and not name.startswith("_")
        and ({"by", "at"} <= (names := set(inspect.signature(service).parameters)) or "details" in names)
    }

    assert services == {name.partition(" ")[0] for name in ACTS} | PARTS | TOLD_NOWHERE


@pytest.mark.parametrize(("before", "act"), ACTS.values(), ids=ACTS.keys())
def test_no_act_leaves_a_stale_page(client, ground, addresses, request, before, act):  # noqa: F811
    addresses = some_of(addresses, request)
    court, readers = ground.cast.measure.plan.court, (ground.cast.reporter, ground.cast.leader)
    before(ground)
    for person in readers:
        page_of(client, person, addresses[0])  # the cookie that cached pages go with
        for address in addresses:
            assert page_of(client, person, address)[0] == 200
    stood = revision_of_all([court.slug])

    act(ground)

    assert revision_of_all([court.slug]).numbers > stood.numbers
    pages = {(person.pk, address): page_of(client, person, address) for person in readers for address in addresses}
    assert pages == all_fresh(client, readers, addresses)


def test_draft_kept_again_by_its_writer_changes_no_page(client, ground, window, addresses):  # noqa: F811
    """The browser keeps a draft every few seconds; no page says anything else for it, and none is built again."""
    rights.draft(ground)
    cast, stood = ground.cast, revision_of_all([ground.cast.measure.plan.court.slug])
    pages = {(cast.reporter.pk, address): page_of(client, cast.reporter, address) for address in addresses}

    of_progress.save_draft(
        measure=cast.measure,
        department=cast.measure.lead,
        window=window,
        content=ReportContent(text="又写了些", percent=55),
        revision=ground.report.revision,
        by=cast.reporter,
        at=NOW,
        automatically=True,
    )

    assert revision_of_all([cast.measure.plan.court.slug]) == stood
    assert pages == all_fresh(client, [cast.reporter], addresses)


@pytest.mark.parametrize(
    ("what", "typed"),
    [("department", {"name": "改名的庭"}), ("user", {"name": "改名的人"}), ("court", {"name": "改名法院"})],
)
def test_no_change_in_the_back_office_leaves_a_stale_page(client, ground, addresses, what, typed):  # noqa: F811
    rights.approved(ground)
    cast, chief = ground.cast, User.objects.create_superuser("chief", name="管理", password="x")
    row = {"department": cast.measure.lead, "user": cast.reporter, "court": cast.measure.plan.court}[what]
    for address in addresses:
        page_of(client, cast.leader, address)
    office = Client()
    office.force_login(chief)
    url = reverse(f"admin:accounts_{what}_change", args=[row.pk])

    assert office.post(url, form_data(office.get(url)) | typed).status_code == 302

    pages = {(cast.leader.pk, address): page_of(client, cast.leader, address) for address in addresses}
    assert pages == all_fresh(client, [cast.leader], addresses)


def test_nobody_is_shown_another_persons_page(client, ground, everybody, addresses, request):  # noqa: F811
    """Each reads every page after all the others have; it is the page they would get alone."""
    addresses = some_of(addresses, request)
    rights.submitted(ground)
    rights.instructed(ground)
    for _round in range(3):  # the first brings the cookie that cached pages go with
        pages = {
            (name, address): page_of(client, person, address)
            for name, person in everybody.items()
            for address in addresses
        }

    alone = {
        (name, address): fresh(client, person, address) for name, person in everybody.items() for address in addresses
    }
    assert pages == alone
    assert {status for (name, _address), (status, _page) in pages.items() if name.endswith("elsewhere")} == {404}


def test_next_day_and_other_language_are_other_pages(client, cast, addresses, june):
    TargetFactory(indicator=Indicator.objects.get(), low=9, due=date(2025, 7, 1))
    today = page_of(client, cast.leader, addresses[0])

    client.cookies["django_language"] = "en"
    assert 'lang="en"' in page_of(client, cast.leader, addresses[0])[1]
    del client.cookies["django_language"]
    june.shift(timedelta(days=12))
    later = page_of(client, cast.leader, addresses[0])
    assert later != today
    assert later == fresh(client, cast.leader, addresses[0])


def marked(client, person, address):
    client.force_login(person)
    client.get(address)  # sets the cookie that the mark goes with
    return client.get(address)["ETag"]


def test_browser_that_has_the_page_is_told_so(client, ground, addresses, django_assert_num_queries):  # noqa: F811
    cast, address = ground.cast, addresses[0]
    mark = marked(client, cast.leader, address)
    assert mark == client.get(address)["ETag"]

    with django_assert_num_queries(4):  # session, person, revision, roles
        response = client.get(address, headers={"if-none-match": mark})
    with django_assert_num_queries(4):
        assert client.get(address).status_code == 200

    assert (response.status_code, response.content) == (304, b"")
    assert "no-cache" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    rights.instructed(ground)
    assert client.get(address, headers={"if-none-match": mark}).status_code == 200


def test_mark_of_one_person_is_none_of_anothers(client, cast, addresses):
    mark = marked(client, cast.leader, addresses[0])
    client.force_login(cast.inspector)

    response = client.get(addresses[0], headers={"if-none-match": mark})

    assert response.status_code == 200
    assert str(cast.inspector) in response.content.decode()


def test_cached_page_is_refused_when_the_right_to_see_it_is_gone(client, cast, addresses):
    mark = marked(client, cast.leader, addresses[0])
    cast.leader.court = cast.outsider.court
    cast.leader.department = None
    cast.leader.save()

    assert client.get(addresses[0], headers={"if-none-match": mark}).status_code == 404


def test_message_is_shown_once_and_on_no_other_page(client, cast, addresses):
    bad_day = f"{addresses[0]}?on=gestern"
    client.force_login(cast.leader)
    for _time in range(2):
        assert "gestern" in client.get(bad_day).content.decode()
    mark = marked(client, cast.leader, addresses[0])
    measure = addresses[PAGES.index("measure")]
    client.post(
        f"{measure}instruct/", {"text": "请说明", "answer_by": "2025-07-31", "department": cast.measure.lead.pk}
    )

    first = client.get(addresses[0], headers={"if-none-match": mark})
    again = client.get(addresses[0])

    assert 'class="message ' in first.content.decode()
    assert 'class="message ' not in again.content.decode()


def test_forms_of_a_cached_page_work(cast, addresses):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.leader)
    for _time in range(3):  # without the cookie, built, cached
        page = strict.get(addresses[0]).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w{64})"', page).group(1)
        assert strict.post("/i18n/setlang/", {"csrfmiddlewaretoken": token, "language": "en"}).status_code == 302


def test_nothing_is_kept_while_a_clock_runs_ahead(client, ground, addresses):  # noqa: F811
    """An act dated a minute from now is not on the page yet; it must be when the minute is over."""
    address = addresses[PAGES.index("measure")]
    of_oversight.instruct(
        measure=ground.cast.measure,
        department=ground.cast.measure.lead,
        text="稍后才到",
        answer_by=date(2025, 7, 1),
        by=ground.cast.leader,
        at=NOW + timedelta(minutes=1),
    )
    assert "稍后才到" not in page_of(client, ground.cast.reporter, address)[1]

    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        assert "稍后才到" in page_of(client, ground.cast.reporter, address)[1]


def test_a_role_taken_away_by_sql_holds_at_once(client, cast, addresses):
    """Whatever wrote it: no event says so, and the cached page and its mark are still there."""
    mark = marked(client, cast.plan_admin, addresses[0])
    assert "计划管理" in client.get(addresses[0]).content.decode()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user_groups WHERE user_id = %s", [cast.plan_admin.pk])

    response = client.get(addresses[0], headers={"if-none-match": mark})
    assert response.status_code == 200
    assert reverse("office:entrance") not in response.content.decode()


def test_another_courts_page_is_gone_as_soon_as_that_court_is_under_somebody_else(client, cast, addresses):
    """Whatever wrote it: no event says so, and the cached page and its mark are still there."""
    cast.measure.plan.court.parent = cast.outsider.court
    cast.measure.plan.court.save()
    mark = marked(client, cast.outsider, addresses[0])
    assert client.get(addresses[0], headers={"if-none-match": mark}).status_code == 304

    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_court SET parent_id = NULL WHERE id = %s", [cast.measure.plan.court.pk])

    assert client.get(addresses[0], headers={"if-none-match": mark}).status_code == 404


class BrokenCache:
    """A cache server that is down."""

    def __init__(self):
        self.n_calls = 0

    def get(self, key):
        self.n_calls += 1
        raise ConnectionError

    def set(self, key, value):
        self.n_calls += 1
        raise ConnectionError


def test_a_cache_that_fails_costs_no_page(client, cast, addresses, monkeypatch, caplog):
    broken = BrokenCache()
    monkeypatch.setattr(page_cache, "django_cache", broken)
    monkeypatch.setattr(page_cache, "_retry_at", 0.0)
    monkeypatch.setattr(page_cache, "monotonic", lambda: 100.0)
    client.force_login(cast.leader)

    assert [client.get(address).status_code for address in addresses * 2] == [200] * 2 * len(addresses)

    assert broken.n_calls == 1  # asked again only after a while
    assert [record.message for record in caplog.records if record.name == "apps.dashboard.page_cache"] == [
        "page cache unavailable, pages are built: ConnectionError"
    ]


def test_mark_of_more_than_one_copy_is_understood(client, cast, addresses):
    mark = marked(client, cast.leader, addresses[0])

    response = client.get(addresses[0], headers={"if-none-match": f'W/"another", {mark}'})

    assert (response.status_code, response["ETag"]) == (304, mark)
