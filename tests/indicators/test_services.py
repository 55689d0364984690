from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from apps.audit.models import AuditEvent
from apps.indicators import services
from apps.indicators.choices import Kind
from apps.indicators.rules import TargetValues
from apps.plans.services import OrderDetails
from tests.conftest import at
from tests.factories import GoalFactory, IndicatorFactory, TargetFactory

JUNE = at("2025-06-12 10:00")


def test_target_changes_by_an_order_and_the_old_one_stays(cast):
    indicator = IndicatorFactory(measure=cast.measure)
    TargetFactory(indicator=indicator, low=3)

    services.order_target(
        indicator=indicator,
        values=TargetValues(low=Decimal(2)),
        details=OrderDetails(reason="调整", by=cast.plan_admin, at=JUNE),
    )

    targets = [(target.number, target.low, str(target.effective_from)) for target in indicator.targets.all()]
    assert targets == [(1, Decimal(3), "2025-01-01"), (2, Decimal(2), "2025-06-12")]
    event = AuditEvent.objects.get(action="target.ordered")
    assert (event.data["before"], event.data["after"]) == ({"low": "3.0000"}, {"low": "2"})


@pytest.mark.parametrize("person", ["reporter", "reviewer", "leader", "inspector", "outsider"])
def test_only_the_plan_admin_sets_targets(cast, person):
    indicator = IndicatorFactory(measure=cast.measure)

    with pytest.raises(PermissionDenied):
        services.order_target(
            indicator=indicator,
            values=TargetValues(low=Decimal(2)),
            details=OrderDetails(reason="x", by=getattr(cast, person), at=JUNE),
        )

    assert indicator.targets.count() == 0


def test_contradicting_bounds_are_refused_at_their_field(cast):
    indicator = IndicatorFactory(measure=cast.measure, kind=Kind.WITHIN)

    with pytest.raises(ValidationError) as refusal:
        services.order_target(
            indicator=indicator,
            values=TargetValues(low=Decimal(9), high=Decimal(5)),
            details=OrderDetails(reason="x", by=cast.plan_admin, at=JUNE),
        )

    assert refusal.value.message_dict == {"high": ["上限不能小于下限。"]}


def test_contradicting_bounds_are_refused_by_the_database(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetFactory(low=9, high=5)


def test_indicator_stands_under_a_measure_or_a_goal_not_both(cast):
    indicator = IndicatorFactory(measure=cast.measure)

    with pytest.raises(IntegrityError), transaction.atomic():
        type(indicator).objects.filter(pk=indicator.pk).update(goal=GoalFactory(plan=cast.measure.plan))
    with pytest.raises(IntegrityError), transaction.atomic():
        type(indicator).objects.filter(pk=indicator.pk).update(measure=None)


def test_only_composites_have_members_and_only_plain_ones(cast):
    plain, composite = (
        IndicatorFactory(measure=cast.measure),
        IndicatorFactory(measure=cast.measure, kind=Kind.ALL_MET),
    )

    services.set_members(indicator=composite, members=[plain], by=cast.plan_admin, at=JUNE)

    assert [membership.member for membership in composite.memberships.all()] == [plain]
    for indicator, members in ((plain, [composite]), (composite, [composite])):
        with pytest.raises(ValidationError):
            services.set_members(indicator=indicator, members=members, by=cast.plan_admin, at=JUNE)
