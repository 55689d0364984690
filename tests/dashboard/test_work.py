"""My work: what is owed stands there, most pressing first; what is finished does not."""

from datetime import date
from decimal import Decimal

import pytest

from apps.dashboard.work import TaskKind, tasks_of
from apps.indicators.choices import Kind
from apps.plans.services import OrderDetails, add_node
from apps.reporting.content import ReportContent, reading_input
from apps.reporting.services import approve_report, return_report, save_draft, submit_report
from apps.supervision import services as oversight
from tests.conftest import at
from tests.factories import IndicatorFactory, ProgressEntryFactory, ReadingEntryFactory

TODAY = date(2025, 7, 15)
NOW = at("2025-07-15 10:00")


def tasks(user, *, on=TODAY, known=NOW):
    return [(task.kind, task.due and str(task.due), task.notes) for task in tasks_of(user, on=on, known=known)]


@pytest.fixture
def up_to_date(cast, window):
    """Both quarters behind are reported and approved."""
    report = save_draft(
        measure=cast.measure,
        department=cast.measure.lead,
        window=window,
        content=ReportContent(text="进展顺利", percent=Decimal(60)),
        revision=0,
        by=cast.reporter,
        at=at("2025-06-26 09:00"),
    )
    submit_report(report=report, by=cast.reporter, at=at("2025-06-26 09:10"))
    return approve_report(report=report, by=cast.reviewer, at=at("2025-06-27 10:00"))


THIRD_QUARTER = (TaskKind.REPORT, "2025-10-14", ())


def test_only_the_open_window_is_left_when_all_is_reported(cast, up_to_date):
    assert tasks(cast.reporter) == tasks(cast.reviewer) == [THIRD_QUARTER]


@pytest.mark.parametrize("who", ["leader", "plan_admin", "inspector", "colleague", "supporter", "outsider"])
def test_others_owe_nothing(cast, who):
    assert tasks(getattr(cast, who)) == []


def test_returned_report_comes_first_with_its_reason(cast, save, submitted):
    return_report(report=submitted, reason="请补充做法", by=cast.reviewer, at=at("2025-06-27 10:00"))

    assert tasks(cast.reporter) == [
        (TaskKind.RETURNED, "2025-07-07", ("退回理由：请补充做法",)),
        (TaskKind.REPORT, "2025-04-08", ()),
        THIRD_QUARTER,
    ]


def test_instruction_is_owed_until_it_is_answered(cast, up_to_date):
    instruction = oversight.instruct(
        measure=cast.measure,
        department=cast.measure.lead,
        text="请说明",
        answer_by=date(2025, 7, 14),
        by=cast.leader,
        at=at("2025-07-01 09:00"),
    )
    owed = (TaskKind.INSTRUCTION, "2025-07-14", (f"{cast.leader}：请说明",))
    assert tasks(cast.reporter) == [owed, THIRD_QUARTER]

    oversight.transition(item=instruction, move="answer", text="已办", by=cast.reporter, at=NOW)

    assert tasks(cast.reporter) == [THIRD_QUARTER]


def test_missing_figure_is_told_with_the_report_it_goes_into(cast, up_to_date):
    IndicatorFactory(measure=cast.measure, code="1.1-1", name="建议数", kind=Kind.AT_LEAST)

    assert tasks(cast.reporter) == [
        (TaskKind.REPORT, "2025-10-14", ("缺数据：1.1-1 建议数（缺2025年第二季度）",)),
    ]


def test_missing_figure_stands_alone_where_no_report_is_owed(cast, up_to_date):
    IndicatorFactory(measure=cast.measure, code="1.1-1", name="建议数", kind=Kind.AT_LEAST, cadence="monthly")
    cast.measure.cadence = "half_yearly"
    cast.measure.save()

    tasks = tasks_of(cast.reporter, on=date(2025, 6, 20), known=at("2025-06-28 10:00"))

    assert [(task.kind, task.notes) for task in tasks] == [
        (TaskKind.READING, ("缺数据：1.1-1 建议数（缺2025年5月）",)),
    ]


def test_figure_in_the_reviewers_hands_is_not_asked_for_again(cast, window):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", name="建议数", kind=Kind.AT_LEAST)
    report = save_draft(
        measure=cast.measure,
        department=cast.measure.lead,
        window=window,
        content=ReportContent(
            text="进展顺利",
            percent=Decimal(60),
            readings=(
                reading_input(indicator, period_start=date(2025, 1, 1), period_end=date(2025, 6, 26), value=Decimal(3)),
            ),
        ),
        revision=0,
        by=cast.reporter,
        at=at("2025-06-26 09:00"),
    )
    submit_report(report=report, by=cast.reporter, at=at("2025-06-26 09:10"))

    assert tasks(cast.reporter) == [
        (TaskKind.REPORT, "2025-10-14", ("缺数据：1.1-1 建议数（缺2025年第一季度）",)),
    ]


@pytest.mark.parametrize(
    ("due", "notes"),
    [
        (date(2025, 7, 10), ("节点：方案（2025年7月10日）",)),
        (date(2025, 7, 25), ("节点：方案（2025年7月25日）",)),
        (date(2025, 7, 29), ()),
    ],
)
def test_near_node_is_told_with_the_report(cast, up_to_date, due, notes):
    add_node(
        measure=cast.measure,
        title="方案",
        due=due,
        details=OrderDetails(reason="计划下达", by=cast.plan_admin, at=at("2025-01-10 09:00")),
    )

    tasks = tasks_of(cast.reporter, on=TODAY, known=NOW)

    assert [(task.due, task.notes) for task in tasks] == [(due if notes else date(2025, 10, 14), notes)]
    assert tasks[0].is_overdue is (due < TODAY)


def test_finished_measure_is_to_be_closed_until_it_is_asked_for(cast):
    ProgressEntryFactory(
        measure=cast.measure, percent=100, speaks_of=date(2025, 6, 30), accepted_at=at("2025-07-01 09:00")
    )
    kinds = lambda: [task.kind for task in tasks_of(cast.reporter, on=TODAY, known=NOW)]  # noqa: E731
    assert kinds()[-1] == TaskKind.CLOSING

    closing = oversight.ask_closing(
        measure=cast.measure, finished_on=date(2025, 6, 30), result="完成", by=cast.reporter, at=NOW
    )
    assert TaskKind.CLOSING not in kinds()

    oversight.transition(item=closing, move="return", text="请补充", by=cast.plan_admin, at=NOW)
    assert tasks_of(cast.reporter, on=TODAY, known=NOW)[-1].notes == ("上次申请被退回：请补充",)


def test_closed_measure_owes_nothing(cast):
    closing = oversight.ask_closing(
        measure=cast.measure, finished_on=date(2025, 6, 30), result="完成", by=cast.reporter, at=NOW
    )
    oversight.transition(item=closing, move="confirm", by=cast.plan_admin, at=NOW)

    assert tasks(cast.reporter, known=at("2025-07-15 11:00")) == []


def test_accepted_figure_is_not_missing(cast, up_to_date):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", kind=Kind.AT_LEAST)
    ReadingEntryFactory(
        plan=cast.measure.plan,
        measure=cast.measure,
        indicator=indicator,
        value=Decimal(3),
        speaks_of=date(2025, 6, 30),
        accepted_at=at("2025-07-01 09:00"),
    )

    assert tasks(cast.reporter) == [THIRD_QUARTER]
