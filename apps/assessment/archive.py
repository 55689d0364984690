"""A plan's standing as one document that stays readable without this program."""

from decimal import Decimal
from typing import Any

from apps.assessment.tree import IndicatorStanding, MeasureStanding, PlanStanding
from apps.core.figures import plain

VERSION = 1


def document_of(standing: PlanStanding) -> dict[str, Any]:
    """The whole standing in plain values: figures as text to the last digit, days as 2025-12-31."""
    plan = standing.plan
    return {
        "version": VERSION,
        "court": plan.court.name,
        "plan": plan.title,
        "year": plan.year,
        "on": str(standing.on),
        "percent": _figure(standing.roll_up.percent),
        "light": str(standing.roll_up.light),
        "pillars": [
            {
                "number": pillar.pillar.number,
                "title": pillar.pillar.title,
                "percent": _figure(pillar.roll_up.percent),
                "light": str(pillar.roll_up.light),
                "measures": [_measure(row) for row in pillar.measures],
            }
            for pillar in standing.pillars
        ],
        "goals": [
            {
                "code": goal.goal.code,
                "title": goal.goal.title,
                "indicators": [_indicator(row) for row in goal.indicators],
            }
            for goal in standing.goals
        ],
    }


def _measure(standing: MeasureStanding) -> dict[str, Any]:
    measure = standing.measure
    return {
        "code": measure.code,
        "title": measure.title,
        "lead": measure.lead.name if measure.lead else "",
        "due": str(standing.due),
        "original_due": str(standing.original_due),
        "light": str(standing.verdict.light),
        "percent": _figure(standing.verdict.percent),
        "findings": [str(finding.code) for finding in standing.verdict.findings],
        "closed_on": str(standing.facts.closed_on or ""),
        "nodes": [
            {"title": node.node.title, "due": str(node.due), "done_on": str(node.done_on or "")}
            for node in standing.nodes
        ],
        "indicators": [_indicator(indicator) for indicator in standing.indicators],
    }


def _indicator(standing: IndicatorStanding) -> dict[str, Any]:
    target = standing.target
    bounds = {name: _figure(getattr(target, name)) for name in ("low", "high", "stretch", "baseline")} if target else {}
    return {
        "code": standing.indicator.code,
        "name": standing.indicator.name,
        "unit": standing.indicator.unit,
        "target": bounds,
        "due": str(standing.facts.due),
        "value": _figure(standing.verdict.value),
        "light": str(standing.verdict.light),
        "standing": str(standing.verdict.standing),
    }


def _figure(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
