"""Evidence of a report: files and links."""

import logging
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.uploads import BadUploadError, check_ending, kind_of, safe_name
from apps.core.wording import bracketed
from apps.indicators.models import Indicator
from apps.reporting.choices import EvidenceKind
from apps.reporting.evidence_files import delete_file, store_file
from apps.reporting.models import Evidence, Report
from apps.reporting.rules import problem_of_link
from apps.reporting.services.conflicts import lock_for_edit

logger = logging.getLogger(__name__)

MAX_NAME = 200


@transaction.atomic
def add_evidence_file(
    *, report: Report, file: UploadedFile, by: User, at: datetime, indicator: Indicator | None = None
) -> Evidence:
    """Add a file. Raises ValidationError with what is wrong with it, by its name."""
    report = lock_for_edit(report, by=by)
    name = safe_name(file.name)
    try:
        kind = kind_of(file)
        check_ending(name, kind)
        _check_count(report)
        path, size, sha256 = store_file(file)
    except BadUploadError as problem:
        raise ValidationError({"evidence": f"{name}{bracketed(problem)}"}) from problem
    except OSError as problem:
        logger.exception("evidence could not be stored")
        sentence = _("服务器暂时无法保存文件，请联系系统管理员。")
        raise ValidationError({"evidence": f"{name}{bracketed(sentence)}"}) from problem
    evidence = Evidence(
        report=report,
        indicator=indicator,
        kind=EvidenceKind.FILE,
        name=name,
        path=path,
        size=size,
        sha256=sha256,
        content_type=kind.content_type,
    )
    try:
        return _add(evidence, by=by, at=at)
    except BaseException:
        delete_file(path)  # no row will ever name it
        raise


@transaction.atomic
def add_evidence_link(
    *, report: Report, url: str, name: str, by: User, at: datetime, indicator: Indicator | None = None
) -> Evidence:
    report = lock_for_edit(report, by=by)
    url = url.strip()
    if problem := problem_of_link(url):
        raise ValidationError({"link": problem})
    _check_count(report, field="link")
    name = name.strip() or urlsplit(url).hostname or ""
    evidence = Evidence(report=report, indicator=indicator, kind=EvidenceKind.LINK, name=name[:MAX_NAME], url=url)
    return _add(evidence, by=by, at=at)


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: User, at: datetime) -> Evidence:
    """Take it off a report that is still being written.

    A file that was never handed in is deleted, so that what was added by mistake is really gone; one that was stays,
    for the version it belongs to.
    """
    report = lock_for_edit(evidence.report, by=by)
    evidence = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    if evidence.removed_at is not None:
        return evidence
    evidence.removed_at, evidence.removed_by = at, by
    evidence.save(update_fields=["removed_at", "removed_by"])
    evidence.report = report
    data = {"measure": report.measure.code}
    record(by=by, action=Action.EVIDENCE_REMOVED, target=evidence, at=at, data=data, ended=[evidence])
    was_handed_in = report.submitted_at is not None and evidence.added_at <= report.submitted_at
    if evidence.path and not was_handed_in:
        # Only after the commit: a rolled back removal must find its file again.
        transaction.on_commit(lambda: delete_file(evidence.path))
    return evidence


def _check_count(report: Report, *, field: str = "evidence") -> None:
    if report.evidence.filter(removed_at=None).count() >= settings.EVIDENCE_MAX_PER_REPORT:
        most = {"most": settings.EVIDENCE_MAX_PER_REPORT}
        raise ValidationError({field: _("每份填报最多 %(most)d 件佐证材料。") % most})


def _add(evidence: Evidence, *, by: User, at: datetime) -> Evidence:
    evidence.added_by, evidence.added_at = by, at
    evidence.full_clean()
    evidence.save()
    data = {"measure": evidence.report.measure.code}
    record(by=by, action=Action.EVIDENCE_ADDED, target=evidence, at=at, data=data, made=[evidence])
    return evidence
