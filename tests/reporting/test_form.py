"""The report form as it helps: what figures would mean, keeping while one types, what outlives a session."""

import json
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.indicators.choices import Accumulation
from apps.plans.services import OrderDetails, add_node
from apps.reporting.choices import ReportStatus
from apps.reporting.models import Report, ReportReading
from tests.conftest import at
from tests.factories import IndicatorFactory, ReadingEntryFactory, TargetFactory

NOW = "2025-06-26 09:00+08:00"


@pytest.fixture(autouse=True)
def late_june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def address(cast):
    return reverse("reporting:write", args=["kfq", 2025, cast.measure.code]) + "?window=2025-06-30"


@pytest.fixture
def typed():
    return {"text": "进展顺利", "percent": "50", "declared": "normal", "revision": "0"}


@pytest.fixture
def indicator(cast):
    """At least 20 in the year, 5 by the end of March."""
    indicator = IndicatorFactory(measure=cast.measure, unit="件", name="结案数")
    TargetFactory(indicator=indicator, low=20)
    ReadingEntryFactory(indicator=indicator)
    return indicator


@pytest.fixture
def figure(indicator):
    prefix = f"reading-{indicator.pk}-"
    return {f"{prefix}value": "17", f"{prefix}start": "2025-01-01", f"{prefix}end": "2025-06-26"}


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


# What the figures would mean


@pytest.fixture
def what_if(client, cast, indicator):
    client.force_login(cast.reporter)
    address = reverse("reporting:what_if", args=["kfq", 2025, cast.measure.code]) + "?window=2025-06-30"
    return lambda data: client.post(address, data | {"of": str(indicator.pk)}).content.decode()


def test_typed_figure_is_judged_and_nothing_is_saved(what_if, typed, figure):
    page = what_if(typed | figure)

    assert "现值 17 件" in page
    assert "已达目标的 85%" in page
    assert "进度 50%，序时 48" in page
    assert Report.objects.count() == AuditEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("part", "value", "sentence"),
    [
        ("value", "4", "比上次的 5 小；年初至今的累计数一般不会减少，请核对。"),
        ("value", "170", "与上次的 5 相差很大，请核对。"),
        ("value", "十七", "请填写数字。"),
        ("start", "2025-04-01", "所填起始日不在年初，请核对。"),
    ],
)
def test_doubt_about_a_typed_figure_is_said(what_if, indicator, typed, figure, part, value, sentence):
    assert sentence in what_if(typed | figure | {f"reading-{indicator.pk}-{part}": value})


def test_figure_that_cannot_be_read_is_left_out_and_the_rest_judged(what_if, indicator, typed, figure):
    page = what_if(typed | figure | {f"reading-{indicator.pk}-value": "x", "percent": "100"})

    assert "按此数据" not in page
    assert "进度 100%" in page


def test_published_rate_that_differs_from_its_parts_is_only_doubted(client, cast, typed, address):
    rate = IndicatorFactory(measure=cast.measure, has_parts=True, scale=100, unit="%")
    prefix = f"reading-{rate.pk}-"
    published = {
        f"{prefix}numerator": "12",
        f"{prefix}denominator": "13",
        f"{prefix}value": "92.30",
        f"{prefix}start": "2025-01-01",
        f"{prefix}end": "2025-06-26",
    }
    client.force_login(cast.reporter)

    page = client.post(address, typed | published | {"act": "save"}, follow=True).content.decode()

    assert "所报数值 92.3 与分子、分母算得的 92.31 不一致，将以所报数值为准，请核对。" in page
    assert ReportReading.objects.get().value == Decimal("92.30")


def test_saved_draft_says_the_same_without_a_script(client, cast, address, typed, figure):
    client.force_login(cast.reporter)

    page = client.post(address, typed | figure | {"act": "save"}, follow=True).content.decode()

    assert "已达目标的 85%" in page
    assert "按所填内容，举措状态：" in page


