"""What a person has to do now, in one list: most pressing first, and nothing that is finished."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, TextChoices
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.accounts.choices import Role
from apps.assessment.choices import FindingCode, Light, NodeState
from apps.assessment.rules import node_state
from apps.assessment.selectors import measure_standings_of
from apps.assessment.tree import WindowState
from apps.core.wording import joined, written_day
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure
from apps.plans.rules import Window
from apps.plans.selectors import own_plans
from apps.plans.wording import window_label
from apps.reporting.choices import ReportMove, ReportStatus
from apps.reporting.models import Report, ReportNode, ReportReading, Review
from apps.reporting.selectors import owed_in
from apps.supervision.choices import ClosingStatus
from apps.supervision.models import Closing
from apps.supervision.selectors import instructions_to_answer, latest_of


class TaskKind(TextChoices):
    """What is to be done. Listed as they stand among equals of the same day."""

    RETURNED = "returned", gettext_lazy("修改退回的填报")
    INSTRUCTION = "instruction", gettext_lazy("答复批示")
    REPORT = "report", pgettext_lazy("task", "填报进展")
    READING = "reading", gettext_lazy("补报数据")
    NODE = "node", pgettext_lazy("task", "完成节点")
    CLOSING = "closing", pgettext_lazy("task", "申请销号")


ORDER = list(TaskKind)
RESTING = (Light.DONE, Light.PAUSED)
NEAR_DAYS = 10


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do. `due` is its last day; None: no day is set."""

    kind: TaskKind
    title: str
    url: str
    due: date | None = None
    is_overdue: bool = False
    notes: tuple[str, ...] = ()
    measure: Measure | None = None
    window: Window | None = None
    window_is_over: bool = False
    report: Report | None = None
    may_stay_unchanged: bool = False

    @property
    def pressing(self):
        """Smallest first: what came back, what is overdue, then by the last day; equals in the order of kinds."""
        return (
            self.kind != TaskKind.RETURNED,
            not self.is_overdue,
            self.due or date.max,
            ORDER.index(self.kind),
        )


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A report that a department owes: for a window that has begun, and not handed in.

    `may_stay_unchanged` where nothing but words is asked for, and there is a report before to stand by.
    """

    measure: Measure
    window: Window
    report: Report | None
    may_stay_unchanged: bool

    @property
    def is_returned(self):
        return self.report is not None and self.report.status == ReportStatus.RETURNED


def writes_reports(user):
    return user.department_id is not None and bool(user.roles & {Role.REPORTER, Role.REVIEWER})


def tasks_of(user, *, on, known, plans=None):
    """What the person's department owes on a day: reports, answers, figures, nodes, closings.

    `plans` are `own_plans(user)`, where the page has read them already.
    """
    if not writes_reports(user):
        return []
    led = Q(lead=user.department_id)
    standings = [
        standing
        for plan in (own_plans(user) if plans is None else plans)
        if plan.status == PlanStatus.OPEN
        for standing in measure_standings_of(plan, led, on=min(on, plan.ends_on), known=known)
        if standing.verdict.light not in RESTING
    ]
    sent = _Sent(user.department_id)
    extras = {one.measure.pk: extra for one in standings if (extra := _extra_of(one, sent, on=on))}
    duties = duties_of(user, standings, on=on)
    tasks = [
        *_report_tasks(duties, extras, on=on),
        *_extra_tasks(standings, extras, duties),
        *_closing_tasks(standings),
        *(_instruction_task(one, on=on) for one in instructions_to_answer(user)),
    ]
    return sorted(tasks, key=lambda task: task.pressing)


@dataclass(frozen=True, kw_only=True)
class _Extra:
    """Figures and nodes that are owed besides the report itself: they go into the same form."""

    figures: tuple[str, ...]
    nodes: tuple[str, ...]
    due: date | None
    is_overdue: bool

    @property
    def notes(self):
        figures = [_("缺数据：%(names)s") % {"names": joined(self.figures)}] if self.figures else []
        return (*figures, *self.nodes)


def _extra_of(standing, sent, *, on):
    figures = tuple(_figures_missing(standing, sent))
    near = [
        node
        for node in standing.nodes
        if node.done_on is None and node.node.pk not in sent.nodes and node.facts.due <= on + timedelta(days=NEAR_DAYS)
    ]
    if not figures and not near:
        return None
    return _Extra(
        figures=figures,
        nodes=tuple(
            _("节点：%(node)s（%(day)s）") % {"node": node.node, "day": written_day(node.facts.due)} for node in near
        ),
        due=min((node.facts.due for node in near), default=None),
        is_overdue=any(node_state(node.facts, on=on) == NodeState.OVERDUE for node in near),
    )


class _Sent:
    """What is in the reviewer's hands already: not asked for again."""

    def __init__(self, department_id):
        on_the_way = {"report__department": department_id, "report__status": ReportStatus.SUBMITTED}
        self.nodes = set(ReportNode.objects.filter(**on_the_way).values_list("node_id", flat=True))
        self.figures = set(
            ReportReading.objects.filter(**on_the_way).values_list("indicator_id", "period_end", "achieved_on")
        )

    def has_figure(self, indicator, window):
        return any(pk == indicator.pk and end is not None and window.contains(end) for pk, end, _day in self.figures)


# Reports


