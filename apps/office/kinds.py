"""The tables that can be taken in: their columns, and what becomes of a row. What a row does is done by the same
services, under the same rules and with the same trail, as when it is done by hand."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.choices import STAFF_ROLES, Role
from apps.accounts.models import Department, User
from apps.accounts.services import end_sessions
from apps.audit.services import record
from apps.core.orders import order_in_force
from apps.core.permissions import require
from apps.core.wording import joined
from apps.indicators.choices import Accumulation, Basis, Kind, Strength
from apps.indicators.models import Indicator, IndicatorSet, SetEntry
from apps.indicators.permissions import can_keep_sets
from apps.indicators.rules import MEASURED, TargetValues
from apps.indicators.services import order_target
from apps.ledger.choices import EntryKind
from apps.ledger.models import LedgerEntry
from apps.ledger.services import enter_reading
from apps.office import cells
from apps.plans.choices import Cadence
from apps.plans.models import Goal, Measure, Node, Pillar, Programme, Quote
from apps.plans.permissions import can_edit_draft, can_give_orders
from apps.plans.services import REASON_FIRST, OrderDetails, add_node, order_deadline
from apps.reporting.rules import ReadingInput, problems_of_reading


class Did(StrEnum):
    """What a row does, or would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table to fill in. `key` is its name in the code, and in errors of the services."""

    key: str
    name: str
    read: object = cells.text
    is_needed: bool = False
    hint: str = ""

    def example(self, plan):
        """The hint, its days in the plan's year."""
        return str(self.hint).replace("YYYY", str(plan.year))


class Table:
    """One kind of table, for one plan. `take` does what a row says; ValidationError by key where it can't be done."""

    do_not_call_in_templates = True
    slug = ""
    title = ""
    about = ""
    not_open = gettext_lazy("计划现在的状态不能导入。")
    columns = ()

    def __init__(self, plan, *, by, at):
        self.plan, self.by, self.at = plan, by, at
        self.allow()
        self.prepare()

    def allow(self):
        """Stop here unless the person may take this table in."""

    def prepare(self):
        """Read once what all rows need."""

    def values_of(self, row):
        """A row's cells as values, by key; ValidationError with everything that can't be read."""
        values, errors = {}, {}
        for column in self.columns:
            cell = _cell_of(row, column)
            try:
                values[column.key] = column.read(cell)
            except ValidationError as problem:
                errors[column.key] = problem.messages
                continue
            if column.is_needed and values[column.key] in (None, "", []):
                errors[column.key] = [_("这一列必须填写。")]
        if errors:
            raise ValidationError(errors)
        return values

    def label_of(self, row):
        """The text that a row's outcome is listed by; it is stored, so no secret cell may be taken for it."""
        return next((str(cell) for cell in row.values() if cell is not None), "")

    def take(self, values):
        raise NotImplementedError

    def put(self, row, values):
        """Save a new or changed row of the plan's own words, and tell of it as the back office does."""
        changed = {name: value for name, value in values.items() if row.pk is None or getattr(row, name) != value}
        is_new = row.pk is None
        if not changed:
            return Did.SAME
        for name, value in changed.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
        record(
            by=self.by,
            action=f"{row._meta.model_name}.{'added' if is_new else 'changed'}",
            target=row,
            court=self.plan.court,
            at=self.at,
            data={name: str("" if value is None else value) for name, value in changed.items()},
        )
        return Did.NEW if is_new else Did.CHANGED


def _cell_of(row, column):
    """A column's cell, whichever of its names the file has."""
    for name in cells.in_both_languages(column.name):
        if name in row:
            return row[name]
    return None


class OfDraft(Table):
    """A table of the plan's own words: they stand once the plan is handed in for confirmation."""

    def allow(self):
        require(can_edit_draft(self.by, self.plan))


