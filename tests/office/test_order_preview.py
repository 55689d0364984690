"""A new order in the back office is shown with its effect first, and counts once that is confirmed."""

from datetime import date

import pytest
from django.contrib.messages import get_messages

from apps.audit.models import AuditEvent
from apps.indicators.choices import Kind
from apps.indicators.models import Target
from apps.indicators.rules import warnings_of_target
from apps.office.admin import CONFIRMED
from apps.plans.choices import PlanStatus
from apps.plans.models import Deadline, Measure, MeasureOrder, Node, Plan, ThresholdOrder
from tests.conftest import at
from tests.factories import IndicatorFactory, ProgressEntryFactory, ReadingEntryFactory, TargetFactory
from tests.test_admin import change, form_data


@pytest.fixture
def indicator(cast):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", name="法定审限内结案率", unit="%")
    TargetFactory(indicator=indicator, low=5, due=date(2025, 6, 30))
    ReadingEntryFactory(indicator=indicator, value=6, accepted_at=at("2025-06-29 09:00"))
    return indicator


def unconfirmed(client, row, **orders):
    data = form_data(client.get(change(row)))
    data.pop(CONFIRMED)
    return data | orders


def test_new_target_is_previewed_before_it_counts(office, indicator):
    data = unconfirmed(
        office,
        indicator,
        **{"targets-1-low": "100", "targets-1-effective_from": "2025-06-01", "targets-1-reason": "上级要求"},
    )

    page = office.post(change(indicator), data)

    text = page.content.decode()
    assert page.templates[0].name == "admin/office/order_preview.html"
    (order,) = page.context["orders"]
    assert (order.before, order.after) == ("≥ 5 % · 考核日期 2025-06-30", "≥ 100 % · 考核日期 2025-06-30")
    assert order.is_backdated
    assert "早于今天" in text
    assert [str(warning) for warning in order.warnings] == ["最高人民法院不提倡追求 100% 的审限内结案率，请再斟酌。"]
    assert [(turn.before, turn.standing.verdict.light) for turn in page.context["indicator_changes"]] == [
        ("done", "late")
    ]
    assert [(turn.before, turn.standing.verdict.light) for turn in page.context["changes"].lights]
    assert Target.objects.count() == 1
    assert AuditEvent.objects.count() == 0
    assert list(get_messages(page.wsgi_request)) == []

    confirmed = dict(page.context["posted"]) | {CONFIRMED: "1"}
    assert office.post(change(indicator), confirmed).status_code == 302

    assert [target.low for target in Target.objects.order_by("number")] == [5, 100]


def test_what_has_errors_is_not_asked_about(office, indicator):
    data = unconfirmed(office, indicator, **{"targets-1-low": "100", "targets-1-reason": ""})

    page = office.post(change(indicator), data)

    (targets,) = [inline.formset for inline in page.context["inline_admin_formsets"]]
    assert "reason" in targets.forms[-1].errors
    assert Target.objects.count() == 1


def test_page_without_an_order_is_saved_at_once(office, cast):
    data = unconfirmed(office, cast.measure, leader=str(cast.leader.pk))

    assert office.post(change(cast.measure), data).status_code == 302

    assert Measure.objects.get().leader == cast.leader
    assert AuditEvent.objects.count() == 1


def test_draft_needs_no_preview(office, cast, indicator):
    Plan.objects.update(status=PlanStatus.DRAFT, opened_at=None)
    data = unconfirmed(office, indicator, **{"targets-1-low": "7", "targets-1-reason": "初定"})

    assert office.post(change(indicator), data).status_code == 302
    assert Target.objects.count() == 2


@pytest.mark.parametrize(
    ("orders", "model", "changes"),
    [
        (
            {"deadlines-1-due": "2025-07-10", "deadlines-1-reason": "提前"},
            Deadline,
            [("2025年12月31日", "2025年7月10日")],
        ),
        ({"orders-0-adjustment": "pause", "orders-0-reason": "等上级"}, MeasureOrder, [("未设", "暂停")]),
        (
            {"nodes-0-title": "方案印发", "nodes-0-due": "2025-09-01", "nodes-0-weight": "1"},
            Node,
            [("没有这个节点", "方案印发 · 2025年9月1日")],
        ),
    ],
)
def test_each_kind_of_order_of_a_measure_is_told(office, cast, orders, model, changes):
    n_before = model.objects.count()
    ProgressEntryFactory(measure=cast.measure, percent=60, accepted_at=at("2025-06-29 09:00"))

    page = office.post(change(cast.measure), unconfirmed(office, cast.measure, **orders))

    assert [(order.before, order.after) for order in page.context["orders"]] == changes
    assert model.objects.count() == n_before
    assert office.post(change(cast.measure), dict(page.context["posted"]) | {CONFIRMED: "1"}).status_code == 302
    assert model.objects.count() == n_before + 1


def test_thresholds_are_previewed_for_the_day_they_take_effect(office, cast):
    ProgressEntryFactory(measure=cast.measure, percent=50, accepted_at=at("2025-06-29 09:00"))
    plan = cast.measure.plan
    stricter = {
        "threshold_orders-0-watch_gap": "1",
        "threshold_orders-0-late_gap": "2",
        "threshold_orders-0-effective_from": "2025-09-01",
        "threshold_orders-0-reason": "从严",
    }

    page = office.post(change(plan), unconfirmed(office, plan, **stricter))

    assert page.context["on"] == date(2025, 9, 1)
    assert [turn.standing.measure for turn in page.context["changes"].lights] == [cast.measure]
    assert ThresholdOrder.objects.count() == 0


@pytest.mark.parametrize(
    ("bounds", "n_warnings"),
    [
        ({"name": "审限内结案率", "kind": Kind.AT_LEAST, "low": 100, "high": None}, 1),
        ({"name": "审限内结案率", "kind": Kind.AT_LEAST, "low": 99, "high": None}, 0),
        ({"name": "调解率", "kind": Kind.AT_LEAST, "low": 100, "high": None}, 0),
        ({"name": "甲", "kind": Kind.WITHIN, "low": 6, "high": 9, "range_low": 5, "range_high": 10}, 1),
        ({"name": "甲", "kind": Kind.WITHIN, "low": 5, "high": 10, "range_low": 5, "range_high": 10}, 0),
        ({"name": "甲", "kind": Kind.WITHIN, "low": 4, "high": 11, "range_low": 5, "range_high": 10}, 0),
        ({"name": "甲", "kind": Kind.AT_LEAST, "low": 11, "high": None, "range_high": 10}, 1),
        ({"name": "甲", "kind": Kind.AT_MOST, "low": None, "high": 3, "range_high": 4}, 1),
        ({"name": "甲", "kind": Kind.AT_MOST, "low": None, "high": 4, "range_high": 4}, 0),
    ],
)
def test_warnings_of_a_target(bounds, n_warnings):
    assert len(warnings_of_target(**bounds)) == n_warnings
