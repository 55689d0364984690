"""A report's way: saved, submitted, approved or returned. Each act is one transaction."""

import logging
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.assessment.selectors import standing_of
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.uploads import BadUploadError, check_ending, kind_of, safe_name
from apps.core.wording import bracketed
from apps.indicators.choices import Kind
from apps.ledger.choices import Declared, EntryKind
from apps.ledger.services import accept, withdraw_batch
from apps.plans.services import lock_plan
from apps.reporting.choices import EvidenceKind, ReportMove
from apps.reporting.content import content_of, is_as_before, says_the_same, snapshot, unchanged
from apps.reporting.evidence import erase, store
from apps.reporting.models import Evidence, Report, ReportNode, ReportReading, Review
from apps.reporting.permissions import (
    can_edit,
    can_write,
    is_actor,
    is_of_department,
    writes_for,
)
from apps.reporting.rules import (
    day_spoken_of,
    next_status,
    problem_of_link,
    problems_of_node,
    problems_of_percent,
    problems_of_reading,
    problems_of_report,
    why_not_unchanged,
)
from apps.reporting.selectors import (
    CONTEXT,
    came_late,
    last_approved,
    owed_in,
    periods_taken,
    report_for,
    window_of,
)

logger = logging.getLogger(__name__)

LINKS = [field.name for field in Report._meta.fields if field.is_relation]


class StaleReport(Exception):
    """Somebody saved the report since this person opened it; nothing was written. `current` is what stands now."""

    def __init__(self, current):
        super().__init__(str(current))
        self.current = current


class ChangedSince(Exception):
    """Other words were handed in since this person read the report; nothing was written."""

    def __init__(self, report):
        super().__init__(str(report))
        self.report = report


class AlreadyDecided(Exception):
    """Somebody else moved the report on first; nothing was written."""

    def __init__(self, report):
        super().__init__(str(report))
        self.report = report


@transaction.atomic
def save_draft(*, measure, department, window, content, revision, by, at, automatically=False):
    """Keep what was written so far. `revision` is what the writer saw, 0 where there was nothing yet.

    A form that is sent twice is saved once. Raises StaleReport where somebody else has saved since, and
    ValidationError by field.
    """
    measure.plan = lock_plan(measure.plan)
    require(can_write(by, measure) and is_of_department(by, department) and writes_for(by, measure) == department)
    report = (
        Report.objects.select_for_update(of=("self",))
        .select_related(*CONTEXT)
        .filter(measure=measure, department=department, window_end=window.end)
        .first()
    )
    if report is None:
        report = Report(
            measure=measure,
            department=department,
            window_start=window.start,
            window_end=window.end,
            author=by,
            created_at=at,
            revision=0,
        )
    elif not can_edit(by, report):
        raise StaleReport(report)
    elif report.revision != revision:
        if report.saved_by_id == by.pk and says_the_same(content, content_of(report)):
            return report
        raise StaleReport(report)
    # The trail tells who has written on a draft, not how often a browser kept it: counting that would be a
    # record of somebody's minutes. Handing in is always told, with the revision.
    is_told = not automatically or report.revision == 0 or report.saved_by_id != by.pk
    _raise_problems(problems_of_parts(measure, content, window=window, at=at))
    report.text, report.problems, report.next_steps = content.text, content.problems, content.next_steps
    report.help_from = content.help_from
    report.percent = content.percent if report.is_lead else None
    report.declared = content.declared
    report.saved_by, report.saved_at = by, at
    report.revision += 1
    # Whose report it is, is our own doing; what the columns may say together is held by the rules and the database.
    report.full_clean(exclude=LINKS, validate_constraints=False)
    report.save()
    if report.is_lead:
        _save_parts(report, content)
    if is_told:
        record(
            by=by,
            action=Action.REPORT_SAVED,
            target=report,
            court=measure.plan.court,
            at=at,
            data={"revision": report.revision},
        )
    return report


