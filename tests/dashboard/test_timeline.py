"""A measure's history: everything on record, each line for those who may read it."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from apps.dashboard.timeline import EventKind, timeline_of
from apps.indicators.choices import Kind
from apps.indicators.rules import TargetValues
from apps.indicators.services import order_target
from apps.plans.services import OrderDetails, add_node, assign_measure, order_deadline
from apps.reporting.content import ReportContent, reading_input
from apps.reporting.services import approve_report, return_report, save_draft, submit_report, withdraw_approval
from apps.supervision import services as oversight
from tests.conftest import at
from tests.factories import IndicatorFactory


def events_of(measure, user, kind=None):
    return [
        (event.what, event.by, event.text)
        for event in reversed(timeline_of(measure, user))
        if kind is None or event.kind == kind
    ]


def hand_in(cast, window, *, revision, when, **content):
    report = save_draft(
        measure=cast.measure,
        department=cast.measure.lead,
        window=window,
        content=ReportContent(text="进展顺利", percent=Decimal(50), **content),
        revision=revision,
        by=cast.reporter,
        at=at(when),
    )
    return submit_report(report=report, by=cast.reporter, at=at(when))


def test_report_with_its_return_approval_and_withdrawal(cast, window):
    report = hand_in(cast, window, revision=0, when="2025-06-25 09:00")
    return_report(report=report, reason="请补充", by=cast.reviewer, at=at("2025-06-26 09:00"))
    report = hand_in(cast, window, revision=1, when="2025-06-27 09:00")
    approve_report(report=report, by=cast.reviewer, at=at("2025-06-28 09:00"))
    withdraw_approval(report=report, reason="多报", by=cast.plan_admin, at=at("2025-06-30 09:00"))
    handed_in = (f"{cast.measure.lead}提交2025年第二季度填报", str(cast.reporter), "")

    assert (
        events_of(cast.measure, cast.inspector)
        == [
            *events_of(cast.measure, cast.inspector, EventKind.ORDER),
            handed_in,
            ("退回：2025年第二季度填报", str(cast.reviewer), "请补充"),
            handed_in,
            ("通过：2025年第二季度填报", str(cast.reviewer), ""),
            ("撤回通过：2025年第二季度填报", str(cast.plan_admin), "多报"),
            ("撤回台账记录：进展", str(cast.plan_admin), "多报"),
        ]
        or events_of(cast.measure, cast.inspector) == []
    )


def test_what_came_back_is_not_told_to_the_rest_of_the_court(cast, window):
    report = hand_in(cast, window, revision=0, when="2025-06-25 09:00")
    return_report(report=report, reason="请补充", by=cast.reviewer, at=at("2025-06-26 09:00"))
    report = hand_in(cast, window, revision=1, when="2025-06-27 09:00")
    approve_report(report=report, by=cast.reviewer, at=at("2025-06-28 09:00"))

    assert [what for what, _by, _text in events_of(cast.measure, cast.colleague, EventKind.REPORT)] == [
        f"{cast.measure.lead}提交2025年第二季度填报",
        "通过：2025年第二季度填报",
    ]


def test_pending_report_is_one_line_for_those_who_see_it(cast, window):
    hand_in(cast, window, revision=0, when="2025-06-25 09:00")

    for user, n_lines in ((cast.reporter, 1), (cast.reviewer, 1), (cast.inspector, 1), (cast.colleague, 0)):
        assert len(events_of(cast.measure, user, EventKind.REPORT)) == n_lines


def test_facts_are_told_with_their_figures(cast, window):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", name="建议数", kind=Kind.AT_LEAST, unit="份")
    node = add_node(
        measure=cast.measure,
        title="方案",
        due=date(2025, 6, 30),
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )
    reading = reading_input(indicator, period_start=date(2025, 1, 1), period_end=date(2025, 6, 20), value=Decimal(3))
    report = hand_in(
        cast,
        window,
        revision=0,
        when="2025-06-25 09:00",
        readings=(reading,),
        nodes_done=((node.pk, date(2025, 6, 18)),),
    )
    approve_report(report=report, by=cast.reviewer, at=at("2025-06-26 09:00"))

    assert {what for what, _by, _text in events_of(cast.measure, cast.colleague, EventKind.FACT)} == {
        "1.1-1 建议数：截至2025年6月20日为 3 份",
        "节点“方案”于2025年6月18日完成",
    }


def test_orders_are_told_with_their_reasons(cast):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", name="建议数", kind=Kind.AT_LEAST, unit="份")
    by = cast.plan_admin
    order_deadline(
        measure=cast.measure,
        due=date(2025, 11, 30),
        details=OrderDetails(reason="提前", by=by, at=at("2025-02-01 09:00")),
    )
    order_target(
        indicator=indicator,
        values=TargetValues(low=Decimal(24)),
        details=OrderDetails(reason="设定", by=by, at=at("2025-02-02 09:00")),
    )
    assign_measure(
        measure=cast.measure,
        lead=cast.measure.lead,
        leader=cast.leader,
        support=[cast.supporter.department],
        by=by,
        at=at("2025-02-03 09:00"),
    )

    assert events_of(cast.measure, cast.colleague, EventKind.ORDER)[-3:] == [
        ("整项举措的完成时限定为2025年11月30日（2025年2月1日起）", str(by), "提前"),
        ("1.1-1 建议数的目标定为：≥ 24 份（2025年2月2日起）", str(by), "设定"),
        (
            f"责任定为：牵头{cast.measure.lead}，配合{cast.supporter.department}，分管{cast.leader}",
            str(by),
            "",
        ),
    ]


def test_oversight_is_told_step_by_step(cast):
    instruction = oversight.instruct(
        measure=cast.measure,
        department=cast.measure.lead,
        text="请说明",
        answer_by=date(2025, 6, 20),
        by=cast.leader,
        at=at("2025-06-03 09:00"),
    )
    oversight.transition(item=instruction, move="answer", text="已办", by=cast.reporter, at=at("2025-06-04 09:00"))
    extension = oversight.ask_extension(
        measure=cast.measure,
        reason="停工",
        progress="六成",
        new_due=date(2026, 1, 31),
        by=cast.reporter,
        at=at("2025-06-05 09:00"),
    )

    assert events_of(cast.measure, cast.reviewer)[-3:] == [
        (f"批示{cast.measure.lead}", str(cast.leader), "请说明"),
        ("答复", str(cast.reporter), "已办"),
        ("申请将整项举措延至2026年1月31日", str(cast.reporter), "停工"),
    ]
    assert "停工" not in [text for _what, _by, text in events_of(cast.measure, cast.colleague)]
    oversight.transition(item=extension, move="endorse", text="属实", by=cast.reviewer, at=at("2025-06-06 09:00"))
    assert events_of(cast.measure, cast.inspector, EventKind.EXTENSION)[-1] == ("同意上报", str(cast.reviewer), "属实")


@pytest.mark.parametrize("n_rows", [1, 3])
def test_timeline_page_filters_and_takes_the_same_number_of_queries(client, cast, django_assert_num_queries, n_rows):
    for number in range(n_rows):
        order_deadline(
            measure=cast.measure,
            due=date(2025, 11, 1 + number),
            details=OrderDetails(reason="调整", by=cast.plan_admin, at=at(f"2025-02-0{number + 1} 09:00")),
        )
    client.force_login(cast.colleague)
    url = reverse("dashboard:timeline", args=["kfq", 2025, "1.1"])

    with django_assert_num_queries(13):
        page = client.get(url)

    assert len(page.context["page_obj"].object_list) == n_rows + 1
    assert not client.get(f"{url}?kind=fact").context["page_obj"].object_list
    assert "请从" not in client.get(f"{url}?kind=nonsense").content.decode()
    client.force_login(cast.outsider)
    assert client.get(url).status_code == 404


def test_department_page_shows_its_measures_and_instructions(client, cast):
    oversight.instruct(
        measure=cast.measure,
        department=cast.supporter.department,
        text="请配合",
        answer_by=date(2027, 6, 20),
        by=cast.leader,
        at=at("2025-06-03 09:00"),
    )
    client.force_login(cast.colleague)

    def page(department):
        return client.get(reverse("dashboard:department", args=["kfq", 2025, department.slug]))

    led, supporting = page(cast.measure.lead), page(cast.supporter.department)
    assert [standing.measure for standing in led.context["led"]] == [cast.measure]
    assert led.context["instructions"] == []
    assert [standing.measure for standing in supporting.context["supported"]] == [cast.measure]
    assert [row.instruction.text for row in supporting.context["instructions"]] == ["请配合"]
    assert page(cast.outsider.department).status_code == 404


def test_order_that_reaches_back_says_so(cast):
    order_deadline(
        measure=cast.measure,
        due=date(2025, 11, 30),
        details=OrderDetails(
            reason="补记", effective_from=date(2025, 2, 1), by=cast.plan_admin, at=at("2025-03-01 09:00")
        ),
    )

    assert any("2025年2月1日起，追溯" in event.what for event in timeline_of(cast.measure, cast.leader))
