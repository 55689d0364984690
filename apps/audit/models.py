"""The audit trail: who did what, when. Append-only."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.guards import AppendOnly


class Chain(models.Model):
    """The end of one court's chain of events: the row to lock while the next event is added.

    `revision` rises with every act that changes what the court's pages say, `revised_at` is the latest moment
    such an act speaks of: see `audit.selectors.revision_of_all`.
    """

    court = models.CharField(max_length=40, unique=True)
    last_number = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64)
    revision = models.PositiveBigIntegerField(default=0)
    revised_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审计链")

    def __str__(self):
        return self.court


class AuditEvent(models.Model):
    """One act. Names and labels are copied, not referenced, so that the event outlives its target."""

    court = models.CharField(_("法院代码"), max_length=40, blank=True)
    number = models.PositiveBigIntegerField(_("序号"))
    at = models.DateTimeField(_("时间"))
    by = models.CharField(_("操作人"), max_length=120)
    action = models.CharField(_("操作"), max_length=60)
    target = models.CharField(_("对象"), max_length=80)
    target_label = models.CharField(_("对象名称"), max_length=300)
    data = models.JSONField(_("内容"), default=dict, encoder=DjangoJSONEncoder)
    previous_hash = models.CharField(_("前一条校验值"), max_length=64)
    hash = models.CharField(_("校验值"), max_length=64)

    append_only = AppendOnly()

    class Meta:
        verbose_name = verbose_name_plural = _("审计记录")
        ordering = ["court", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["court", "number"], name="%(app_label)s_%(class)s_number_once_a_chain")
        ]
        indexes = [models.Index(fields=["target"]), models.Index(fields=["court", "at"])]

    def __str__(self):
        return f"{self.court} #{self.number} {self.action}"


class Verification(models.Model):
    """What one check of the whole record found: every court's chain and every row. The newest says how it stands.

    `chains` holds for each court its number of events and which of them are altered or missing; `records` how many
    rows are altered, missing, unrecorded, and how many tables unguarded.
    """

    at = models.DateTimeField(_("时间"))
    is_whole = models.BooleanField(_("完整"))
    n_events = models.PositiveBigIntegerField()
    n_rows = models.PositiveBigIntegerField()
    chains = models.JSONField(default=list)
    records = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("核验")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"
