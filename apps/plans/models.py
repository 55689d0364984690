"""What the court promised: a year's plan, its pillars and measures, and the orders that moved their days."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Court, Department
from apps.core.models import DatedOrder, NaturalKeyManager, NaturalKeyModel, optional_link, person_field, set_together
from apps.plans.choices import Adjustment, Cadence, PlanStatus

# A plan that is not opened yet. Sorted, so that the migration's constraint stays the same.
PREPARING = (PlanStatus.ASKED, PlanStatus.CONFIRMED, PlanStatus.DRAFT)
# The natural key of a plan's parts.
PLAN_AND_CODE = ("plan__court__slug", "plan__year", "code")


class Plan(NaturalKeyModel):
    """A court's work plan for one year. A draft judges nothing; a closed plan takes no more reports."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="plans", verbose_name=_("法院"))
    year = models.PositiveSmallIntegerField(_("年度"), validators=[MinValueValidator(2015), MaxValueValidator(2100)])
    title = models.CharField(_("计划名称"), max_length=200)
    theme = models.CharField(_("主题"), max_length=100, blank=True)
    main_line = models.CharField(_("主线"), max_length=100, blank=True)
    source_text = models.TextField(_("计划原文"), blank=True)
    grace_days = models.PositiveSmallIntegerField(
        _("报送宽限（工作日）"), default=5, help_text=_("报送期结束后还可以按时填报的工作日数。")
    )
    status = models.CharField(_("计划状态"), max_length=12, choices=PlanStatus, default=PlanStatus.DRAFT)
    confirmed_by = person_field(_("确认人"), optional=True, editable=False)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(_("启用时间"), null=True, blank=True, editable=False)
    closed_by = person_field(optional=True, editable=False)
    closed_at = models.DateTimeField(_("归档时间"), null=True, blank=True, editable=False)

    objects = NaturalKeyManager("court__slug", "year")

    class Meta:
        verbose_name = verbose_name_plural = _("年度工作计划")
        ordering = ["court", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["court", "year"],
                name="%(app_label)s_%(class)s_once_a_year",
                violation_error_message=_("该法院这一年度的计划已经存在。"),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2015, year__lte=2100), name="%(app_label)s_%(class)s_year_is_plausible"
            ),
            models.CheckConstraint(
                condition=Q(status__in=PREPARING) | Q(opened_at__isnull=False),
                name="%(app_label)s_%(class)s_open_plan_has_opening_day",
            ),
            models.CheckConstraint(
                condition=Q(status=PlanStatus.CLOSED, closed_at__isnull=False)
                | (~Q(status=PlanStatus.CLOSED) & Q(closed_at__isnull=True)),
                name="%(app_label)s_%(class)s_closed_plan_has_closing_day",
            ),
            set_together("closed_by", "closed_at"),
            set_together("confirmed_by", "confirmed_at"),
        ]

    def __str__(self):
        return self.title

    @property
    def starts_on(self) -> date:
        return date(self.year, 1, 1)

    @property
    def ends_on(self) -> date:
        return date(self.year, 12, 31)

    @property
    def is_open(self) -> bool:
        return self.status == PlanStatus.OPEN

    @property
    def is_being_prepared(self) -> bool:
        """Not opened yet: nothing of it is judged, reported on or shown to those who don't prepare it."""
        return self.status in PREPARING


class Programme(NaturalKeyModel):
    """One of the plan's programmes (工程), cutting across the pillars."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="programmes", verbose_name=_("计划"))
    code = models.SlugField(_("代码"), max_length=40)
    name = models.CharField(_("名称"), max_length=80)
    order = models.PositiveSmallIntegerField(_("排列次序"), default=1)

    objects = NaturalKeyManager(*PLAN_AND_CODE)

    class Meta:
        verbose_name = verbose_name_plural = _("工程")
        ordering = ["plan", "order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="%(app_label)s_%(class)s_code_once_a_plan")
        ]

    def __str__(self):
        return self.name


class Goal(NaturalKeyModel):
    """One of the year's goals (年度目标)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="goals", verbose_name=_("计划"))
    code = models.CharField(_("编号"), max_length=10)
    title = models.CharField(_("年度目标"), max_length=200)
    quote = models.TextField(_("原文"), blank=True)
    order = models.PositiveSmallIntegerField(_("排列次序"), default=1)

    objects = NaturalKeyManager(*PLAN_AND_CODE)

    class Meta:
        verbose_name = verbose_name_plural = _("年度目标")
        ordering = ["plan", "order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="%(app_label)s_%(class)s_code_once_a_plan")
        ]

    def __str__(self):
        return f"{self.code} {self.title}"


