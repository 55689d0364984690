"""People who leave, and the demonstration's accounts."""

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.selectors import DEMO_PASSWORD
from apps.audit.models import AuditEvent
from apps.office.people import deactivate_example_accounts, deactivate_person
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure, Plan
from tests.factories import MeasureFactory, UserFactory
from tests.office.conftest import NOW


@pytest.fixture
def led(cast):
    """Two measures that the leader answers for, and another leader."""
    cast.measure.leader = cast.leader
    cast.measure.save()
    MeasureFactory(plan=cast.measure.plan, pillar=cast.measure.pillar, code="1.2", leader=cast.leader, lead=None)
    return UserFactory(court=cast.leader.court, department=cast.leader.department, roles=[Role.LEADER])


def test_leader_who_leaves_hands_over_and_signs_in_no_more(client, cast, led):
    client.force_login(cast.plan_admin)
    page = client.get(reverse("office:people"))
    assert {person.username: person.n_measures for person in page.context["people"]}[cast.leader.username] == 2
    leaving = reverse("office:departure", args=[cast.leader.pk])
    assert "1.1" in client.get(leaving).content.decode()
    Plan.objects.update(status=PlanStatus.DRAFT, opened_at=None)

    refused = client.post(leaving, {})
    assert "请选择接手的院领导" in refused.content.decode()
    assert client.post(leaving, {"successor": led.pk}).url == reverse("office:people")

    cast.leader.refresh_from_db()
    assert not cast.leader.is_active
    assert {measure.leader for measure in Measure.objects.all()} == {led}
    events = AuditEvent.objects.order_by("number")
    assert [event.action for event in events] == ["measure.assigned", "measure.changed", "user.left"]
    assert events.last().data["successor"] == str(led)
    client.force_login(cast.leader)
    assert client.get(reverse("dashboard:my_work")).status_code == 302


def test_reporter_leaves_without_a_successor(cast):
    deactivate_person(person=cast.reporter, successor=None, by=cast.plan_admin, at=NOW)

    assert not User.objects.get(pk=cast.reporter.pk).is_active


def test_successor_is_another_leader_of_the_court(cast, led):
    for successor in (None, cast.reporter, cast.leader, cast.outsider):
        with pytest.raises(ValidationError):
            deactivate_person(person=cast.leader, successor=successor, by=cast.plan_admin, at=NOW)
    assert User.objects.get(pk=cast.leader.pk).is_active
    assert AuditEvent.objects.count() == 0


def test_nobody_lets_themselves_go_and_only_the_office_lets_others_go(client, cast):
    with pytest.raises(ValidationError):
        deactivate_person(person=cast.plan_admin, successor=None, by=cast.plan_admin, at=NOW)
    for by in (cast.leader, cast.reviewer, cast.inspector, cast.outsider):
        with pytest.raises(PermissionDenied):
            deactivate_person(person=cast.reporter, successor=None, by=by, at=NOW)
    with pytest.raises(PermissionDenied):
        deactivate_person(
            person=User.objects.create_superuser("chief", name="管理", password="x"),
            successor=None,
            by=cast.plan_admin,
            at=NOW,
        )
    client.force_login(cast.leader)
    assert client.get(reverse("office:people")).status_code == 403
    client.force_login(cast.plan_admin)
    assert client.get(reverse("office:departure", args=[cast.outsider.pk])).status_code == 404


@pytest.fixture
def example(cast):
    cast.reporter.set_password(DEMO_PASSWORD)
    cast.reporter.save()
    return cast.reporter


@pytest.mark.parametrize(("is_demonstration", "status"), [(True, 302), (False, 200)])
def test_demonstrations_password_opens_a_demonstration_only(client, cast, example, is_demonstration, status):
    court = cast.plan_admin.court
    court.has_demo_data = is_demonstration
    court.save()

    response = client.post(reverse("accounts:login"), {"username": example.username, "password": DEMO_PASSWORD})

    assert response.status_code == status
    assert ("演示用的密码" in response.content.decode()) is (not is_demonstration)


def test_example_accounts_are_switched_off_in_one_step(client, cast, example):
    client.force_login(cast.plan_admin)

    client.post(reverse("office:deactivate_examples"))

    active = dict(User.objects.values_list("pk", "is_active"))
    assert not active[example.pk]
    assert active[cast.leader.pk]
    assert not User.objects.get(pk=example.pk).has_usable_password()
    assert AuditEvent.objects.get().data == {"example": True}


def test_example_account_does_not_switch_itself_off(client, cast):
    cast.plan_admin.set_password(DEMO_PASSWORD)
    cast.plan_admin.save()
    client.force_login(cast.plan_admin)

    response = client.post(reverse("office:deactivate_examples"))

    assert ["您正使用示例账号" in str(message) for message in get_messages(response.wsgi_request)] == [True]
    with pytest.raises(PermissionDenied):
        deactivate_example_accounts(court=cast.plan_admin.court, by=cast.leader, at=NOW)
