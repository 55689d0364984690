"""Issuing and withdrawing papers, the court's own template, requests for long files."""

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.models import Court, User
from apps.assessment.rules import VERSION
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.uploads import check_ending, kind_of, safe_name
from apps.dashboard.days import ShownDay
from apps.papers.blocks import data_of
from apps.papers.choices import JobState
from apps.papers.fields import problems_of
from apps.papers.models import JOB_LIFETIME, Issue, Job, PaperTemplate
from apps.papers.permissions import can_issue, can_keep_template
from apps.papers.selectors import PaperOptions, draft_of, template_of
from apps.papers.tasks import delete_expired_jobs, enqueue_job, watch
from apps.plans.models import Plan
from apps.plans.selectors import plans_visible_to

LANGUAGE = "zh-hans"  # what a court issues is Chinese, whatever its reader has chosen
MAX_TEMPLATE_SIZE = 2 * 1024 * 1024
MAX_UNFINISHED_JOBS = 3  # of one person


@transaction.atomic
def issue_paper(*, plan: Plan, kind: str, options: PaperOptions, by: User, at: datetime) -> Issue:
    """Freeze a paper and give it the plan's next number; the same paper twice in a row is one issue."""
    require(can_issue(by, plan))
    plan = Plan.objects.select_for_update().select_related("court").get(pk=plan.pk)
    with translation.override(LANGUAGE):
        draft = draft_of(plan, kind, options)
    last = Issue.objects.filter(plan=plan, kind=kind).order_by("-number").first()
    if last and last.checksum == draft.checksum and not last.is_withdrawn:
        return last
    number = (Issue.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0) + 1
    issue = Issue.objects.create(
        plan=plan,
        number=number,
        kind=kind,
        title=draft.paper.title,
        on=options.on,
        known=options.known,
        since=draft.since,
        scope={"pillars": sorted(options.scope.pillars), "departments": sorted(options.scope.departments)},
        tree=draft.tree,
        paper=data_of(draft.paper),
        rules=VERSION,
        checksum=draft.checksum,
        template=template_of(plan.court) if kind == "bulletin" else None,
        made_by=by,
        made_at=at,
    )
    data = {"kind": str(kind), "number": number, "on": str(options.on), "checksum": issue.checksum}
    record(by=by, action=Action.PAPER_ISSUED, target=issue, court=plan.court, at=at, data=data, made=[issue])
    return issue


@transaction.atomic
def withdraw_issue(*, issue: Issue, reason: str, by: User, at: datetime) -> Issue:
    """Withdraw an issued paper, with the reason. It stays readable, and later bulletins no longer compare with it."""
    issue = Issue.objects.select_for_update(of=("self",)).select_related("plan__court").get(pk=issue.pk)
    require(can_issue(by, issue.plan))
    if not reason.strip():
        raise ValidationError({"reason": _("请写明理由。")})
    if issue.is_withdrawn:
        raise ValidationError(_("这份文稿已经撤回。"))
    issue.withdrawn_at, issue.withdrawn_by, issue.withdrawn_reason = at, by, reason.strip()
    issue.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    record(
        by=by,
        action=Action.PAPER_WITHDRAWN,
        target=issue,
        court=issue.plan.court,
        at=at,
        data={"number": issue.number, "reason": issue.withdrawn_reason},
        ended=[issue],
    )
    return issue


@transaction.atomic
def put_template(*, court: Court, file: File, name: str, by: User, at: datetime) -> PaperTemplate:
    """Replace the court's template by a Word file. ValidationError names each field that is
    unknown or stands where it can't; BadUploadError where it is no Word file."""
    require(can_keep_template(by, court))
    if file.size > MAX_TEMPLATE_SIZE:
        raise ValidationError(_("模板不能超过 %(size)s MB。") % {"size": MAX_TEMPLATE_SIZE // 1024 // 1024})
    kind = kind_of(file)
    name = safe_name(name)
    check_ending(name, kind)
    if kind.name != "Word":
        raise ValidationError(_("模板须是 Word 文件（docx）。"))
    file.seek(0)
    content = file.read()
    problems = problems_of(content)
    if problems:
        raise ValidationError(problems)
    ended = _end_template(court, by=by, at=at)
    made = PaperTemplate.objects.create(
        court=court, name=name, content=content, sha256=hashlib.sha256(content).hexdigest(), made_by=by, made_at=at
    )
    record(
        by=by,
        action=Action.PAPER_TEMPLATE_PUT,
        target=made,
        court=court,
        at=at,
        data={"name": name, "sha256": made.sha256},
        made=[made],
        ended=ended,
    )
    return made


@transaction.atomic
def drop_template(*, court: Court, by: User, at: datetime) -> None:
    """Return to the default layout. Issued papers keep their template."""
    require(can_keep_template(by, court))
    ended = _end_template(court, by=by, at=at)
    for template in ended:
        record(by=by, action=Action.PAPER_TEMPLATE_DROPPED, target=template, court=court, at=at, ended=[template])


# Long files


@transaction.atomic
def request_job(
    *, plan: Plan, kind: str, file_format: str, day: ShownDay, with_courts_below: bool, by: User, at: datetime
) -> Job:
    """Request a file from the worker; an unfinished job for the same file is returned instead of a second one."""
    require(plans_visible_to(by).filter(pk=plan.pk).exists())
    # Locked, so that the requests of one person come one after the other: the same click may arrive at two processes.
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    Job.objects.expired(at=at).delete()
    wanted: dict[str, Any] = {
        "plan": plan,
        "kind": kind,
        "file_format": file_format,
        "on": day.on,
        "with_courts_below": with_courts_below,
    }
    unfinished = Job.objects.unfinished().filter(by=by)
    if same := unfinished.filter(**wanted).first():
        return same
    if unfinished.count() >= MAX_UNFINISHED_JOBS:
        raise ValidationError(_("已有 %(n)s 份文件正在制作，请等做好或取消后再申请。") % {"n": MAX_UNFINISHED_JOBS})
    job = Job.objects.create(
        **wanted,
        by=by,
        known=day.known,
        basis=day.describing,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        at=at,
        expires_at=at + JOB_LIFETIME,
    )
    enqueue_job(job)
    watch(job, at=at)
    delete_expired_jobs.using(run_after=job.expires_at).enqueue()
    return job


def cancel_job(*, job: Job, by: User) -> None:
    """Cancel a job. Its worker notices at the next step."""
    require(job.by_id == by.pk)
    Job.objects.unfinished().filter(pk=job.pk).update(state=JobState.CANCELLED)


def _end_template(court: Court, *, by: User, at: datetime) -> list[PaperTemplate]:
    ended = list(PaperTemplate.objects.select_for_update().filter(court=court, ended_at__isnull=True))
    for template in ended:
        template.ended_at, template.ended_by = at, by
        template.save(update_fields=["ended_at", "ended_by"])
    return ended
