"""A measure's history as one list: reports, decisions, facts, orders, instructions, extensions, closings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.accounts.models import User
from apps.assessment.sentences import day_text, target_text
from apps.audit.choices import Action
from apps.audit.models import AuditEvent
from apps.core.figures import figure
from apps.core.models import DatedOrder
from apps.core.wording import bracketed, joined, written_day
from apps.indicators.models import Target
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.plans.models import Deadline, Measure, MeasureOrder
from apps.plans.wording import window_label
from apps.reporting.choices import ReportMove, ReportStatus
from apps.reporting.models import Review
from apps.reporting.permissions import can_see_versions
from apps.reporting.selectors import reports_visible_to
from apps.supervision.models import Closing, Extension, Instruction
from apps.supervision.selectors import instructions_on, requests_on


class EventKind(TextChoices):
    """What a line of the history tells of."""

    REPORT = "report", gettext_lazy("填报与审核")
    FACT = "fact", pgettext_lazy("many", "数据与节点")
    ORDER = "order", gettext_lazy("目标与时限调整")
    INSTRUCTION = "instruction", pgettext_lazy("many", "批示")
    EXTENSION = "extension", gettext_lazy("延期")
    CLOSING = "closing", gettext_lazy("销号")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened, when, by whom (empty: with the plan itself), in a few words, and what was said."""

    at: datetime
    kind: EventKind
    by: str
    what: str
    text: str = ""
    url: str = ""


FACT_KINDS = (EntryKind.READING, EntryKind.ACHIEVED, EntryKind.NODE_DONE, EntryKind.JUDGED)


def timeline_of(measure: Measure, user: User) -> list[Event]:
    """Everything on record about a measure that the person may see, newest first. A fixed number of queries."""
    events = [
        *_report_events(measure, user),
        *_fact_events(measure),
        *_order_events(measure),
        *_supervision_events(measure, user),
    ]
    # Earliest first and then turned round: of one moment, what followed stands above what it followed from.
    return sorted(events, key=lambda event: event.at)[::-1]


# Reports and decisions


def _report_events(measure: Measure, user: User) -> Iterator[Event]:
    reports = {report.pk: report for report in reports_visible_to(user).filter(measure=measure)}
    submissions: dict[tuple[int, datetime], str] = {}
    for review in Review.objects.filter(report__in=reports).select_related("by"):
        report = reports[review.report_id]
        if review.decision != ReportMove.APPROVE and not can_see_versions(user, report):
            continue
        words = {
            "decision": review.get_decision_display(),
            "report": window_label(report.window_start, report.window_end),
        }
        yield Event(
            at=review.at,
            kind=EventKind.REPORT,
            by=str(review.by),
            what=_("%(decision)s：%(report)s填报") % words,
            text=review.reason,
            url=report.get_absolute_url(),
        )
        submitted_at = datetime.fromisoformat(review.content["submitted_at"])
        submissions[report.pk, submitted_at] = review.content["submitted_by"]
    for report in reports.values():
        if report.status == ReportStatus.SUBMITTED and report.submitted_at:
            submissions[report.pk, _in_milliseconds(report.submitted_at)] = str(report.submitted_by)
    for (pk, submitted_at), who in submissions.items():
        report = reports[pk]
        words = {"department": report.department, "report": window_label(report.window_start, report.window_end)}
        yield Event(
            at=submitted_at,
            kind=EventKind.REPORT,
            by=who,
            what=_("%(department)s提交%(report)s填报") % words,
            url=report.get_absolute_url(),
        )


