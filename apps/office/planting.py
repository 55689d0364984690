"""A plan made from a document: every part through the services, in one transaction."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.choices import Role
from apps.accounts.models import Department, User
from apps.accounts.permissions import is_plan_admin
from apps.audit.services import record
from apps.core.permissions import require
from apps.indicators.choices import Pace
from apps.indicators.models import Indicator, SetEntry
from apps.indicators.rules import BOUNDS, TargetValues
from apps.indicators.services import order_target, set_members
from apps.office.document import (
    INDICATOR_CHOICES,
    INDICATOR_TEXTS,
    PLAN_TEXTS,
    THRESHOLDS,
    check_shape,
)
from apps.plans.choices import Adjustment
from apps.plans.models import Goal, Measure, Pillar, Plan, Programme, Quote
from apps.plans.services import OrderDetails, add_node, order_adjustment, order_deadline, order_thresholds


@transaction.atomic
def create_plan(document, *, court, by, at, continues=None):
    """Make a draft from a document; ValidationError, naming the place, where it does not fit together.

    `continues` are measures of the year before, by code: the new ones of the same code go on from them. Leaders who
    have no account in this court are left out; departments that the court does not have are added.
    """
    require(is_plan_admin(by, court))
    check_shape(document)
    return _Planting(document, court=court, by=by, at=at, continues=continues or {}).plan


class _Planting:
    def __init__(self, document, *, court, by, at, continues):
        self.court, self.by, self.at, self.continues = court, by, at, continues
        self.plan = Plan(
            court=court,
            year=document["year"],
            grace_days=document["grace_days"],
            **{name: document[name] for name in PLAN_TEXTS},
        )
        self.save(self.plan, _("计划"))
        self.departments = self.put_departments(document["departments"])
        self.leaders = {
            person.username: person
            for person in User.objects.filter(court=court, groups__name=Role.LEADER, is_active=True)
        }
        self.programmes = self.put_all(Programme, document["programmes"], key="code")
        self.goals = self.put_all(Goal, document["goals"], key="code")
        self.pillars = self.put_all(Pillar, document["pillars"], key="number", ordered=False)
        for order in document["thresholds"]:
            values = {
                name: self.figure(order[name], _("阈值")) if read is Decimal else order[name]
                for name, read in THRESHOLDS.items()
            }
            self.give(order_thresholds, order, _("阈值"), plan=self.plan, **values)
        self.measures = {}
        for number, one in enumerate(document["measures"], 1):
            self.measures[one["code"]] = self.put_measure(one, number)
        self.indicators = {}
        for number, one in enumerate(document["indicators"], 1):
            self.indicators[one["code"]] = self.put_indicator(one, number)
        for one in document["indicators"]:
            if one["members"]:
                members = [self.named(self.indicators, code, one["code"]) for code in one["members"]]
                set_members(indicator=self.indicators[one["code"]], members=members, by=self.by, at=self.at)

    def save(self, row, place):
        try:
            row.full_clean()
        except ValidationError as problem:
            raise ValidationError(f"{place} · {' '.join(problem.messages)}") from None
        row.save()
        record(by=self.by, action=f"{row._meta.model_name}.added", target=row, court=self.court, at=self.at, data={})
        return row

    def put_departments(self, departments):
        held = {one.slug: one for one in self.court.departments.all()}
        taken = {one.order for one in held.values()}
        for one in departments:
            if one["slug"] not in held:
                order = one["order"] if one["order"] not in taken else max(taken) + 1
                taken.add(order)
                row = Department(court=self.court, slug=one["slug"], name=one["name"], order=order)
                held[one["slug"]] = self.save(row, one["name"])
        return held

    def put_all(self, model, rows, *, key, ordered=True):
        found = {}
        for number, one in enumerate(rows, 1):
            place = {"order": number} if ordered else {}
            found[one[key]] = self.save(model(plan=self.plan, **one, **place), one[key])
        return found

    def named(self, found, key, place):
        if key is None:
            return None
        if key not in found:
            raise ValidationError(_("%(place)s 所指的“%(key)s”不在文件里。") % {"place": place, "key": key})
        return found[key]

    def put_measure(self, one, number):
        code = one["code"]
        measure = Measure(
            plan=self.plan,
            pillar=self.named(self.pillars, one["pillar"], code),
            code=code,
            order=number,
            title=one["title"],
            lead=self.named(self.departments, one["lead"], code),
            leader=self.leaders.get(one["leader"]),
            starts_on=self.day(one["starts_on"], code),
            weight=self.figure(one["weight"], code),
            cadence=one["cadence"],
            continues=self.continues.get(code),
        )
        self.save(measure, code)
        measure.support.set([self.named(self.departments, slug, code) for slug in one["support"]])
        measure.programmes.set([self.named(self.programmes, programme, code) for programme in one["programmes"]])
        for order, text in enumerate(one["quotes"], 1):
            self.save(Quote(measure=measure, order=order, text=text), code)
        for order in one["deadlines"]:
            self.give(order_deadline, order, code, measure=measure, due=self.day(order["due"], code))
        for node in one["nodes"]:
            self.put_node(measure, node)
        for order in one["orders"]:
            self.give(
                order_adjustment,
                order,
                code,
                measure=measure,
                adjustment=self.choice(order["adjustment"], Adjustment, code),
                weight=self.figure(order["weight"], code),
            )
        return measure

    def put_node(self, measure, one):
        place = f"{measure.code} · {one['title']}"
        if not one["deadlines"]:
            raise ValidationError(_("%(place)s 缺少“%(name)s”。") % {"place": place, "name": "deadlines"})
        first, *later = one["deadlines"]
        try:
            node = add_node(
                measure=measure,
                title=one["title"],
                weight=self.figure(one["weight"], place),
                due=self.day(first["due"], place),
                details=self.details(first, place),
            )
        except ValidationError as problem:
            raise ValidationError(f"{place} · {' '.join(problem.messages)}") from None
        for order in later:
            self.give(order_deadline, order, place, measure=measure, node=node, due=self.day(order["due"], place))

    def put_indicator(self, one, number):
        code = one["code"]
        indicator = Indicator(
            plan=self.plan,
            code=code,
            order=number,
            measure=self.named(self.measures, one["measure"], code),
            goal=self.named(self.goals, one["goal"], code),
            has_parts=one["has_parts"],
            scale=self.figure(one["scale"], code),
            **{name: one[name] for name in (*INDICATOR_TEXTS, *INDICATOR_CHOICES)},
        )
        # A set that this installation does not have is left out; it can be adopted when it is entered.
        entry = SetEntry.objects.filter(
            indicator_set__name=one["set_name"], indicator_set__version=one["set_version"], name=one["name"]
        ).first()
        if entry is not None:
            indicator.entry, indicator.indicator_set_id = entry, entry.indicator_set_id
        self.save(indicator, code)
        for order in one["targets"]:
            self.give(
                order_target,
                order,
                code,
                indicator=indicator,
                values=TargetValues(
                    **{name: self.figure(order[name], code) for name in BOUNDS},
                    pace=self.choice(order["pace"], Pace, code) if order["pace"] else "",
                    steps=[(self.day(day, code), self.figure(value, code)) for day, value in self.pairs(order, code)],
                    due=self.day(order["due"], code),
                ),
            )
        return indicator

    def give(self, service, order, place, **what):
        """One dated order of the document, with its day, reason and paper."""
        try:
            service(details=self.details(order, place), **what)
        except ValidationError as problem:
            raise ValidationError(f"{place} · {' '.join(problem.messages)}") from None

    def details(self, order, place):
        return OrderDetails(
            reason=order["reason"],
            document=order["document"],
            effective_from=self.day(order["effective_from"], place),
            by=self.by,
            at=self.at,
        )

    def pairs(self, order, place):
        if any(len(step) != 2 for step in order["steps"]):
            raise ValidationError(_("%(place)s 的内容不对。") % {"place": f"{place} · steps"})
        return order["steps"]

    def day(self, text, place):
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            raise ValidationError(_("%(place)s 的日期“%(text)s”不对。") % {"place": place, "text": text}) from None

    def figure(self, text, place):
        try:
            value = None if text is None else Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if value is not None and not value.is_finite():
            raise ValidationError(_("%(place)s 的数字“%(text)s”不对。") % {"place": place, "text": text})
        return value

    def choice(self, value, choices, place):
        if value not in choices.values:
            raise ValidationError(_("%(place)s 的内容不对。") % {"place": f"{place} · {value}"})
        return choices(value)
