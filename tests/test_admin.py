"""The targets office: what it does goes through the services, what must not change can't be changed there."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.assessment.choices import Standing
from apps.assessment.selectors import standing_of
from apps.audit.models import AuditEvent
from apps.indicators.models import Indicator, Target
from apps.ledger.models import Closing, Judgement, LedgerEntry
from apps.ledger.services import close_measure
from apps.office.admin import CONFIRMED
from apps.plans.models import Deadline, Measure, MeasureOrder, Node, Plan
from tests.conftest import at
from tests.factories import (
    DepartmentFactory,
    IndicatorFactory,
    MeasureFactory,
    NodeFactory,
    ProgressEntryFactory,
    ReadingEntryFactory,
    TargetFactory,
    UserFactory,
)


@pytest.fixture
def office(client, cast):
    """The plan admin, signed in, with the permissions that the roles' fixture gives."""
    call_command("loaddata", "roles", verbosity=0)
    client.force_login(User.objects.get(pk=cast.plan_admin.pk))
    return client


def change(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def form_data(response):
    """All that a browser would send back for an admin page as it is, its orders confirmed (tests/office/test_order_preview.py)."""
    adminform = response.context["adminform"].form
    data = {CONFIRMED: "1"}
    forms = [adminform]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False:
                continue
            data[field.html_name] = [str(item) for item in value] if isinstance(value, list | tuple) else str(value)
    return data


def test_target_is_changed_by_an_order_and_the_light_follows(office, cast):
    indicator = IndicatorFactory(measure=cast.measure, accumulation="sum")
    TargetFactory(indicator=indicator, low=3)
    ReadingEntryFactory(indicator=indicator, value=2)
    page = office.get(change(indicator))
    name = [key for key in form_data(page) if key.endswith("-effective_from")][-1].rsplit("-", 1)[0]
    order = {f"{name}-low": "2", f"{name}-effective_from": "2025-06-12", f"{name}-reason": "由 3 名调整为 2 名"}

    response = office.post(change(indicator), form_data(page) | order)

    assert response.status_code == 302, response.context["adminform"].form.errors
    assert list(Target.objects.values_list("number", "low", "made_by")) == [(1, 3, None), (2, 2, cast.plan_admin.pk)]
    assert AuditEvent.objects.filter(action="target.ordered").count() == 1
    verdict = standing_of(cast.measure.plan, on=date(2025, 12, 31), known=Target.objects.last().made_at)
    assert verdict.indicators[0].verdict.standing == Standing.MET


@pytest.mark.parametrize(
    ("order", "field", "error"),
    [
        ({"low": "3", "stretch": "2"}, "stretch", "争取值不能小于目标值。"),
        ({"low": ""}, "low", "这类指标必须填写此项。"),
        ({"low": "3", "pace": "steps"}, "steps", "按分步目标考核时须填写各步，其他情形不填。"),
        ({"low": "3", "reason": ""}, "reason", "这个字段是必填项。"),
    ],
)
def test_contradicting_target_is_said_at_its_field_and_nothing_changes(office, cast, order, field, error):
    indicator = IndicatorFactory(measure=cast.measure)
    page = office.get(change(indicator))
    typed = {"effective_from": "2025-06-12", "reason": "调整", **order}

    response = office.post(
        change(indicator), form_data(page) | {f"targets-0-{key}": value for key, value in typed.items()}
    )

    (formset,) = response.context["inline_admin_formsets"]
    assert formset.formset.forms[0].errors == {field: [error]}
    assert Target.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("at_least", {"low", "stretch", "pace", "due", "steps"}),
        ("within", {"low", "high", "pace", "due"}),
        ("below_baseline", {"baseline", "pace", "due"}),
        ("achieved", {"due"}),
        ("count_met", {"low", "due"}),
    ],
)
def test_order_asks_for_what_its_kind_carries(office, cast, kind, fields):
    page = office.get(change(IndicatorFactory(measure=cast.measure, kind=kind)))

    (formset,) = page.context["inline_admin_formsets"]
    shared = {"effective_from", "document", "reason", "id", "indicator"}
    # What its kind does not carry is not asked for; the steps' own field stays in the form, unseen and empty.
    assert {
        name
        for row in formset.fieldsets
        for line in row[1]["fields"]
        for name in ([line] if isinstance(line, str) else line)
    } - {
        "made_by",
        "made_at",
    } == fields | shared - {"id", "indicator"}


