"""A whole plan as one document: out, and in again to the same plan. docs/plan.schema.json says what it is made of.

What was promised goes along, with every order in its series; what was accepted as done does not: that is the ledger's.
People and moments don't go along either: in another house they are others.
"""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.figures import plain
from apps.indicators.choices import Accumulation, Basis, Kind, Pace, Strength
from apps.indicators.rules import BOUNDS
from apps.plans.choices import Adjustment, Cadence

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


def plan_document(plan):
    """The plan as plain values, parts in their order; figures as text to the last digit, days as 2025-12-31."""
    measures = list(
        plan.measures.select_related("pillar", "lead", "leader")
        .prefetch_related("support", "programmes", "quotes", "nodes__deadlines", "deadlines", "orders")
        .order_by("pillar__number", "order", "code")
    )
    # Sorted here, not by the databases: they disagree on where rows without a measure stand.
    indicators = sorted(
        plan.indicators.select_related("measure__pillar", "goal", "entry__indicator_set").prefetch_related(
            "targets", "memberships__member"
        ),
        key=_place,
    )
    departments = {one for measure in measures for one in [measure.lead, *measure.support.all()] if one is not None}
    return {
        "format": FORMAT,
        "version": VERSION,
        "year": plan.year,
        **{name: getattr(plan, name) for name in PLAN_TEXTS},
        "grace_days": plan.grace_days,
        "thresholds": [
            {name: _plain(getattr(order, name)) for name in THRESHOLDS} | _why(order)
            for order in plan.threshold_orders.order_by("number")
        ],
        "departments": [
            {"slug": one.slug, "name": one.name, "order": one.order}
            for one in sorted(departments, key=lambda one: (one.order, one.slug))
        ],
        "programmes": [{"code": one.code, "name": one.name} for one in plan.programmes.order_by("order", "code")],
        "goals": [
            {"code": one.code, "title": one.title, "quote": one.quote} for one in plan.goals.order_by("order", "code")
        ],
        "pillars": [
            {"number": one.number, "title": one.title, "short": one.short} for one in plan.pillars.order_by("number")
        ],
        "measures": [_measure(one) for one in measures],
        "indicators": [_indicator(one) for one in indicators],
    }


def _place(indicator):
    measure, goal = indicator.measure, indicator.goal
    holder = (0, measure.pillar.number, measure.order) if measure else (1, goal.order, 0)
    return (*holder, indicator.order, indicator.code)


def _measure(one):
    of_measure = [order for order in one.deadlines.all() if order.node_id is None]
    return {
        "code": one.code,
        "pillar": one.pillar.number,
        "title": one.title,
        "programmes": sorted(programme.code for programme in one.programmes.all()),
        "lead": one.lead.slug if one.lead else None,
        "support": sorted(department.slug for department in one.support.all()),
        "leader": one.leader.username if one.leader else None,
        "starts_on": str(one.starts_on),
        "weight": plain(one.weight),
        "cadence": one.cadence,
        "quotes": [quote.text for quote in sorted(one.quotes.all(), key=lambda quote: quote.order)],
        "deadlines": _deadlines(of_measure),
        "nodes": [
            {"title": node.title, "weight": plain(node.weight), "deadlines": _deadlines(node.deadlines.all())}
            for node in sorted(one.nodes.all(), key=lambda node: node.order)
        ],
        "orders": [
            {"adjustment": order.adjustment, "weight": _plain(order.weight)} | _why(order)
            for order in sorted(one.orders.all(), key=lambda order: order.number)
        ],
    }


def _deadlines(orders):
    return [{"due": str(order.due)} | _why(order) for order in sorted(orders, key=lambda order: order.number)]