@transaction.atomic
def report_no_change(*, measure, department, window, by, at):
    """Hand in, in one act, that all is as the last approved report said.

    Raises AlreadyDecided where the report has been handed in, and ValidationError where there is more to say.
    """
    measure.plan = lock_plan(measure.plan)
    require(can_write(by, measure) and writes_for(by, measure) == department)
    report = report_for(measure, department, window)
    if report is not None and not can_edit(by, report):
        raise AlreadyDecided(report)
    previous = last_approved(measure, department, before=window.end)
    standing = standing_of(measure.plan, on=timezone.localdate(at), known=at).measure(measure.code)
    problem = why_not_unchanged(
        status=report and report.status,
        has_previous=previous is not None,
        is_as_before=report is None or (previous is not None and is_as_before(report, previous)),
        owed=owed_in(window, standing) if department.pk == measure.lead_id else [],
    )
    if problem:
        raise ValidationError(problem)
    saved = save_draft(
        measure=measure,
        department=department,
        window=window,
        content=unchanged(previous),
        revision=report.revision if report else 0,
        by=by,
        at=at,
    )
    return submit_report(report=saved, by=by, at=at)


@transaction.atomic
def submit_report(*, report, by, at):
    """Hand a report to its reviewer; from here its writer may only read it."""
    report = _held(report, ReportMove.SUBMIT, by=by)
    measure = report.measure
    problems = problems_of_report(
        text=report.text,
        percent=report.percent,
        needs_percent=report.is_lead and not measure.nodes.exists(),
        asks_for_help=report.declared != Declared.NORMAL,
        problems_text=report.problems,
    )
    _raise_problems({**problems, **problems_of_parts(measure, content_of(report), window=window_of(report), at=at)})
    report.status = next_status(report.status, ReportMove.SUBMIT)
    report.submitted_by, report.submitted_at = by, at
    report.first_submitted_at = report.first_submitted_at or at
    report.save(update_fields=["status", "submitted_by", "submitted_at", "first_submitted_at"])
    record(
        by=by,
        action=Action.REPORT_SUBMITTED,
        target=report,
        court=measure.plan.court,
        at=at,
        data={"revision": report.revision},
    )
    return report


@transaction.atomic
def approve_report(*, report, by, at, seen=None):
    """Accept a report as true: its facts go into the ledger, and the lights follow.

    `seen` is the revision that was read; ChangedSince where other words have been handed in meanwhile.
    """
    report = _held(report, ReportMove.APPROVE, by=by, seen=seen)
    # Between handing in and approval another figure for the same days may have been accepted.
    _raise_problems(
        problems_of_parts(report.measure, content_of(report), window=window_of(report), at=report.submitted_at)
    )
    review = Review.objects.create(
        report=report, decision=ReportMove.APPROVE, by=by, at=at, content=snapshot(report), batch=uuid.uuid4()
    )
    entries = _accept_facts(report, by=by, at=at, batch=review.batch)
    report.status = next_status(report.status, ReportMove.APPROVE)
    report.save(update_fields=["status"])
    record(
        by=by,
        action=Action.REPORT_APPROVED,
        target=report,
        court=report.measure.plan.court,
        at=at,
        data={"revision": report.revision, "ledger": [entry.pk for entry in entries]},
        made=[review, *entries],
    )
    return report


@transaction.atomic
def return_report(*, report, reason, by, at, seen=None):
    """Send a report back to its department with a sentence that says why; `seen` as in `approve_report`."""
    report = _held(report, ReportMove.RETURN, by=by, seen=seen)
    review = _decide_against(report, ReportMove.RETURN, reason=reason, by=by, at=at)
    record(
        by=by,
        action=Action.REPORT_RETURNED,
        target=report,
        court=report.measure.plan.court,
        at=at,
        data={"revision": report.revision, "reason": reason},
        made=[review],
    )
    return report


@transaction.atomic
def withdraw_approval(*, report, reason, by, at):
    """Take an approval back: its ledger entries are withdrawn, and the report goes back to its department."""
    report = _held(report, ReportMove.WITHDRAW, by=by)
    approval = report.reviews.filter(decision=ReportMove.APPROVE).order_by("pk").last()
    review = _decide_against(report, ReportMove.WITHDRAW, reason=reason, by=by, at=at, batch=approval.batch)
    entries = withdraw_batch(batch=approval.batch, reason=reason, by=by, at=at)
    record(
        by=by,
        action=Action.REPORT_APPROVAL_WITHDRAWN,
        target=report,
        court=report.measure.plan.court,
        at=at,
        data={"reason": reason, "ledger": [entry.pk for entry in entries]},
        made=[review],
        ended=entries,
    )
    return report


