"""A whole plan as one JSON document that can be exported and imported again; docs/plan.schema.json is its schema.

It holds the plan's definition with every order in its series, and nothing of the ledger. Who gave an order and at what
moment are left out: they differ in another installation.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.figures import plain
from apps.core.models import DatedOrder
from apps.indicators.choices import Accumulation, Basis, Kind, Pace, Strength
from apps.indicators.models import Indicator
from apps.indicators.rules import BOUNDS
from apps.plans.choices import Adjustment, Cadence
from apps.plans.models import Deadline, Measure, Plan

Part = dict[str, Any]

FORMAT, VERSION = "courtplan.plan", 1
PLAN_TEXTS = ("title", "theme", "main_line", "source_text")
INDICATOR_TEXTS = ("name", "unit", "scope", "numerator_label", "denominator_label", "definition", "quote")
INDICATOR_CHOICES = {
    "kind": Kind,
    "basis": Basis,
    "strength": Strength,
    "accumulation": Accumulation,
    "cadence": Cadence,
}
THRESHOLDS = {"watch_gap": Decimal, "late_gap": Decimal, "due_soon_days": int, "node_late_days": int}


def plan_document(plan: Plan) -> Part:
    """The plan as plain values, parts in their order; figures as text to the last digit, days as 2025-12-31."""
    measures = list(
        plan.measures.select_related("pillar", "lead", "leader")
        .prefetch_related("support", "programmes", "quotes", "nodes__deadlines", "deadlines", "orders")
        .order_by("pillar__number", "order", "code")
    )
    # Sorted here because the databases disagree on where NULL sorts.
    indicators = sorted(
        plan.indicators.select_related("measure__pillar", "goal", "entry__indicator_set").prefetch_related(
            "targets", "memberships__member"
        ),
        key=_position,
    )
    departments = {
        department
        for measure in measures
        for department in [measure.lead, *measure.support.all()]
        if department is not None
    }
    return {
        "format": FORMAT,
        "version": VERSION,
        "year": plan.year,
        **{name: getattr(plan, name) for name in PLAN_TEXTS},
        "grace_days": plan.grace_days,
        "thresholds": [
            {name: _plain(getattr(order, name)) for name in THRESHOLDS} | _details(order)
            for order in plan.threshold_orders.order_by("number")
        ],
        "departments": [
            {"slug": department.slug, "name": department.name, "order": department.order}
            for department in sorted(departments, key=lambda department: (department.order, department.slug))
        ],
        "programmes": list(plan.programmes.order_by("order", "code").values("code", "name")),
        "goals": list(plan.goals.order_by("order", "code").values("code", "title", "quote")),
        "pillars": list(plan.pillars.order_by("number").values("number", "title", "short")),
        "measures": [_measure(measure) for measure in measures],
        "indicators": [_indicator(indicator) for indicator in indicators],
    }


def _position(indicator: Indicator) -> tuple:
    measure, goal = indicator.measure, indicator.goal
    owner = (0, measure.pillar.number, measure.order) if measure else (1, goal.order if goal else 0, 0)
    return (*owner, indicator.order, indicator.code)


def _measure(measure: Measure) -> Part:
    of_measure = [order for order in measure.deadlines.all() if order.node_id is None]
    return {
        "code": measure.code,
        "pillar": measure.pillar.number,
        "title": measure.title,
        "programmes": sorted(programme.code for programme in measure.programmes.all()),
        "lead": measure.lead.slug if measure.lead else None,
        "support": sorted(department.slug for department in measure.support.all()),
        "leader": measure.leader.username if measure.leader else None,
        "starts_on": str(measure.starts_on),
        "weight": plain(measure.weight),
        "cadence": measure.cadence,
        "quotes": [quote.text for quote in sorted(measure.quotes.all(), key=lambda quote: quote.order)],
        "deadlines": _deadlines(of_measure),
        "nodes": [
            {"title": node.title, "weight": plain(node.weight), "deadlines": _deadlines(node.deadlines.all())}
            for node in sorted(measure.nodes.all(), key=lambda node: node.order)
        ],
        "orders": [
            {"adjustment": order.adjustment, "weight": _plain(order.weight)} | _details(order)
            for order in sorted(measure.orders.all(), key=lambda order: order.number)
        ],
    }


def _deadlines(orders: Iterable[Deadline]) -> list[Part]:
    return [{"due": str(order.due)} | _details(order) for order in sorted(orders, key=lambda order: order.number)]


def _indicator(indicator: Indicator) -> Part:
    return {
        "code": indicator.code,
        "measure": indicator.measure.code if indicator.measure else None,
        "goal": indicator.goal.code if indicator.goal else None,
        **{name: getattr(indicator, name) for name in (*INDICATOR_TEXTS, *INDICATOR_CHOICES)},
        "set_name": indicator.entry.indicator_set.name if indicator.entry else "",
        "set_version": indicator.entry.indicator_set.version if indicator.entry else "",
        "has_parts": indicator.has_parts,
        "scale": plain(indicator.scale),
        "targets": [
            {name: _plain(getattr(order, name)) for name in BOUNDS}
            | {"pace": order.pace, "steps": order.steps, "due": str(order.due) if order.due else None}
            | _details(order)
            for order in sorted(indicator.targets.all(), key=lambda order: order.number)
        ],
        "members": sorted(row.member.code for row in indicator.memberships.all() if row.ended_at is None),
    }


def _details(order: DatedOrder) -> Part:
    return {"effective_from": str(order.effective_from), "reason": order.reason, "document": order.document}


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else value


# Checking a document that comes in

# Valid in JSON and refused by PostgreSQL: NUL, and lone surrogates.
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
TEXT, WHOLE, YES, NOTHING = str, int, bool, type(None)
DETAILS = {"effective_from": TEXT, "reason": TEXT, "document": TEXT}
DEADLINE = {"due": TEXT} | DETAILS
SHAPE = {
    "format": TEXT,
    "version": WHOLE,
    "year": WHOLE,
    **dict.fromkeys(PLAN_TEXTS, TEXT),
    "grace_days": WHOLE,
    "thresholds": [{"watch_gap": TEXT, "late_gap": TEXT, "due_soon_days": WHOLE, "node_late_days": WHOLE} | DETAILS],
    "departments": [{"slug": TEXT, "name": TEXT, "order": WHOLE}],
    "programmes": [{"code": TEXT, "name": TEXT}],
    "goals": [{"code": TEXT, "title": TEXT, "quote": TEXT}],
    "pillars": [{"number": WHOLE, "title": TEXT, "short": TEXT}],
    "measures": [
        {
            "code": TEXT,
            "pillar": WHOLE,
            "title": TEXT,
            "programmes": [TEXT],
            "lead": (TEXT, NOTHING),
            "support": [TEXT],
            "leader": (TEXT, NOTHING),
            "starts_on": TEXT,
            "weight": TEXT,
            "cadence": TEXT,
            "quotes": [TEXT],
            "deadlines": [DEADLINE],
            "nodes": [{"title": TEXT, "weight": TEXT, "deadlines": [DEADLINE]}],
            "orders": [{"adjustment": TEXT, "weight": (TEXT, NOTHING)} | DETAILS],
        }
    ],
    "indicators": [
        {
            "code": TEXT,
            "measure": (TEXT, NOTHING),
            "goal": (TEXT, NOTHING),
            **dict.fromkeys((*INDICATOR_TEXTS, *INDICATOR_CHOICES), TEXT),
            "set_name": TEXT,
            "set_version": TEXT,
            "has_parts": YES,
            "scale": TEXT,
            "targets": [
                dict.fromkeys(BOUNDS, (TEXT, NOTHING))
                | {"pace": TEXT, "steps": [[TEXT]], "due": (TEXT, NOTHING)}
                | DETAILS
            ],
            "members": [TEXT],
        }
    ],
}


def check_shape(document: Any) -> None:
    """Raise ValidationError, naming the part, where a document does not fit the schema."""
    _check(document, SHAPE, _("文件"))
    if document["format"] != FORMAT or document["version"] != VERSION:
        raise ValidationError(_("这不是本系统导出的计划文件，或者版本不同。"))


def _check(value: Any, shape: Any, location: str) -> None:
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise ValidationError(_("%(location)s 的内容不对。") % {"location": location})
        for name in sorted(shape.keys() ^ value.keys()):
            sentence = _("%(location)s 缺少“%(name)s”。") if name in shape else _("%(location)s 多出“%(name)s”。")
            raise ValidationError(sentence % {"location": location, "name": name})
        for name, part in shape.items():
            _check(value[name], part, f"{location} · {name}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise ValidationError(_("%(location)s 的内容不对。") % {"location": location})
        for number, entry in enumerate(value, 1):
            _check(entry, shape[0], f"{location} {number}")
    elif (
        not isinstance(value, shape)
        or (isinstance(value, bool) and shape is WHOLE)
        or (isinstance(value, str) and UNSTORABLE.search(value))
    ):
        raise ValidationError(_("%(location)s 的内容不对。") % {"location": location})


def schema() -> Part:
    """The JSON Schema of a document, made from the shape that `check_shape` uses."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{FORMAT} {VERSION}",
        "description": "A court's work plan for one year: what was promised, with every order in its series. "
        "Figures are decimal numbers as text, days are written 2025-12-31.",
        **_schema(SHAPE),
    }


NAMES = {TEXT: "string", WHOLE: "integer", YES: "boolean", NOTHING: "null"}
CHOICES = INDICATOR_CHOICES | {"pace": Pace, "adjustment": Adjustment}
OPTIONAL_CHOICES = {"cadence", "pace"}


def _schema(shape: Any, name: str = "") -> Part:
    if isinstance(shape, dict):
        return {
            "type": "object",
            "properties": {key: _schema(part, key) for key, part in shape.items()},
            "required": list(shape),
            "additionalProperties": False,
        }
    if isinstance(shape, list):
        return {"type": "array", "items": _schema(shape[0])}
    if name in CHOICES:
        return {"enum": [*CHOICES[name].values, *([""] if name in OPTIONAL_CHOICES else [])]}
    if isinstance(shape, tuple):
        return {"type": [NAMES[kind] for kind in shape]}
    return {"type": NAMES[shape]}
