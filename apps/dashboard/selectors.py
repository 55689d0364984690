"""What the pages ask of the plan's standing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.accounts.models import Department
from apps.assessment.choices import Light
from apps.assessment.rules.severity import RANK
from apps.assessment.selectors import grouped
from apps.assessment.tree import Group, IndicatorStanding, MeasureStanding, PlanStanding, WindowState
from apps.dashboard.choices import Sort
from apps.plans.models import Goal, Measure, Plan, Programme, Quote
from apps.plans.rules import Window

IN_TROUBLE = (Light.LATE, Light.WATCH, Light.NO_DATA)
N_LATEST, N_WORST = 6, 3


def measures_found(standing: PlanStanding, query: Mapping[str, Any]) -> list[MeasureStanding]:
    """The measures of a standing that answer the filter, in the order asked for. `query` is cleaned input."""
    found = [measure for measure in standing.measures if _matches(measure, query)]
    words = (query.get("q") or "").casefold().split()
    if words:
        quotes = _quotes_of(standing.plan)
        found = [measure for measure in found if all(word in _text_of(measure, quotes) for word in words)]
    return sorted(found, key=_sort_key(query.get("sort")))


def _matches(standing: MeasureStanding, query: Mapping[str, Any]) -> bool:
    department, programme = query.get("department"), query.get("programme")
    return (
        (not query.get("pillar") or standing.measure.pillar.number == query["pillar"])
        and (not query.get("light") or standing.verdict.light == query["light"])
        and (not department or any(row.slug == department for row in _departments(standing)))
        and (not programme or any(row.code == programme for row in standing.programmes))
    )


def _departments(standing: MeasureStanding) -> list[Department]:
    return [*([standing.measure.lead] if standing.measure.lead else []), *standing.support]


def _quotes_of(plan: Plan) -> dict[int, str]:
    """What each measure quotes of the plan's text, by the measure's key."""
    texts: dict[int, str] = {}
    for measure_id, text in Quote.objects.filter(measure__plan=plan).values_list("measure_id", "text"):
        texts[measure_id] = f"{texts.get(measure_id, '')} {text}"
    return texts


def _text_of(standing: MeasureStanding, quotes: Mapping[int, str]) -> str:
    """All that a measure can be found by."""
    measure = standing.measure
    parts = [measure.code, measure.title, quotes.get(measure.pk, "")]
    parts += [department.name for department in _departments(standing)]
    parts += [f"{row.indicator.code} {row.indicator.name}" for row in standing.indicators]
    if measure.leader:
        parts.append(measure.leader.name)
    return " ".join(parts).casefold()


def _sort_key(sort: str | None) -> Callable[[MeasureStanding], Any]:
    match sort:
        case Sort.LIGHT:
            return lambda standing: RANK[standing.verdict.light]
        case Sort.DUE:
            return lambda standing: standing.due
        case Sort.PERCENT:
            # Unknown is not zero: it stands behind every known figure.
            return lambda standing: (standing.verdict.percent is None, standing.verdict.percent or Decimal(0))
        case _:
            return lambda standing: (standing.measure.pillar.number, standing.measure.order)


@dataclass(frozen=True, kw_only=True)
class ProgrammeStanding(Group):
    """One of the plan's programmes, which cut across the pillars."""

    programme: Programme


def programmes_of(standing: PlanStanding) -> list[ProgrammeStanding]:
    """The plan's programmes in their order, each with its measures as one."""
    members: dict[Programme, list[MeasureStanding]] = {}
    for measure in standing.measures:
        for programme in measure.programmes:
            members.setdefault(programme, []).append(measure)
    return [
        ProgrammeStanding(programme=programme, **grouped(members[programme]))
        for programme in sorted(members, key=lambda programme: programme.order)
    ]


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A measure whose report for the running or the last window is not accepted yet."""

    standing: MeasureStanding
    window: Window
    is_over: bool


def owed_now(standing: PlanStanding) -> list[Owed]:
    """The measures that have not reported for a window that has begun, earliest window first."""
    owed = []
    for measure in standing.measures:
        begun = measure.reporting.last_begun()
        if begun is None or measure.verdict.light in (Light.DONE, Light.PAUSED):
            continue
        if begun.state in (WindowState.MISSED, WindowState.OPEN):
            owed.append(Owed(standing=measure, window=begun.window, is_over=begun.state == WindowState.MISSED))
    return sorted(owed, key=lambda row: (not row.is_over, row.window.closes_on))


def indicators_in_trouble(standing: PlanStanding) -> list[IndicatorStanding]:
    """The plan's indicators that are late or to be watched, worst first."""
    troubled = [row for row in standing.indicators if row.verdict.light in (Light.LATE, Light.WATCH)]
    return sorted(troubled, key=lambda row: RANK[row.verdict.light])


@dataclass(frozen=True, kw_only=True)
class IndicatorRow:
    """An indicator in the list, with what it stands under: a measure or a goal."""

    standing: IndicatorStanding
    holder: Measure | Goal


def indicators_sorted(standing: PlanStanding, sort: str) -> list[IndicatorRow]:
    """Every indicator, in the plan's order or in the one asked for."""
    of_measures = (
        IndicatorRow(standing=row, holder=measure.measure)
        for measure in standing.measures
        for row in measure.indicators
    )
    of_goals = (IndicatorRow(standing=row, holder=goal.goal) for goal in standing.goals for row in goal.indicators)
    rows = [*of_measures, *of_goals]
    match sort:
        case Sort.LIGHT:
            return sorted(rows, key=lambda row: RANK[row.standing.verdict.light])
        case Sort.DUE:
            return sorted(rows, key=lambda row: row.standing.facts.due)
        case _:
            return rows


def latest_accepted(standing: PlanStanding) -> list[MeasureStanding]:
    """The measures whose progress was accepted last, newest first."""
    reported = [(row.progress.accepted_at, row) for row in standing.measures if row.progress is not None]
    return [row for _at, row in sorted(reported, key=lambda pair: pair[0], reverse=True)[:N_LATEST]]


def worst_of(group: Group) -> list[MeasureStanding]:
    """The few measures that explain a group's light; none where nothing is in trouble."""
    return [row for row in group.worst_first if row.verdict.light in IN_TROUBLE][:N_WORST]