@pytest.mark.parametrize("n_more", [0, 2])
def test_looking_ahead_takes_the_same_number_of_queries(
    client, cast, indicator, typed, figure, django_assert_num_queries, n_more
):
    for _ in range(n_more):
        more = IndicatorFactory(measure=cast.measure)
        figure |= {f"reading-{more.pk}-value": "1", f"reading-{more.pk}-start": "2025-01-01"}
        figure |= {f"reading-{more.pk}-end": "2025-06-26"}
    client.force_login(cast.reporter)
    address = reverse("reporting:what_if", args=["kfq", 2025, cast.measure.code]) + "?window=2025-06-30"

    with django_assert_num_queries(N_WHAT_IF):
        client.post(address, typed | figure | {"of": str(indicator.pk)})


N_WHAT_IF = 18


@pytest.mark.parametrize(("person", "status"), [("colleague", 403), ("leader", 403), ("outsider", 404)])
def test_who_may_not_write_may_not_look_ahead(client, cast, typed, person, status):
    client.force_login(getattr(cast, person))

    answer = client.post(reverse("reporting:what_if", args=["kfq", 2025, cast.measure.code]), typed)

    assert answer.status_code == status


# Nodes


@pytest.fixture
def node(cast):
    return add_node(
        measure=cast.measure,
        title="方案",
        due=date(2025, 5, 30),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )


@pytest.mark.parametrize(
    ("tick", "day", "done_on"),
    [
        ("on", "2025-05-28", date(2025, 5, 28)),
        ("on", "", date(2025, 6, 26)),
        ("", "", None),
    ],
)
def test_node_is_ticked_with_its_day_or_without(client, cast, address, typed, node, tick, day, done_on):
    client.force_login(cast.reporter)
    ticked = {f"node-{node.pk}-done": tick} if tick else {}

    client.post(address, typed | ticked | {f"node-{node.pk}-done_on": day, "act": "save"})

    assert list(Report.objects.get().nodes_done.values_list("done_on", flat=True)) == [done_on] * bool(done_on)


def test_day_without_its_tick_is_asked_about(client, cast, address, typed, node):
    client.force_login(cast.reporter)

    response = client.post(address, typed | {f"node-{node.pk}-done_on": "2025-05-28", "act": "save"})

    assert errors_of(response) == {f"node-{node.pk}-done": ["填了完成日期的，请同时勾选。"]}


def test_tick_taken_back_takes_the_day_with_it(client, cast, address, typed, node):
    client.force_login(cast.reporter)
    day = {f"node-{node.pk}-done_on": "2025-05-28"}
    client.post(address, typed | day | {f"node-{node.pk}-done": "on", "act": "save"})

    client.post(address, typed | day | {"revision": "1", "act": "save"})

    assert Report.objects.get().nodes_done.count() == 0


# Keeping while one types


@pytest.fixture
def autosave(client, cast, address):
    client.force_login(cast.reporter)
    return lambda data: json.loads(client.post(address, data | {"act": "autosave"}).content)


def test_browser_keeps_what_is_typed_so_far(autosave, typed, figure):
    first = autosave(typed | figure | {"text": "写到"})
    second = autosave(typed | figure | {"text": "写到一半", "percent": "", "revision": first["revision"]})

    report = Report.objects.get()
    assert first == {"revision": 1, "is_whole": True, "message": "已自动保存 09:00"}
    assert (second["revision"], report.text, report.percent, report.status) == (2, "写到一半", None, ReportStatus.DRAFT)
    assert report.readings.get().value == 17


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("percent", "101", "完成进度"),
        ("percent", "八十", "完成进度"),
        ("text", "长" * 2001, "进展情况"),
        ("value", "很多", "本期数值"),
        ("start", "2025-12-01", "数据截止日"),
        ("end", "2025-12-31", "数据截止日"),
    ],
)
def test_what_cannot_be_kept_holds_up_nothing_else(autosave, indicator, typed, figure, field, value, label):
    autosave(typed | figure)
    name = f"reading-{indicator.pk}-{field}" if field in ("value", "start", "end") else field

    answer = autosave(typed | figure | {"problems": "场地未定", name: value, "revision": "1"})

    report = Report.objects.get()
    assert answer == {"revision": 2, "is_whole": False, "message": f"已自动保存 09:00，“{label}”填写有误，没有存入草稿"}
    assert (report.problems, report.text, report.percent) == ("场地未定", "进展顺利", 50)
    assert report.readings.get().value == 17


