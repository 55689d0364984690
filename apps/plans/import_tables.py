"""Import of a plan's own parts from tables: pillars, goals, programmes, measures, nodes."""

from collections import defaultdict
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.import_tables import NO_DEPARTMENT, departments_by_name
from apps.accounts.selectors import leaders_of
from apps.audit.import_tables import Column, ImportTable, RowOutcome, by_code, row_named, strongest
from apps.core import cells
from apps.core.wording import joined
from apps.plans.choices import Cadence
from apps.plans.models import Goal, Measure, Node, Pillar, Programme, Quote
from apps.plans.permissions import can_edit_draft, can_give_orders
from apps.plans.services import REASON_FIRST, OrderDetails, add_node, order_deadline

NO_LEADER = gettext_lazy("本院没有名为“%(name)s”的院领导账号。")
NO_MEASURE = gettext_lazy("计划中没有编号为“%(name)s”的举措。")


class DraftTable(ImportTable):
    """A table of the plan's own words, which change only while the plan is a draft."""

    can_import = staticmethod(can_edit_draft)


class PillarTable(DraftTable):
    slug, title = "pillars", gettext_lazy("支柱")
    about = gettext_lazy("计划的各个“强化”。按序号认；只在草稿中改动。")
    columns = (
        Column("number", gettext_lazy("序号"), read=cells.whole, is_required=True, hint="1"),
        Column("title", gettext_lazy("支柱"), is_required=True, hint=gettext_lazy("强化思想引领，加强政治建设")),
        Column("short", gettext_lazy("简称"), is_required=True, hint=gettext_lazy("思想引领")),
    )

    def load(self):
        self.pillars = {pillar.number: pillar for pillar in self.plan.pillars.all()}

    def import_row(self, values):
        number = values["number"]
        pillar = self.pillars.setdefault(number, Pillar(plan=self.plan, number=number))
        return self.save_row(pillar, {"title": values["title"], "short": values["short"]})


class CodedTable(DraftTable):
    """Parts of the plan that have a code and an order."""

    model = None

    def load(self):
        self.rows = by_code(self.model.objects.filter(plan=self.plan))

    def import_row(self, values):
        code = values.pop("code")
        row = self.rows.get(code) or self.model(plan=self.plan, code=code, order=len(self.rows) + 1)
        outcome = self.save_row(row, values)
        self.rows[code] = row
        return outcome


class GoalTable(CodedTable):
    slug, title, model = "goals", gettext_lazy("年度目标"), Goal
    about = gettext_lazy("按编号认；只在草稿中改动。")
    columns = (
        Column("code", gettext_lazy("编号"), read=cells.code, is_required=True, hint="G1"),
        Column("title", gettext_lazy("年度目标"), is_required=True),
        Column("quote", gettext_lazy("原文")),
    )


class ProgrammeTable(CodedTable):
    slug, title, model = "programmes", gettext_lazy("工程"), Programme
    about = gettext_lazy("按编号认；只在草稿中改动。")
    columns = (
        Column("code", gettext_lazy("编号"), read=cells.code, is_required=True, hint="service"),
        Column("name", gettext_lazy("名称"), is_required=True),
    )


