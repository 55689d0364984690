"""Reports and their review, before they are accepted into the ledger."""

from urllib.parse import urlsplit

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Department
from apps.core.guards import AppendOnly
from apps.core.models import optional_link, person_field, set_together
from apps.indicators.models import Indicator
from apps.ledger.choices import Declared
from apps.plans.models import Measure, Node
from apps.reporting.choices import EvidenceKind, ReportMove, ReportStatus


class Report(models.Model):
    """What one department reports on one measure for one window; there is only ever one.

    It is workflow, not fact: approving it writes the ledger. `revision` rises with every saving, so that
    two people who write at once are told.
    """

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="reports", verbose_name=_("举措"))
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="reports", verbose_name=_("填报部门")
    )
    window_start = models.DateField(_("报送期起"))
    window_end = models.DateField(_("报送期止"))
    status = models.CharField(_("填报状态"), max_length=10, choices=ReportStatus, default=ReportStatus.DRAFT)
    revision = models.PositiveIntegerField(_("修订次数"), default=1)

    text = models.TextField(_("进展情况"), blank=True)
    percent = models.DecimalField(_("完成进度"), max_digits=5, decimal_places=2, null=True, blank=True)
    declared = models.CharField(_("自报情况"), max_length=12, choices=Declared, default=Declared.NORMAL)
    problems = models.TextField(_("存在问题及需协调"), blank=True)
    help_from = models.CharField(_("需谁协调"), max_length=120, blank=True, default="")
    next_steps = models.TextField(_("下一步打算"), blank=True)

    author = person_field(_("起草人"))
    created_at = models.DateTimeField(_("起草时间"))
    saved_by = person_field(_("最后保存人"))
    saved_at = models.DateTimeField(_("最后保存时间"))
    submitted_by = person_field(_("提交人"), optional=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    # A report that came in time and was returned stays in time.
    first_submitted_at = models.DateTimeField(_("首次提交时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("进展填报")
        ordering = ["measure", "-window_end", "department"]
        indexes = [
            # The few that wait, among all that were ever written.
            models.Index(
                fields=["submitted_at"], condition=Q(status=ReportStatus.SUBMITTED), name="progress_report_waiting"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "department", "window_end"], name="%(app_label)s_%(class)s_once_a_window"
            ),
            models.CheckConstraint(
                condition=Q(window_start__lte=F("window_end")), name="%(app_label)s_%(class)s_window_in_order"
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gte=0, percent__lte=100),
                name="%(app_label)s_%(class)s_percent_0_to_100",
                violation_error_message=_("完成进度须在 0 到 100 之间。"),
            ),
            set_together("submitted_by", "submitted_at"),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.DRAFT) | Q(submitted_at__isnull=False),
                name="%(app_label)s_%(class)s_sent_report_has_sender",
            ),
        ]

    def __str__(self):
        return f"{self.measure} · {self.window_start}–{self.window_end} · {self.department}"

    def get_absolute_url(self):
        plan = self.measure.plan
        return reverse("reporting:report", args=[plan.court.slug, plan.year, self.measure.code, self.pk])

    @property
    def is_lead(self):
        """Whether it is the lead department's; a supporting one reports text only."""
        return self.department_id == self.measure.lead_id


class ReportReading(models.Model):
    """A figure that a report gives for one indicator."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="readings")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+", verbose_name=_("指标"))
    period_start = models.DateField(_("数据起始日"), null=True, blank=True)
    period_end = models.DateField(_("数据截止日"), null=True, blank=True)
    value = models.DecimalField(_("数值"), max_digits=14, decimal_places=4, null=True, blank=True)
    numerator = models.DecimalField(_("分子"), max_digits=14, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(_("分母"), max_digits=14, decimal_places=4, null=True, blank=True)
    out_of = models.PositiveIntegerField(_("参评总数"), null=True, blank=True)
    source = models.CharField(_("数据来源"), max_length=200, blank=True)
    achieved_on = models.DateField(_("实现日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("填报的读数")
        ordering = ["indicator__order"]
        constraints = [
            models.UniqueConstraint(fields=["report", "indicator"], name="%(app_label)s_%(class)s_once_a_report")
        ]

    def __str__(self):
        return str(self.indicator)


class ReportNode(models.Model):
    """A node that a report says is done."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="nodes_done")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="+", verbose_name=_("节点"))
    done_on = models.DateField(_("完成日期"))

    class Meta:
        verbose_name = verbose_name_plural = _("填报完成的节点")
        ordering = ["node__order"]
        constraints = [models.UniqueConstraint(fields=["report", "node"], name="%(app_label)s_%(class)s_once_a_report")]

    def __str__(self):
        return str(self.node)


class Evidence(models.Model):
    """A file or a link that a department lays beside its report, for all of it or for one figure.

    The row stays for ever; a file that was taken off before anybody else could have read it is erased.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="evidence", verbose_name=_("填报"))
    indicator = optional_link(Indicator, _("指标"), related_name="+")
    kind = models.CharField(_("种类"), max_length=4, choices=EvidenceKind)
    name = models.CharField(_("名称"), max_length=200)
    url = models.CharField(_("链接"), max_length=500, blank=True)
    path = models.CharField(max_length=100, blank=True, editable=False)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("大小"), null=True, blank=True)
    sha256 = models.CharField(_("校验值"), max_length=64, blank=True)
    added_by = person_field(_("添加人"))
    added_at = models.DateTimeField(_("添加时间"))
    removed_at = models.DateTimeField(_("移除时间"), null=True, blank=True)
    removed_by = person_field(optional=True)

    append_only = AppendOnly(set_once=("removed_at", "removed_by"))

    class Meta:
        verbose_name = verbose_name_plural = _("佐证材料")
        ordering = ["report", "added_at", "pk"]
        constraints = [
            set_together("removed_by", "removed_at"),
            models.CheckConstraint(
                condition=Q(kind=EvidenceKind.LINK, path="", sha256="") & ~Q(url="")
                | Q(kind=EvidenceKind.FILE, url="") & ~Q(path="") & ~Q(sha256=""),
                name="%(app_label)s_%(class)s_shape_fits_kind",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        plan = self.report.measure.plan
        return reverse(
            "reporting:evidence", args=[plan.court.slug, plan.year, self.report.measure.code, self.report_id, self.pk]
        )

    @property
    def host(self):
        return urlsplit(self.url).hostname or ""


class Review(models.Model):
    """One decision on a report as it was handed in, with those very words. Kept for ever.

    `batch` names the ledger entries that an approval wrote, or that a withdrawal took back.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("填报"))
    decision = models.CharField(_("决定"), max_length=10, choices=ReportMove)
    reason = models.CharField(_("理由"), max_length=500, blank=True)
    by = person_field(_("审核人"))
    at = models.DateTimeField(_("时间"))
    content = models.JSONField(_("提交的内容"), encoder=DjangoJSONEncoder)
    batch = models.UUIDField(_("台账批次"), null=True, blank=True)

    append_only = AppendOnly()

    class Meta:
        verbose_name = verbose_name_plural = _("审核决定")
        ordering = ["report", "at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=ReportMove.APPROVE) | ~Q(reason=""), name="%(app_label)s_%(class)s_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(decision=ReportMove.SUBMIT), name="%(app_label)s_%(class)s_is_a_decision"
            ),
        ]

    def __str__(self):
        return f"{self.get_decision_display()} {self.report}"