def test_trail_tells_who_wrote_on_a_draft_and_not_how_often(client, cast, address, autosave, typed):
    for revision in range(3):
        autosave(typed | {"text": f"第{revision}版", "revision": str(revision)})
    assert AuditEvent.objects.count() == 1

    client.force_login(cast.reviewer)
    client.post(address, typed | {"text": "庭长改", "revision": "3", "act": "autosave"})

    assert [event.by.split()[0] for event in AuditEvent.objects.order_by("number")] == [
        cast.reporter.name,
        cast.reviewer.name,
    ]


def test_second_window_is_told_and_writes_over_nothing(autosave, typed):
    autosave(typed | {"text": "第一个窗口"})

    answer = autosave(typed | {"text": "第二个窗口", "revision": "0"})

    assert answer["is_stale"]
    assert "本页不再自动保存" in answer["message"]
    assert Report.objects.get().text == "第一个窗口"


def test_handed_in_report_is_kept_from_a_late_browser(client, address, autosave, typed):
    client.post(address, typed | {"act": "submit"})

    answer = autosave(typed | {"text": "晚到", "revision": "1"})

    assert answer["is_stale"]
    assert Report.objects.get().text == "进展顺利"


# Sent twice


@pytest.mark.parametrize("act", ["submit", "save"])
def test_form_sent_twice_is_one_report(client, cast, address, typed, figure, act):
    client.force_login(cast.reporter)

    answers = [client.post(address, typed | figure | {"act": act}) for _ in range(2)]

    report = Report.objects.get()
    assert {answer.status_code for answer in answers} == {302}
    assert answers[0].url == answers[1].url == (report.get_absolute_url() if act == "submit" else address)
    assert report.revision == 1


# Odd text


def test_odd_text_is_kept_to_the_letter_and_shown_as_text(client, cast, address, typed):
    client.force_login(cast.reporter)
    odd = "<script>alert(1)</script>😀\u202eabc"

    client.post(address, typed | {"text": f"{odd}\x00\x07", "help_from": "办公室\x00\r\n张三", "act": "submit"})
    report = Report.objects.get()
    page = client.get(report.get_absolute_url()).content.decode()

    assert (report.text, report.help_from) == (odd, "办公室 张三")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_whose_help_is_asked_reaches_the_measure(client, cast, address, typed):
    client.force_login(cast.reporter)
    help_asked = {"declared": "needs_help", "problems": "场地未定", "help_from": "综合办公室"}
    client.post(address, typed | help_asked | {"act": "submit"})
    client.force_login(cast.reviewer)
    client.post(reverse("reporting:approve", args=["kfq", 2025, cast.measure.code, Report.objects.get().pk]))

    page = client.get(reverse("dashboard:measure", args=["kfq", 2025, cast.measure.code])).content.decode()

    assert "综合办公室" in page


def test_whose_help_is_asked_is_short(client, cast, address, typed):
    client.force_login(cast.reporter)

    response = client.post(address, typed | {"help_from": "长" * 121, "act": "save"})

    assert errors_of(response) == {"help_from": ["最多 120 字，现有 121 字。"]}


def test_error_summary_tells_two_figures_apart(client, cast, address, typed, indicator):
    client.force_login(cast.reporter)

    response = client.post(address, typed | {f"reading-{indicator.pk}-value": "x", "act": "save"})

    assert "结案数 · 本期数值</a> 请填写数字。" in response.content.decode()


# What outlives its session


def test_form_sent_after_the_session_ended_comes_back_unsaved(client, cast, address, typed, figure):
    sign_in_page = client.post(address, typed | figure | {"text": "写了\n很久", "act": "submit"})
    page = sign_in_page.content.decode()
    assert "登录已过期，请重新登录" in page
    assert '<textarea name="typed-text" hidden>\n写了\n很久</textarea>' in page
    assert "typed-act" not in page

    cast.reporter.set_password("a-long-password-7")
    cast.reporter.save()
    carried = {f"typed-{name}": value for name, value in sign_in_page.context["preserved_fields"]}
    signing_in = {"username": cast.reporter.username, "next": sign_in_page.context["next"]}
    wrong = client.post(reverse("accounts:login"), signing_in | carried | {"password": "x"})
    assert dict(wrong.context["preserved_fields"])["text"] == "写了\n很久"
    response = client.post(
        reverse("accounts:login"), signing_in | carried | {"password": "a-long-password-7"}, follow=True
    )

    assert response.redirect_chain == [(address, 302)]
    assert response.context["form"]["text"].value() == "写了\n很久"
    assert response.context["was_recovered"]
    assert "刚才的内容没有保存" in response.content.decode()
    assert Report.objects.count() == 0
    assert not client.get(address).context["was_recovered"]


