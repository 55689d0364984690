"""The list itself: reports, figures, nodes, closings and instructions as tasks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, TextChoices
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.accounts.models import User
from apps.assessment.choices import FindingCode, Light
from apps.assessment.selectors import measure_standings_of
from apps.assessment.tree import MeasureStanding
from apps.dashboard.work.duties import Duty, duties_of, writes_reports
from apps.dashboard.work.extras import Extra, Sent, extra_of
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure, Plan
from apps.plans.rules import Window
from apps.plans.selectors import own_plans
from apps.reporting.choices import ReportMove
from apps.reporting.models import Report, Review
from apps.supervision.choices import ClosingStatus
from apps.supervision.models import Closing, Instruction
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
    def sort_key(self) -> tuple[bool, bool, date, int]:
        """Smallest first: what came back, what is overdue, then by the last day; equals in the order of kinds."""
        return (
            self.kind != TaskKind.RETURNED,
            not self.is_overdue,
            self.due or date.max,
            ORDER.index(self.kind),
        )


def tasks_of(user: User, *, on: date, known: datetime, plans: Iterable[Plan] | None = None) -> list[Task]:
    """What the person's department owes on a day: reports, answers, figures, nodes, closings.

    `plans` are `own_plans(user)`, where the page has read them already.
    """
    if not writes_reports(user):
        return []
    standings = [
        standing
        for plan in (own_plans(user) if plans is None else plans)
        if plan.status == PlanStatus.OPEN
        for standing in measure_standings_of(plan, Q(lead=user.department_id), on=min(on, plan.ends_on), known=known)
        if standing.verdict.light not in (Light.DONE, Light.PAUSED)
    ]
    sent = Sent(user.department_id)
    extras = {row.measure.pk: extra for row in standings if (extra := extra_of(row, sent, on=on))}
    duties = duties_of(user, standings, on=on)
    tasks = [
        *_report_tasks(duties, extras, on=on),
        *_extra_tasks(standings, extras, duties),
        *_closing_tasks(standings),
        *(_instruction_task(instruction, on=on) for instruction in instructions_to_answer(user)),
    ]
    return sorted(tasks, key=lambda task: task.sort_key)


def _report_tasks(duties: Sequence[Duty], extras: Mapping[int, Extra], *, on: date) -> Iterator[Task]:
    reasons = _return_reasons([duty.report for duty in duties if duty.report and duty.is_returned])
    remaining = dict(extras)
    for duty in duties:
        extra = remaining.pop(duty.measure.pk, None)  # once, with the measure's most pressing report
        reason = reasons.get(duty.report.pk) if duty.report else None
        window_is_over = duty.window.has_closed(on=on)
        returned = (_("退回理由：%(reason)s") % {"reason": reason},) if reason else ()
        yield Task(
            kind=TaskKind.RETURNED if duty.is_returned else TaskKind.REPORT,
            title=str(duty.measure),
            url=f"{_url('reporting:write', duty.measure)}?window={duty.window.end}",
            due=min(day for day in (duty.window.closes_on, extra and extra.due) if day),
            is_overdue=window_is_over or (extra is not None and extra.is_overdue),
            notes=(*returned, *(extra.notes if extra else ())),
            measure=duty.measure,
            window=duty.window,
            window_is_over=window_is_over,
            report=duty.report,
            may_stay_unchanged=duty.may_stay_unchanged,
        )


def _return_reasons(reports: Sequence[Report]) -> dict[int, str]:
    """Why each report came back: the reason of its last decision."""
    decided = Review.objects.filter(report__in=reports).exclude(decision=ReportMove.APPROVE).order_by("pk")
    return dict(decided.values_list("report_id", "reason")) if reports else {}


def _extra_tasks(
    standings: Sequence[MeasureStanding], extras: Mapping[int, Extra], duties: Sequence[Duty]
) -> Iterator[Task]:
    """A task of its own only where no report of the measure is owed."""
    reporting = {duty.measure.pk for duty in duties}
    for standing in standings:
        measure = standing.measure
        extra = extras.get(measure.pk)
        if extra is not None and measure.pk not in reporting:
            yield Task(
                kind=TaskKind.NODE if extra.nodes else TaskKind.READING,
                title=str(measure),
                url=_url("reporting:write", measure),
                due=extra.due,
                is_overdue=extra.is_overdue,
                notes=extra.notes,
                measure=measure,
            )


def _closing_tasks(standings: Sequence[MeasureStanding]) -> Iterator[Task]:
    """Measures that are finished and wait for nothing but the request."""
    finished = [
        standing.measure
        for standing in standings
        if any(finding.code == FindingCode.AWAITING_CLOSE for finding in standing.verdict.findings)
    ]
    latest = latest_of(Closing, finished)
    for measure in finished:
        closing = latest.get(measure.pk)
        if closing is not None and closing.is_pending:
            continue
        notes: tuple[str, ...] = ()
        if closing is not None and closing.status == ClosingStatus.RETURNED:
            notes = (_("上次申请被退回：%(reason)s") % {"reason": closing.steps_until()[-1].text},)
        yield Task(
            kind=TaskKind.CLOSING,
            title=str(measure),
            url=_url("supervision:ask_closing", measure),
            notes=notes,
            measure=measure,
        )


def _instruction_task(instruction: Instruction, *, on: date) -> Task:
    note = _("%(who)s：%(text)s") % {"who": instruction.by, "text": Truncator(instruction.text).chars(60)}
    return Task(
        kind=TaskKind.INSTRUCTION,
        title=str(instruction.about),
        url=instruction.get_absolute_url(),
        due=instruction.answer_by_at(),
        is_overdue=instruction.is_overdue(on=on),
        notes=(note,),
    )


def _url(name: str, measure: Measure) -> str:
    return reverse(name, args=[measure.plan.court.slug, measure.plan.year, measure.code])