def test_range_that_contradicts_itself_is_said(office, cast):
    indicator = IndicatorFactory(measure=cast.measure, kind="within")
    typed = {"low": "9", "high": "5", "effective_from": "2025-06-12", "reason": "调整"}

    response = office.post(
        change(indicator),
        form_data(office.get(change(indicator))) | {f"targets-0-{key}": value for key, value in typed.items()},
    )

    (formset,) = response.context["inline_admin_formsets"]
    assert formset.formset.forms[0].errors == {"high": ["上限不能小于下限。"]}


def test_members_of_a_composite_are_ticked(office, cast):
    member = IndicatorFactory(measure=cast.measure)
    composite = IndicatorFactory(measure=cast.measure, kind="all_met")
    page = office.get(change(composite))
    assert list(page.context["adminform"].form.fields["members"].queryset) == [member]
    assert "members" not in office.get(change(member)).context["adminform"].form.fields

    office.post(change(composite), form_data(page) | {"members": [str(member.pk)]})
    office.post(change(composite), form_data(office.get(change(composite))))

    assert [
        (membership.member, membership.made_by, membership.ended_at) for membership in composite.memberships.all()
    ] == [(member, cast.plan_admin, None)]


def test_new_order_starts_from_the_one_before(office, cast):
    indicator = IndicatorFactory(measure=cast.measure)
    TargetFactory(indicator=indicator, low=24, pace="linear")

    page = office.get(change(indicator))
    name = [key for key in form_data(page) if key.endswith("-effective_from")][-1].rsplit("-", 1)[0]
    office.post(change(indicator), form_data(page) | {f"{name}-low": "18", f"{name}-reason": "调整"})

    assert list(Target.objects.values_list("low", "pace")) == [(24, "linear"), (18, "linear")]


@pytest.mark.parametrize("day", ["2019-01-01", "2026-01-01"])
def test_order_outside_the_plans_year_is_said(office, cast, day):
    indicator = IndicatorFactory(measure=cast.measure)
    typed = {"low": "9", "effective_from": day, "reason": "调整"}

    response = office.post(
        change(indicator),
        form_data(office.get(change(indicator))) | {f"targets-0-{key}": value for key, value in typed.items()},
    )

    (formset,) = response.context["inline_admin_formsets"]
    assert formset.formset.forms[0].errors == {"effective_from": ["生效日期须在 2025-01-01 至 2025-12-31 之间。"]}


def test_node_before_the_start_is_said_and_kept(office, cast):
    data = form_data(office.get(change(cast.measure))) | {"nodes-0-title": "早于开始", "nodes-0-due": "2019-11-30"}

    response = office.post(change(cast.measure), data)

    (nodes,) = [inline.formset for inline in response.context["inline_admin_formsets"] if inline.formset.model is Node]
    assert nodes.forms[0].errors == {"due": ["完成时限不能早于开始日期。"]}
    assert nodes.forms[0]["title"].value() == "早于开始"


def test_open_measure_keeps_a_lead_that_is_not_its_support(office, cast):
    data = form_data(office.get(change(cast.measure)))

    for typed, field in (({"lead": ""}, "lead"), ({"support": [str(cast.measure.lead_id)]}, "support")):
        response = office.post(change(cast.measure), data | typed)
        assert set(response.context["adminform"].form.errors) == {field}


def test_person_added_by_a_plan_admin_belongs_to_the_same_court(office, cast):
    department = DepartmentFactory(court=cast.plan_admin.court)

    office.post(
        reverse("admin:accounts_user_add"),
        {
            "username": "new-person",
            "name": "新人",
            "department": str(department.pk),
            "usable_password": "true",
            "password1": "a-long-password-7",
            "password2": "a-long-password-7",
        },
    )

    person = User.objects.get(username="new-person")
    assert (person.court, person.department) == (cast.plan_admin.court, department)


def test_saving_a_page_as_it_is_gives_no_order(office, cast):
    indicator = IndicatorFactory(measure=cast.measure)
    TargetFactory(indicator=indicator)
    for row in (indicator, cast.measure, cast.measure.plan):
        response = office.post(change(row), form_data(office.get(change(row))))
        assert response.status_code == 302, row

    assert (Target.objects.count(), Deadline.objects.count(), MeasureOrder.objects.count(), Node.objects.count()) == (
        1,
        1,
        0,
        0,
    )


