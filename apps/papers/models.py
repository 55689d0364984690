"""Issued papers, the court's own template, jobs that make long files."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Court
from apps.core.guards import AppendOnly
from apps.core.models import set_together
from apps.papers.blocks import Paper, paper_from
from apps.papers.choices import UNFINISHED, JobState, PaperKind
from apps.plans.models import Plan

JOB_LIFETIME = timedelta(days=1)
# A worker that makes a file says so after each court's part; silent for longer, it is taken for dead.
HEARTBEAT_TIMEOUT = timedelta(seconds=90)


class PaperTemplate(models.Model):
    """A court's own Word file for its bulletin, with fields where the text goes. Replaced, never changed."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="paper_templates", verbose_name=_("法院"))
    name = models.CharField(_("文件名"), max_length=120)
    content = models.BinaryField(_("内容"))
    sha256 = models.CharField(_("校验值"), max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("上传人")
    )
    made_at = models.DateTimeField(_("上传时间"))
    ended_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    append_only = AppendOnly(set_once=("ended_at", "ended_by"))

    class Meta:
        verbose_name = verbose_name_plural = _("通报模板")
        ordering = ["court", "-made_at"]
        constraints = [
            set_together("ended_by", "ended_at"),
            models.UniqueConstraint(
                fields=["court"], condition=Q(ended_at__isnull=True), name="%(app_label)s_%(class)s_one_in_use"
            ),
        ]

    def __str__(self):
        return self.name


class Issue(models.Model):
    """An issued paper: the standing it was made from, its complete text, and a checksum over both.

    `on` is the day it speaks of, `known` the moment up to which facts counted, `since` the day it compares with.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="issues", verbose_name=_("计划"))
    number = models.PositiveIntegerField(_("期号"))
    kind = models.CharField(_("种类"), max_length=12, choices=PaperKind)
    title = models.CharField(_("标题"), max_length=200)
    on = models.DateField(_("截至日期"))
    known = models.DateTimeField(_("所知时间"))
    since = models.DateField(_("对比日期"), null=True, blank=True)
    scope = models.JSONField(_("范围"), default=dict)
    tree = models.JSONField(_("判定结果"), encoder=DjangoJSONEncoder)
    paper = models.JSONField(_("文稿"), encoder=DjangoJSONEncoder)
    rules = models.CharField(_("规则版本"), max_length=20)
    checksum = models.CharField(_("校验值"), max_length=64)
    template = models.ForeignKey(
        PaperTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="issues", verbose_name=_("模板")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("印发人")
    )
    made_at = models.DateTimeField(_("印发时间"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_reason = models.CharField(_("撤回理由"), max_length=500, blank=True)

    append_only = AppendOnly(set_once=("withdrawn_at", "withdrawn_by", "withdrawn_reason"))

    class Meta:
        verbose_name = verbose_name_plural = _("印发的文稿")
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="%(app_label)s_%(class)s_number_once_a_plan"),
            set_together("withdrawn_by", "withdrawn_at"),
        ]

    def __str__(self):
        return _("第%(number)s号　%(title)s") % {"number": self.number, "title": self.title}

    def get_absolute_url(self):
        return reverse("papers:issue", args=[self.plan.court.slug, self.plan.year, self.number])

    @property
    def is_withdrawn(self):
        return self.withdrawn_at is not None

    def as_paper(self) -> Paper:
        return paper_from(self.paper)


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED)

    def expired(self, *, at: datetime) -> Self:
        return self.filter(expires_at__lte=at)

    def available(self, *, at: datetime) -> Self:
        return self.filter(expires_at__gt=at)


class Job(models.Model):
    """A job that makes a long file: who requested what, its progress, and the file until it expires. Not a record."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+", verbose_name=_("计划"))
    kind = models.CharField(_("种类"), max_length=12, choices=PaperKind)
    file_format = models.CharField(_("格式"), max_length=4)
    on = models.DateField(_("截至日期"))
    known = models.DateTimeField(_("所知时间"))
    basis = models.CharField(_("口径"), max_length=200)
    with_courts_below = models.BooleanField(_("含下级法院"), default=False)
    language = models.CharField(max_length=10)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("申请人")
    )
    at = models.DateTimeField(_("申请时间"))
    state = models.CharField(_("状态"), max_length=10, choices=JobState, default=JobState.WAITING)
    n_done = models.PositiveIntegerField(_("已完成"), default=0)
    n_all = models.PositiveIntegerField(_("总数"), default=0)
    # The task that makes the file; one that a job was taken from finds another id here.
    task_id = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    n_tries = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("文件名"), max_length=120, blank=True)
    content = models.BinaryField(_("内容"), default=b"")
    expires_at = models.DateTimeField(_("保留到"))

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("制作中的文件")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["state", "at"])]

    def __str__(self):
        return f"{self.get_kind_display()} {self.on}"

    @property
    def is_running(self):
        return self.state in UNFINISHED
