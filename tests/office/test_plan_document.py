"""A plan out as a document and in again to the letter; next year's draft from this year's plan."""

import copy
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from apps.accounts.models import Court, User
from apps.assessment.selectors import standing_of
from apps.audit.models import AuditEvent
from apps.audit.selectors import records_state
from apps.indicators.choices import Kind, Pace
from apps.indicators.models import Membership
from apps.indicators.rules import TargetValues
from apps.indicators.services import order_target, set_members
from apps.office.plan_document import check_shape, plan_document, schema
from apps.office.plan_import import create_plan
from apps.office.rollover import a_year_later
from apps.office.services import open_next_year
from apps.plans.choices import Adjustment, PlanStatus
from apps.plans.models import Measure, Plan, ThresholdOrder
from apps.plans.services import (
    OrderDetails,
    add_node,
    order_adjustment,
    order_deadline,
    order_thresholds,
    transition_plan,
)
from tests.conftest import at
from tests.factories import (
    CourtFactory,
    GoalFactory,
    IndicatorFactory,
    MeasureFactory,
    ProgrammeFactory,
    ReadingEntryFactory,
    UserFactory,
)
from tests.test_rights import rows

NOW = at("2025-06-10 10:00")
SCHEMA = Path(__file__).parents[2] / "docs" / "plan.schema.json"


@pytest.fixture
def full(cast):
    """A plan with something of everything."""
    by, measure, plan = cast.plan_admin, cast.measure, cast.measure.plan
    measure.leader = cast.leader
    measure.save()
    measure.programmes.add(ProgrammeFactory(plan=plan, code="service"))
    order_deadline(
        measure=measure, due=date(2025, 11, 30), details=OrderDetails(reason="提前", document="院发1号", by=by, at=NOW)
    )
    node = add_node(
        measure=measure,
        title="方案印发",
        due=date(2025, 3, 31),
        weight=Decimal("1.5"),
        details=OrderDetails(reason="计划下达", by=by, at=NOW),
    )
    order_deadline(
        measure=measure, node=node, due=date(2025, 4, 30), details=OrderDetails(reason="推迟", by=by, at=NOW)
    )
    order_adjustment(measure=measure, adjustment=Adjustment.PAUSE, details=OrderDetails(reason="等上级", by=by, at=NOW))
    order_adjustment(
        measure=measure, adjustment=Adjustment.RESUME, details=OrderDetails(reason="已明确", by=by, at=NOW)
    )
    order_adjustment(
        measure=measure, adjustment=Adjustment.WEIGHT, weight=2, details=OrderDetails(reason="重点", by=by, at=NOW)
    )
    order_thresholds(plan=plan, watch_gap=5, late_gap=15, details=OrderDetails(reason="从严", by=by, at=NOW))
    goal = GoalFactory(plan=plan)
    first = IndicatorFactory(measure=measure, code="1.1-1", scale=100, has_parts=True, cadence="monthly")
    second = IndicatorFactory(measure=measure, code="1.1-2", kind=Kind.BELOW_BASELINE)
    whole = IndicatorFactory(measure=None, goal=goal, plan=plan, code="G-1", kind=Kind.ALL_MET)
    order_target(
        indicator=first,
        values=TargetValues(
            low=12, pace=Pace.STEPS, steps=[(date(2025, 6, 30), Decimal("6.5")), (date(2025, 12, 31), Decimal(12))]
        ),
        details=OrderDetails(reason="计划下达", by=by, at=NOW),
    )
    order_target(
        indicator=first,
        values=TargetValues(low=Decimal("13.25"), stretch=15),
        details=OrderDetails(reason="提高", by=by, at=NOW),
    )
    order_target(
        indicator=second,
        values=TargetValues(baseline=7, due=date(2025, 12, 31)),
        details=OrderDetails(reason="计划下达", by=by, at=NOW),
    )
    set_members(indicator=whole, members=[first, second], by=by, at=NOW)
    return plan


def through_json(document):
    return json.loads(json.dumps(document, ensure_ascii=False))


def test_document_comes_back_to_the_letter(full, cast):
    document = through_json(plan_document(full))
    court = CourtFactory()
    chief = User.objects.create_superuser("chief", name="管理", password="x")

    made = create_plan(document, court=court, by=chief, at=NOW)

    assert made.status == PlanStatus.DRAFT
    again = plan_document(made)
    # A leader has an account in one court only.
    without_leader = [measure | {"leader": None} for measure in document["measures"]]
    assert again == document | {"measures": without_leader}
    assert len(again["measures"][0]["deadlines"]) == 2
    assert again["measures"][0]["nodes"][0]["deadlines"][1]["reason"] == "推迟"
    assert len(again["indicators"][0]["targets"]) == 2
    assert records_state().is_whole


