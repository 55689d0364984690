"""What the pages ask of the plan's standing, and what a person owes."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from apps.accounts.choices import Role
from apps.assessment.choices import Light
from apps.assessment.rules.severity import SEVERITY
from apps.assessment.selectors import standing_of
from apps.dashboard.choices import Sort
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.choices import Cadence, PlanStatus
from apps.plans.models import Measure, Quote
from apps.plans.rules import Window, windows_of
from apps.progress.choices import ReportStatus
from apps.progress.models import Report
from apps.progress.selectors import owed_in

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
        and (not department or any(one.slug == department for one in _departments(measure)))
        and (not programme or any(one.code == programme for one in measure.programmes.all()))
    )


def _departments(measure):
    return ([measure.lead] if measure.lead else []) + list(measure.support.all())


def _quoted_text(plan):
    texts = {}
    for measure_id, text in Quote.objects.filter(measure__plan=plan).values_list("measure_id", "text"):
        texts[measure_id] = f"{texts.get(measure_id, '')} {text}"
    return texts


def _text_of(standing, quoted):
    """All that a measure can be found by."""
    measure = standing.measure
    parts = [measure.code, measure.title, quoted.get(measure.pk, "")]
    parts += [department.name for department in _departments(measure)]
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


def indicators_in_trouble(standing):
    """The plan's indicators that are late or to be watched, worst first."""
    troubled = [one for one in standing.indicators if one.verdict.light in (Light.LATE, Light.WATCH)]
    return sorted(troubled, key=lambda one: SEVERITY.index(one.verdict.light))


def latest_accepted(standing):
    """The measures whose progress was accepted last, newest first."""
    reported = [one for one in standing.measures if one.progress is not None]
    return sorted(reported, key=lambda one: one.progress.accepted_at, reverse=True)[:N_LATEST]


def worst_of(group):
    """The few measures that explain a group's light; none where nothing is in trouble."""
    return [one for one in group.worst_first if one.verdict.light in IN_TROUBLE][:N_WORST]


# My work


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A report that a department owes: for a window that has begun, and not handed in.

    `may_stay_unchanged` where nothing but words is asked for, and there is a report before to stand by.
    """

    measure: Measure
    window: Window
    report: Report | None
    on: date
    may_stay_unchanged: bool = False

    @property
    def is_returned(self):
        return self.report is not None and self.report.status == ReportStatus.RETURNED

    @property
    def is_overdue(self):
        return self.window.has_closed(on=self.on)

    @property
    def days_late(self):
        return (self.on - self.window.closes_on).days

    @property
    def pressing(self):
        """Smallest first: what came back, then what is overdue, then by the day it closes."""
        return (
            not self.is_returned,
            not self.is_overdue,
            self.window.closes_on,
            self.measure.pillar.number,
            self.measure.order,
        )


def writes_reports(user):
    return user.department_id is not None and bool(user.roles & {Role.REPORTER, Role.REVIEWER})


def duties_of(user, *, on):
    """What the person's department owes as the one in the lead, most pressing first.

    A window before one that has been handed in is no longer asked for.
    """
    if not writes_reports(user):
        return []
    measures = list(_measures_of_open_plans(user).filter(lead=user.department_id))
    closed = set(
        LedgerEntry.objects.filter(measure__in=measures, kind=EntryKind.CLOSED, withdrawn_at=None).values_list(
            "measure_id", flat=True
        )
    )
    reports = {
        (report.measure_id, report.window_end): report
        for report in Report.objects.filter(measure__in=measures, department=user.department_id)
    }
    duties = [duty for measure in measures if measure.pk not in closed for duty in _duties_on(measure, reports, on=on)]
    return sorted(_with_no_change(duties, reports, on=on), key=lambda duty: duty.pressing)


def _with_no_change(duties, reports, *, on):
    """The duties, with those marked that one click can answer. Reads a plan's standing once, and only where it counts."""
    standings = {}
    for duty in duties:
        measure, window = duty.measure, duty.window
        has_previous = any(
            pk == measure.pk and end < window.end and report.status == ReportStatus.APPROVED
            for (pk, end), report in reports.items()
        )
        if duty.report is not None or not has_previous:
            yield duty
            continue
        if measure.plan_id not in standings:
            standings[measure.plan_id] = standing_of(measure.plan, on=on)
        owed = owed_in(window, standings[measure.plan_id].measure(measure.code))
        yield replace(duty, may_stay_unchanged=not owed)


def _duties_on(measure, reports, *, on):
    if measure.cadence == Cadence.NONE:
        return
    windows = windows_of(year=measure.plan.year, cadence=measure.cadence, grace_days=measure.plan.grace_days)
    begun = [window for window in windows if window.start <= on and window.end >= measure.starts_on]
    handed_in = [
        window
        for window in begun
        if (report := reports.get((measure.pk, window.end)))
        and report.status in (ReportStatus.SUBMITTED, ReportStatus.APPROVED)
    ]
    last = max((window.end for window in handed_in), default=None)
    for window in begun:
        report = reports.get((measure.pk, window.end))
        is_returned = report is not None and report.status == ReportStatus.RETURNED
        if is_returned or last is None or window.end > last:
            yield Duty(measure=measure, window=window, report=report, on=on)


def supported_by(user):
    """The measures a person's department may add a text to."""
    if not writes_reports(user):
        return Measure.objects.none()
    return _measures_of_open_plans(user).filter(support=user.department_id).select_related("lead")


def _measures_of_open_plans(user):
    return (
        Measure.objects.filter(plan__court=user.court_id, plan__status=PlanStatus.OPEN)
        .select_related("plan__court", "pillar")
        .order_by("-plan__year", "pillar__number", "order")
    )