class Pillar(NaturalKeyModel):
    """One of the plan's pillars (“强化”)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="pillars", verbose_name=_("计划"))
    number = models.PositiveSmallIntegerField(_("序号"), validators=[MinValueValidator(1)])
    title = models.CharField(_("支柱"), max_length=200)
    short = models.CharField(_("简称"), max_length=20)

    objects = NaturalKeyManager("plan__court__slug", "plan__year", "number")

    class Meta:
        verbose_name = verbose_name_plural = _("支柱")
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="%(app_label)s_%(class)s_number_once_a_plan"),
            models.CheckConstraint(condition=Q(number__gte=1), name="%(app_label)s_%(class)s_number_from_one"),
        ]

    def __str__(self):
        return self.title


class Measure(NaturalKeyModel):
    """One measure (举措): something the plan says will be done, with one department in the lead."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="measures", verbose_name=_("计划"))
    pillar = models.ForeignKey(Pillar, on_delete=models.PROTECT, related_name="measures", verbose_name=_("支柱"))
    code = models.CharField(_("编号"), max_length=10)
    order = models.PositiveSmallIntegerField(_("排列次序"), default=1)
    title = models.CharField(_("举措"), max_length=200)
    programmes = models.ManyToManyField(Programme, blank=True, related_name="measures", verbose_name=_("所属工程"))
    lead = optional_link(Department, _("牵头部门"), related_name="led_measures")
    support = models.ManyToManyField(
        Department, blank=True, related_name="supported_measures", verbose_name=_("配合部门")
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answered_for",
        verbose_name=_("分管院领导"),
    )
    starts_on = models.DateField(_("开始日期"))
    weight = models.DecimalField(
        _("权重"),
        max_digits=6,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("汇总进度时所占的份量；一般都为 1。"),
    )
    cadence = models.CharField(_("报送周期"), max_length=12, choices=Cadence, default=Cadence.QUARTERLY)
    continues = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="continued_by",
        verbose_name=_("接续上年举措"),
    )

    objects = NaturalKeyManager(*PLAN_AND_CODE)

    class Meta:
        verbose_name = verbose_name_plural = _("举措")
        ordering = ["plan", "pillar__number", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="%(app_label)s_%(class)s_code_once_a_plan",
                violation_error_message=_("这个编号在本计划中已经使用。"),
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="%(app_label)s_%(class)s_weight_is_positive"),
        ]

    def __str__(self):
        return f"{self.code} {self.title}"

    def clean(self):
        super().clean()
        if self.pillar_id and self.plan_id and self.pillar.plan_id != self.plan_id:
            raise ValidationError({"pillar": _("该支柱不属于所选计划。")})
        if self.lead_id and self.plan_id and self.lead.court_id != self.plan.court_id:
            raise ValidationError({"lead": _("该部门不属于本法院。")})


class Quote(NaturalKeyModel):
    """A clause of the plan's text, to the letter, that a measure comes from."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="quotes", verbose_name=_("举措"))
    order = models.PositiveSmallIntegerField(_("次序"))
    text = models.TextField(_("原文"))

    objects = NaturalKeyManager("measure__plan__court__slug", "measure__plan__year", "measure__code", "order")

    class Meta:
        verbose_name = verbose_name_plural = _("原文摘录")
        ordering = ["measure", "order"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "order"], name="%(app_label)s_%(class)s_order_once_a_measure")
        ]

    def __str__(self):
        return self.text

    def clean(self):
        super().clean()
        if self.measure_id and self.text and self.text not in self.measure.plan.source_text:
            raise ValidationError({"text": _("计划原文中没有这段文字，请逐字摘录。")})


class Node(models.Model):
    """A step of a measure (节点), done or not done. Its day is set, and moved, by Deadline orders."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="nodes", verbose_name=_("举措"))
    order = models.PositiveSmallIntegerField(_("次序"))
    title = models.CharField(_("节点"), max_length=200)
    weight = models.DecimalField(
        _("权重"), max_digits=6, decimal_places=2, default=Decimal(1), validators=[MinValueValidator(Decimal("0.01"))]
    )

    class Meta:
        verbose_name = verbose_name_plural = _("节点")
        ordering = ["measure", "order"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "order"], name="%(app_label)s_%(class)s_order_once_a_measure"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="%(app_label)s_%(class)s_weight_is_positive"),
        ]

    def __str__(self):
        return self.title