def test_too_much_to_carry_is_said_and_not_carried(client, address, typed):
    page = client.post(address, typed | {"text": "长" * 60_001}).content.decode()

    assert "没能带到这一页" in page
    assert "typed-text" not in page


def test_script_that_saves_is_sent_to_sign_in(client, address, typed):
    response = client.post(address, typed | {"act": "autosave"}, headers={"sec-fetch-mode": "cors"})

    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:login"))


def test_typed_fields_lead_to_no_other_host(client, cast):
    cast.reporter.set_password("a-long-password-7")
    cast.reporter.save()

    response = client.post(
        reverse("accounts:login"),
        {
            "username": cast.reporter.username,
            "password": "a-long-password-7",
            "next": "https://example.com/",
            "typed-text": "x",
        },
    )

    assert response.url == reverse("dashboard:home")


def test_stale_token_brings_the_form_back_and_saves_nothing(cast, address, typed):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.reporter)
    client.get(address)

    response = client.post(address, typed | {"csrfmiddlewaretoken": "x" * 32, "act": "submit"}, follow=True)

    assert response.context["form"]["text"].value() == "进展顺利"
    assert response.context["was_recovered"]
    assert Report.objects.count() == 0


@pytest.mark.parametrize("headers", [{"origin": "https://example.com"}, {"sec-fetch-mode": "cors"}])
def test_form_sent_from_elsewhere_does_not_come_back(cast, address, typed, headers):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.reporter)
    client.get(address)

    response = client.post(address, typed | {"csrfmiddlewaretoken": "x" * 32}, headers=headers)

    assert response.status_code == 403
    assert not client.get(address).context["was_recovered"]


def test_stranger_without_a_token_gets_nothing_back(address, typed):
    response = Client(enforce_csrf_checks=True).post(address, typed)

    assert response.status_code == 403
    assert "进展顺利" not in response.content.decode()


def test_running_figures_are_pooled_without_a_published_value(client, cast, address):
    pooled = IndicatorFactory(measure=cast.measure, has_parts=True, accumulation=Accumulation.POOLED)
    client.force_login(cast.reporter)

    form = client.get(address).context["form"]

    assert f"reading-{pooled.pk}-value" not in form.fields


@pytest.mark.parametrize("n_rows", [1, 3])
def test_form_takes_the_same_number_of_queries(client, cast, address, typed, node, django_assert_num_queries, n_rows):
    made = at("2025-01-10 09:00")
    for n in range(n_rows - 1):
        add_node(
            measure=cast.measure,
            title=f"节点{n}",
            due=date(2025, 6, 1),
            details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=made),
        )
    for _ in range(n_rows):
        ReadingEntryFactory(indicator=IndicatorFactory(measure=cast.measure))
    client.force_login(cast.reporter)
    client.post(address, typed | {"act": "save"})
    client.get(address)  # says that it was saved

    with django_assert_num_queries(N_FORM):
        client.get(address)


N_FORM = 24


def test_supporting_department_is_kept_while_it_types_and_sees_no_outlook(client, cast, address, typed):
    client.force_login(cast.supporter)

    answer = json.loads(client.post(address, typed | {"text": "已配合", "act": "autosave"}).content)
    page = client.get(address).content.decode()

    assert answer["is_whole"]
    assert Report.objects.values_list("text", "percent").get() == ("已配合", None)
    assert "what-if" not in page


def test_form_that_comes_back_after_the_report_was_handed_in_can_still_be_copied(client, cast, address, typed):
    client.force_login(cast.reporter)
    client.post(address, typed | {"act": "submit"})
    session = client.session
    session["typed"] = {"address": address, "fields": [["text", "另写的一版"]]}
    session.save()

    page = client.get(address).content.decode()

    assert "这份填报已经提交，不能再改" in page
    assert "另写的一版" in page