@transaction.atomic
def recall_report(*, report, by, at):
    """Take back what was handed in and nobody has decided on yet, to write on."""
    report = _held(report, ReportMove.RECALL, by=by)
    report.status = next_status(report.status, ReportMove.RECALL)
    report.save(update_fields=["status"])
    record(
        by=by,
        action=Action.REPORT_RECALLED,
        target=report,
        court=report.measure.plan.court,
        at=at,
        data={"revision": report.revision},
    )
    return report


# Evidence


@transaction.atomic
def add_evidence_file(*, report, file, by, at, indicator=None):
    """Lay a file beside a report. Raises ValidationError with what is wrong with it, by its name."""
    report = _open_to(report, by)
    name = safe_name(file.name)
    try:
        kind = kind_of(file)
        check_ending(name, kind)
        _refuse_too_many(report)
        path, size, sha256 = store(file)
    except (BadUploadError, OSError) as problem:
        why = problem if isinstance(problem, BadUploadError) else _("服务器暂时无法保存文件，请联系系统管理员。")
        if isinstance(problem, OSError):
            logger.exception("evidence could not be stored")
        raise ValidationError({"evidence": f"{name}{bracketed(why)}"}) from problem
    try:
        return _add_evidence(
            Evidence(
                report=report,
                indicator=indicator,
                kind=EvidenceKind.FILE,
                name=name,
                path=path,
                size=size,
                sha256=sha256,
                content_type=kind.content_type,
            ),
            by=by,
            at=at,
        )
    except BaseException:
        erase(path)  # no row will ever name it
        raise


@transaction.atomic
def add_evidence_link(*, report, url, name, by, at, indicator=None):
    """Lay a link beside a report."""
    report = _open_to(report, by)
    url = url.strip()
    problem = problem_of_link(url)
    if problem:
        raise ValidationError({"link": problem})
    _refuse_too_many(report, field="link")
    name = name.strip() or urlsplit(url).hostname
    return _add_evidence(
        Evidence(report=report, indicator=indicator, kind=EvidenceKind.LINK, name=name[:200], url=url), by=by, at=at
    )


@transaction.atomic
def remove_evidence(*, evidence, by, at):
    """Take it off a report that is still being written.

    A file that was never handed in is erased, so that what was added by mistake is really gone; one that was stays,
    for the version it belongs to.
    """
    report = _open_to(evidence.report, by)
    evidence = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    if evidence.removed_at is not None:
        return evidence
    evidence.removed_at, evidence.removed_by = at, by
    evidence.save(update_fields=["removed_at", "removed_by"])
    record(
        by=by,
        action=Action.EVIDENCE_REMOVED,
        target=evidence,
        court=report.measure.plan.court,
        at=at,
        data={"measure": report.measure.code},
        ended=[evidence],
    )
    was_handed_in = report.submitted_at is not None and evidence.added_at <= report.submitted_at
    if evidence.path and not was_handed_in:
        transaction.on_commit(lambda: erase(evidence.path))
    return evidence


def _open_to(report, by):
    """The report, re-read and held, while it is this person's to write on."""
    lock_plan(report.measure.plan)
    report = Report.objects.select_for_update(of=("self",)).select_related(*CONTEXT).get(pk=report.pk)
    require(can_write(by, report.measure) and is_of_department(by, report.department))
    if not can_edit(by, report):
        raise AlreadyDecided(report)
    return report


def _refuse_too_many(report, field="evidence"):
    if report.evidence.filter(removed_at=None).count() >= settings.EVIDENCE_MAX_PER_REPORT:
        most = {"most": settings.EVIDENCE_MAX_PER_REPORT}
        raise ValidationError({field: _("每份填报最多 %(most)d 件佐证材料。") % most})


def _add_evidence(evidence, *, by, at):
    evidence.added_by, evidence.added_at = by, at
    evidence.full_clean()
    evidence.save()
    measure = evidence.report.measure
    record(
        by=by,
        action=Action.EVIDENCE_ADDED,
        target=evidence,
        court=measure.plan.court,
        at=at,
        data={"measure": measure.code},
        made=[evidence],
    )
    return evidence


