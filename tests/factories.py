"""One factory a model, no surprises."""

from datetime import UTC, date, datetime

import factory
from django.contrib.auth.models import Group
from factory.django import DjangoModelFactory

from apps.accounts.models import Court, Department, User
from apps.indicators.choices import Basis, Kind
from apps.indicators.models import Indicator, Target
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.choices import PlanStatus
from apps.plans.models import Deadline, Goal, Measure, Node, Pillar, Plan, Programme, Quote
from apps.reporting.models import Report

NEW_YEAR = datetime(2024, 12, 31, 16, tzinfo=UTC)  # midnight in Shanghai


class CourtFactory(DjangoModelFactory):
    class Meta:
        model = Court

    slug = factory.Sequence(lambda n: f"court-{n}")
    name = factory.Sequence(lambda n: f"第{n}人民法院")


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    court = factory.SubFactory(CourtFactory)
    slug = factory.Sequence(lambda n: f"dep-{n}")
    name = factory.Sequence(lambda n: f"第{n}审判庭")
    order = factory.Sequence(lambda n: n + 100)


class UserFactory(DjangoModelFactory):
    """A person without a role; `roles` names those they get."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    name = factory.Sequence(lambda n: f"人员{n}")
    court = factory.SubFactory(CourtFactory)
    department = factory.SubFactory(DepartmentFactory, court=factory.SelfAttribute("..court"))

    @factory.post_generation
    def roles(self, create, roles):
        if create and roles:
            self.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])


class PlanFactory(DjangoModelFactory):
    class Meta:
        model = Plan

    court = factory.SubFactory(CourtFactory)
    year = 2025
    title = "2025年工作计划"
    status = PlanStatus.OPEN
    opened_at = NEW_YEAR


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    plan = factory.SubFactory(PlanFactory)
    code = factory.Sequence(lambda n: f"programme-{n}")
    name = factory.Sequence(lambda n: f"工程{n}")


class GoalFactory(DjangoModelFactory):
    class Meta:
        model = Goal

    plan = factory.SubFactory(PlanFactory)
    code = factory.Sequence(lambda n: f"G{n}")
    title = "年度目标"


class PillarFactory(DjangoModelFactory):
    class Meta:
        model = Pillar

    plan = factory.SubFactory(PlanFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = factory.LazyAttribute(lambda pillar: f"强化第{pillar.number}项")
    short = factory.LazyAttribute(lambda pillar: f"第{pillar.number}项")


class MeasureFactory(DjangoModelFactory):
    """A measure due on the last day of its plan's year, reported each quarter."""

    class Meta:
        model = Measure
        skip_postgeneration_save = True

    plan = factory.SubFactory(PlanFactory)
    pillar = factory.SubFactory(PillarFactory, plan=factory.SelfAttribute("..plan"))
    code = factory.Sequence(lambda n: f"9.{n}")
    order = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"举措{n}")
    lead = factory.SubFactory(DepartmentFactory, court=factory.SelfAttribute("..plan.court"))
    starts_on = factory.LazyAttribute(lambda measure: date(measure.plan.year, 1, 1))
    deadline = factory.RelatedFactory("tests.factories.DeadlineFactory", factory_related_name="measure")


class QuoteFactory(DjangoModelFactory):
    class Meta:
        model = Quote

    measure = factory.SubFactory(MeasureFactory)
    order = 1
    text = "原文"


class NodeFactory(DjangoModelFactory):
    class Meta:
        model = Node

    measure = factory.SubFactory(MeasureFactory)
    order = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"节点{n}")


class DeadlineFactory(DjangoModelFactory):
    class Meta:
        model = Deadline

    measure = factory.SubFactory(MeasureFactory, deadline=None)
    number = 1
    due = factory.LazyAttribute(lambda order: date(order.measure.plan.year, 12, 31))
    effective_from = factory.LazyAttribute(lambda order: date(order.measure.plan.year, 1, 1))
    reason = "计划下达"
    made_at = NEW_YEAR


class IndicatorFactory(DjangoModelFactory):
    class Meta:
        model = Indicator

    measure = factory.SubFactory(MeasureFactory)
    plan = factory.SelfAttribute("measure.plan")
    code = factory.Sequence(lambda n: f"9.9-{n}")
    order = factory.Sequence(lambda n: n + 1)
    name = factory.Sequence(lambda n: f"指标{n}")
    kind = Kind.AT_LEAST
    basis = Basis.STATED


class TargetFactory(DjangoModelFactory):
    class Meta:
        model = Target

    indicator = factory.SubFactory(IndicatorFactory)
    number = 1
    effective_from = date(2025, 1, 1)
    reason = "计划原文"
    made_at = NEW_YEAR
    low = 10


class ReportFactory(DjangoModelFactory):
    """A draft of the lead department for the second quarter."""

    class Meta:
        model = Report

    measure = factory.SubFactory(MeasureFactory)
    department = factory.SelfAttribute("measure.lead")
    window_start = date(2025, 4, 1)
    window_end = date(2025, 6, 30)
    text = "进展顺利"
    percent = 50
    author = factory.SubFactory(UserFactory, court=factory.SelfAttribute("..measure.plan.court"))
    created_at = datetime(2025, 6, 20, 1, tzinfo=UTC)
    saved_by = factory.SelfAttribute("author")
    saved_at = factory.SelfAttribute("created_at")


class ProgressEntryFactory(DjangoModelFactory):
    class Meta:
        model = LedgerEntry

    kind = EntryKind.PROGRESS
    measure = factory.SubFactory(MeasureFactory)
    plan = factory.SelfAttribute("measure.plan")
    department = factory.SelfAttribute("measure.lead")
    speaks_of = date(2025, 3, 31)
    percent = 25
    declared = "normal"
    accepted_by = factory.SubFactory(UserFactory, court=factory.SelfAttribute("..plan.court"))
    accepted_at = datetime(2025, 4, 1, 2, tzinfo=UTC)


class ReadingEntryFactory(DjangoModelFactory):
    class Meta:
        model = LedgerEntry

    kind = EntryKind.READING
    indicator = factory.SubFactory(IndicatorFactory)
    plan = factory.SelfAttribute("indicator.plan")
    measure = factory.SelfAttribute("indicator.measure")
    period_start = date(2025, 1, 1)
    speaks_of = date(2025, 3, 31)
    value = 5
    accepted_by = factory.SubFactory(UserFactory, court=factory.SelfAttribute("..plan.court"))
    accepted_at = datetime(2025, 4, 1, 2, tzinfo=UTC)