def _in_milliseconds(moment: datetime) -> datetime:
    """As the words kept with a decision have it, so that one submission is one line."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


# Facts


def _fact_events(measure: Measure) -> Iterator[Event]:
    entries = (
        LedgerEntry.objects.filter(Q(measure=measure) | Q(indicator__measure=measure), plan=measure.plan_id)
        .filter(Q(kind__in=FACT_KINDS) | Q(withdrawn_at__isnull=False))
        .select_related("indicator", "node", "accepted_by", "withdrawn_by")
    )
    withdrawn: dict[tuple[datetime, object], list[LedgerEntry]] = {}
    for entry in entries:
        if entry.kind in FACT_KINDS:
            yield Event(
                at=entry.accepted_at,
                kind=EventKind.FACT,
                by=str(entry.accepted_by),
                what=_fact_words(entry),
                text=entry.text if entry.kind == EntryKind.JUDGED else "",
            )
        if entry.withdrawn_at:
            withdrawn.setdefault((entry.withdrawn_at, entry.batch), []).append(entry)
    for (withdrawn_at, _batch), rows in withdrawn.items():
        yield Event(
            at=withdrawn_at,
            kind=EventKind.FACT,
            by=str(rows[0].withdrawn_by),
            what=_("撤回台账记录：%(names)s") % {"names": joined(_short_words(entry) for entry in rows)},
            text=rows[0].withdrawn_reason,
        )


def _short_words(entry: LedgerEntry) -> str:
    about = entry.indicator or entry.node
    return f"{entry.get_kind_display()}{bracketed(about) if about else ''}"


def _fact_words(entry: LedgerEntry) -> str:
    words = {"about": entry.indicator or entry.node, "day": written_day(entry.speaks_of)}
    match entry.kind:
        case EntryKind.NODE_DONE:
            return _("节点“%(about)s”于%(day)s完成") % words
        case EntryKind.ACHIEVED:
            return _("%(about)s于%(day)s实现") % words
        case EntryKind.JUDGED:
            return (_("%(about)s评定为达标") if entry.judged_met else _("%(about)s评定为不达标")) % words
    value = (
        figure(entry.value) if entry.value is not None else f"{figure(entry.numerator)} / {figure(entry.denominator)}"
    )
    return _("%(about)s：截至%(day)s为 %(value)s %(unit)s") % {
        **words,
        "value": value,
        "unit": entry.indicator.unit if entry.indicator else "",
    }


# Orders


def _order_events(measure: Measure) -> Iterator[Event]:
    for deadline in Deadline.objects.filter(measure=measure).select_related("node", "made_by"):
        about = {"about": deadline.node or _("整项举措"), "day": written_day(deadline.due)}
        yield _order_event(deadline, _("%(about)s的完成时限定为%(day)s") % about)
    for order in MeasureOrder.objects.filter(measure=measure).select_related("made_by"):
        weight = f" {figure(order.weight)}" if order.weight is not None else ""
        yield _order_event(order, f"{order.get_adjustment_display()}{weight}")
    for target in Target.objects.filter(indicator__measure=measure).select_related("indicator", "made_by"):
        aim = target_text(target.indicator, target) or day_text(target)
        words = {"indicator": target.indicator, "aim": aim}
        yield _order_event(target, _("%(indicator)s的目标定为：%(aim)s") % words)
    assigned = AuditEvent.objects.filter(
        court=measure.plan.court.slug,
        target=f"{measure._meta.label_lower}:{measure.pk}",
        action=Action.MEASURE_ASSIGNED,
    )
    for event in assigned:
        after = event.data["after"]
        words = {
            "lead": after["lead"] or _("未定"),
            "leader": after["leader"] or _("未定"),
            "support": joined(after["support"]) or _("无"),
        }
        yield Event(
            at=event.at,
            kind=EventKind.ORDER,
            by=event.by.rpartition(" (")[0],
            what=_("责任定为：牵头%(lead)s，配合%(support)s，分管%(leader)s") % words,
        )


def _order_event(order: DatedOrder, what: str) -> Event:
    return Event(
        at=order.made_at,
        kind=EventKind.ORDER,
        by=str(order.made_by or ""),
        what=(_("%(what)s（%(day)s起，追溯）") if order.is_backdated else _("%(what)s（%(day)s起）"))
        % {"what": what, "day": written_day(order.effective_from)},
        text=f"{order.reason}{bracketed(order.document)}",
    )


# Instructions, extensions and closings


def _supervision_events(measure: Measure, user: User) -> Iterator[Event]:
    for instruction in instructions_on(measure):
        what = _("批示%(department)s") % {"department": instruction.department}
        yield from _item_events(instruction, EventKind.INSTRUCTION, what, instruction.text)
    for item in requests_on(measure, user):
        if isinstance(item, Extension):
            words = {"about": item.node or _("整项举措"), "day": written_day(item.new_due)}
            yield from _item_events(item, EventKind.EXTENSION, _("申请将%(about)s延至%(day)s") % words, item.reason)
        elif isinstance(item, Closing):
            what = _("申请销号，%(day)s完成") % {"day": written_day(item.finished_on)}
            yield from _item_events(item, EventKind.CLOSING, what, item.result)


def _item_events(item: Instruction | Extension | Closing, kind: EventKind, what: str, text: str) -> Iterator[Event]:
    url = item.get_absolute_url()
    yield Event(at=item.at, kind=kind, by=str(item.by), what=what, text=text, url=url)
    for step in item.steps.all():
        yield Event(at=step.at, kind=kind, by=str(step.by), what=step.get_move_display(), text=step.text, url=url)