def _held(report, move, *, by, seen=None):
    """The report, re-read and held: whoever comes second sees what the first one did.

    Whose move it is not, is refused whatever became of the report.
    """
    lock_plan(report.measure.plan)
    report = Report.objects.select_for_update(of=("self",)).select_related(*CONTEXT).get(pk=report.pk)
    require(is_actor(by, report, move))
    if next_status(report.status, move) is None:
        raise AlreadyDecided(report)
    if seen is not None and seen != report.revision:
        raise ChangedSince(report)
    return report


def _raise_problems(problems):
    if problems:
        raise ValidationError(problems)


def problems_of_parts(measure, content, *, window, at):
    """What is wrong with the percent, figures and nodes of a report, as {field: sentence}."""
    last_day = min(window.end, timezone.localdate(at))
    first_day = measure.plan.starts_on
    indicators = {indicator.pk: indicator for indicator in measure.indicators.all()}
    problems = problems_of_percent(content.percent)
    for reading in content.readings:
        if reading.is_empty:
            continue
        taken = periods_taken(indicators[reading.indicator_id]) if reading.adds_up else ()
        problems.update(problems_of_reading(reading, first_day=first_day, last_day=last_day, taken=taken))
    for node_id, done_on in content.nodes_done:
        problems.update(problems_of_node(node_id=node_id, done_on=done_on, first_day=first_day, last_day=last_day))
    return problems


def _save_parts(report, content):
    report.readings.all().delete()
    for reading in content.readings:
        if not reading.is_empty:
            ReportReading.objects.create(
                report=report,
                indicator_id=reading.indicator_id,
                value=reading.value,
                numerator=reading.numerator,
                denominator=reading.denominator,
                achieved_on=reading.achieved_on,
                out_of=reading.out_of,
                source=reading.source,
                period_start=None if reading.kind == Kind.ACHIEVED else reading.period_start,
                period_end=None if reading.kind == Kind.ACHIEVED else reading.period_end,
            )
    report.nodes_done.all().delete()
    for node_id, done_on in content.nodes_done:
        ReportNode.objects.create(report=report, node_id=node_id, done_on=done_on)


def _accept_facts(report, *, by, at, batch):
    """Write what the report says into the ledger; a supporting department's text stands beside, without weight."""
    written_on = timezone.localdate(report.submitted_at)
    common = {
        "plan": report.measure.plan,
        "measure": report.measure,
        "department": report.department,
        "is_late": came_late(report),
        "by": by,
        "at": at,
        "batch": batch,
    }
    entries = [
        accept(
            kind=EntryKind.PROGRESS if report.is_lead else EntryKind.SUPPORT,
            speaks_of=day_spoken_of(window_end=report.window_end, written_on=written_on),
            percent=report.percent,
            declared=report.declared,
            text=report.text,
            problems=report.problems,
            help_from=report.help_from,
            next_steps=report.next_steps,
            **common,
        )
    ]
    for reading in report.readings.select_related("indicator"):
        entries.append(_accept_reading(reading, common))
    for done in report.nodes_done.select_related("node"):
        entries.append(accept(kind=EntryKind.NODE_DONE, node=done.node, speaks_of=done.done_on, **common))
    return entries


def _accept_reading(reading, common):
    if reading.achieved_on is not None:
        return accept(kind=EntryKind.ACHIEVED, indicator=reading.indicator, speaks_of=reading.achieved_on, **common)
    return accept(
        kind=EntryKind.READING,
        indicator=reading.indicator,
        speaks_of=reading.period_end,
        period_start=reading.period_start,
        value=reading.value,
        numerator=reading.numerator,
        denominator=reading.denominator,
        out_of=reading.out_of,
        source=reading.source,
        **common,
    )


def _decide_against(report, move, *, reason, by, at, batch=None):
    if not reason.strip():
        raise ValidationError({"reason": _("请写明理由。")})
    review = Review.objects.create(
        report=report, decision=move, reason=reason, by=by, at=at, content=snapshot(report), batch=batch
    )
    report.status = next_status(report.status, move)
    report.save(update_fields=["status"])
    return review