class Deadline(NaturalKeyModel, DatedOrder):
    """An order that sets the last day of a measure, or of one of its nodes."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="deadlines", verbose_name=_("举措"))
    node = optional_link(Node, _("节点"), related_name="deadlines")
    due = models.DateField(_("完成时限"))

    series_fields = ("node", "measure")
    objects = NaturalKeyManager(
        "measure__plan__court__slug", "measure__plan__year", "measure__code", "number", node=None
    )

    class Meta(DatedOrder.Meta):
        verbose_name = verbose_name_plural = _("完成时限")
        ordering = ["measure", "node", "number"]
        constraints = [
            *DatedOrder.Meta.constraints,
            # Two, because SQLite takes empty nodes for different ones.
            models.UniqueConstraint(
                fields=["measure", "number"],
                condition=Q(node__isnull=True),
                name="%(app_label)s_%(class)s_number_once_a_measure",
            ),
            models.UniqueConstraint(
                fields=["node", "number"],
                condition=Q(node__isnull=False),
                name="%(app_label)s_%(class)s_number_once_a_node",
            ),
        ]

    def __str__(self):
        return f"{self.node or self.measure} · {self.due}"


class MeasureOrder(DatedOrder):
    """An order that pauses a measure, resumes it, or changes its weight in sums."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="orders", verbose_name=_("举措"))
    adjustment = models.CharField(_("事项"), max_length=8, choices=Adjustment)
    weight = models.DecimalField(_("新权重"), max_digits=6, decimal_places=2, null=True, blank=True)

    series_fields = ("measure",)

    class Meta:
        verbose_name = verbose_name_plural = _("举措调整")
        ordering = ["measure", "number"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="%(app_label)s_%(class)s_has_reason"),
            models.CheckConstraint(condition=Q(made_by__isnull=False), name="%(app_label)s_%(class)s_order_has_maker"),
            models.UniqueConstraint(fields=["measure", "number"], name="%(app_label)s_%(class)s_number_once_a_measure"),
            models.CheckConstraint(
                condition=Q(adjustment=Adjustment.WEIGHT, weight__isnull=False, weight__gt=0)
                | (~Q(adjustment=Adjustment.WEIGHT) & Q(weight__isnull=True)),
                name="%(app_label)s_%(class)s_weight_where_weight_changes",
                violation_error_message=_("调整权重时须填写大于 0 的新权重，其他事项不填。"),
            ),
        ]

    def __str__(self):
        return f"{self.measure} · {self.get_adjustment_display()}"


class ThresholdOrder(DatedOrder):
    """An order that sets from when on a gap or a delay turns a light."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="threshold_orders", verbose_name=_("计划"))
    watch_gap = models.DecimalField(_("落后多少个百分点为关注"), max_digits=5, decimal_places=2, default=Decimal(10))
    late_gap = models.DecimalField(_("落后多少个百分点为滞后"), max_digits=5, decimal_places=2, default=Decimal(25))
    due_soon_days = models.PositiveSmallIntegerField(_("临期提醒天数"), default=10)
    node_late_days = models.PositiveSmallIntegerField(_("节点逾期多少天为滞后"), default=30)

    series_fields = ("plan",)

    class Meta(DatedOrder.Meta):
        verbose_name = verbose_name_plural = _("判定阈值")
        ordering = ["plan", "number"]
        constraints = [
            *DatedOrder.Meta.constraints,
            models.UniqueConstraint(fields=["plan", "number"], name="%(app_label)s_%(class)s_number_once_a_plan"),
            models.CheckConstraint(
                condition=Q(watch_gap__gt=0) & Q(late_gap__gte=models.F("watch_gap")),
                name="%(app_label)s_%(class)s_gaps_in_order",
                violation_error_message=_("滞后的阈值不能小于关注的阈值，且都须大于 0。"),
            ),
        ]

    def __str__(self):
        return f"{self.plan} · {self.watch_gap}/{self.late_gap}"
