"""The pages everyone reads, as the fixed cast sees them."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from apps.accounts.choices import Role
from apps.assessment.cases import worked_cases
from apps.plans.models import Plan
from apps.plans.services import OrderDetails, add_node, order_deadline, order_thresholds
from apps.reporting.choices import ReportStatus
from tests.conftest import at
from tests.factories import (
    GoalFactory,
    IndicatorFactory,
    MeasureFactory,
    PlanFactory,
    ProgressEntryFactory,
    QuoteFactory,
    ReadingEntryFactory,
    ReportFactory,
    TargetFactory,
    UserFactory,
)

# The session, the person, their roles, the plan, and twelve for its standing.
N_STANDING = 12 + 6

PAGES = ["plan", "measures", "indicators"]


@pytest.fixture(autouse=True)
def mid_year():
    with time_machine.travel("2025-07-15 10:00+08:00", tick=False):
        yield


def address(name, *args):
    return reverse(f"dashboard:{name}", args=["kfq", 2025, *args])


def fill(plan, pillar, n_measures, by):
    GoalFactory(plan=plan)
    for _number in range(n_measures):
        measure = MeasureFactory(plan=plan, pillar=pillar, lead__court=plan.court)
        measure.support.add(measure.lead)
        indicator = IndicatorFactory(measure=measure)
        TargetFactory(indicator=indicator)
        ReadingEntryFactory(indicator=indicator, accepted_by=by)
        ProgressEntryFactory(measure=measure, accepted_by=by)


@pytest.mark.parametrize(
    ("on", "word", "state"),
    [("2025-06-02", "未到期", "planned"), ("2025-06-03", "未到期", "planned"), ("2025-06-04", "逾期未完成", "overdue")],
)
def test_page_and_light_agree_on_a_node_due_on_a_holiday(client, cast, on, word, state):
    """Saturday 31 May 2025 (端午) moves to Tuesday 3 June: list, line of the year and findings say the same."""
    add_node(
        measure=cast.measure,
        title="方案",
        due=date(2025, 5, 31),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )
    client.force_login(cast.leader)

    page = client.get(f"{address('measure', '1.1')}?on={on}").content.decode()

    assert re.findall(r"timeline__item--(\w+)", page) == re.findall(r"year-line__stop--(\w+)", page) == [state]
    assert word in page
    assert ("个节点逾期未完成" in page) == (state == "overdue")


@pytest.mark.parametrize("n_measures", [1, 3, 5, 100])
@pytest.mark.parametrize(("name", "n_more"), [("plan", 1), ("measures", 1), ("indicators", 0)])
def test_page_takes_the_same_number_of_queries(client, cast, django_assert_num_queries, name, n_more, n_measures):
    fill(cast.measure.plan, cast.measure.pillar, n_measures, by=cast.plan_admin)
    client.force_login(cast.leader)

    with django_assert_num_queries(N_STANDING + n_more):
        response = client.get(address(name))

    assert len(response.context["standing"].measures) == n_measures + 1


@pytest.mark.parametrize("n_rows", [1, 3])
def test_measure_takes_the_same_number_of_queries(client, cast, django_assert_num_queries, n_rows):
    for number in range(n_rows):
        indicator = IndicatorFactory(measure=cast.measure)
        TargetFactory(indicator=indicator)
        ReadingEntryFactory(indicator=indicator, accepted_by=cast.plan_admin)
        QuoteFactory(measure=cast.measure, order=number + 1)
        ReportFactory(
            measure=cast.measure,
            window_start=date(2025, number + 1, 1),
            window_end=date(2025, number + 1, 28),
            status=ReportStatus.APPROVED,
            author=cast.reporter,
            submitted_by=cast.reporter,
            submitted_at=at("2025-06-01 09:00"),
        )
    client.force_login(cast.leader)

    with django_assert_num_queries(N_STANDING + 6):
        client.get(address("measure", cast.measure.code))


@pytest.mark.parametrize("n_rows", [1, 3])
def test_my_work_takes_the_same_number_of_queries(client, cast, django_assert_num_queries, n_rows):
    for _number in range(n_rows):
        MeasureFactory(plan=cast.measure.plan, lead=cast.reporter.department)
    client.force_login(cast.reporter)

    with django_assert_num_queries(21):
        response = client.get(reverse("dashboard:my_work"))

    assert len(response.context["tasks"]) == 3 * (n_rows + 1)


def test_home_leads_to_the_newest_plan_of_ones_court(client, cast):
    PlanFactory(court=cast.measure.plan.court, year=2024)
    client.force_login(cast.leader)

    assert client.get("/").headers["Location"] == address("plan")


def test_person_without_a_plan_is_told_so(client, cast):
    client.force_login(cast.outsider)

    assert "本院还没有启用的年度工作计划" in client.get("/").content.decode()


@pytest.mark.parametrize(
    "path",
    ["", "pillars/1/", "measures/", "measures/1.1/", "measures/1.1/report/", "indicators/", "indicators/1.1-1/"],
)
def test_another_courts_pages_are_not_there(client, cast, path):
    client.force_login(cast.outsider)

    assert client.get(f"{address('plan')}{path}").status_code == 404


def test_draft_plan_is_not_there(client, cast):
    Plan.objects.update(status="draft")
    client.force_login(cast.leader)

    assert client.get(address("plan")).status_code == 404


def test_supervising_court_may_look(client, cast):
    court = cast.measure.plan.court
    court.parent = cast.outsider.court
    court.save()
    client.force_login(cast.outsider)

    assert client.get(address("plan")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "pillars/99/",
        "pillars/99999999999999999999999/",
        "measures/9.9/",
        "measures/%00/",
        "measures/1.1/reports/99999999999999999999999/",
        "indicators/9.9-9/",
    ],
)
def test_what_the_plan_does_not_have_answers_404(client, cast, path):
    client.force_login(cast.leader)

    assert client.get(f"{address('plan')}{path}").status_code == 404


def test_day_asked_for_is_shown_as_known_then(client, cast):
    ProgressEntryFactory(
        measure=cast.measure, percent=40, speaks_of=date(2025, 3, 31), accepted_at=at("2025-04-02 09:00")
    )
    client.force_login(cast.leader)

    then = client.get(address("plan") + "?on=2025-03-31")
    now = client.get(address("plan") + "?on=2025-03-31&known=now")

    assert then.context["standing"].roll_up.percent is None
    assert now.context["standing"].roll_up.percent == 40
    assert "截至2025年3月31日，按当日所知" in then.content.decode()
    assert "截至2025年3月31日，按现在所知" in now.content.decode()


@pytest.mark.parametrize("typed", ["2025-02-30", "昨天", "2019-01-01", "2026-01-01"])
def test_day_that_cannot_be_shown_is_said_and_today_is_shown(client, cast, typed):
    client.force_login(cast.leader)

    response = client.get(address("plan"), {"on": typed})

    assert f"“{typed}”不是 2025-01-01 至今天之间的日期" in response.content.decode() or typed == "2026-01-01"
    assert str(response.context["standing"].on) == "2025-07-15"


def test_year_that_is_over_shows_its_last_day_as_known_now(client, cast):
    ProgressEntryFactory(
        measure=cast.measure,
        percent=100,
        speaks_of=date(2025, 12, 31),
        accepted_at=at("2026-02-01 09:00"),
        is_late=True,
    )

    with time_machine.travel("2026-03-01 10:00+08:00", tick=False):
        client.force_login(cast.leader)
        response = client.get(address("plan"))

    assert str(response.context["standing"].on) == "2025-12-31"
    assert response.context["standing"].roll_up.percent == 100
    assert "年终口径" in response.content.decode()
    assert "补报" in response.content.decode()


def codes(response):
    return [row.measure.code for row in response.context["found"]]


@pytest.fixture
def found(client, cast):
    plan, pillar = cast.measure.plan, cast.measure.pillar
    second = MeasureFactory(plan=plan, pillar=pillar, code="1.2", title="推进“切实解决执行难”", order=30_000)
    QuoteFactory(measure=second, text="加强与公安、住建、税务等部门联动")
    IndicatorFactory(measure=second, name="执行到位率", code="1.2-1")
    ProgressEntryFactory(measure=second, percent=90)
    client.force_login(cast.leader)

    def ask(**question):
        return codes(client.get(address("measures"), question))

    return ask


def test_measures_are_found_by_what_people_remember(found, cast):
    assert found() == ["1.1", "1.2"]
    assert found(q="执行难") == ["1.2"]
    assert found(q="税务") == ["1.2"]
    assert found(q="到位率") == ["1.2"]
    assert found(q="1.2") == ["1.2"]
    assert found(q=cast.measure.lead.name) == ["1.1"]
    assert found(q="执行 税务") == ["1.2"]
    assert found(q="没有这个词") == []


def test_measures_are_filtered_and_sorted(found, cast):
    assert found(light="watch") == ["1.2"]
    assert found(department=cast.measure.lead.slug) == ["1.1"]
    assert found(pillar=cast.measure.pillar.number) == ["1.1", "1.2"]
    assert found(sort="light") == ["1.2", "1.1"]
    assert found(sort="percent") == ["1.2", "1.1"]


def test_filter_that_cannot_be_read_is_left_out(found):
    assert found(light="purple", pillar="x", sort="y") == ["1.1", "1.2"]


def test_filter_answers_htmx_with_the_table_only(client, cast):
    client.force_login(cast.leader)

    page = client.get(address("measures"), headers={"HX-Request": "true"}).content.decode()

    assert "data-found" in page
    assert "<html" not in page


def test_measure_tells_its_story(client, cast):
    order_deadline(
        measure=cast.measure,
        due=date(2026, 3, 31),
        details=OrderDetails(reason="施工延期", by=cast.plan_admin, at=at("2025-06-12 10:00")),
    )
    ProgressEntryFactory(measure=cast.measure, percent=20, text="已开展调研", problems="缺少场地")
    QuoteFactory(measure=cast.measure, text="深化融入式党建新实践")
    client.force_login(cast.leader)

    page = client.get(address("measure", "1.1")).content.decode()

    for sentence in (
        "序时应达 42.95%，已报 20%，落后 22.95 个百分点",
        "连续 1 期未报",
        "原定 2025年12月31日，已调整 1 次",
        "施工延期",
        "已开展调研",
        "缺少场地",
        "深化融入式党建新实践",
    ):
        assert sentence in page


def test_zero_is_shown_as_zero_and_nothing_as_nothing(client, cast):
    zero, nothing = (
        IndicatorFactory(measure=cast.measure, code="1.1-1"),
        IndicatorFactory(measure=cast.measure, code="1.1-2"),
    )
    for indicator in (zero, nothing):
        TargetFactory(indicator=indicator)
    ReadingEntryFactory(indicator=zero, value=0)
    client.force_login(cast.leader)

    pages = [client.get(address("indicator", code)).content.decode() for code in ("1.1-1", "1.1-2")]
    values = [re.search(r"<dt>现值</dt>\s*<dd>([^<]*)</dd>", page)[1].strip() for page in pages]

    assert values == ["0", "无数据"]


def test_my_work_shows_what_is_owed_most_pressing_first(client, cast):
    ReportFactory(
        measure=cast.measure,
        status=ReportStatus.RETURNED,
        author=cast.reporter,
        submitted_by=cast.reporter,
        submitted_at=at("2025-06-20 09:00"),
    )
    client.force_login(cast.reporter)

    tasks = client.get(reverse("dashboard:my_work")).context["tasks"]

    assert [(task.kind, str(task.window.end)) for task in tasks] == [
        ("returned", "2025-06-30"),
        ("report", "2025-03-31"),
        ("report", "2025-09-30"),
    ]


def test_finished_work_does_not_stay_on_the_list(client, cast):
    ReportFactory(
        measure=cast.measure,
        window_start=date(2025, 7, 1),
        window_end=date(2025, 9, 30),
        status=ReportStatus.SUBMITTED,
        author=cast.reporter,
        submitted_by=cast.reporter,
        submitted_at=at("2025-07-10 09:00"),
    )
    client.force_login(cast.reporter)

    response = client.get(reverse("dashboard:my_work"))

    assert response.context["tasks"] == []
    assert "没有要办的事" in response.content.decode()


def test_leader_sees_own_measures_worst_first(client, cast):
    cast.measure.leader = cast.leader
    cast.measure.save()
    client.force_login(cast.leader)

    page = client.get(reverse("dashboard:my_work")).content.decode()

    assert "我分管的举措" in page
    assert cast.measure.title in page


def test_example_data_is_named_on_every_page(client, cast):
    court = cast.measure.plan.court
    court.has_demo_data = True
    court.save()
    court.refresh_from_db()
    plan_admin = type(cast.plan_admin).objects.get(pk=cast.plan_admin.pk)
    client.force_login(plan_admin)

    pages = [address(page) for page in PAGES] + ["/my-work/", "/reviews/", "/password/", "/admin/", "/nowhere/"]
    unnamed = [page for page in pages if "示例数据" not in client.get(page).content.decode()]

    assert unnamed == []


def test_english_is_one_switch_away_and_a_browsers_wish_does_not_count(client, cast):
    client.force_login(cast.leader)
    wish = {"Accept-Language": "en-US,en;q=0.9"}
    assert 'lang="zh-Hans"' in client.get(address("plan"), headers=wish).content.decode()

    client.post(reverse("set_language"), {"language": "en", "next": address("plan")})

    assert 'lang="en"' in client.get(address("plan")).content.decode()


def test_superuser_without_a_court_finds_a_way_in(client, cast):
    client.force_login(UserFactory(court=None, department=None, is_superuser=True, is_staff=True))

    assert client.get("/", follow=True).status_code == 200
    assert client.get("/my-work/").status_code == 200
    assert client.get("/reviews/").status_code == 200


def test_reviewer_finds_what_waits_on_my_work(client, cast):
    ReportFactory(
        measure=cast.measure,
        status=ReportStatus.SUBMITTED,
        author=cast.reporter,
        submitted_by=cast.reporter,
        submitted_at=at("2025-06-20 09:00"),
    )
    client.force_login(cast.reviewer)

    response = client.get(reverse("dashboard:my_work"))

    assert Role.REVIEWER in cast.reviewer.roles
    assert len(response.context["waiting"]) == 1


@pytest.mark.parametrize(
    ("name", "is_on", "status"), [("leader", True, 404), ("plan_admin", True, 200), ("plan_admin", False, 404)]
)
def test_gallery_is_for_those_who_build_pages(client, cast, settings, name, is_on, status):
    settings.GALLERY = is_on
    client.force_login(getattr(cast, name))

    assert client.get("/gallery/").status_code == status


def test_rules_are_shown_with_every_worked_case(client, cast):
    client.force_login(cast.colleague)

    page = client.get("/rules/").content.decode()

    assert [case.name for case in worked_cases() if case.name not in page] == []


def test_working_names_facts_orders_and_rule(client, cast):
    ProgressEntryFactory(measure=cast.measure, percent=20, accepted_by=cast.reviewer)
    order_thresholds(
        plan=cast.measure.plan,
        watch_gap=5,
        late_gap=50,
        details=OrderDetails(reason="从严", by=cast.plan_admin, at=at("2025-02-01 09:00")),
    )
    client.force_login(cast.leader)

    page = client.get(address("measure", "1.1")).content.decode()

    for words in (
        "落后达到关注阈值为关注，达到滞后阈值为滞后。",
        f"{cast.reviewer.name}于 2025-04-01 10:00 确认",
        "落后 5 个百分点为关注，50 个为滞后",
        "从严",
        "确认过的进展不足三次，暂不推算",
    ):
        assert words in page


def test_year_without_a_calendar_says_so(client, cast):
    Plan.objects.update(year=2039)
    client.force_login(cast.leader)

    with time_machine.travel("2039-07-01 10:00+08:00", tick=False):
        client.force_login(cast.leader)
        page = client.get(reverse("dashboard:plan", args=["kfq", 2039])).content.decode()

    assert "2039 年的放假调休安排尚未收录，工作日暂按周一至周五计算。" in page
