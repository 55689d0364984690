"""The plan's office in the browser: checkup, the way of a plan, the closed year."""

from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from apps.assessment.archive import document_of
from apps.assessment.selectors import standing_of
from apps.audit.models import AuditEvent
from apps.audit.rules import digest_of
from apps.audit.selectors import records_state
from apps.office.checkup import attention_of, checkup_of
from apps.office.models import YearEnd
from apps.plans.choices import PlanStatus
from apps.plans.models import Plan
from tests.conftest import at
from tests.factories import (
    IndicatorFactory,
    MeasureFactory,
    PillarFactory,
    PlanFactory,
    ProgressEntryFactory,
    QuoteFactory,
    ReadingEntryFactory,
    TargetFactory,
)
from tests.office.conftest import NOW


def address(name, *more, year=2025):
    return reverse(f"office:{name}", args=["kfq", year, *more])


def found(checkup):
    return {str(item.title): [link.label for link in item.links] for item in checkup.missing}


def test_checkup_finds_what_is_missing_and_nothing_else(cast):
    plan, measure = cast.measure.plan, cast.measure
    measure.leader = cast.leader
    measure.save()
    TargetFactory(indicator=IndicatorFactory(measure=measure, code="1.1-1"), low=1)
    assert found(checkup_of(standing_of(plan, on=plan.starts_on))) == {}

    Plan.objects.filter(pk=plan.pk).update(source_text="深化党建新实践。\n加快法院文化建设，形成一批有影响的成果。")
    plan.refresh_from_db()
    QuoteFactory(measure=measure, text="深化党建新实践。")
    bare = MeasureFactory(plan=plan, pillar=measure.pillar, code="1.2", title="光杆", lead=None, deadline=None)
    IndicatorFactory(measure=bare, code="1.2-1", name="没有目标")
    IndicatorFactory(measure=bare, code="1.2-2", name="力争的", strength="aim")
    IndicatorFactory(measure=bare, code="1.2-3", name="综合", kind="all_met", strength="aim")

    assert found(checkup_of(standing_of(plan, on=plan.starts_on))) == {
        "没有牵头部门": ["1.2 光杆"],
        "没有完成时限": ["1.2 光杆"],
        "没有分管院领导": ["1.2 光杆"],
        "必须完成的指标没有目标值": ["1.2-1 没有目标"],
        "综合指标没有成员": ["1.2-3 综合"],
        "没有注明原文出处": ["1.2 光杆"],
        "原文还没有分解的段落": ["加快法院文化建设，形成一批有影响的成果。"],
    }


def test_empty_plan_is_told_what_blocks_it(cast):
    plan = PlanFactory(court=cast.plan_admin.court, year=2026, status=PlanStatus.DRAFT, opened_at=None)

    checkup = checkup_of(standing_of(plan, on=plan.starts_on))

    assert [str(item.title) for item in checkup.missing if item.blocks_opening] == ["没有支柱", "没有举措"]


def test_attention_names_what_is_owed_and_what_lacks_figures(cast):
    TargetFactory(indicator=IndicatorFactory(measure=cast.measure, code="1.1-1", name="缺数"), low=1)

    missing = found(attention_of(standing_of(cast.measure.plan, on=date(2025, 7, 15), known=NOW)))

    assert missing == {
        "报送期内，还没有确认填报": [f"{cast.measure} · 2025年10月14日截止"],
        "缺数据的指标": ["1.1-1 缺数"],
    }


@pytest.mark.parametrize(
    ("name", "status"),
    [("plan_admin", 200), ("leader", 403), ("inspector", 403), ("reporter", 403), ("reviewer", 403), ("outsider", 404)],
)
def test_office_is_for_those_who_keep_the_plan(client, cast, name, status):
    client.force_login(getattr(cast, name))

    assert client.get(address("home")).status_code == status


