"""What the pages ask of the plan's standing."""

from dataclasses import dataclass
from decimal import Decimal

from apps.assessment.choices import Light
from apps.assessment.rules.severity import SEVERITY
from apps.assessment.selectors import grouped
from apps.assessment.tree import Group, IndicatorStanding, MeasureStanding, WindowState
from apps.dashboard.choices import Sort
from apps.plans.models import Goal, Measure, Programme, Quote
from apps.plans.rules import Window

IN_TROUBLE = (Light.LATE, Light.WATCH, Light.NO_DATA)
N_LATEST, N_WORST = 6, 3


def measures_found(standing, asked):
    """The measures of a standing that answer the filter, in the order asked for. `asked` is cleaned input."""
    found = [one for one in standing.measures if _fits(one, asked)]
    words = (asked.get("q") or "").split()
    if words:
        quoted = _quoted_text(standing.plan)
        found = [one for one in found if all(word.casefold() in _text_of(one, quoted) for word in words)]
    return sorted(found, key=_order(asked.get("sort")))


def _fits(standing, asked):
    measure = standing.measure
    department, programme = asked.get("department"), asked.get("programme")
    return (
        (not asked.get("pillar") or measure.pillar.number == asked["pillar"])
        and (not asked.get("light") or standing.verdict.light == asked["light"])
        and (not department or any(one.slug == department for one in _departments(standing)))
        and (not programme or any(one.code == programme for one in standing.programmes))
    )


def _departments(standing):
    return [*([standing.measure.lead] if standing.measure.lead else []), *standing.support]


def _quoted_text(plan):
    texts = {}
    for measure_id, text in Quote.objects.filter(measure__plan=plan).values_list("measure_id", "text"):
        texts[measure_id] = f"{texts.get(measure_id, '')} {text}"
    return texts


def _text_of(standing, quoted):
    """All that a measure can be found by."""
    measure = standing.measure
    parts = [measure.code, measure.title, quoted.get(measure.pk, "")]
    parts += [department.name for department in _departments(standing)]
    parts += [f"{one.indicator.code} {one.indicator.name}" for one in standing.indicators]
    if measure.leader:
        parts.append(measure.leader.name)
    return " ".join(parts).casefold()


def _order(sort):
    place = {light: index for index, light in enumerate((*SEVERITY, Light.PAUSED))}
    match sort:
        case Sort.LIGHT:
            return lambda one: place[one.verdict.light]
        case Sort.DUE:
            return lambda one: one.due
        case Sort.PERCENT:
            # Unknown is not zero: it stands behind every known figure.
            return lambda one: (one.verdict.percent is None, one.verdict.percent or Decimal(0))
        case _:
            return lambda one: (one.measure.pillar.number, one.measure.order)


@dataclass(frozen=True, kw_only=True)
class ProgrammeStanding(Group):
    """One of the plan's programmes, which cut across the pillars."""

    programme: Programme


def programmes_of(standing):
    """The plan's programmes in their order, each with its measures as one."""
    held = {}
    for one in standing.measures:
        for programme in one.programmes:
            held.setdefault(programme, []).append(one)
    return [
        ProgrammeStanding(programme=programme, **grouped(measures))
        for programme, measures in sorted(held.items(), key=lambda item: item[0].order)
    ]


def owed_now(standing):
    """The measures that have not reported for a window that has begun, earliest window first: (standing, window, is over)."""
    owed = []
    for one in standing.measures:
        if one.verdict.light in (Light.DONE, Light.PAUSED):
            continue
        begun = one.reporting.last_begun()
        if begun and begun.state in (WindowState.MISSED, WindowState.OPEN):
            owed.append(Owed(standing=one, window=begun.window, is_over=begun.state == WindowState.MISSED))
    return sorted(owed, key=lambda one: (not one.is_over, one.window.closes_on))


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A measure whose report for the running or the last window is not accepted yet."""

    standing: MeasureStanding
    window: Window
    is_over: bool


def indicators_in_trouble(standing):
    """The plan's indicators that are late or to be watched, worst first."""
    troubled = [one for one in standing.indicators if one.verdict.light in (Light.LATE, Light.WATCH)]
    return sorted(troubled, key=lambda one: SEVERITY.index(one.verdict.light))


@dataclass(frozen=True, kw_only=True)
class IndicatorRow:
    """An indicator in the list, with what it stands under: a measure or a goal."""

    standing: IndicatorStanding
    holder: Measure | Goal


def indicators_sorted(standing, sort):
    """Every indicator, in the plan's order or in the one asked for."""
    rows = [
        IndicatorRow(standing=one, holder=holder.measure) for holder in standing.measures for one in holder.indicators
    ]
    rows += [IndicatorRow(standing=one, holder=holder.goal) for holder in standing.goals for one in holder.indicators]
    match sort:
        case Sort.LIGHT:
            place = {light: index for index, light in enumerate((*SEVERITY, Light.PAUSED))}
            return sorted(rows, key=lambda row: place[row.standing.verdict.light])
        case Sort.DUE:
            return sorted(rows, key=lambda row: row.standing.facts.due)
        case _:
            return rows


def latest_accepted(standing):
    """The measures whose progress was accepted last, newest first."""
    reported = [one for one in standing.measures if one.progress is not None]
    return sorted(reported, key=lambda one: one.progress.accepted_at, reverse=True)[:N_LATEST]


def worst_of(group):
    """The few measures that explain a group's light; none where nothing is in trouble."""
    return [one for one in group.worst_first if one.verdict.light in IN_TROUBLE][:N_WORST]
