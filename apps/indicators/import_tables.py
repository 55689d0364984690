"""Import of indicators, targets and reference ranges from tables."""

from collections import defaultdict
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.import_tables import Column, ImportTable, RowOutcome, by_code, row_named
from apps.core import cells
from apps.core.orders import order_in_force
from apps.indicators.choices import Accumulation, Basis, Kind, Strength
from apps.indicators.models import Indicator, IndicatorSet, SetEntry
from apps.indicators.permissions import can_keep_sets
from apps.indicators.rules import BOUNDS, TargetValues
from apps.indicators.services import order_target
from apps.plans.choices import Cadence
from apps.plans.import_tables import NO_MEASURE, OrderTable
from apps.plans.models import Goal
from apps.plans.permissions import can_edit_draft
from apps.plans.services import OrderDetails

NO_GOAL = gettext_lazy("计划中没有编号为“%(name)s”的年度目标。")
NO_INDICATOR = gettext_lazy("计划中没有编号为“%(name)s”的指标。")


class IndicatorTable(OrderTable):
    slug, title = "indicators", gettext_lazy("指标")
    about = gettext_lazy("按编号认。举措编号和目标编号填一个。计划启用以后只增加，不改动。")
    columns = (
        Column("code", gettext_lazy("编号"), read=cells.code, is_required=True, hint="1.1-1"),
        Column("measure", gettext_lazy("举措编号"), read=cells.code, hint="1.1"),
        Column("goal", gettext_lazy("目标编号"), read=cells.code),
        Column("name", gettext_lazy("指标"), is_required=True, hint=gettext_lazy("党支部品牌创建率")),
        Column("kind", gettext_lazy("类型"), read=cells.choice_of(Kind), is_required=True, hint=gettext_lazy("不低于")),
        Column("strength", gettext_lazy("要求"), read=cells.choice_of(Strength, default=Strength.MUST)),
        Column("basis", gettext_lazy("依据"), read=cells.choice_of(Basis, default=Basis.STATED)),
        Column(
            "accumulation", gettext_lazy("累计方式"), read=cells.choice_of(Accumulation, default=Accumulation.LATEST)
        ),
        Column("unit", gettext_lazy("单位"), hint="%"),
        Column("has_parts", gettext_lazy("填报分子分母"), read=cells.yes),
        Column("numerator_label", gettext_lazy("分子")),
        Column("denominator_label", gettext_lazy("分母")),
        Column("scale", gettext_lazy("换算"), read=cells.number),
        Column("definition", gettext_lazy("口径说明")),
        Column("cadence", gettext_lazy("读数周期"), read=cells.choice_of(Cadence)),
    )

    def load(self):
        self.measures = by_code(self.plan.measures.all())
        self.goals = by_code(Goal.objects.filter(plan=self.plan))
        self.indicators = by_code(Indicator.objects.filter(plan=self.plan).select_related("plan__court"))
        self.is_draft = can_edit_draft(self.by, self.plan)
        self.last_order = defaultdict(int)  # by measure and goal, of which one is None
        for indicator in self.indicators.values():
            owner = (indicator.measure_id, indicator.goal_id)
            self.last_order[owner] = max(self.last_order[owner], indicator.order)

    def import_row(self, values):
        measure = row_named(self.measures, values["measure"], column="measure", error=NO_MEASURE)
        goal = row_named(self.goals, values["goal"], column="goal", error=NO_GOAL)
        if (measure is None) == (goal is None):
            raise ValidationError({"measure": _("举措编号和目标编号须填一个，且只填一个。")})
        code = values.pop("code")
        indicator = self.indicators.get(code) or Indicator(plan=self.plan, code=code)
        values |= {"measure": measure, "goal": goal}
        if values["scale"] is None:
            values["scale"] = Decimal(1)
        if indicator.pk is None:
            owner = (measure and measure.pk, goal and goal.pk)
            self.last_order[owner] += 1
            indicator.order = self.last_order[owner]
        elif not self.is_draft and any(getattr(indicator, name) != value for name, value in values.items()):
            raise ValidationError({"code": _("计划已启用，指标的内容不再改动；目标值用“目标值”表调整。")})
        outcome = self.save_row(indicator, values)
        self.indicators[indicator.code] = indicator
        return outcome