def test_courts_own_plan_comes_back_to_the_letter(db):
    call_command("loaddata", "roles", "example_court", "plan_2025", verbosity=0)
    plan = Plan.objects.get()
    document = through_json(plan_document(plan))
    chief = User.objects.create_superuser("chief", name="管理", password="x")

    made = create_plan(document, court=CourtFactory(), by=chief, at=NOW)

    assert plan_document(made) == document
    assert (len(document["measures"]), len(document["indicators"])) == (35, 23)


def test_published_schema_is_the_shape_that_is_checked():
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda plan: plan.pop("measures"), "缺少“measures”"),
        (lambda plan: plan.update(secret="x"), "多出“secret”"),
        (lambda plan: plan.update(version=2), "版本不同"),
        (lambda plan: plan.update(year="2025"), "year 的内容不对"),
        (lambda plan: plan.update(year=True), "year 的内容不对"),
        (lambda plan: plan["measures"][0].update(pillar=99), "1.1 所指的“99”不在文件里"),
        (lambda plan: plan["measures"][0].update(starts_on="2025-02-30"), "日期“2025-02-30”不对"),
        (lambda plan: plan["measures"][0].update(weight="viel"), "数字“viel”不对"),
        (lambda plan: plan["measures"][0].update(weight="NaN"), "数字“NaN”不对"),
        (lambda plan: plan["measures"][0]["deadlines"][0].update(effective_from="2031-01-01"), "生效日期须在"),
        (lambda plan: plan["measures"][0].update(quotes=["原文里没有的话"]), "请逐字摘录"),
        (lambda plan: plan["indicators"][0].update(kind="best"), "1.1-1"),
        (lambda plan: plan["indicators"][0]["targets"][0].update(pace="soon"), "soon 的内容不对"),
        (lambda plan: plan["indicators"][2].update(members=["9.9"]), "“9.9”不在文件里"),
        (lambda plan: plan.update(measures=[[]]), "measures 1 的内容不对"),
    ],
)
def test_document_that_does_not_fit_is_refused_by_place_and_leaves_nothing(full, spoil, sentence):
    document = copy.deepcopy(through_json(plan_document(full)))
    spoil(document)
    court = CourtFactory()
    chief = User.objects.create_superuser("chief", name="管理", password="x")
    n_events = AuditEvent.objects.count()

    with pytest.raises(ValidationError) as refusal:
        create_plan(document, court=court, by=chief, at=NOW)

    assert sentence in " ".join(refusal.value.messages)
    assert not Plan.objects.filter(court=court).exists()
    assert AuditEvent.objects.count() == n_events


@pytest.mark.parametrize("value", [None, [], "plan", 3])
def test_what_is_no_document_is_refused(value):
    with pytest.raises(ValidationError):
        check_shape(value)


def test_only_the_office_makes_plans(full, cast):
    document = plan_document(full) | {"year": 2027}

    for name in ("leader", "reporter", "reviewer", "inspector", "outsider"):
        with pytest.raises(PermissionDenied):
            create_plan(document, court=cast.plan_admin.court, by=getattr(cast, name), at=NOW)


# Next year


def test_next_year_goes_on_from_this_one_and_changes_nothing_of_it(full, cast):
    MeasureFactory(plan=full, pillar=cast.measure.pillar, code="1.2", title="不再继续")
    of_parts = full.indicators.get(code="1.1-2")
    of_parts.scale = 100
    of_parts.save()
    ReadingEntryFactory(indicator=of_parts, value=None, numerator=2, denominator=3, accepted_at=NOW)
    before = rows()

    made = open_next_year(plan=full, codes={"1.1"}, keeps_targets=False, by=cast.plan_admin, at=NOW)

    after = rows()
    for label, stored in before.items():
        assert after[label][: len(stored)] == stored, label
    assert (made.year, made.status, made.title) == (2026, PlanStatus.DRAFT, full.title.replace("2025", "2026"))
    (measure,) = made.measures.all()
    assert (measure.code, measure.lead, measure.leader, measure.weight) == ("1.1", cast.measure.lead, cast.leader, 2)
    assert measure.continues == cast.measure
    assert [str(order.due) for order in measure.deadlines.filter(node=None)] == ["2026-11-30"]
    assert [str(node.deadlines.get().due) for node in measure.nodes.all()] == ["2026-04-30"]
    assert measure.orders.count() == 0
    first, second, whole = made.indicators.order_by("code")
    assert first.targets.count() == 0
    assert second.targets.get().baseline == Decimal("66.6667")
    assert set(Membership.objects.filter(composite=whole).values_list("member", flat=True)) == {first.pk, second.pk}
    assert ThresholdOrder.objects.get(plan=made).watch_gap == 5
    assert standing_of(made, on=date(2026, 1, 1)).measures[0].facts.closed_on is None