class Pillars(OfDraft):
    slug, title = "pillars", gettext_lazy("支柱")
    about = gettext_lazy("计划的各个“强化”。按序号认；只在草稿中改动。")
    columns = (
        Column(key="number", name=gettext_lazy("序号"), read=cells.whole, is_needed=True, hint="1"),
        Column(key="title", name=gettext_lazy("支柱"), is_needed=True, hint=gettext_lazy("强化思想引领，加强政治建设")),
        Column(key="short", name=gettext_lazy("简称"), is_needed=True, hint=gettext_lazy("思想引领")),
    )

    def prepare(self):
        self.pillars = {pillar.number: pillar for pillar in self.plan.pillars.all()}

    def take(self, values):
        number = values["number"]
        pillar = self.pillars.setdefault(number, Pillar(plan=self.plan, number=number))
        return self.put(pillar, {"title": values["title"], "short": values["short"]})


class Named(OfDraft):
    """Parts of the plan that are known by a code and stand in an order."""

    model = None

    def prepare(self):
        self.rows = {row.code: row for row in self.model.objects.filter(plan=self.plan)}

    def take(self, values):
        code = values.pop("code")
        row = self.rows.get(code) or self.model(plan=self.plan, code=code, order=len(self.rows) + 1)
        did = self.put(row, values)
        self.rows[code] = row
        return did


class Goals(Named):
    slug, title, model = "goals", gettext_lazy("年度目标"), Goal
    about = gettext_lazy("按编号认；只在草稿中改动。")
    columns = (
        Column(key="code", name=gettext_lazy("编号"), read=cells.code, is_needed=True, hint="G1"),
        Column(key="title", name=gettext_lazy("年度目标"), is_needed=True),
        Column(key="quote", name=gettext_lazy("原文")),
    )


class Programmes(Named):
    slug, title, model = "programmes", gettext_lazy("工程"), Programme
    about = gettext_lazy("按编号认；只在草稿中改动。")
    columns = (
        Column(key="code", name=gettext_lazy("编号"), read=cells.code, is_needed=True, hint="service"),
        Column(key="name", name=gettext_lazy("名称"), is_needed=True),
    )


def _departments(court):
    return {one.name: one for one in court.departments.all()}


def _named(found, name, key, sentence):
    """The row of this name; ValidationError at its column where there is none."""
    if not name:
        return None
    if name not in found:
        raise ValidationError({key: sentence % {"name": name}})
    return found[name]


NO_DEPARTMENT = gettext_lazy("本院没有名为“%(name)s”的部门。")


