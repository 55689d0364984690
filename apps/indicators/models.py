"""What is measured, and what is aimed at from which day on."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import CourtLevel
from apps.core.guards import AppendOnly
from apps.core.models import DatedOrder, NaturalKeyManager, NaturalKeyModel, optional_link, person_field, set_together
from apps.indicators.choices import Accumulation, Basis, Kind, Pace, Strength
from apps.indicators.rules import BOUNDS
from apps.plans.choices import Cadence
from apps.plans.models import PLAN_AND_CODE, Goal, Measure, Plan


class IndicatorSet(NaturalKeyModel):
    """A published set of indicators in one version, such as the Supreme People's Court's; it changes with
    the years, so versions stand side by side."""

    name = models.CharField(_("名称"), max_length=100)
    version = models.CharField(_("版本"), max_length=40)
    source_document = models.CharField(_("来源文件"), max_length=300)
    level = models.CharField(_("适用层级"), max_length=12, choices=CourtLevel, blank=True)
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = NaturalKeyManager("name", "version")

    class Meta:
        verbose_name = verbose_name_plural = _("指标体系")
        ordering = ["name", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="%(app_label)s_%(class)s_version_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="%(app_label)s_%(class)s_days_in_order",
                violation_error_message=_("停用日期不能早于启用日期。"),
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.version}"


class SetEntry(models.Model):
    """An indicator of a published set, with its reference range where the court's office has entered one.

    A range names the paper it comes from and that paper's day; nothing is known without.
    """

    indicator_set = models.ForeignKey(
        IndicatorSet, on_delete=models.PROTECT, related_name="entries", verbose_name=_("指标体系")
    )
    order = models.PositiveSmallIntegerField(_("排列次序"), default=1)
    name = models.CharField(_("指标"), max_length=100)
    unit = models.CharField(_("单位"), max_length=10, blank=True)
    low = models.DecimalField(_("参考区间下限"), max_digits=14, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("参考区间上限"), max_digits=14, decimal_places=4, null=True, blank=True)
    document = models.CharField(_("区间依据文件"), max_length=200, blank=True)
    document_date = models.DateField(_("文件日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("指标体系中的指标")
        ordering = ["indicator_set", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator_set", "name"],
                name="%(app_label)s_%(class)s_name_once_a_set",
                violation_error_message=_("这个版本中已有同名的指标。"),
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="%(app_label)s_%(class)s_range_in_order",
                violation_error_message=_("上限不能小于下限。"),
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True) | (~Q(document="") & Q(document_date__isnull=False)),
                name="%(app_label)s_%(class)s_range_has_document",
                violation_error_message=_("填写参考区间须同时写明依据文件和文件日期。"),
            ),
        ]

    def __str__(self):
        return self.name


class Indicator(NaturalKeyModel):
    """Something that can be read off, under a measure or under a goal of the year."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="indicators", verbose_name=_("计划"))
    measure = optional_link(Measure, _("举措"), related_name="indicators")
    goal = optional_link(Goal, _("年度目标"), related_name="indicators")
    indicator_set = optional_link(IndicatorSet, _("所属指标体系"), related_name="indicators")
    entry = optional_link(SetEntry, _("指标体系中的指标"), related_name="indicators", editable=False)
    code = models.CharField(_("编号"), max_length=12)
    order = models.PositiveSmallIntegerField(_("排列次序"), default=1)
    name = models.CharField(_("指标"), max_length=100)
    kind = models.CharField(_("类型"), max_length=16, choices=Kind)
    basis = models.CharField(_("依据"), max_length=10, choices=Basis)
    strength = models.CharField(_("要求"), max_length=4, choices=Strength, default=Strength.MUST)
    accumulation = models.CharField(_("累计方式"), max_length=8, choices=Accumulation, default=Accumulation.LATEST)
    has_parts = models.BooleanField(_("填报分子分母"), default=False)
    scale = models.DecimalField(
        _("换算"),
        max_digits=8,
        decimal_places=2,
        default=Decimal(1),
        help_text=_("分子 ÷ 分母后乘以此数；百分比填 100。"),
    )
    unit = models.CharField(_("单位"), max_length=10, blank=True)
    scope = models.CharField(_("范围"), max_length=40, blank=True)
    numerator_label = models.CharField(_("分子"), max_length=80, blank=True)
    denominator_label = models.CharField(_("分母"), max_length=80, blank=True)
    definition = models.TextField(_("口径说明"), blank=True)
    quote = models.TextField(_("原文"), blank=True)
    cadence = models.CharField(
        _("读数周期"), max_length=12, choices=Cadence, blank=True, help_text=_("留空时与举措的报送周期相同。")
    )
    objects = NaturalKeyManager(*PLAN_AND_CODE)

    class Meta:
        verbose_name = verbose_name_plural = _("指标")
        ordering = ["plan", "measure__pillar__number", "measure__order", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="%(app_label)s_%(class)s_code_once_a_plan",
                violation_error_message=_("这个编号在本计划中已经使用。"),
            ),
            models.CheckConstraint(
                condition=Q(measure__isnull=False, goal__isnull=True) | Q(measure__isnull=True, goal__isnull=False),
                name="%(app_label)s_%(class)s_under_measure_or_goal",
                violation_error_message=_("指标须在一项举措或一个年度目标之下，二者选一。"),
            ),
            models.CheckConstraint(condition=Q(scale__gt=0), name="%(app_label)s_%(class)s_scale_is_positive"),
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    def clean(self):
        super().clean()
        for field in ("measure", "goal"):
            owner = getattr(self, field, None)
            if owner is not None and owner.plan_id != self.plan_id:
                raise ValidationError({field: _("不属于所选计划。")})