def test_measure_office_adds_nodes_orders_and_assignment(office, cast):
    department = DepartmentFactory(court=cast.measure.plan.court)
    data = form_data(office.get(change(cast.measure)))
    data |= {
        "lead": str(department.pk),
        "nodes-0-title": "方案印发",
        "nodes-0-due": "2025-05-30",
        "deadlines-1-due": "2026-03-31",
        "deadlines-1-effective_from": "2025-06-01",
        "deadlines-1-reason": "延期",
        "orders-0-adjustment": "pause",
        "orders-0-effective_from": "2025-07-01",
        "orders-0-reason": "暂缓",
    }

    response = office.post(change(cast.measure), data)

    assert response.status_code == 302
    assert Measure.objects.get().lead == department
    assert Node.objects.get().title == "方案印发"
    assert sorted(str(due) for due in Deadline.objects.values_list("due", flat=True)) == [
        "2025-05-30",
        "2025-12-31",
        "2026-03-31",
    ]
    assert MeasureOrder.objects.get().reason == "暂缓"
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {
        "measure.assigned",
        "node.added",
        "deadline.ordered",
        "measure.adjusted",
    }


def test_open_plans_words_are_read_only(office, cast):
    page = office.get(change(cast.measure))

    assert set(page.context["adminform"].form.fields) == {"lead", "support", "leader"}


def test_draft_is_written_freely(office, cast):
    Plan.objects.update(status="draft")

    page = office.get(change(cast.measure))

    assert {"title", "code", "pillar", "weight"} <= set(page.context["adminform"].form.fields)


def test_closing_is_withdrawn_here_but_not_entered(office, cast):
    entry = close_measure(
        measure=cast.measure,
        closed_on=date(2025, 6, 30),
        result="任务完成",
        by=cast.plan_admin,
        at=at("2025-06-30 10:00"),
    )
    closing = Closing.objects.get()

    office.post(change(closing), {"reason": "误录"})

    entry.refresh_from_db()
    assert (entry.withdrawn_by, entry.withdrawn_reason) == (cast.plan_admin, "误录")
    assert office.get(reverse("admin:ledger_closing_add")).status_code == 403


def test_indicator_is_judged_by_hand_with_a_reason(office, cast):
    judged = IndicatorFactory(measure=cast.measure, kind="judged")
    add = reverse("admin:ledger_judgement_add")
    typed = {"indicator": judged.pk, "judged_met": "yes", "speaks_of": "2025-06-30", "text": ""}
    assert set(office.post(add, typed).context["adminform"].form.errors) == {"text"}

    office.post(add, typed | {"text": "现场核实"})

    entry = Judgement.objects.get()
    verdict = standing_of(cast.measure.plan, on=date(2025, 6, 30), known=entry.accepted_at).indicators[0].verdict
    assert (entry.judged_met, entry.text, verdict.standing) == (True, "现场核实", Standing.MET)
    page = office.get(reverse("dashboard:indicator", args=["kfq", 2025, judged.code]) + "?on=2025-06-30&known=now")
    assert "评定达标 · 现场核实" in " ".join(page.content.decode().split())


def test_indicator_that_figures_decide_is_not_judged_by_hand(office, cast):
    measured = IndicatorFactory(measure=cast.measure)
    typed = {"indicator": measured.pk, "judged_met": "yes", "speaks_of": "2025-06-30", "text": "x"}

    response = office.post(reverse("admin:ledger_judgement_add"), typed)

    assert set(response.context["adminform"].form.errors) == {"indicator"}
    assert Judgement.objects.count() == 0


def test_what_a_report_wrote_is_not_withdrawn_here(office, cast):
    entry = ProgressEntryFactory(measure=cast.measure)

    response = office.post(change(entry), {"reason": "x"})

    entry.refresh_from_db()
    assert (response.status_code, entry.is_withdrawn) == (403, False)


def test_nothing_can_be_deleted_by_anybody(client, cast):
    superuser = UserFactory(court=None, department=None, is_superuser=True, is_staff=True)
    client.force_login(superuser)
    request = client.get("/admin/").wsgi_request

    deletable = [
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if model.__module__.startswith("apps.") and model_admin.has_delete_permission(request)
    ]

    assert deletable == []