def duties_of(user, standings, *, on):
    """The reports that the person's department owes on these measures, those that came back first.

    A window before one that has been handed in is no longer asked for.
    """
    measures = [one.measure for one in standings]
    reports = {
        (report.measure_id, report.window_end): report
        for report in Report.objects.filter(measure__in=measures, department=user.department_id)
    }
    duties = [duty for one in standings for duty in _duties_on(one, reports, on=on)]
    return sorted(duties, key=lambda duty: (not duty.is_returned, duty.window.closes_on))


def _duties_on(standing, reports, *, on):
    measure = standing.measure
    begun = [row.window for row in standing.reporting.standings() if row.window.start <= on]
    sent = {
        window.end: report.status
        for window in begun
        if (report := reports.get((measure.pk, window.end)))
        and report.status in (ReportStatus.SUBMITTED, ReportStatus.APPROVED)
    }
    last = max(sent, default=None)
    for window in begun:
        report = reports.get((measure.pk, window.end))
        is_returned = report is not None and report.status == ReportStatus.RETURNED
        if is_returned or last is None or window.end > last:
            has_previous = any(
                pk == measure.pk and end < window.end and one.status == ReportStatus.APPROVED
                for (pk, end), one in reports.items()
            )
            yield Duty(
                measure=measure,
                window=window,
                report=report,
                may_stay_unchanged=report is None and has_previous and not owed_in(window, standing),
            )


def supported_by(user):
    """The measures a person's department may add a text to."""
    if not writes_reports(user):
        return Measure.objects.none()
    return (
        Measure.objects.filter(plan__court=user.court_id, plan__status=PlanStatus.OPEN, support=user.department_id)
        .select_related("plan__court", "pillar", "lead")
        .order_by("-plan__year", "pillar__number", "order")
    )


def _report_tasks(duties, extras, *, on):
    reasons = _reasons_of([duty.report for duty in duties if duty.is_returned])
    left = dict(extras)
    for duty in duties:
        extra = left.pop(duty.measure.pk, None)  # told once, with the measure's most pressing report
        reason = duty.is_returned and reasons.get(duty.report.pk)
        window_is_over = duty.window.has_closed(on=on)
        came_back = (_("退回理由：%(reason)s") % {"reason": reason},) if reason else ()
        yield Task(
            kind=TaskKind.RETURNED if duty.is_returned else TaskKind.REPORT,
            title=str(duty.measure),
            url=f"{_address('reporting:write', duty.measure)}?window={duty.window.end}",
            due=min(filter(None, (duty.window.closes_on, extra and extra.due))),
            is_overdue=window_is_over or (extra is not None and extra.is_overdue),
            notes=(*came_back, *(extra.notes if extra else ())),
            measure=duty.measure,
            window=duty.window,
            window_is_over=window_is_over,
            report=duty.report,
            may_stay_unchanged=duty.may_stay_unchanged,
        )


def _reasons_of(reports):
    """Why each report came back: the reason of its last decision."""
    decided = Review.objects.filter(report__in=reports).exclude(decision=ReportMove.APPROVE).order_by("pk")
    return dict(decided.values_list("report_id", "reason")) if reports else {}


# Figures and nodes


def _figures_missing(standing, sent):
    """The measure's indicators with a window missed since their last reading, each with the windows' names."""
    names = []
    for one in standing.indicators:
        if one.facts.readings_missed == 0:
            continue
        missed = [row.window for row in one.reporting.standings() if row.state == WindowState.MISSED]
        last = missed[-one.facts.readings_missed :]
        open_still = [window for window in last if not sent.has_figure(one.indicator, window)]
        if open_still:
            label = window_label(open_still[-1].start, open_still[-1].end)
            names.append(_("%(indicator)s（缺%(window)s）") % {"indicator": one.indicator, "window": label})
    return names


def _extra_tasks(standings, extras, duties):
    """A task of its own only where no report of the measure is owed."""
    reporting = {duty.measure.pk for duty in duties}
    for one in standings:
        extra = extras.get(one.measure.pk)
        if extra is not None and one.measure.pk not in reporting:
            yield Task(
                kind=TaskKind.NODE if extra.nodes else TaskKind.READING,
                title=str(one.measure),
                url=_address("reporting:write", one.measure),
                due=extra.due,
                is_overdue=extra.is_overdue,
                notes=extra.notes,
                measure=one.measure,
            )


# Closings and instructions


def _closing_tasks(standings):
    """Measures that are finished and wait for nothing but the asking."""
    finished = [one for one in standings if any(f.code == FindingCode.AWAITING_CLOSE for f in one.verdict.findings)]
    last = latest_of(Closing, [one.measure for one in finished])
    for one in finished:
        asked = last.get(one.measure.pk)
        if asked is not None and asked.is_pending:
            continue
        returned = asked is not None and asked.status == ClosingStatus.RETURNED
        note = _("上次申请被退回：%(reason)s") % {"reason": asked.steps_until()[-1].text} if returned else ""
        yield Task(
            kind=TaskKind.CLOSING,
            title=str(one.measure),
            url=_address("supervision:ask_closing", one.measure),
            notes=(note,) if note else (),
            measure=one.measure,
        )


def _instruction_task(instruction, *, on):
    said = _("%(who)s：%(text)s") % {"who": instruction.by, "text": Truncator(instruction.text).chars(60)}
    return Task(
        kind=TaskKind.INSTRUCTION,
        title=str(instruction.about),
        url=instruction.get_absolute_url(),
        due=instruction.answer_by_at(),
        is_overdue=instruction.is_overdue(on=on),
        notes=(said,),
    )


def _address(name, measure):
    return reverse(name, args=[measure.plan.court.slug, measure.plan.year, measure.code])