def test_plan_goes_its_way_through_the_pages(client, cast):
    plan = PlanFactory(
        court=cast.plan_admin.court, year=2026, title="下一年的计划", status=PlanStatus.DRAFT, opened_at=None
    )
    MeasureFactory(plan=plan, pillar=PillarFactory(plan=plan), code="1.1", lead=cast.reporter.department)

    def make_move(by, move, **sent):
        client.force_login(by)
        return client.post(address("transition", move, year=2026), sent)

    def status():
        return Plan.objects.get(year=2026).status

    assert make_move(cast.plan_admin, "ask").url == address("home", year=2026)
    client.force_login(cast.leader)
    assert str(plan) in client.get(reverse("dashboard:my_work")).content.decode()
    page = client.get(address("draft", year=2026))
    assert "确认计划" in page.content.decode()
    make_move(cast.leader, "return", reason="补充时限")
    assert status() == "draft"
    make_move(cast.plan_admin, "ask")
    make_move(cast.leader, "confirm")
    assert str(plan) not in client.get(reverse("dashboard:my_work")).content.decode()
    assert client.get(reverse("dashboard:plan", args=["kfq", 2026])).status_code == 404
    make_move(cast.plan_admin, "open")
    assert status() == "open"
    assert client.get(reverse("dashboard:plan", args=["kfq", 2026])).status_code == 200


def test_step_that_lacks_something_is_said_and_changes_nothing(client, cast):
    Plan.objects.update(status=PlanStatus.ASKED, opened_at=None)
    client.force_login(cast.leader)

    response = client.post(address("transition", "return"), {"reason": ""})

    assert [str(message) for message in get_messages(response.wsgi_request)] == ["请写明理由。"]
    assert Plan.objects.get().status == PlanStatus.ASKED
    assert client.post(address("transition", "close")).status_code == 403
    assert client.post(address("transition", "burn")).status_code == 404


def test_draft_is_not_shown_to_others(client, cast):
    Plan.objects.update(status=PlanStatus.DRAFT, opened_at=None)

    seen = set()
    for name in ("plan_admin", "leader", "inspector", "reporter", "reviewer", "outsider"):
        client.force_login(getattr(cast, name))
        if client.get(address("draft")).status_code == 200:
            seen.add(name)

    assert seen == {"plan_admin", "leader", "inspector"}


def test_ways_on_a_drafts_page_lead_to_the_plan_that_is_open(client, cast):
    draft = PlanFactory(court=cast.plan_admin.court, year=2026, status=PlanStatus.DRAFT, opened_at=None)
    client.force_login(cast.plan_admin)

    page = client.get(address("home", year=2026))

    ways = [link.url for link in page.context["page"].nav]
    assert reverse("dashboard:plan", args=["kfq", 2025]) in ways
    assert all("/2026/" not in way for way in ways)
    assert draft.title in page.content.decode()


def test_closed_year_is_kept_with_its_checksum(client, cast):
    ProgressEntryFactory(measure=cast.measure, percent=60, accepted_at=at("2025-06-29 09:00"))
    reading = ReadingEntryFactory(indicator=IndicatorFactory(measure=cast.measure), accepted_at=at("2025-06-29 09:00"))
    client.force_login(cast.plan_admin)

    response = client.post(address("transition", "close"))

    year_end = YearEnd.objects.get()
    assert response.url == address("year_end")
    plan = Plan.objects.get()
    assert plan.status == PlanStatus.CLOSED
    assert year_end.document == document_of(standing_of(plan, on=date(2025, 12, 31), known=NOW))
    assert year_end.checksum == digest_of(year_end.document)
    (measure,) = year_end.document["pillars"][0]["measures"]
    assert (measure["percent"], measure["indicators"][0]["value"]) == ("60", str(reading.value))
    assert [event.action for event in AuditEvent.objects.order_by("number")] == ["plan.close", "plan.year_kept"]
    assert records_state([cast.plan_admin.court]).is_whole
    client.force_login(cast.reporter)
    page = client.get(response.url).content.decode()
    assert year_end.checksum in page
    assert "留存的内容与校验值相符" in page
    assert "结果与归档时不同" not in page
    exported = client.get(f"{response.url}?format=json")
    assert exported.json() == year_end.document
    assert "year-end-kfq-2025.json" in exported["Content-Disposition"]


def test_year_that_is_not_closed_has_no_end(client, cast):
    client.force_login(cast.plan_admin)

    assert client.get(address("year_end")).status_code == 404
    assert client.get(reverse("office:entrance")).url == address("home")


def test_court_without_an_open_plan_leads_to_the_one_being_prepared(client, cast):
    Plan.objects.update(status=PlanStatus.ASKED, opened_at=None)

    pages = {}
    for name in ("leader", "plan_admin", "reporter"):
        client.force_login(getattr(cast, name))
        pages[name] = address("draft") in client.get(reverse("dashboard:home")).content.decode()

    assert pages == {"leader": True, "plan_admin": True, "reporter": False}
