"""Published sets of indicators: versions side by side, ranges with their paper, adopted without touching readings."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.indicators.choices import Kind
from apps.indicators.models import Indicator, IndicatorSet, SetEntry, Target
from apps.indicators.services import adopt_set
from apps.ledger.models import LedgerEntry
from apps.office.admin import CONFIRMED
from apps.office.plan_document import plan_document
from apps.office.plan_import import create_plan
from tests.conftest import at
from tests.factories import CourtFactory, IndicatorFactory, ReadingEntryFactory, TargetFactory
from tests.office.conftest import NOW
from tests.test_admin import change, form_data


def version(name, *entries, level=""):
    made = IndicatorSet.objects.create(
        name="质量指标", version=name, source_document="文件", valid_from=date(2024, 1, 1), level=level
    )
    for order, (entry, low, high) in enumerate(entries, 1):
        paper = {"document": "某号文", "document_date": date(2024, 9, 1)} if low is not None else {}
        SetEntry.objects.create(indicator_set=made, order=order, name=entry, low=low, high=high, **paper)
    return made


@pytest.fixture
def rate(cast):
    indicator = IndicatorFactory(measure=cast.measure, code="1.1-1", name="上诉率", kind=Kind.WITHIN, unit="%")
    TargetFactory(indicator=indicator, low=5, high=10)
    ReadingEntryFactory(indicator=indicator, value=7, accepted_at=at("2025-06-29 09:00"))
    return indicator


def test_newer_version_keeps_targets_and_readings(client, cast, rate):
    old, new = version("一", ("上诉率", 4, 11)), version("二", ("上诉率", 6, 9), ("案-件比", None, None))
    client.force_login(cast.plan_admin)
    there = reverse("office:sets", args=["kfq", 2025])
    rows = list(LedgerEntry.objects.values()), list(Target.objects.values())

    for edition in (old, new):
        client.post(there, {"set": edition.pk})
        rate.refresh_from_db()
        assert (rate.indicator_set, rate.entry.indicator_set) == (edition, edition)

    assert (list(LedgerEntry.objects.values()), list(Target.objects.values())) == rows
    assert [event.action for event in AuditEvent.objects.order_by("number")] == ["plan.set_adopted"] * 2
    client.post(there, {"set": new.pk})
    assert AuditEvent.objects.count() == 2
    page = client.get(there)
    assert [[entry.name for entry in row["match"].unmatched] for row in page.context["versions"]] == [[], ["案-件比"]]
    page = client.get(reverse("dashboard:indicator", args=["kfq", 2025, "1.1-1"])).content.decode()
    assert "某号文" in page
    assert "6 – 9" in page


def test_version_of_another_level_is_refused(cast, rate):
    for_high_courts = version("高院", ("上诉率", None, None), level="high")

    with pytest.raises(ValidationError):
        adopt_set(plan=rate.plan, indicator_set=for_high_courts, by=cast.plan_admin, at=NOW)
    for by in (cast.leader, cast.reviewer, cast.inspector, cast.outsider):
        with pytest.raises(PermissionDenied):
            adopt_set(plan=rate.plan, indicator_set=version(str(by.pk)), by=by, at=NOW)
    assert Indicator.objects.get().entry is None


@pytest.mark.parametrize("missing", [{"document": ""}, {"document_date": None}, {"low": 9, "high": 6}])
def test_range_names_its_paper_and_is_in_order(db, missing):
    made = version("一")
    values = {"low": 1, "high": 2, "document": "某号文", "document_date": date(2024, 9, 1)} | missing

    with pytest.raises(ValidationError):
        SetEntry(indicator_set=made, name="上诉率", **values).full_clean()


def test_target_tighter_than_the_range_is_warned_of_before_it_counts(client, cast, rate):
    call_command("loaddata", "roles", verbosity=0)
    adopt_set(plan=rate.plan, indicator_set=version("一", ("上诉率", 5, 10)), by=cast.plan_admin, at=NOW)
    client.force_login(User.objects.get(pk=cast.plan_admin.pk))
    data = form_data(client.get(change(rate)))
    data.pop(CONFIRMED)
    data |= {"targets-1-low": "6", "targets-1-high": "9", "targets-1-reason": "从严"}

    page = client.post(change(rate), data)

    assert ["额外加码" in str(warning) for warning in page.context["orders"][0].warnings] == [True]


def test_set_goes_along_with_the_plans_document(cast, rate):
    adopt_set(plan=rate.plan, indicator_set=version("一", ("上诉率", 5, 10)), by=cast.plan_admin, at=NOW)
    document = plan_document(rate.plan)
    chief = User.objects.create_superuser("chief", name="管理", password="x")

    made = create_plan(document, court=CourtFactory(), by=chief, at=NOW)

    assert plan_document(made) == document
    assert (document["indicators"][0]["set_name"], document["indicators"][0]["set_version"]) == ("质量指标", "一")


def test_published_set_comes_with_names_and_without_ranges(db):
    call_command("loaddata", "roles", "indicator_sets", verbosity=0)

    entries = SetEntry.objects.all()
    assert {"二审改判-发回重审比", "再审改判-发回重审比"} <= {entry.name for entry in entries}
    assert all(entry.low is None and entry.high is None for entry in entries)
    assert IndicatorSet.objects.get().source_document
