"""Reporting and reviewing as people do it, in the browser's terms."""

import re

import pytest
import time_machine
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.indicators.choices import Kind
from apps.ledger.models import LedgerEntry
from apps.reporting.choices import ReportStatus
from apps.reporting.models import Report
from tests.factories import IndicatorFactory, ReportFactory

NOW = "2025-06-26 09:00+08:00"
WINDOW = "?window=2025-06-30"


@pytest.fixture(autouse=True)
def late_june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def address(cast):
    return reverse("reporting:write", args=["kfq", 2025, cast.measure.code]) + WINDOW


@pytest.fixture
def typed():
    return {
        "text": "进展顺利",
        "percent": "50",
        "declared": "normal",
        "problems": "",
        "next_steps": "",
        "revision": "0",
    }


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def test_report_goes_from_reporter_over_reviewer_to_the_dashboard(client, cast, address, typed):
    client.force_login(cast.reporter)
    response = client.post(address, typed | {"act": "submit"}, follow=True)
    assert "已提交审核。" in response.content.decode()

    report = Report.objects.get()
    client.force_login(cast.reviewer)
    assert cast.measure.title in client.get(reverse("reporting:reviews")).content.decode()
    approve = reverse("reporting:approve", args=["kfq", 2025, cast.measure.code, report.pk])
    client.post(approve)

    page = client.get(reverse("dashboard:plan", args=["kfq", 2025])).content.decode()
    assert re.search(r"50%", page)
    assert LedgerEntry.objects.get().percent == 50
    assert AuditEvent.objects.order_by("number").last().action == "report.approved"


def test_draft_is_saved_and_shown_again(client, cast, address, typed):
    client.force_login(cast.reporter)

    client.post(address, typed | {"text": "写到一半", "percent": "", "act": "save"})

    form = client.get(address).context["form"]
    assert (form["text"].value(), form["revision"].value()) == ("写到一半", 1)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("percent", "101", "完成进度须在 0 到 100 之间。"),
        ("percent", "-1", "完成进度须在 0 到 100 之间。"),
        ("percent", "八十", "请填写数字。"),
        ("percent", "", "请填写完成进度。"),
        ("text", "", "请填写进展情况。"),
        ("text", "长" * 2001, "最多 2000 字，现有 2001 字。"),
        ("text", "长" * 700_000, "最多 2000 字，现有 700000 字。"),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(client, cast, address, typed, field, value, error):
    client.force_login(cast.reporter)

    response = client.post(address, typed | {field: value, "act": "submit"})

    assert response.status_code == 200
    assert errors_of(response) == {field: [error]}
    assert response.context["form"][field].value() == value
    assert Report.objects.filter(status=ReportStatus.SUBMITTED).count() == 0


@pytest.mark.parametrize(
    ("part", "value", "error"),
    [
        ("value", "很多", "请填写数字。"),
        ("value", "-3", "不能小于 0。"),
        ("start", "2019-01-01", "数据的起始日期早于本年度计划。"),
        ("end", "2025-12-31", "数据的截止日期晚于本报送期。"),
        ("end", "2025-01-01", "截止日期不能早于起始日期。"),
        ("end", "昨天", "日期写法如 2025-06-30。"),
        ("start", "", "请填写数据的起止日期。"),
    ],
)
def test_bad_reading_is_said_at_its_field(client, cast, address, typed, part, value, error):
    indicator = IndicatorFactory(measure=cast.measure)
    prefix = f"reading-{indicator.pk}-"
    reading = {f"{prefix}value": "3", f"{prefix}start": "2025-04-01", f"{prefix}end": "2025-06-26"}
    client.force_login(cast.reporter)

    response = client.post(address, typed | reading | {f"{prefix}{part}": value, "act": "submit"})

    assert errors_of(response) == {f"{prefix}{part}": [error]}
    assert response.context["form"][f"{prefix}{part}"].value() == value


def test_zero_denominator_is_refused(client, cast, address, typed):
    indicator = IndicatorFactory(measure=cast.measure, has_parts=True)
    prefix = f"reading-{indicator.pk}-"
    reading = {
        f"{prefix}numerator": "0",
        f"{prefix}denominator": "0",
        f"{prefix}start": "2025-01-01",
        f"{prefix}end": "2025-06-26",
    }
    client.force_login(cast.reporter)

    response = client.post(address, typed | reading)

    assert list(errors_of(response)) == [f"{prefix}denominator"]


def test_rank_keeps_of_how_many_and_its_source(client, cast, address, typed):
    indicator = IndicatorFactory(measure=cast.measure, kind=Kind.RANK_WITHIN)
    prefix = f"reading-{indicator.pk}-"
    rank = {
        f"{prefix}value": "29",
        f"{prefix}out_of": "20",
        f"{prefix}source": "省院通报",
        f"{prefix}start": "2025-01-01",
        f"{prefix}end": "2025-06-26",
    }
    client.force_login(cast.reporter)
    assert errors_of(client.post(address, typed | rank)) == {f"{prefix}out_of": ["参评总数不能小于位次。"]}

    client.post(address, typed | rank | {f"{prefix}out_of": "108", "act": "submit"})
    client.force_login(cast.reviewer)
    report = Report.objects.get()
    client.post(reverse("reporting:approve", args=["kfq", 2025, cast.measure.code, report.pk]))

    entry = LedgerEntry.objects.get(kind="reading")
    assert (entry.value, entry.out_of, entry.source) == (29, 108, "省院通报")