class TargetTable(OrderTable):
    slug, title = "targets", gettext_lazy("目标值")
    about = gettext_lazy("每行一道调整，与现行目标值相同的不重复下达。")
    columns = (
        Column("code", gettext_lazy("指标编号"), read=cells.code, is_required=True, hint="1.1-1"),
        Column("low", gettext_lazy("目标值（下限）"), read=cells.number, hint="90"),
        Column("high", gettext_lazy("上限"), read=cells.number),
        Column("stretch", gettext_lazy("争取值"), read=cells.number),
        Column("baseline", gettext_lazy("基期值"), read=cells.number),
        Column("due", gettext_lazy("考核日期"), read=cells.day),
        Column("effective_from", gettext_lazy("生效日期"), read=cells.day),
        Column("reason", gettext_lazy("理由"), is_required=True, hint=gettext_lazy("计划下达")),
        Column("document", gettext_lazy("依据文件")),
    )

    def load(self):
        indicators = Indicator.objects.filter(plan=self.plan).select_related("plan__court")
        self.indicators = by_code(indicators.prefetch_related("targets"))
        self.in_force = {
            code: order_in_force(indicator.targets.all(), on=self.plan.ends_on, known=self.at)
            for code, indicator in self.indicators.items()
        }

    def import_row(self, values):
        indicator = row_named(self.indicators, values["code"], column="code", error=NO_INDICATOR)
        before = self.in_force[indicator.code]
        columns = {name: values[name] for name in (*BOUNDS, "due")}
        if before is not None and all(getattr(before, name) == value for name, value in columns.items()):
            return RowOutcome.SAME
        # Pace and steps have no column: they stay as they are.
        unchanged = {"pace": before.pace, "steps": before.step_pairs} if before else {}
        self.in_force[indicator.code] = order_target(
            indicator=indicator,
            values=TargetValues(**columns, **unchanged),
            details=OrderDetails(
                reason=values["reason"],
                document=values["document"],
                effective_from=values["effective_from"],
                by=self.by,
                at=self.at,
            ),
        )
        return RowOutcome.NEW if before is None else RowOutcome.CHANGED


class RangeTable(ImportTable):
    slug, title = "ranges", gettext_lazy("参考区间")
    about = gettext_lazy("按指标体系、版本和指标名称认。区间须写明依据文件和文件日期。")
    unavailable = gettext_lazy("指标体系由各法院共用，由最上级法院的计划管理员或系统管理员维护。")
    columns = (
        Column("name_of_set", gettext_lazy("指标体系"), is_required=True),
        Column("version", gettext_lazy("版本"), is_required=True),
        Column("name", gettext_lazy("指标"), is_required=True),
        Column("unit", gettext_lazy("单位"), hint="%"),
        Column("low", gettext_lazy("参考区间下限"), read=cells.number),
        Column("high", gettext_lazy("参考区间上限"), read=cells.number),
        Column("document", gettext_lazy("区间依据文件")),
        Column("document_date", gettext_lazy("文件日期"), read=cells.day),
    )

    @staticmethod
    def can_import(user, plan):
        return can_keep_sets(user)

    def load(self):
        self.sets = {(version.name, version.version): version for version in IndicatorSet.objects.all()}

    def import_row(self, values):
        indicator_set = self.sets.get((values.pop("name_of_set"), values.pop("version")))
        if indicator_set is None:
            raise ValidationError({"version": _("没有这个名称和版本的指标体系，请先在后台增加。")})
        name = values.pop("name")
        entry = SetEntry.objects.filter(indicator_set=indicator_set, name=name).first()
        if entry is None:
            entry = SetEntry(indicator_set=indicator_set, name=name, order=indicator_set.entries.count() + 1)
        return self.save_row(entry, values)
