"""A plan made from a document: every part through the services, in one transaction."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Court, Department, User
from apps.accounts.permissions import is_plan_admin
from apps.accounts.selectors import leaders_of
from apps.audit.services import record
from apps.core.permissions import require
from apps.indicators.choices import Pace
from apps.indicators.models import Indicator, SetEntry
from apps.indicators.rules import BOUNDS, TargetValues
from apps.indicators.services import order_target, set_members
from apps.office.plan_document import INDICATOR_CHOICES, INDICATOR_TEXTS, PLAN_TEXTS, THRESHOLDS, check_shape
from apps.plans.choices import Adjustment
from apps.plans.models import Goal, Measure, Pillar, Plan, Programme, Quote
from apps.plans.services import OrderDetails, add_node, order_adjustment, order_deadline, order_thresholds

Part = dict[str, Any]


@transaction.atomic
def create_plan(
    document: Part, *, court: Court, by: User, at: datetime, continues: Mapping[str, Measure] | None = None
) -> Plan:
    """Create a draft from a document; ValidationError, naming the part, where it does not fit together.

    `continues` are measures of the year before, by code: new ones of the same code continue them. Leaders who have
    no account in this court are left out; departments that the court does not have are added.
    """
    require(is_plan_admin(by, court))
    check_shape(document)
    return PlanImporter(court=court, by=by, at=at, continues=continues or {}).create(document)


class PlanImporter:
    def __init__(self, *, court: Court, by: User, at: datetime, continues: Mapping[str, Measure]) -> None:
        self.court, self.by, self.at, self.continues = court, by, at, continues
        self.measures: dict[str, Measure] = {}
        self.indicators: dict[str, Indicator] = {}

    def create(self, document: Part) -> Plan:
        texts = {name: document[name] for name in PLAN_TEXTS}
        self.plan = Plan(court=self.court, year=document["year"], grace_days=document["grace_days"], **texts)
        self._save(self.plan, _("计划"))
        self.departments = self._create_departments(document["departments"])
        self.leaders = {person.username: person for person in leaders_of(self.court)}
        self.programmes = self._create_parts(Programme, document["programmes"], key="code")
        self.goals = self._create_parts(Goal, document["goals"], key="code")
        self.pillars = self._create_parts(Pillar, document["pillars"], key="number", is_ordered=False)
        for order in document["thresholds"]:
            values = {
                name: _figure(order[name], _("阈值")) if read is Decimal else order[name]
                for name, read in THRESHOLDS.items()
            }
            self._issue_order(order_thresholds, order, _("阈值"), plan=self.plan, **values)
        for number, part in enumerate(document["measures"], 1):
            self.measures[part["code"]] = self._create_measure(part, number)
        for number, part in enumerate(document["indicators"], 1):
            self.indicators[part["code"]] = self._create_indicator(part, number)
        # Only now every member exists.
        for part in document["indicators"]:
            if part["members"]:
                members = [_referred(self.indicators, code, part["code"]) for code in part["members"]]
                set_members(indicator=self.indicators[part["code"]], members=members, by=self.by, at=self.at)
        return self.plan

    def _save(self, row: Any, location: str) -> Any:
        with _errors_at(location):
            row.full_clean()
        row.save()
        record(by=self.by, action=f"{row._meta.model_name}.added", target=row, at=self.at)
        return row

    def _create_departments(self, parts: list[Part]) -> dict[str, Department]:
        departments = {department.slug: department for department in self.court.departments.all()}
        orders = {department.order for department in departments.values()}
        for part in parts:
            if part["slug"] not in departments:
                order = part["order"] if part["order"] not in orders else max(orders) + 1
                orders.add(order)
                department = Department(court=self.court, slug=part["slug"], name=part["name"], order=order)
                departments[part["slug"]] = self._save(department, part["name"])
        return departments

    def _create_parts(self, model: Any, parts: list[Part], *, key: str, is_ordered: bool = True) -> dict[Any, Any]:
        rows = {}
        for number, part in enumerate(parts, 1):
            order = {"order": number} if is_ordered else {}
            rows[part[key]] = self._save(model(plan=self.plan, **part, **order), part[key])
        return rows

    def _create_measure(self, part: Part, number: int) -> Measure:
        code = part["code"]
        measure = Measure(
            plan=self.plan,
            pillar=_referred(self.pillars, part["pillar"], code),
            code=code,
            order=number,
            title=part["title"],
            lead=_referred(self.departments, part["lead"], code),
            leader=self.leaders.get(part["leader"]),
            starts_on=_day(part["starts_on"], code),
            weight=_figure(part["weight"], code),
            cadence=part["cadence"],
            continues=self.continues.get(code),
        )
        self._save(measure, code)
        measure.support.set([_referred(self.departments, slug, code) for slug in part["support"]])
        measure.programmes.set([_referred(self.programmes, programme, code) for programme in part["programmes"]])
        for order, text in enumerate(part["quotes"], 1):
            self._save(Quote(measure=measure, order=order, text=text), code)
        for order in part["deadlines"]:
            self._issue_order(order_deadline, order, code, measure=measure, due=_day(order["due"], code))
        for node in part["nodes"]:
            self._create_node(measure, node)
        for order in part["orders"]:
            adjustment = _choice(order["adjustment"], Adjustment, code)
            weight = _figure(order["weight"], code)
            self._issue_order(order_adjustment, order, code, measure=measure, adjustment=adjustment, weight=weight)
        return measure

    def _create_node(self, measure: Measure, part: Part) -> None:
        location = f"{measure.code} · {part['title']}"
        if not part["deadlines"]:
            raise ValidationError(_("%(location)s 缺少“%(name)s”。") % {"location": location, "name": "deadlines"})
        first, *later = part["deadlines"]
        node = self._issue_order(
            add_node,
            first,
            location,
            measure=measure,
            title=part["title"],
            weight=_figure(part["weight"], location),
            due=_day(first["due"], location),
        )
        for order in later:
            due = _day(order["due"], location)
            self._issue_order(order_deadline, order, location, measure=measure, node=node, due=due)

    def _create_indicator(self, part: Part, number: int) -> Indicator:
        code = part["code"]
        indicator = Indicator(
            plan=self.plan,
            code=code,
            order=number,
            measure=_referred(self.measures, part["measure"], code),
            goal=_referred(self.goals, part["goal"], code),
            has_parts=part["has_parts"],
            scale=_figure(part["scale"], code),
            **{name: part[name] for name in (*INDICATOR_TEXTS, *INDICATOR_CHOICES)},
        )
        # A set that this installation does not have is left out; it can be adopted when it is entered.
        entry = SetEntry.objects.filter(
            indicator_set__name=part["set_name"], indicator_set__version=part["set_version"], name=part["name"]
        ).first()
        if entry is not None:
            indicator.entry, indicator.indicator_set_id = entry, entry.indicator_set_id
        self._save(indicator, code)
        for order in part["targets"]:
            if any(len(step) != 2 for step in order["steps"]):
                raise ValidationError(_("%(location)s 的内容不对。") % {"location": f"{code} · steps"})
            values = TargetValues(
                **{name: _figure(order[name], code) for name in BOUNDS},
                pace=_choice(order["pace"], Pace, code) if order["pace"] else "",
                steps=[(_day(day, code), _figure(value, code)) for day, value in order["steps"]],
                due=_day(order["due"], code),
            )
            self._issue_order(order_target, order, code, indicator=indicator, values=values)
        return indicator

    def _issue_order(self, service: Callable[..., Any], order: Part, location: str, **values: Any) -> Any:
        """Call the service with the order's reason, document and day."""
        details = OrderDetails(
            reason=order["reason"],
            document=order["document"],
            effective_from=_day(order["effective_from"], location),
            by=self.by,
            at=self.at,
        )
        with _errors_at(location):
            return service(details=details, **values)


@contextmanager
def _errors_at(location: str) -> Iterator[None]:
    """Put the part of the document before the sentences of a ValidationError."""
    try:
        yield
    except ValidationError as problem:
        raise ValidationError(f"{location} · {' '.join(problem.messages)}") from None


def _referred(rows: Mapping[Any, Any], key: Any, location: str) -> Any:
    """The row that a part refers to by its key."""
    if key is None:
        return None
    if key not in rows:
        raise ValidationError(_("%(location)s 所指的“%(key)s”不在文件里。") % {"location": location, "key": key})
    return rows[key]


def _day(text: str | None, location: str) -> Any:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("%(location)s 的日期“%(text)s”不对。") % {"location": location, "text": text}) from None


def _figure(text: str | None, location: str) -> Any:
    try:
        value = None if text is None else Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if value is not None and not value.is_finite():
        raise ValidationError(_("%(location)s 的数字“%(text)s”不对。") % {"location": location, "text": text})
    return value


def _choice(value: Any, choices: Any, location: str) -> Any:
    if value not in choices.values:
        raise ValidationError(_("%(location)s 的内容不对。") % {"location": f"{location} · {value}"})
    return choices(value)
