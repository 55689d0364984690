"""Sets of indicators are the same for every court of an installation: who may change them."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from apps.accounts.choices import Role
from apps.accounts.models import Court
from apps.indicators.models import IndicatorSet, SetEntry
from apps.indicators.permissions import can_keep_sets
from tests.factories import CourtFactory, UserFactory

pytestmark = pytest.mark.django_db


def courts(*, above_all):
    """A court with two below it; or, without one above all, three of their own."""
    top = CourtFactory(slug="top")
    for slug in ("a", "b"):
        CourtFactory(slug=slug, parent=top if above_all else None)


@pytest.mark.parametrize(
    ("installation", "court", "role", "may"),
    [
        ("only one", "top", Role.PLAN_ADMIN, True),
        ("only one", "top", Role.LEADER, False),
        ("only one", "top", Role.INSPECTOR, False),
        ("one above all", "top", Role.PLAN_ADMIN, True),
        ("one above all", "top", Role.REVIEWER, False),
        ("one above all", "a", Role.PLAN_ADMIN, False),
        ("each its own", "top", Role.PLAN_ADMIN, False),
        ("each its own", "a", Role.PLAN_ADMIN, False),
    ],
)
def test_who_keeps_sets(installation, court, role, may):
    if installation == "only one":
        CourtFactory(slug="top")
    else:
        courts(above_all=installation == "one above all")
    person = UserFactory(court=Court.objects.get(slug=court), roles=[role])

    assert can_keep_sets(person) is may


def test_superuser_keeps_sets_and_nobody_without_a_court():
    courts(above_all=False)

    assert can_keep_sets(UserFactory(court=None, department=None, is_superuser=True))
    assert not can_keep_sets(UserFactory(court=None, department=None, is_superuser=True, is_active=False))
    assert not can_keep_sets(UserFactory(court=None, department=None, roles=[Role.PLAN_ADMIN]))


@pytest.mark.parametrize(("court", "may"), [("top", True), ("a", False)])
def test_back_office_refuses_who_may_not(client, court, may):
    call_command("loaddata", "roles", verbosity=0)
    courts(above_all=True)
    person = UserFactory(court=Court.objects.get(slug=court), roles=[Role.PLAN_ADMIN], is_staff=True)
    indicator_set = IndicatorSet.objects.create(
        name="质量指标", version="一", source_document="文件", valid_from="2024-01-01"
    )
    SetEntry.objects.create(indicator_set=indicator_set, order=1, name="上诉率")
    client.force_login(person)
    there = reverse("admin:indicators_indicatorset_change", args=[indicator_set.pk])
    data = {
        "name": "改过", "version": "一", "level": "", "source_document": "文件", "valid_from": "2024-01-01", "valid_to": "",
        "entries-TOTAL_FORMS": "0", "entries-INITIAL_FORMS": "0",
    }  # fmt: skip

    assert client.get(there).status_code == 200
    answer = client.post(there, data)

    indicator_set.refresh_from_db()
    assert (answer.status_code, indicator_set.name) == ((302, "改过") if may else (403, "质量指标"))
    added = client.get(reverse("admin:indicators_indicatorset_add"))
    assert added.status_code == (200 if may else 403)