@pytest.mark.parametrize("model", [LedgerEntry, Target, Deadline])
def test_no_role_may_delete(db, model):
    call_command("loaddata", "roles", verbosity=0)

    assert not Permission.objects.filter(codename__startswith="delete_", group__isnull=False).exists()


def test_other_courts_rows_are_not_there(office, cast):
    foreign = IndicatorFactory(measure=MeasureFactory())
    rows = [foreign, foreign.measure, foreign.plan, ProgressEntryFactory(measure=foreign.measure), UserFactory()]

    answers = {row._meta.label: office.get(change(row)).status_code for row in rows}
    listed = {row._meta.label: change(row) in office.get(_list(row)).content.decode() for row in rows}

    assert set(answers.values()) == {302}, answers  # back to the admin's front page: "no such row"
    assert not any(listed.values()), listed


def _list(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist")


def test_lists_and_their_filters_name_no_other_court(office, cast):
    foreign = MeasureFactory(plan__court__name="邻院", plan__title="邻院计划", lead__name="邻院部门", title="邻院举措")
    foreign.support.add(foreign.lead)
    IndicatorFactory(measure=foreign, name="邻院指标")
    UserFactory(court=foreign.plan.court, name="邻院人员")
    pages = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
        if model.__module__.startswith("apps.")
    ]

    naming = [page for page in pages if "邻院" in office.get(page, follow=True).content.decode()]

    assert len(pages) > 8
    assert naming == []


def test_fields_offer_ones_own_court_only(office, cast):
    foreign = DepartmentFactory()
    NodeFactory(measure=MeasureFactory())

    page = office.get(change(cast.measure)).context["adminform"].form

    assert foreign not in page.fields["lead"].queryset
    assert foreign not in page.fields["support"].queryset


def test_plan_admin_gives_roles_and_the_back_office_opens(office, cast):
    data = form_data(office.get(change(cast.colleague)))
    groups = {group.name: group.pk for group in cast.plan_admin.groups.model.objects.all()}

    response = office.post(change(cast.colleague), data | {"groups": [groups[Role.PLAN_ADMIN]], "is_active": "on"})

    assert response.status_code == 302, response.context["adminform"].form.errors
    person = User.objects.get(pk=cast.colleague.pk)
    assert (person.roles, person.is_staff) == (frozenset({Role.PLAN_ADMIN}), True)
    assert AuditEvent.objects.get().action == "user.changed"


def test_plan_admin_cannot_touch_a_superuser_or_make_one(office, cast):
    superuser = UserFactory(court=cast.plan_admin.court, is_superuser=True)

    form = office.get(change(cast.colleague)).context["adminform"].form

    assert not {"is_superuser", "user_permissions", "is_staff"} & set(form.fields)
    assert office.post(change(superuser), {"username": "taken"}).status_code == 403
    assert office.get(reverse("admin:auth_user_password_change", args=[superuser.pk])).status_code == 403


@pytest.mark.parametrize("person", ["reporter", "reviewer", "leader", "colleague"])
def test_back_office_is_closed_to_others(client, cast, person):
    client.force_login(getattr(cast, person))

    assert client.get("/admin/").status_code == 302


def test_inspector_reads_the_trail_and_changes_nothing(client, cast):
    call_command("loaddata", "roles", verbosity=0)
    User.objects.filter(pk=cast.inspector.pk).update(is_staff=True)
    client.force_login(User.objects.get(pk=cast.inspector.pk))

    assert client.get(reverse("admin:audit_auditevent_changelist")).status_code == 200
    assert client.post(change(cast.measure), {"lead": ""}).status_code == 403
    assert Indicator.objects.count() == 0


@pytest.mark.parametrize("n_rows", [1, 3])
def test_lists_take_the_same_number_of_queries(office, cast, django_assert_num_queries, n_rows):
    for _number in range(n_rows):
        TargetFactory(
            indicator=IndicatorFactory(measure=MeasureFactory(plan=cast.measure.plan, pillar=cast.measure.pillar))
        )

    for name, n_queries in (("indicators_indicator", N_INDICATORS), ("plans_measure", N_MEASURES)):
        with django_assert_num_queries(n_queries):
            office.get(reverse(f"admin:{name}_changelist"))


N_INDICATORS, N_MEASURES = 12, 13
