"""“无变化”: one click, where nothing but words is owed."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import translation

from apps.audit.models import AuditEvent
from apps.indicators.choices import Kind
from apps.ledger.choices import Declared
from apps.plans.choices import Cadence
from apps.plans.services import OrderDetails, add_node
from apps.reporting import services
from apps.reporting.choices import ReportStatus
from apps.reporting.models import Report
from tests.conftest import at
from tests.factories import IndicatorFactory, MeasureFactory, ReadingEntryFactory, ReportFactory

NOW = at("2025-06-26 09:00")
LINE = "本期无新变化。"


@pytest.fixture(autouse=True)
def late_june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def approved_before(cast):
    return ReportFactory(
        measure=cast.measure,
        author=cast.reporter,
        window_start="2025-01-01",
        window_end="2025-03-31",
        status=ReportStatus.APPROVED,
        text="已完成调研",
        percent="25.50",
        declared=Declared.NEEDS_HELP,
        problems="场地未定",
        help_from="综合办公室",
        next_steps="继续推进",
        submitted_by=cast.reporter,
        submitted_at=NOW,
    )


@pytest.fixture
def address(cast):
    return reverse("reporting:no_change", args=["kfq", 2025, cast.measure.code]) + "?window=2025-06-30"


@pytest.fixture
def say_so(cast, window):
    def report_no_change(by=None):
        by = by or cast.reporter
        return services.report_no_change(measure=cast.measure, department=by.department, window=window, by=by, at=NOW)

    return report_no_change


def refusal_of(act):
    with pytest.raises(ValidationError) as refusal:
        act()
    return refusal.value.messages


def test_all_is_as_the_last_approved_report_said(approved_before, say_so):
    report = say_so()

    assert (report.status, report.text, report.percent) == (
        ReportStatus.SUBMITTED,
        f"{LINE}\n已完成调研",
        Decimal("25.50"),
    )
    assert (report.declared, report.problems, report.help_from, report.next_steps) == (
        Declared.NEEDS_HELP,
        "场地未定",
        "综合办公室",
        "继续推进",
    )
    assert list(AuditEvent.objects.order_by("number").values_list("action", flat=True)) == [
        "report.saved",
        "report.submitted",
    ]


def test_line_is_kept_in_chinese_and_does_not_pile_up(approved_before, say_so):
    Report.objects.filter(pk=approved_before.pk).update(text=f"{LINE}\n已完成调研")

    with translation.override("en"):
        report = say_so()

    assert report.text == f"{LINE}\n已完成调研"


def test_form_after_it_goes_on_from_what_was_said_before(client, cast, approved_before):
    Report.objects.filter(pk=approved_before.pk).update(text=f"{LINE}\n已完成调研")
    client.force_login(cast.reporter)

    form = client.get(reverse("reporting:write", args=["kfq", 2025, cast.measure.code])).context["form"]

    assert form["text"].value() == "已完成调研"


def test_first_report_has_to_be_written(cast, say_so):
    assert refusal_of(say_so) == ["此前没有通过的填报，请先填写一次完整的进展。"]
    assert Report.objects.count() == 0


@pytest.mark.parametrize(
    ("cadence", "accepted", "is_owed"),
    [
        ("", None, True),
        ("", date(2025, 3, 31), True),
        ("", date(2025, 4, 30), False),
        (Cadence.MONTHLY, date(2025, 5, 31), True),
        (Cadence.MONTHLY, date(2025, 6, 20), False),
        (Cadence.YEARLY, None, False),
        (Cadence.NONE, None, False),
    ],
)
def test_figure_of_the_window_is_asked_for_by_name(cast, approved_before, say_so, cadence, accepted, is_owed):
    indicator = IndicatorFactory(measure=cast.measure, name="结案数", cadence=cadence)
    if accepted:
        ReadingEntryFactory(indicator=indicator, speaks_of=accepted, accepted_at=at("2025-06-21 09:00"))

    if is_owed:
        assert refusal_of(say_so) == ["本期还有要填写的内容：结案数。"]
    else:
        assert say_so().status == ReportStatus.SUBMITTED


@pytest.mark.parametrize(("due", "is_owed"), [("2025-03-31", False), ("2025-06-30", True), ("2025-07-01", False)])
def test_node_that_falls_due_in_the_window_is_asked_for_by_name(cast, approved_before, say_so, due, is_owed):
    made = at("2025-01-10 09:00")
    add_node(
        measure=cast.measure,
        title="方案",
        due=date.fromisoformat(due),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=made),
    )

    if is_owed:
        assert refusal_of(say_so) == ["本期还有要填写的内容：方案。"]
    else:
        assert say_so().status == ReportStatus.SUBMITTED


def test_draft_with_something_else_in_it_is_not_written_over(approved_before, say_so, save):
    save(text="写到一半")

    assert refusal_of(say_so) == ["本期已有草稿，请打开草稿核对后提交。"]
    assert Report.objects.get(window_end="2025-06-30").text == "写到一半"


def test_draft_that_says_what_was_said_before_is_handed_in(approved_before, say_so, save):
    save(
        text="已完成调研",
        percent=Decimal("25.5"),
        declared=Declared.NEEDS_HELP,
        problems="场地未定",
        help_from="综合办公室",
        next_steps="继续推进",
    )

    assert say_so().status == ReportStatus.SUBMITTED


def test_returned_report_is_to_be_mended(cast, approved_before, say_so):
    services.return_report(report=say_so(), reason="请补充", by=cast.reviewer, at=NOW)

    assert refusal_of(say_so) == ["这份填报已被退回，请按退回意见修改后提交。"]


@pytest.mark.parametrize("person", ["colleague", "leader", "plan_admin", "inspector", "outsider"])
def test_who_may_not_report_may_not_say_so_either(cast, approved_before, say_so, person):
    with pytest.raises(PermissionDenied):
        say_so(by=getattr(cast, person))


def test_one_click_from_my_work(client, cast, approved_before, address):
    client.force_login(cast.reporter)
    assert address in client.get(reverse("dashboard:my_work")).content.decode()

    response = client.post(address, {"from": "my-work"}, follow=True)

    assert "已按无变化提交审核。" in response.content.decode()
    assert address not in response.content.decode()
    assert Report.objects.get(window_end="2025-06-30").status == ReportStatus.SUBMITTED


def test_second_click_leads_to_the_report(client, cast, approved_before, address):
    client.force_login(cast.reporter)

    answers = [client.post(address) for _ in range(2)]

    report = Report.objects.get(window_end="2025-06-30")
    assert [answer.url for answer in answers] == [report.get_absolute_url()] * 2


def test_refusal_leads_to_the_form_and_says_why(client, cast, approved_before, address):
    IndicatorFactory(measure=cast.measure, name="结案数")
    client.force_login(cast.reporter)
    assert address not in client.get(reverse("dashboard:my_work")).content.decode()

    response = client.post(address, follow=True)

    assert response.redirect_chain == [(address.replace("no-change/", ""), 302)]
    assert "本期还有要填写的内容：结案数。" in response.content.decode()


def test_figure_that_is_never_reported_in_numbers_is_not_asked_for(cast, approved_before, say_so):
    IndicatorFactory(measure=cast.measure, kind=Kind.ACHIEVED)

    assert say_so().status == ReportStatus.SUBMITTED


@pytest.mark.parametrize("n_rows", [1, 3])
def test_my_work_reads_the_plan_once(client, cast, approved_before, django_assert_num_queries, n_rows):
    for _ in range(n_rows - 1):
        ReportFactory(
            measure=MeasureFactory(plan=cast.measure.plan, lead=cast.measure.lead, pillar=cast.measure.pillar),
            author=cast.reporter,
            window_start="2025-01-01",
            window_end="2025-03-31",
            status=ReportStatus.APPROVED,
            submitted_by=cast.reporter,
            submitted_at=NOW,
        )
    client.force_login(cast.reporter)

    with django_assert_num_queries(N_MY_WORK):
        response = client.get(reverse("dashboard:my_work"))

    assert [task.may_stay_unchanged for task in response.context["tasks"]] == [True] * n_rows


N_MY_WORK = 10 + 11  # of the page itself, and of the plan as loaded for each request