def test_day_of_achievement_outside_the_year_is_refused(client, cast, address, typed):
    indicator = IndicatorFactory(measure=cast.measure, kind=Kind.ACHIEVED)
    name = f"reading-{indicator.pk}-achieved_on"
    client.force_login(cast.reporter)

    for day in ("2019-05-01", "2025-06-27"):
        assert list(errors_of(client.post(address, typed | {name: day}))) == [name]


def test_form_saved_by_somebody_else_meanwhile_shows_both_versions(client, cast, address, typed):
    client.force_login(cast.reviewer)
    client.post(address, typed | {"text": "审核人先存的一版"})
    client.force_login(cast.reporter)

    response = client.post(address, typed | {"text": "我写的一版"})

    page = response.content.decode()
    assert "您打开之后，别人先保存了这份填报" in page
    assert "审核人先存的一版" in page
    assert response.context["form"]["text"].value() == "我写的一版"
    client.post(address, typed | {"text": "我写的一版", "revision": response.context["revision"]})
    assert Report.objects.get().text == "我写的一版"


def test_form_of_a_report_handed_in_meanwhile_keeps_what_was_typed_and_says_so(client, cast, address, typed):
    client.force_login(cast.reporter)
    client.get(address)
    client.post(address, typed | {"act": "submit"})

    response = client.post(address, typed | {"text": "另一个窗口写的", "act": "save"})

    page = response.content.decode()
    assert "这份填报已经提交，不能再改" in page
    assert "另一个窗口写的" in page
    assert 'name="act"' not in page


def test_form_is_filled_in_from_the_last_approved_report(client, cast, address):
    ReportFactory(
        measure=cast.measure,
        window_start="2025-01-01",
        window_end="2025-03-31",
        status=ReportStatus.APPROVED,
        percent="25.50",
        next_steps="继续推进",
        submitted_by=cast.reporter,
        submitted_at=NOW,
    )
    client.force_login(cast.reporter)

    form = client.get(address).context["form"]

    assert (form["percent"].value(), form["next_steps"].value()) == ("25.5", "继续推进")


def test_date_fields_are_filled_in_the_one_way_browsers_read(client, cast, address):
    IndicatorFactory(measure=cast.measure)
    client.force_login(cast.reporter)

    page = client.get(address).content.decode()

    assert 'value="2025-06-26"' in page
    assert "2025/06/26" not in page


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("reporter", 200),
        ("reviewer", 200),
        ("supporter", 200),
        ("colleague", 403),
        ("leader", 403),
        ("plan_admin", 403),
        ("inspector", 403),
        ("outsider", 404),
    ],
)
def test_who_is_given_the_form(client, cast, address, typed, person, status):
    client.force_login(getattr(cast, person))

    assert client.get(address).status_code == status
    if status != 200:
        assert client.post(address, typed | {"act": "submit"}).status_code == status
        assert Report.objects.count() == 0


@pytest.mark.parametrize("act", ["approve", "return", "withdraw"])
@pytest.mark.parametrize("person", ["reporter", "leader", "inspector", "colleague", "supporter", "outsider"])
def test_decision_of_someone_who_may_not_changes_nothing(client, cast, person, act):
    report = ReportFactory(
        measure=cast.measure,
        author=cast.reporter,
        status=ReportStatus.SUBMITTED if act != "withdraw" else ReportStatus.APPROVED,
        submitted_by=cast.reporter,
        submitted_at=NOW,
    )
    client.force_login(getattr(cast, person))

    response = client.post(
        reverse(f"reporting:{act}", args=["kfq", 2025, cast.measure.code, report.pk]), {"reason": "x"}
    )

    assert response.status_code in (403, 404)
    assert Report.objects.get().status == report.status
    assert LedgerEntry.objects.count() == 0


def test_return_without_a_reason_says_so_and_with_one_reaches_the_reporter(client, cast, address, submitted):
    send_back = reverse("reporting:return", args=["kfq", 2025, cast.measure.code, submitted.pk])
    client.force_login(cast.reviewer)

    response = client.post(send_back, {"reason": ""})
    assert dict(response.context["return_form"].errors) == {"reason": ["请写明理由。"]}

    client.post(send_back, {"reason": "请补充做法"})
    client.force_login(cast.reporter)
    assert "请补充做法" in client.get(address).content.decode()


def test_second_reviewer_is_told_that_it_is_decided(client, cast, approved):
    client.force_login(cast.plan_admin)

    response = client.post(
        reverse("reporting:approve", args=["kfq", 2025, cast.measure.code, approved.pk]), follow=True
    )

    message = f"{cast.reviewer}已于 2025-06-27 10:00 处理这份填报：通过。您刚才的操作没有生效。"
    assert message in response.content.decode()
    assert LedgerEntry.objects.count() == 1


@pytest.mark.parametrize("n_reports", [1, 3])
def test_reviews_take_the_same_number_of_queries(client, cast, django_assert_num_queries, n_reports):
    for month in range(n_reports):
        ReportFactory(
            measure=cast.measure,
            window_start=f"2025-0{month + 1}-01",
            window_end=f"2025-0{month + 1}-28",
            status=ReportStatus.SUBMITTED,
            submitted_by=cast.reporter,
            author=cast.reporter,
            submitted_at=NOW,
        )
    client.force_login(cast.reviewer)

    with django_assert_num_queries(N_REVIEWS):
        response = client.get(reverse("reporting:reviews"))

    assert len(response.context["rows"]) == n_reports


N_REVIEWS = 7


@pytest.mark.parametrize("window", ["2025-05-31", "2025-12-31", "x", "2019-03-31"])
def test_window_that_is_not_there_answers_404(client, cast, window):
    client.force_login(cast.reporter)

    response = client.get(reverse("reporting:write", args=["kfq", 2025, cast.measure.code]) + f"?window={window}")

    assert response.status_code == 404