class Membership(models.Model):
    """That an indicator counts as a member of a composite one, from a moment on and until another.

    Rows are added and ended, never changed, so that any past reading of the plan counts the members it had then.
    """

    composite = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("综合指标")
    )
    member = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+", verbose_name=_("成员指标"))
    made_by = person_field(_("列入人"))
    made_at = models.DateTimeField(_("列入时间"))
    ended_at = models.DateTimeField(_("移出时间"), null=True, blank=True)
    ended_by = person_field(_("移出人"), optional=True)

    append_only = AppendOnly(set_once=("ended_at", "ended_by"))

    class Meta:
        verbose_name = verbose_name_plural = _("成员指标")
        ordering = ["composite", "made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["composite", "member"],
                condition=Q(ended_at__isnull=True),
                name="%(app_label)s_%(class)s_once_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(composite=F("member")), name="%(app_label)s_%(class)s_not_itself"),
            set_together("ended_by", "ended_at"),
        ]

    def __str__(self):
        return f"{self.composite} · {self.member}"

    def was_known_at(self, moment):
        return self.made_at <= moment and (self.ended_at is None or self.ended_at > moment)


def validate_steps(steps):
    """Steps are pairs of a day and a value, in order of their days: [["2025-06-30", "12"], …]."""
    try:
        days = [date.fromisoformat(day) for day, _value in steps]
        for _day, value in steps:
            Decimal(value)
    except (TypeError, ValueError, InvalidOperation):
        raise ValidationError(_("分步目标的写法有误：每步一个日期和一个数值。")) from None
    if days != sorted(set(days)):
        raise ValidationError(_("分步目标须按日期先后排列，且日期不能重复。"))


class Target(NaturalKeyModel, DatedOrder):
    """An order that sets what an indicator aims at, from a day on. The target before it stays on record."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets", verbose_name=_("指标"))
    low = models.DecimalField(_("目标值（下限）"), max_digits=14, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("上限"), max_digits=14, decimal_places=4, null=True, blank=True)
    stretch = models.DecimalField(_("争取值"), max_digits=14, decimal_places=4, null=True, blank=True)
    baseline = models.DecimalField(_("基期值"), max_digits=14, decimal_places=4, null=True, blank=True)
    pace = models.CharField(
        _("考核方式"), max_length=8, choices=Pace, blank=True, help_text=_("留空时按指标类型的默认方式。")
    )
    steps = models.JSONField(_("分步目标"), default=list, blank=True, validators=[validate_steps])
    due = models.DateField(_("考核日期"), null=True, blank=True, help_text=_("留空时与举措的完成时限相同。"))

    series_fields = ("indicator",)
    objects = NaturalKeyManager("indicator__plan__court__slug", "indicator__plan__year", "indicator__code", "number")

    class Meta(DatedOrder.Meta):
        verbose_name = verbose_name_plural = _("目标值")
        ordering = ["indicator", "number"]
        constraints = [
            *DatedOrder.Meta.constraints,
            models.UniqueConstraint(
                fields=["indicator", "number"], name="%(app_label)s_%(class)s_number_once_an_indicator"
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="%(app_label)s_%(class)s_low_not_above_high",
                violation_error_message=_("上限不能小于下限。"),
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(stretch__isnull=True) | Q(low__lte=F("stretch")),
                name="%(app_label)s_%(class)s_low_not_above_stretch",
                violation_error_message=_("争取值不能小于目标值。"),
            ),
        ]

    def __str__(self):
        return f"{self.indicator} · {self.low or self.high or self.baseline or ''}"

    @property
    def set_values(self) -> dict[str, object]:
        """The values that are set, by field."""
        names = (*BOUNDS, "pace", "steps", "due")
        return {name: value for name in names if (value := getattr(self, name)) not in (None, "", [])}

    @property
    def step_pairs(self):
        return tuple((date.fromisoformat(day), Decimal(value)) for day, value in self.steps)
