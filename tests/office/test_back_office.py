"""The back office as an office: how things stand beside what is promised, history in words, several at once after asking."""

from datetime import date

from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.office.admin import CONFIRMED
from apps.plans.choices import PlanStatus
from apps.plans.models import Deadline, Measure, Plan
from apps.plans.services import OrderDetails, order_deadline
from tests.conftest import at
from tests.factories import (
    DepartmentFactory,
    IndicatorFactory,
    MeasureFactory,
    ProgressEntryFactory,
    ReadingEntryFactory,
    TargetFactory,
)
from tests.office.conftest import NOW
from tests.test_admin import change


def readonly_fields(page):
    """The read-only fields of an admin page, by name."""
    return {
        field.field["name"]: str(field.contents())
        for fieldset in page.context["adminform"]
        for line in fieldset
        for field in line
        if getattr(field, "is_readonly", False)
    }


def test_light_and_last_figure_stand_beside_the_promise_and_cannot_be_typed(office, cast):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", unit="件")
    TargetFactory(indicator=indicator, low=9)
    ReadingEntryFactory(indicator=indicator, value=4, accepted_at=at("2025-06-29 09:00"))
    ProgressEntryFactory(measure=cast.measure, percent=60, accepted_at=at("2025-06-29 09:00"))

    of_measure, of_indicator = (
        readonly_fields(office.get(change(cast.measure))),
        readonly_fields(office.get(change(indicator))),
    )

    assert of_measure["light_now"] == "关注 · 连续 1 期未报"
    assert of_measure["progress_now"].startswith("60%")
    assert of_indicator["value_now"] == "4 件 · 2025年3月31日"
    assert "light_now" in of_indicator
    Plan.objects.update(status=PlanStatus.DRAFT, opened_at=None)
    assert "light_now" not in readonly_fields(office.get(change(cast.measure)))


def test_last_figure_stands_with_the_day_of_the_last_of_several_readings(office, cast):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", unit="件", accumulation="sum")
    TargetFactory(indicator=indicator, low=9)
    for month, value in ((2, 4), (1, 7), (5, 2)):
        ReadingEntryFactory(
            indicator=indicator,
            value=value,
            period_start=date(2025, month, 1),
            speaks_of=date(2025, month, 28),
            accepted_at=at("2025-06-29 09:00"),
        )

    assert readonly_fields(office.get(change(indicator)))["value_now"] == "13 件 · 2025年5月28日"


def test_history_of_a_row_is_what_the_trail_tells(office, cast):
    order_deadline(
        measure=cast.measure,
        due=date(2025, 11, 30),
        details=OrderDetails(reason="提前", by=cast.plan_admin, at=at("2025-07-01 09:00")),
    )

    page = office.get(reverse("admin:plans_measure_history", args=[cast.measure.pk])).content.decode()

    assert "下达完成时限" in page
    assert "提前" in page
    assert str(cast.plan_admin) in page
    other = MeasureFactory()
    assert office.get(reverse("admin:plans_measure_history", args=[other.pk])).status_code == 302


def several(client, action, rows, **sent):
    return client.post(
        reverse("admin:plans_measure_changelist"),
        {"action": action, "_selected_action": [row.pk for row in rows]} | sent,
    )


def test_several_measures_get_a_leader_after_one_more_look(office, cast):
    rows = [cast.measure, MeasureFactory(plan=cast.measure.plan, pillar=cast.measure.pillar, code="1.2")]

    form_page = several(office, "assign_several", rows)
    assert form_page.context["rows"] == rows
    assert Measure.objects.filter(leader=cast.leader).count() == 0
    empty = several(office, "assign_several", rows, **{CONFIRMED: "1"})
    assert "请选择牵头部门或分管院领导" in empty.content.decode()

    several(office, "assign_several", rows, leader=cast.leader.pk, **{CONFIRMED: "1"})

    assert Measure.objects.filter(leader=cast.leader).count() == 2
    assert AuditEvent.objects.filter(action="measure.assigned").count() == 2


def test_new_lead_of_several_no_longer_supports_them(office, cast):
    support = cast.supporter.department

    several(office, "assign_several", [cast.measure], lead=support.pk, **{CONFIRMED: "1"})

    measure = Measure.objects.get()
    assert (measure.lead, list(measure.support.all())) == (support, [])


def test_deadline_of_several_is_ordered_for_all_or_none(office, cast):
    late = MeasureFactory(plan=cast.measure.plan, pillar=cast.measure.pillar, code="1.2", starts_on=date(2025, 10, 1))
    n_before = Deadline.objects.count()
    sent = {"due": "2025-09-30", "reason": "统一调整", CONFIRMED: "1"}

    refused = several(office, "order_deadline_for_several", [cast.measure, late], **sent)
    assert "完成时限不能早于开始日期" in refused.content.decode()
    assert Deadline.objects.count() == n_before

    several(office, "order_deadline_for_several", [cast.measure], **sent)
    assert Deadline.objects.filter(due=date(2025, 9, 30), reason="统一调整").count() == 1
    assert (
        "请写明理由"
        in several(office, "order_deadline_for_several", [cast.measure], **(sent | {"reason": ""})).content.decode()
    )


def test_closed_plans_measures_are_not_changed_together(office, cast):
    Plan.objects.update(status=PlanStatus.CLOSED, closed_by=cast.plan_admin, closed_at=NOW)

    refused = several(office, "assign_several", [cast.measure], leader=cast.leader.pk, **{CONFIRMED: "1"})

    assert "现在不能调整" in refused.content.decode()
    assert Measure.objects.get().leader is None


def test_department_of_another_court_is_not_offered(office, cast):
    elsewhere = DepartmentFactory()

    refused = several(office, "assign_several", [cast.measure], lead=elsewhere.pk, **{CONFIRMED: "1"})

    assert "lead" in refused.context["form"].errors
    assert elsewhere.name not in refused.content.decode()


def test_way_leads_from_plan_to_measures_to_indicators(office, cast):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1")
    of_plan = office.get(change(cast.measure.plan)).content.decode()
    of_measure = office.get(change(cast.measure)).content.decode()

    measures = f"{reverse('admin:plans_measure_changelist')}?plan__id__exact={cast.measure.plan.pk}"
    indicators = f"{reverse('admin:indicators_indicator_changelist')}?measure__id__exact={cast.measure.pk}"
    assert measures in of_plan
    assert indicators in of_measure
    assert str(cast.measure.title) in office.get(measures).content.decode()
    assert indicator.name in office.get(indicators).content.decode()