def test_next_year_keeps_targets_where_asked(full, cast):
    made = open_next_year(plan=full, codes={"1.1"}, keeps_targets=True, by=cast.plan_admin, at=NOW)

    target = made.indicators.get(code="1.1-1").targets.get()
    assert (target.low, target.stretch, target.effective_from) == (Decimal("13.25"), 15, date(2026, 1, 1))


def test_next_year_is_made_once(full, cast):
    open_next_year(plan=full, codes=set(), keeps_targets=False, by=cast.plan_admin, at=NOW)

    with pytest.raises(ValidationError, match="已经存在"):
        open_next_year(plan=full, codes={"1.1"}, keeps_targets=False, by=cast.plan_admin, at=NOW)
    assert Measure.objects.count() == 1
    assert Court.objects.filter(pk=full.court_id).exists()


@pytest.mark.parametrize(
    ("day", "later"),
    [("2025-06-30", date(2026, 6, 30)), ("2024-02-29", date(2025, 2, 28)), (date(2027, 2, 28), date(2028, 2, 28))],
)
def test_days_move_by_a_year(day, later):
    assert a_year_later(day) == later


# The pages


def address(name, *more):
    return reverse(f"office:{name}", args=["kfq", 2025, *more])


def test_plan_goes_out_and_comes_in_at_another_court_through_the_pages(client, cast, full):
    client.force_login(cast.plan_admin)
    out = client.get(address("plan_file"))
    assert out.json() == through_json(plan_document(full))
    assert (
        "已经存在"
        in client.post(
            reverse("office:plan_upload"), {"file": SimpleUploadedFile("计划.json", out.content)}
        ).content.decode()
    )
    client.force_login(UserFactory(roles=["plan_admin"]))
    assert client.get(reverse("office:entrance")).url == reverse("office:plan_upload")

    def send(content):
        return client.post(
            reverse("office:plan_upload"), {"file": SimpleUploadedFile("计划.json", content)}, follow=True
        )

    for content, sentence in ((b"{}", "缺少"), (b"\xff", "不是本系统导出"), (b"[" * 10000, "不是")):
        assert sentence in send(content).content.decode()
    page = send(out.content)
    assert page.context["upload"].outcomes == {"title": full.title, "year": 2025, "measures": 1, "indicators": 3}
    assert Plan.objects.count() == 1
    there = page.redirect_chain[-1][0]

    response = client.post(there)

    made = Plan.objects.exclude(pk=full.pk).get()
    assert response.url == reverse("office:home", args=[made.court.slug, 2025])
    assert made.status == PlanStatus.DRAFT
    assert "已经导入过" in client.post(there, follow=True).content.decode()
    client.force_login(cast.plan_admin)
    assert client.get(there).status_code == 404


def test_next_years_draft_is_made_on_a_page(client, cast, full):
    client.force_login(cast.plan_admin)
    page = client.get(address("next_year"))
    assert page.context["form"]["measures"].value() == ["1.1"]

    response = client.post(address("next_year"), {"measures": ["1.1"], "targets": "empty"}, follow=True)
    again = client.post(address("next_year"), {"measures": ["1.1"], "targets": "empty"})

    assert "2026 年的计划草稿已建立" in response.content.decode()
    assert "已经存在" in str(again.context["form"].errors)
    assert Plan.objects.get(year=2026).measures.get().continues == cast.measure
    client.force_login(cast.leader)
    for path in (address("plan_file"), address("next_year"), reverse("office:plan_upload")):
        assert client.get(path).status_code == 403


def test_measure_that_goes_on_leads_back_to_the_year_before(client, cast, full):
    made = open_next_year(plan=full, codes={"1.1"}, keeps_targets=False, by=cast.plan_admin, at=NOW)
    for move, by in (("ask", cast.plan_admin), ("confirm", cast.leader), ("open", cast.plan_admin)):
        transition_plan(plan=made, move=move, by=by, at=NOW)
    client.force_login(cast.reporter)

    page = client.get(reverse("dashboard:measure", args=["kfq", 2026, "1.1"])).content.decode()

    assert f'href="{reverse("dashboard:measure", args=["kfq", 2025, "1.1"])}"' in page
