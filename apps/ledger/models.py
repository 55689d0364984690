"""台账: what has been accepted as true."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Department
from apps.core.guards import AppendOnly
from apps.core.models import optional_link, person_field, set_together
from apps.indicators.models import Indicator
from apps.ledger.choices import Declared, EntryKind
from apps.plans.models import Measure, Node, Plan


def _filled(*names):
    return Q(**{f"{name}__isnull": False for name in names})


def _empty(*names):
    return Q(**{f"{name}__isnull": True for name in names})


FIGURES = ("value", "numerator", "denominator")

# What each kind of entry carries; the rest stays empty.
SHAPE = (
    Q(kind=EntryKind.PROGRESS)
    & _filled("measure")
    & _empty("indicator", "node", "period_start", "judged_met", *FIGURES)
    | Q(kind=EntryKind.SUPPORT)
    & _filled("measure", "department")
    & _empty("indicator", "node", "percent", "period_start", "judged_met", *FIGURES)
    | Q(kind=EntryKind.NODE_DONE)
    & _filled("measure", "node")
    & _empty("indicator", "percent", "period_start", "judged_met", *FIGURES)
    | Q(kind=EntryKind.READING)
    & _filled("indicator", "period_start")
    & _empty("node", "percent", "judged_met")
    & (_filled("value") | _filled("numerator", "denominator"))
    | Q(kind=EntryKind.ACHIEVED)
    & _filled("indicator")
    & _empty("node", "percent", "period_start", "judged_met", *FIGURES)
    | Q(kind=EntryKind.JUDGED)
    & _filled("indicator", "judged_met")
    & _empty("node", "percent", "period_start", *FIGURES)
    | Q(kind=EntryKind.CLOSED)
    & _filled("measure")
    & _empty("indicator", "node", "percent", "period_start", "judged_met", *FIGURES)
)


class LedgerQuerySet(models.QuerySet):
    def known_at(self, known):
        """Entries accepted by that moment and not withdrawn by then."""
        return self.filter(accepted_at__lte=known).exclude(withdrawn_at__lte=known)

    def closing_of(self, measure, *, known):
        """The entry that closed the measure, as known then; None where it was not closed."""
        closings = self.known_at(known).filter(measure=measure, kind=EntryKind.CLOSED)
        return closings.select_related("accepted_by").first()

    def speaking_until(self, day):
        return self.filter(speaks_of__lte=day)


class LedgerEntry(models.Model):
    """One fact, accepted. It is added once, and at most withdrawn; never changed, never deleted.

    `speaks_of` is the day the fact is about: a report's day, a reading's period end, the day something
    was achieved, done or closed. `batch` holds together what one act of acceptance wrote.
    """

    kind = models.CharField(_("种类"), max_length=10, choices=EntryKind)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="ledger", verbose_name=_("计划"))
    measure = optional_link(Measure, _("举措"), related_name="ledger")
    node = optional_link(Node, _("节点"), related_name="ledger")
    indicator = optional_link(Indicator, _("指标"), related_name="ledger")
    department = optional_link(Department, _("填报部门"), related_name="+")
    speaks_of = models.DateField(_("所述日期"))

    percent = models.DecimalField(_("完成进度"), max_digits=5, decimal_places=2, null=True, blank=True)
    declared = models.CharField(_("自报情况"), max_length=12, choices=Declared, blank=True)
    text = models.TextField(_("进展情况"), blank=True)
    problems = models.TextField(_("存在问题及需协调"), blank=True)
    help_from = models.CharField(_("需谁协调"), max_length=120, blank=True, default="")
    next_steps = models.TextField(_("下一步打算"), blank=True)

    period_start = models.DateField(_("数据起始日"), null=True, blank=True)
    value = models.DecimalField(_("数值"), max_digits=14, decimal_places=4, null=True, blank=True)
    numerator = models.DecimalField(_("分子"), max_digits=14, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(_("分母"), max_digits=14, decimal_places=4, null=True, blank=True)
    out_of = models.PositiveIntegerField(_("参评总数"), null=True, blank=True)
    source = models.CharField(_("数据来源"), max_length=200, blank=True)
    judged_met = models.BooleanField(_("评定为达标"), null=True, blank=True)

    is_late = models.BooleanField(_("补报"), default=False)
    batch = models.UUIDField(_("批次"), default=uuid.uuid4, db_index=True)
    accepted_by = person_field(_("确认人"))
    accepted_at = models.DateTimeField(_("确认时间"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    withdrawn_by = person_field(_("撤回人"), optional=True)
    withdrawn_reason = models.CharField(_("撤回理由"), max_length=500, blank=True)

    objects = LedgerQuerySet.as_manager()

    append_only = AppendOnly(set_once=("withdrawn_at", "withdrawn_by", "withdrawn_reason"), added=("help_from",))

    class Meta:
        verbose_name = verbose_name_plural = _("台账记录")
        ordering = ["plan", "accepted_at", "pk"]
        indexes = [models.Index(fields=["plan", "speaks_of"]), models.Index(fields=["measure", "kind"])]
        constraints = [
            models.CheckConstraint(condition=SHAPE, name="%(app_label)s_%(class)s_shape_fits_kind"),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gte=0, percent__lte=100),
                name="%(app_label)s_%(class)s_percent_0_to_100",
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True) | Q(period_start__lte=F("speaks_of")),
                name="%(app_label)s_%(class)s_period_in_order",
            ),
            models.CheckConstraint(
                condition=_empty("numerator", "denominator") | _filled("numerator", "denominator"),
                name="%(app_label)s_%(class)s_parts_come_together",
            ),
            models.CheckConstraint(
                condition=Q(out_of__isnull=True) | Q(kind=EntryKind.READING, out_of__gte=F("value")),
                name="%(app_label)s_%(class)s_rank_within_total",
            ),
            set_together("withdrawn_by", "withdrawn_at"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="%(app_label)s_%(class)s_withdrawal_has_reason",
            ),
            models.UniqueConstraint(
                fields=["measure"],
                condition=Q(kind=EntryKind.CLOSED, withdrawn_at__isnull=True),
                name="%(app_label)s_%(class)s_closed_once",
                violation_error_message=_("这项举措已经销号。"),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.indicator or self.node or self.measure} {self.speaks_of}"

    @property
    def is_withdrawn(self):
        return self.withdrawn_at is not None


class Closing(LedgerEntry):
    """The entries that take a measure off the list as finished (销号)."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("销号")


class Judgement(LedgerEntry):
    """The entries in which a person says whether an indicator is met, and why (人工评定)."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("人工评定")