class MeasureTable(DraftTable):
    slug, title = "measures", gettext_lazy("举措")
    about = gettext_lazy("按编号认；只在草稿中改动。配合部门之间用顿号隔开。")
    columns = (
        Column("code", gettext_lazy("编号"), read=cells.code, is_required=True, hint="1.1"),
        Column("pillar", gettext_lazy("支柱序号"), read=cells.whole, is_required=True, hint="1"),
        Column("title", gettext_lazy("举措"), is_required=True, hint=gettext_lazy("深化融入式党建新实践")),
        Column("lead", gettext_lazy("牵头部门"), hint=gettext_lazy("政治部")),
        Column("support", gettext_lazy("配合部门"), read=cells.names),
        Column("leader", gettext_lazy("分管院领导")),
        Column("starts_on", gettext_lazy("开始日期"), read=cells.day),
        Column("due", gettext_lazy("完成时限"), read=cells.day, hint="YYYY-12-31"),
        Column("cadence", gettext_lazy("报送周期"), read=cells.choice_of(Cadence, default=Cadence.QUARTERLY)),
        Column("weight", gettext_lazy("权重"), read=cells.number),
        Column("quote", gettext_lazy("原文")),
    )

    def load(self):
        plan = self.plan
        self.pillars = {pillar.number: pillar for pillar in plan.pillars.all()}
        self.measures = by_code(plan.measures.select_related("plan__court", "pillar", "lead", "leader"))
        self.departments = departments_by_name(plan.court)
        self.leaders = {}
        for person in leaders_of(plan.court):
            self.leaders |= {person.username: person, person.name: person}
        self.last_order = defaultdict(int)  # by pillar
        for measure in self.measures.values():
            self.last_order[measure.pillar_id] = max(self.last_order[measure.pillar_id], measure.order)

    def import_row(self, values):
        pillar = self.pillars.get(values["pillar"])
        if pillar is None:
            raise ValidationError({"pillar": _("计划中没有第 %(number)s 个支柱。") % {"number": values["pillar"]}})
        lead = row_named(self.departments, values["lead"], column="lead", error=NO_DEPARTMENT)
        support = [
            row_named(self.departments, name, column="support", error=NO_DEPARTMENT) for name in values["support"]
        ]
        if lead in support:
            raise ValidationError({"support": _("牵头部门不同时作为配合部门。")})
        leader = row_named(self.leaders, values["leader"], column="leader", error=NO_LEADER)
        measure = self.measures.get(values["code"]) or Measure(plan=self.plan, code=values["code"])
        if measure.pk is None:
            self.last_order[pillar.pk] += 1
            measure.order = self.last_order[pillar.pk]
        outcome = self.save_row(
            measure,
            {
                "pillar": pillar,
                "title": values["title"],
                "lead": lead,
                "leader": leader,
                "starts_on": values["starts_on"] or self.plan.starts_on,
                "cadence": values["cadence"],
                "weight": Decimal(1) if values["weight"] is None else values["weight"],
            },
        )
        self.measures[measure.code] = measure
        return strongest(
            outcome,
            self._set_support(measure, support),
            self._order_deadline(measure, values["due"]),
            self._add_quote(measure, values["quote"]),
        )

    def _set_support(self, measure, support):
        if set(measure.support.all()) == set(support):
            return RowOutcome.SAME
        measure.support.set(support)
        self.record("measure.changed", measure, {"support": joined(department.name for department in support)})
        return RowOutcome.CHANGED

    def _order_deadline(self, measure, due):
        if due is None:
            return RowOutcome.SAME
        orders = measure.deadlines.filter(node=None)
        last = orders.order_by("number").last()
        if last is not None and last.due == due:
            return RowOutcome.SAME
        order_deadline(
            measure=measure,
            due=due,
            details=OrderDetails(
                reason=REASON_FIRST if last is None else _("按导入的表格调整"),
                effective_from=self.plan.starts_on,
                by=self.by,
                at=self.at,
            ),
        )
        return RowOutcome.CHANGED

    def _add_quote(self, measure, text):
        if not text or measure.quotes.filter(text=text).exists():
            return RowOutcome.SAME
        quote = Quote(measure=measure, order=measure.quotes.count() + 1, text=text)
        quote.full_clean()
        quote.save()
        self.record("measure.changed", measure, {"quote": text})
        return RowOutcome.CHANGED


class OrderTable(ImportTable):
    """A table whose rows are orders, or add to a plan that may be open already."""

    can_import = staticmethod(can_give_orders)


class NodeTable(OrderTable):
    slug, title = "nodes", gettext_lazy("节点")
    about = gettext_lazy("按举措编号和节点名称认；时限不同的，按时限调整下达。")
    columns = (
        Column("code", gettext_lazy("举措编号"), read=cells.code, is_required=True, hint="1.1"),
        Column("title", gettext_lazy("节点"), is_required=True, hint=gettext_lazy("方案印发")),
        Column("due", gettext_lazy("完成时限"), read=cells.day, is_required=True, hint="YYYY-06-30"),
        Column("weight", gettext_lazy("权重"), read=cells.number),
        Column("reason", gettext_lazy("理由")),
    )

    def load(self):
        self.measures = by_code(self.plan.measures.select_related("plan__court"))
        self.nodes = {
            (node.measure.code, node.title): node
            for node in Node.objects.filter(measure__plan=self.plan).select_related("measure")
        }

    def import_row(self, values):
        measure = row_named(self.measures, values["code"], column="code", error=NO_MEASURE)
        node = self.nodes.get((values["code"], values["title"]))
        if node is None:
            self.nodes[values["code"], values["title"]] = add_node(
                measure=measure,
                title=values["title"],
                due=values["due"],
                weight=Decimal(1) if values["weight"] is None else values["weight"],
                details=OrderDetails(reason=values["reason"] or REASON_FIRST, by=self.by, at=self.at),
            )
            return RowOutcome.NEW
        if values["weight"] is not None and values["weight"] != node.weight:
            raise ValidationError({"weight": _("节点的权重定下以后不再改动。")})
        if node.deadlines.order_by("number").last().due == values["due"]:
            return RowOutcome.SAME
        if not values["reason"]:
            raise ValidationError({"reason": _("调整时限须写明理由。")})
        details = OrderDetails(reason=values["reason"], by=self.by, at=self.at)
        order_deadline(measure=measure, node=node, due=values["due"], details=details)
        return RowOutcome.CHANGED