def _indicator(one):
    return {
        "code": one.code,
        "measure": one.measure.code if one.measure else None,
        "goal": one.goal.code if one.goal else None,
        **{name: getattr(one, name) for name in (*INDICATOR_TEXTS, *INDICATOR_CHOICES)},
        "set_name": one.entry.indicator_set.name if one.entry else "",
        "set_version": one.entry.indicator_set.version if one.entry else "",
        "has_parts": one.has_parts,
        "scale": plain(one.scale),
        "targets": [
            {name: _plain(getattr(order, name)) for name in BOUNDS}
            | {"pace": order.pace, "steps": order.steps, "due": str(order.due) if order.due else None}
            | _why(order)
            for order in sorted(one.targets.all(), key=lambda order: order.number)
        ],
        "members": sorted(row.member.code for row in one.memberships.all() if row.ended_at is None),
    }


def _why(order):
    return {"effective_from": str(order.effective_from), "reason": order.reason, "document": order.document}


def _plain(value):
    return plain(value) if isinstance(value, Decimal) else value


# Checking a document that comes in

# What JSON can write and no database keeps: a sign of no value, and half a sign.
UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
TEXT, WHOLE, YES, LIST, NOTHING = str, int, bool, list, type(None)
WHY = {"effective_from": TEXT, "reason": TEXT, "document": TEXT}
DEADLINE = {"due": TEXT} | WHY
SHAPE = {
    "format": TEXT,
    "version": WHOLE,
    "year": WHOLE,
    **dict.fromkeys(PLAN_TEXTS, TEXT),
    "grace_days": WHOLE,
    "thresholds": [{"watch_gap": TEXT, "late_gap": TEXT, "due_soon_days": WHOLE, "node_late_days": WHOLE} | WHY],
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
            "orders": [{"adjustment": TEXT, "weight": (TEXT, NOTHING)} | WHY],
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
                dict.fromkeys(BOUNDS, (TEXT, NOTHING)) | {"pace": TEXT, "steps": [[TEXT]], "due": (TEXT, NOTHING)} | WHY
            ],
            "members": [TEXT],
        }
    ],
}


def check_shape(document):
    """ValidationError, naming the place, where a document is not made as the schema says."""
    _check(document, SHAPE, _("文件"))
    if document["format"] != FORMAT or document["version"] != VERSION:
        raise ValidationError(_("这不是本系统导出的计划文件，或者版本不同。"))


def _check(value, shape, place):
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise ValidationError(_("%(place)s 的内容不对。") % {"place": place})
        for name in sorted(shape.keys() ^ value.keys()):
            sentence = _("%(place)s 缺少“%(name)s”。") if name in shape else _("%(place)s 多出“%(name)s”。")
            raise ValidationError(sentence % {"place": place, "name": name})
        for name, part in shape.items():
            _check(value[name], part, f"{place} · {name}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise ValidationError(_("%(place)s 的内容不对。") % {"place": place})
        for number, one in enumerate(value, 1):
            _check(one, shape[0], f"{place} {number}")
    elif (
        not isinstance(value, shape)
        or (isinstance(value, bool) and shape is WHOLE)
        or (isinstance(value, str) and UNKEEPABLE.search(value))
    ):
        raise ValidationError(_("%(place)s 的内容不对。") % {"place": place})


def schema():
    """The JSON Schema of a document, drawn from the shape that is checked."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{FORMAT} {VERSION}",
        "description": "A court's work plan for one year: what was promised, with every order in its series. "
        "Figures are decimal numbers as text, days are written 2025-12-31.",
        **_schema(SHAPE),
    }


NAMES = {TEXT: "string", WHOLE: "integer", YES: "boolean", NOTHING: "null"}
CHOICES = INDICATOR_CHOICES | {"pace": Pace, "adjustment": Adjustment}
MAY_BE_EMPTY = {"cadence", "pace"}


def _schema(shape, name=""):
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
        return {"enum": [*CHOICES[name].values, *([""] if name in MAY_BE_EMPTY else [])]}
    if isinstance(shape, tuple):
        return {"type": [NAMES[one] for one in shape]}
    return {"type": NAMES[shape]}
