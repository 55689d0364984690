from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import models

from apps.core.together import read_together
from apps.indicators.models import Target
from apps.plans.choices import Adjustment
from apps.plans.models import Deadline, MeasureOrder, Node, Pillar, ThresholdOrder
from tests.factories import (
    DeadlineFactory,
    IndicatorFactory,
    MeasureFactory,
    NodeFactory,
    TargetFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 1, 4, 0, 0, 123456, tzinfo=UTC)
TABLES = [Pillar, Node, Deadline, MeasureOrder, Target, ThresholdOrder]


@pytest.fixture
def rows():
    """Rows whose decimals, days, empty cells and steps differ from table to table."""
    measure = MeasureFactory()
    node = NodeFactory(measure=measure, weight=Decimal("0.10"))
    DeadlineFactory(measure=measure, node=node, number=1, due=date(2025, 2, 28))
    order = {
        "number": 1,
        "effective_from": date(2025, 3, 1),
        "reason": "分工调整",
        "made_by": UserFactory(),
        "made_at": NOON,
    }
    MeasureOrder.objects.create(measure=measure, adjustment=Adjustment.WEIGHT, weight=Decimal("1.50"), **order)
    indicator = IndicatorFactory(measure=measure, plan=measure.plan)
    TargetFactory(indicator=indicator, low=Decimal("95.1"), steps=[["2025-06-30", "12.5"]])
    TargetFactory(
        indicator=indicator, number=2, made_by=UserFactory(), low=Decimal("0.0001"), high=Decimal("1234567890.1234")
    )
    ThresholdOrder.objects.create(plan=measure.plan, watch_gap=Decimal("7.25"), late_gap=Decimal("20"), **order)
    return measure


def told(row):
    """Each field's value as it would be written: 1.50 is not 1.5."""
    return [(field.attname, repr(getattr(row, field.attname))) for field in row._meta.concrete_fields]


def test_rows_are_the_same_as_read_by_themselves(rows):
    by_themselves = [[told(row) for row in model.objects.order_by("pk")] for model in TABLES]

    together = read_together(*(model.objects.all() for model in TABLES))

    assert all(by_themselves)
    assert [[told(row) for row in found] for found in together] == by_themselves


@pytest.mark.parametrize("first", TABLES)
def test_whichever_table_comes_first(rows, first):
    tables = [first, *(model for model in TABLES if model is not first)]

    together = read_together(*(model.objects.all() for model in tables))

    assert [[told(row) for row in found] for found in together] == [
        [told(row) for row in model.objects.order_by("pk")] for model in tables
    ]


def test_one_question_and_only_the_rows_asked_for(rows, django_assert_num_queries):
    MeasureFactory()  # of another plan

    with django_assert_num_queries(1):
        pillars, nodes = read_together(
            Pillar.objects.filter(plan=rows.plan), Node.objects.filter(measure__plan=rows.plan, weight__gt=5)
        )

    assert pillars == [rows.pillar]
    assert nodes == []


def test_rows_are_saved_ones_and_lead_on(rows):
    _pillars, nodes = read_together(Pillar.objects.all(), Node.objects.all())

    assert not nodes[0]._state.adding
    assert nodes[0].measure == rows
    assert isinstance(nodes[0], models.Model)