class Measures(OfDraft):
    slug, title = "measures", gettext_lazy("举措")
    about = gettext_lazy("按编号认；只在草稿中改动。配合部门之间用顿号隔开。")
    columns = (
        Column(key="code", name=gettext_lazy("编号"), read=cells.code, is_needed=True, hint="1.1"),
        Column(key="pillar", name=gettext_lazy("支柱序号"), read=cells.whole, is_needed=True, hint="1"),
        Column(key="title", name=gettext_lazy("举措"), is_needed=True, hint=gettext_lazy("深化融入式党建新实践")),
        Column(key="lead", name=gettext_lazy("牵头部门"), hint=gettext_lazy("政治部")),
        Column(key="support", name=gettext_lazy("配合部门"), read=cells.names),
        Column(key="leader", name=gettext_lazy("分管院领导")),
        Column(key="starts_on", name=gettext_lazy("开始日期"), read=cells.day),
        Column(key="due", name=gettext_lazy("完成时限"), read=cells.day, hint="YYYY-12-31"),
        Column(
            key="cadence",
            name=gettext_lazy("报送周期"),
            read=lambda cell: cells.choice(cell, Cadence, default=Cadence.QUARTERLY),
        ),
        Column(key="weight", name=gettext_lazy("权重"), read=cells.number),
        Column(key="quote", name=gettext_lazy("原文")),
    )

    def prepare(self):
        plan = self.plan
        self.pillars = {pillar.number: pillar for pillar in plan.pillars.all()}
        self.measures = {
            one.code: one for one in plan.measures.select_related("plan__court", "pillar", "lead", "leader")
        }
        self.departments = _departments(plan.court)
        self.leaders = {}
        for person in User.objects.filter(court=plan.court, groups__name=Role.LEADER, is_active=True):
            self.leaders |= {person.username: person, person.name: person}
        self.n_in_pillar = defaultdict(int)
        for one in self.measures.values():
            self.n_in_pillar[one.pillar_id] = max(self.n_in_pillar[one.pillar_id], one.order)

    def take(self, values):
        pillar = self.pillars.get(values["pillar"])
        if pillar is None:
            raise ValidationError({"pillar": _("计划中没有第 %(number)s 个支柱。") % {"number": values["pillar"]}})
        lead = _named(self.departments, values["lead"], "lead", NO_DEPARTMENT)
        support = [_named(self.departments, name, "support", NO_DEPARTMENT) for name in values["support"]]
        if lead in support:
            raise ValidationError({"support": _("牵头部门不同时作为配合部门。")})
        leader = _named(self.leaders, values["leader"], "leader", gettext_lazy("本院没有名为“%(name)s”的院领导账号。"))
        measure = self.measures.get(values["code"]) or Measure(plan=self.plan, code=values["code"])
        if measure.pk is None:
            self.n_in_pillar[pillar.pk] += 1
            measure.order = self.n_in_pillar[pillar.pk]
        did = self.put(
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
        return max(
            did,
            self._support(measure, support),
            self._due(measure, values["due"]),
            self._quote(measure, values["quote"]),
            key=_weight_of,
        )

    def _support(self, measure, support):
        if set(measure.support.all()) == set(support):
            return Did.SAME
        measure.support.set(support)
        self._tell(measure, support=joined(one.name for one in support))
        return Did.CHANGED

    def _due(self, measure, due):
        if due is None:
            return Did.SAME
        orders = measure.deadlines.filter(node=None)
        last = orders.order_by("number").last()
        if last is not None and last.due == due:
            return Did.SAME
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
        return Did.CHANGED

    def _quote(self, measure, text):
        if not text or measure.quotes.filter(text=text).exists():
            return Did.SAME
        quote = Quote(measure=measure, order=measure.quotes.count() + 1, text=text)
        quote.full_clean()
        quote.save()
        self._tell(measure, quote=text)
        return Did.CHANGED

    def _tell(self, measure, **data):
        record(by=self.by, action="measure.changed", target=measure, court=self.plan.court, at=self.at, data=data)


def _weight_of(did):
    return (Did.SAME, Did.CHANGED, Did.NEW).index(did)


class OfOrders(Table):
    """A table whose rows are orders, or add to a plan that may be open already."""

    def allow(self):
        require(can_give_orders(self.by, self.plan))


class Nodes(OfOrders):
    slug, title = "nodes", gettext_lazy("节点")
    about = gettext_lazy("按举措编号和节点名称认；时限不同的，按时限调整下达。")
    columns = (
        Column(key="code", name=gettext_lazy("举措编号"), read=cells.code, is_needed=True, hint="1.1"),
        Column(key="title", name=gettext_lazy("节点"), is_needed=True, hint=gettext_lazy("方案印发")),
        Column(key="due", name=gettext_lazy("完成时限"), read=cells.day, is_needed=True, hint="YYYY-06-30"),
        Column(key="weight", name=gettext_lazy("权重"), read=cells.number),
        Column(key="reason", name=gettext_lazy("理由")),
    )

    def prepare(self):
        self.measures = {one.code: one for one in self.plan.measures.select_related("plan__court")}
        self.nodes = {
            (node.measure.code, node.title): node
            for node in Node.objects.filter(measure__plan=self.plan).select_related("measure")
        }

    def take(self, values):
        measure = _named(self.measures, values["code"], "code", NO_MEASURE)
        node = self.nodes.get((values["code"], values["title"]))
        if node is None:
            self.nodes[values["code"], values["title"]] = add_node(
                measure=measure,
                title=values["title"],
                due=values["due"],
                weight=Decimal(1) if values["weight"] is None else values["weight"],
                details=OrderDetails(reason=values["reason"] or REASON_FIRST, by=self.by, at=self.at),
            )
            return Did.NEW
        if values["weight"] is not None and values["weight"] != node.weight:
            raise ValidationError({"weight": _("节点的权重定下以后不再改动。")})
        if node.deadlines.order_by("number").last().due == values["due"]:
            return Did.SAME
        if not values["reason"]:
            raise ValidationError({"reason": _("调整时限须写明理由。")})
        details = OrderDetails(reason=values["reason"], by=self.by, at=self.at)
        order_deadline(measure=measure, node=node, due=values["due"], details=details)
        return Did.CHANGED


NO_MEASURE = gettext_lazy("计划中没有编号为“%(name)s”的举措。")
NO_GOAL = gettext_lazy("计划中没有编号为“%(name)s”的年度目标。")
NO_INDICATOR = gettext_lazy("计划中没有编号为“%(name)s”的指标。")


class Indicators(OfOrders):
    slug, title = "indicators", gettext_lazy("指标")
    about = gettext_lazy("按编号认。举措编号和目标编号填一个。计划启用以后只增加，不改动。")
    columns = (
        Column(key="code", name=gettext_lazy("编号"), read=cells.code, is_needed=True, hint="1.1-1"),
        Column(key="measure", name=gettext_lazy("举措编号"), read=cells.code, hint="1.1"),
        Column(key="goal", name=gettext_lazy("目标编号"), read=cells.code),
        Column(key="name", name=gettext_lazy("指标"), is_needed=True, hint=gettext_lazy("党支部品牌创建率")),
        Column(
            key="kind",
            name=gettext_lazy("类型"),
            read=lambda cell: cells.choice(cell, Kind),
            is_needed=True,
            hint=gettext_lazy("不低于"),
        ),
        Column(
            key="strength",
            name=gettext_lazy("要求"),
            read=lambda cell: cells.choice(cell, Strength, default=Strength.MUST),
        ),
        Column(
            key="basis", name=gettext_lazy("依据"), read=lambda cell: cells.choice(cell, Basis, default=Basis.STATED)
        ),
        Column(
            key="accumulation",
            name=gettext_lazy("累计方式"),
            read=lambda cell: cells.choice(cell, Accumulation, default=Accumulation.LATEST),
        ),
        Column(key="unit", name=gettext_lazy("单位"), hint="%"),
        Column(key="has_parts", name=gettext_lazy("填报分子分母"), read=cells.yes),
        Column(key="numerator_label", name=gettext_lazy("分子")),
        Column(key="denominator_label", name=gettext_lazy("分母")),
        Column(key="scale", name=gettext_lazy("换算"), read=cells.number),
        Column(key="definition", name=gettext_lazy("口径说明")),
        Column(key="cadence", name=gettext_lazy("读数周期"), read=lambda cell: cells.choice(cell, Cadence)),
    )

    def prepare(self):
        self.measures = {one.code: one for one in self.plan.measures.all()}
        self.goals = {one.code: one for one in Goal.objects.filter(plan=self.plan)}
        self.indicators = {
            one.code: one for one in Indicator.objects.filter(plan=self.plan).select_related("plan__court")
        }
        self.is_draft = can_edit_draft(self.by, self.plan)
        self.n_under = defaultdict(int)
        for one in self.indicators.values():
            self.n_under[one.measure_id, one.goal_id] = max(self.n_under[one.measure_id, one.goal_id], one.order)

    def take(self, values):
        measure = _named(self.measures, values["measure"], "measure", NO_MEASURE)
        goal = _named(self.goals, values["goal"], "goal", NO_GOAL)
        if (measure is None) == (goal is None):
            raise ValidationError({"measure": _("举措编号和目标编号须填一个，且只填一个。")})
        indicator = self.indicators.get(values["code"]) or Indicator(plan=self.plan, code=values["code"])
        wanted = {name: values[name] for name in self._own() if name != "scale"} | {
            "measure": measure,
            "goal": goal,
            "scale": Decimal(1) if values["scale"] is None else values["scale"],
        }
        if indicator.pk is None:
            place = (measure and measure.pk, goal and goal.pk)
            self.n_under[place] += 1
            indicator.order = self.n_under[place]
        elif not self.is_draft and any(getattr(indicator, name) != value for name, value in wanted.items()):
            raise ValidationError({"code": _("计划已启用，指标的内容不再改动；目标值用“目标值”表调整。")})
        did = self.put(indicator, wanted)
        self.indicators[indicator.code] = indicator
        return did

    def _own(self):
        return [column.key for column in self.columns if column.key not in {"code", "measure", "goal"}]


class Targets(OfOrders):
    slug, title = "targets", gettext_lazy("目标值")
    about = gettext_lazy("每行一道调整，与现行目标值相同的不重复下达。")
    columns = (
        Column(key="code", name=gettext_lazy("指标编号"), read=cells.code, is_needed=True, hint="1.1-1"),
        Column(key="low", name=gettext_lazy("目标值（下限）"), read=cells.number, hint="90"),
        Column(key="high", name=gettext_lazy("上限"), read=cells.number),
        Column(key="stretch", name=gettext_lazy("争取值"), read=cells.number),
        Column(key="baseline", name=gettext_lazy("基期值"), read=cells.number),
        Column(key="due", name=gettext_lazy("考核日期"), read=cells.day),
        Column(key="effective_from", name=gettext_lazy("生效日期"), read=cells.day),
        Column(key="reason", name=gettext_lazy("理由"), is_needed=True, hint=gettext_lazy("计划下达")),
        Column(key="document", name=gettext_lazy("依据文件")),
    )
    bounds = ("low", "high", "stretch", "baseline", "due")

    def prepare(self):
        self.indicators = {
            one.code: one
            for one in Indicator.objects.filter(plan=self.plan)
            .select_related("plan__court")
            .prefetch_related("targets")
        }
        self.last = {
            code: order_in_force(one.targets.all(), on=self.plan.ends_on, known=self.at)
            for code, one in self.indicators.items()
        }

    def take(self, values):
        indicator = _named(self.indicators, values["code"], "code", NO_INDICATOR)
        last = self.last[indicator.code]
        if last is not None and all(getattr(last, name) == values[name] for name in self.bounds):
            return Did.SAME
        kept = {} if last is None else {"pace": last.pace, "steps": last.step_pairs}
        self.last[indicator.code] = order_target(
            indicator=indicator,
            values=TargetValues(**{name: values[name] for name in self.bounds}, **kept),
            details=OrderDetails(
                reason=values["reason"],
                document=values["document"],
                effective_from=values["effective_from"],
                by=self.by,
                at=self.at,
            ),
        )
        return Did.NEW if last is None else Did.CHANGED


class Readings(Table):
    slug, title = "readings", gettext_lazy("读数")
    about = gettext_lazy("直接记入台账，须有数据来源。同一时段已有相同读数的不重复记；数值不同的，请先撤回原来的。")
    columns = (
        Column(key="code", name=gettext_lazy("指标编号"), read=cells.code, is_needed=True, hint="1.1-1"),
        Column(key="start", name=gettext_lazy("起始日期"), read=cells.day, is_needed=True, hint="YYYY-01-01"),
        Column(key="end", name=gettext_lazy("截止日期"), read=cells.day, is_needed=True, hint="YYYY-05-31"),
        Column(key="value", name=gettext_lazy("数值"), read=cells.number, hint="80"),
        Column(key="numerator", name=gettext_lazy("分子"), read=cells.number),
        Column(key="denominator", name=gettext_lazy("分母"), read=cells.number),
        Column(key="out_of", name=gettext_lazy("参评总数"), read=cells.whole),
        Column(key="source", name=gettext_lazy("数据来源"), is_needed=True),
    )
    figures = ("value", "numerator", "denominator", "out_of")

    def prepare(self):
        self.indicators = {
            one.code: one for one in Indicator.objects.filter(plan=self.plan).select_related("plan__court", "measure")
        }
        # By indicator and period; of one period there may be several in old records.
        self.taken = defaultdict(lambda: defaultdict(list))
        for entry in LedgerEntry.objects.filter(plan=self.plan, kind=EntryKind.READING, withdrawn_at=None):
            self.taken[entry.indicator_id][entry.period_start, entry.speaks_of].append(entry)

    def take(self, values):
        indicator = _named(self.indicators, values["code"], "code", NO_INDICATOR)
        if indicator.kind not in MEASURED:
            raise ValidationError({"code": _("这类指标没有读数。")})
        period = (values["start"], values["end"])
        of_period = self.taken[indicator.pk].get(period, ())
        if any(all(getattr(entry, name) == values[name] for name in self.figures) for entry in of_period):
            return Did.SAME
        if of_period:
            raise ValidationError({"value": _("这一时段已有不同的读数，请先在台账中撤回。")})
        self._check(indicator, values)
        entry = enter_reading(
            indicator=indicator,
            period_start=values["start"],
            period_end=values["end"],
            by=self.by,
            at=self.at,
            source=values["source"],
            **{name: values[name] for name in self.figures},
        )
        self.taken[indicator.pk][period].append(entry)
        return Did.NEW

    def _check(self, indicator, values):
        reading = ReadingInput(
            indicator_id=indicator.pk,
            kind=indicator.kind,
            has_parts=indicator.has_parts,
            adds_up=indicator.accumulation != Accumulation.LATEST,
            period_start=values["start"],
            period_end=values["end"],
            source=values["source"],
            **{name: values[name] for name in self.figures},
        )
        if reading.is_empty:
            raise ValidationError({"value": _("请填写数值，或者分子和分母。")})
        problems = problems_of_reading(
            reading,
            first_day=self.plan.starts_on,
            last_day=min(self.plan.ends_on, timezone.localdate(self.at)),
            taken=list(self.taken[indicator.pk]) if reading.adds_up else (),
        )
        if problems:
            raise ValidationError({key.rpartition("-")[2]: sentence for key, sentence in problems.items()})


class People(Table):
    slug, title = "people", gettext_lazy("人员")
    about = gettext_lazy("按用户名认。角色之间用顿号隔开。新账号没有填初始密码的，由计划管理员在后台设置。")
    columns = (
        Column(key="username", name=gettext_lazy("用户名"), read=cells.code, is_needed=True, hint="zhangsan"),
        Column(key="name", name=gettext_lazy("姓名"), is_needed=True),
        Column(key="department", name=gettext_lazy("部门"), hint=gettext_lazy("政治部")),
        Column(key="roles", name=gettext_lazy("角色"), read=cells.names, hint=gettext_lazy("填报人")),
        Column(key="password", name=gettext_lazy("初始密码")),
    )

    def allow(self):
        require(self.by.has_perm("accounts.add_user") and self.by.has_perm("accounts.change_user"))

    def prepare(self):
        self.departments = _departments(self.plan.court)
        self.groups = {group.name: group for group in Group.objects.filter(name__in=Role.values)}

    def label_of(self, row):
        # Not any first cell: the file's first column may be the password, under whatever name.
        cells_of_row = (_cell_of(row, column) for column in self.columns if column.key != "password")
        return next((str(cell) for cell in cells_of_row if cell is not None), "")

    def take(self, values):
        department = _named(self.departments, values["department"], "department", NO_DEPARTMENT)
        try:
            roles = {cells.choice(name, Role) for name in values["roles"]}
        except ValidationError as problem:
            raise ValidationError({"roles": problem.messages}) from None
        person = User.objects.filter(username=values["username"]).first() or User(
            username=values["username"], name=values["name"], court=self.plan.court
        )
        if person.pk and (person.court_id != self.plan.court_id or person.is_superuser):
            raise ValidationError({"username": _("这个用户名已被本院以外的人使用。")})
        if person.pk is None:
            self._set_password(person, values["password"])
        did = self.put(
            person,
            {
                "name": values["name"],
                "court": self.plan.court,
                "department": department,
                "is_staff": bool(roles & STAFF_ROLES),
            },
        )
        held = set(person.groups.values_list("name", flat=True)) & set(Role.values)
        if held == roles:
            return did
        person.groups.set(
            [*person.groups.exclude(name__in=Role.values), *(self.groups[role] for role in sorted(roles))]
        )
        record(
            by=self.by,
            action="user.changed",
            target=person,
            court=self.plan.court,
            at=self.at,
            data={"groups": sorted(roles)},
        )
        end_sessions(person)
        return Did.NEW if did == Did.NEW else Did.CHANGED

    def _set_password(self, person, password):
        if not password:
            person.set_unusable_password()
            return
        try:
            validate_password(password, person)
        except ValidationError as problem:
            raise ValidationError({"password": problem.messages}) from None
        person.set_password(password)
        person.password_given_at = self.at


class Departments(Table):
    slug, title = "departments", gettext_lazy("部门")
    about = gettext_lazy("按网址代码认。次序固定，不作排名。")
    columns = (
        Column(key="slug", name=gettext_lazy("网址代码"), read=cells.code, is_needed=True, hint="zzb"),
        Column(key="name", name=gettext_lazy("名称"), is_needed=True, hint=gettext_lazy("政治部")),
        Column(key="order", name=gettext_lazy("排列次序"), read=cells.whole, is_needed=True, hint="1"),
    )

    def allow(self):
        require(self.by.has_perm("accounts.add_department") and self.by.has_perm("accounts.change_department"))

    def prepare(self):
        self.departments = {one.slug: one for one in self.plan.court.departments.all()}

    def take(self, values):
        slug = values["slug"]
        department = self.departments.setdefault(slug, Department(court=self.plan.court, slug=slug))
        return self.put(department, {"name": values["name"], "order": values["order"]})


class Ranges(Table):
    slug, title = "ranges", gettext_lazy("参考区间")
    about = gettext_lazy("按指标体系、版本和指标名称认。区间须写明依据文件和文件日期。")
    not_open = gettext_lazy("指标体系由各法院共用，由最上级法院的计划管理员或系统管理员维护。")
    columns = (
        Column(key="name_of_set", name=gettext_lazy("指标体系"), is_needed=True),
        Column(key="version", name=gettext_lazy("版本"), is_needed=True),
        Column(key="name", name=gettext_lazy("指标"), is_needed=True),
        Column(key="unit", name=gettext_lazy("单位"), hint="%"),
        Column(key="low", name=gettext_lazy("参考区间下限"), read=cells.number),
        Column(key="high", name=gettext_lazy("参考区间上限"), read=cells.number),
        Column(key="document", name=gettext_lazy("区间依据文件")),
        Column(key="document_date", name=gettext_lazy("文件日期"), read=cells.day),
    )

    def allow(self):
        require(can_keep_sets(self.by))

    def prepare(self):
        self.sets = {(one.name, one.version): one for one in IndicatorSet.objects.all()}

    def take(self, values):
        indicator_set = self.sets.get((values.pop("name_of_set"), values.pop("version")))
        if indicator_set is None:
            raise ValidationError({"version": _("没有这个名称和版本的指标体系，请先在后台增加。")})
        name = values.pop("name")
        entry = SetEntry.objects.filter(indicator_set=indicator_set, name=name).first()
        if entry is None:
            place = indicator_set.entries.count() + 1
            entry = SetEntry(indicator_set=indicator_set, name=name, order=place)
        return self.put(entry, values)


IN_ORDER = (
    Departments,
    People,
    Pillars,
    Goals,
    Programmes,
    Measures,
    Nodes,
    Indicators,
    Targets,
    Readings,
    Ranges,
)
TABLES = {table.slug: table for table in IN_ORDER}
