"""Issuing a paper, taking it back, and the court's own template."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from apps.assessment.rules import VERSION
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.uploads import check_ending, kind_of, safe_name
from apps.papers.blocks import data_of
from apps.papers.fields import problems_of
from apps.papers.models import Issue, PaperTemplate
from apps.papers.permissions import can_issue, can_keep_template
from apps.papers.selectors import draft_of, template_of
from apps.plans.models import Plan

LANGUAGE = "zh-hans"  # what a court issues is Chinese, whatever its reader has chosen
LARGEST_TEMPLATE = 2 * 1024 * 1024


@transaction.atomic
def issue_paper(*, plan, kind, asked, by, at):
    """Freeze a paper and give it the plan's next number; the same paper twice in a row is one issue."""
    require(can_issue(by, plan))
    plan = Plan.objects.select_for_update().select_related("court").get(pk=plan.pk)
    with translation.override(LANGUAGE):
        draft = draft_of(plan, kind, asked)
    last = Issue.objects.filter(plan=plan, kind=kind).order_by("-number").first()
    if last and last.checksum == draft.checksum and not last.is_withdrawn:
        return last
    number = (Issue.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0) + 1
    issue = Issue.objects.create(
        plan=plan,
        number=number,
        kind=kind,
        title=draft.paper.title,
        on=asked.on,
        known=asked.known,
        since=draft.since,
        scope={"pillars": sorted(asked.scope.pillars), "departments": sorted(asked.scope.departments)},
        tree=draft.tree,
        paper=data_of(draft.paper),
        rules=VERSION,
        checksum=draft.checksum,
        template=template_of(plan.court) if kind == "bulletin" else None,
        made_by=by,
        made_at=at,
    )
    data = {"kind": str(kind), "number": number, "on": str(asked.on), "checksum": issue.checksum}
    record(by=by, action=Action.PAPER_ISSUED, target=issue, court=plan.court, at=at, data=data, made=[issue])
    return issue


@transaction.atomic
def withdraw_issue(*, issue, reason, by, at):
    """Take an issued paper back, with the reason. It stays readable, and is not compared with any more."""
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
def put_template(*, court, file, name, by, at):
    """Take a Word file as the court's template, in place of the one before. ValidationError names each field that is
    unknown or stands where it can't; BadUploadError where it is no Word file."""
    require(can_keep_template(by, court))
    if file.size > LARGEST_TEMPLATE:
        raise ValidationError(_("模板不能超过 %(size)s MB。") % {"size": LARGEST_TEMPLATE // 1024 // 1024})
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
def drop_template(*, court, by, at):
    """Go back to the usual layout. What was issued keeps its own."""
    require(can_keep_template(by, court))
    ended = _end_template(court, by=by, at=at)
    for one in ended:
        record(by=by, action=Action.PAPER_TEMPLATE_DROPPED, target=one, court=court, at=at, ended=[one])


def _end_template(court, *, by, at):
    ended = list(PaperTemplate.objects.select_for_update().filter(court=court, ended_at__isnull=True))
    for one in ended:
        one.ended_at, one.ended_by = at, by
        one.save(update_fields=["ended_at", "ended_by"])
    return ended
