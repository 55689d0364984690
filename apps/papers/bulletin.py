"""督查通报: how the work stands, in the order such a paper has, in sentences made from verdicts and accepted reports."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.assessment.choices import Light, Standing
from apps.assessment.selectors import grouped
from apps.assessment.sentences import note_of, sentence_of, target_text
from apps.core.figures import chinese_numeral, figure
from apps.core.wording import bracketed, joined, written_day
from apps.dashboard.selectors import owed_now
from apps.ledger.models import LedgerEntry
from apps.papers.blocks import Column, Gauge, Grid, Heading, Paper, Para, Part, lit
from apps.papers.choices import PaperKind, Shape
from apps.papers.comparing import indicators_in, measures_in, moved
from apps.papers.tables import warning_of
from apps.plans.wording import window_label
from apps.supervision.choices import InstructionStatus
from apps.supervision.models import Instruction
from apps.supervision.selectors import instruction_rows, items_of_plan

BEST_FIRST = (
    Light.DONE,
    Light.ON_TRACK,
    Light.NOT_DUE,
    Light.WATCH,
    Light.LATE,
    Light.NO_DATA,
    Light.PAUSED,
)
STANDINGS = tuple(Standing)
SOON = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which measures a paper is about: of these pillars, led by these departments; empty is all."""

    pillars: frozenset[int] = frozenset()
    departments: frozenset[str] = frozenset()

    @property
    def is_whole(self):
        return not self.pillars and not self.departments

    def holds(self, measure):
        return (not self.pillars or measure.pillar.number in self.pillars) and (
            not self.departments or (measure.lead is not None and measure.lead.slug in self.departments)
        )


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a paper compares with: the tree of a day, and what that day is called."""

    tree: dict
    name: str


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What the office itself says in the paper; empty where it leaves the usual words."""

    title: str = ""
    demands: str = ""
    signature: str = ""


@dataclass(kw_only=True)
class Matter:
    """All that the sentences are made from."""

    standing: object
    scope: Scope
    basis: Basis
    wording: Wording
    entries: dict = field(default_factory=dict)
    instructions: list = field(default_factory=list)

    @property
    def measures(self):
        return [one for one in self.standing.measures if self.scope.holds(one.measure)]

    @property
    def indicators(self):
        """(indicator, the measure it stands under or None), those of goals last; of goals only in a paper about all."""
        found = [(indicator, one) for one in self.measures for indicator in one.indicators]
        if self.scope.is_whole:
            found += [(indicator, None) for goal in self.standing.goals for indicator in goal.indicators]
        return found

    def of_light(self, *lights):
        return [one for one in self.measures if one.verdict.light in lights]

    def before(self, one):
        """The measure in the tree compared with; None where it is not in it."""
        return measures_in(self.basis.tree).get(one.measure.code)

    def entry(self, one):
        return self.entries.get(one.progress.pk) if one.progress else None


def bulletin_of(standing, *, basis, shown, scope=None, wording=None):
    """The paper. `basis` is what it compares with; `shown` says of which day it is. A fixed number of queries."""
    matter = Matter(standing=standing, scope=scope or Scope(), basis=basis, wording=wording or Wording())
    matter.entries = LedgerEntry.objects.in_bulk([one.progress.pk for one in matter.measures if one.progress])
    matter.instructions = _instructions(matter)
    attachments = [
        Part(key=key, blocks=(grid,), shape=Shape.A4_WIDE)
        for key, grid in (
            ("late_table", _late_grid(matter)),
            ("checkup_table", _checkup_grid(matter)),
            ("instruction_table", _instruction_grid(matter)),
            ("measure_table", _measure_grid(matter)),
        )
        if grid.rows
    ]
    named = []
    for number, part in enumerate(attachments, 1):
        grid = part.blocks[0]
        head = Heading(level=1, text=_("附件%(number)s　%(name)s") % {"number": number, "name": grid.name})
        named.append(Part(key=part.key, blocks=(head, grid), shape=part.shape))
    plan = standing.plan
    return Paper(
        kind=PaperKind.BULLETIN,
        title=matter.wording.title or default_title(plan),
        basis=shown,
        warning=warning_of(plan),
        signature=matter.wording.signature or plan.court.name,
        dated=written_day(standing.on),
        parts=(
            Part(key="overall", blocks=_overall(matter)),
            Part(key="done", blocks=_done(matter)),
            Part(key="on_track", blocks=_on_track(matter)),
            Part(key="late", blocks=_late(matter)),
            Part(key="next", blocks=_next(matter)),
            Part(key="enclosed", blocks=_enclosed([part.blocks[0].name for part in attachments])),
            *named,
        ),
    )


def _enclosed(names):
    """Which tables lie behind the paper: a line each under the first, after an empty one; never parted from the
    signature below them."""
    if not names:
        return ()
    first, *others = [
        _("%(number)s. %(name)s") % {"number": number, "name": name} for number, name in enumerate(names, 1)
    ]
    return (
        Para(text="　", stays=True),
        Para(text=_("附件：%(name)s") % {"name": first}, stays=True),
        *(Para(text=f"　　　{one}", stays=True) for one in others),
    )


def default_title(plan):
    return _("关于%(plan)s推进情况的通报") % {"plan": plan.title}


def _instructions(matter):
    """Those given by then and not withdrawn, of the measures in the scope."""
    known, on = matter.standing.known, matter.standing.on
    codes = {one.measure.pk for one in matter.measures} | {
        one.indicator.pk for one, holder in matter.indicators if holder is None
    }
    given = [
        one
        for one in items_of_plan(Instruction, matter.standing.plan)
        if one.at <= known and (_holder_of(one) in codes or matter.scope.is_whole)
    ]
    rows = instruction_rows(given, on=on, known=known)
    return sorted(
        (row for row in rows if row.status != InstructionStatus.WITHDRAWN),
        key=lambda row: (row.instruction.at, row.instruction.pk),
    )


def _holder_of(instruction):
    return instruction.measure_id or (instruction.indicator.measure_id if instruction.indicator_id else None)


# 一、总体情况


def _overall(matter):
    standing, measures = matter.standing, matter.measures
    group = grouped(measures)
    counts = _counts(measures)
    words = {
        "plan": standing.plan.title,
        "day": written_day(standing.on),
        "n": len(measures),
        "m": len(matter.indicators),
        "counts": joined(_("%(light)s%(n)s项") % {"light": light.label, "n": n} for light, n in counts),
    }
    first = (
        _("%(plan)s共有举措%(n)s项、指标%(m)s项。截至%(day)s，%(counts)s。")
        if matter.scope.is_whole
        else _("本通报涉及%(plan)s中的举措%(n)s项、指标%(m)s项。截至%(day)s，%(counts)s。")
    ) % words
    blocks = [
        Heading(level=1, text=_("一、总体情况")),
        Para(text=first),
        Gauge(
            label=_("总体进度"),
            percent=group["roll_up"].percent,
            expected=group["expected"],
            counts=tuple((str(light), str(light.label), n) for light, n in counts),
            text=_rate(group["roll_up"].percent, group["expected"], _before_percent(matter)),
        ),
        Para(text=_turns(matter)),
    ]
    by_pillar = [_pillar_words(pillar, matter) for pillar in standing.pillars]
    said = [words for words in by_pillar if words]
    if len(said) > 1:
        blocks.append(Para(lead=_("分支柱看，"), text=_listed(said) + _("。")))
    if matter.indicators:
        blocks.append(Para(lead=_("指标方面，"), text=_indicator_words(matter)))
    return tuple(blocks)


def _counts(measures):
    lights = [one.verdict.light for one in measures]
    return [(light, lights.count(light)) for light in BEST_FIRST if light in lights]


def _before_percent(matter):
    """The percent of the whole in the tree compared with: only where the paper is about the whole, too."""
    return matter.basis.tree["percent"] if matter.scope.is_whole else None


def _rate(percent, expected, before):
    if percent is None:
        return _("总体进度暂无数据。")
    text = _("总体进度 %(percent)s%%") % {"percent": figure(percent)}
    if expected is not None:
        text += _("，序时应达 %(expected)s%%") % {"expected": figure(expected)}
    return text + _change(moved(before, percent)) + _("。")


def _change(by):
    """“，比上次提高 3 个百分点”; nothing where there is nothing to compare with."""
    if by is None:
        return ""
    if by == 0:
        return _("，与上次持平")
    if by > 0:
        return _("，比上次提高 %(by)s 个百分点") % {"by": figure(by)}
    return _("，比上次下降 %(by)s 个百分点") % {"by": figure(-by)}


def _turns(matter):
    place = {light: index for index, light in enumerate(BEST_FIRST)}
    better, worse = [], []
    for one in matter.measures:
        before = matter.before(one)
        if before is None or before["light"] == one.verdict.light:
            continue
        words = _("%(code)s %(title)s（%(before)s→%(after)s）") % {
            "code": one.measure.code,
            "title": one.measure.title,
            "before": Light(before["light"]).label,
            "after": one.verdict.light.label,
        }
        (better if place[one.verdict.light] < place[Light(before["light"])] else worse).append(words)
    text = _("与%(basis)s相比，") % {"basis": matter.basis.name}
    if not better and not worse:
        return text + _("各项举措的状态没有变化。")
    parts = []
    if better:
        parts.append(_("%(n)s项转好：%(names)s") % {"n": len(better), "names": joined(better)})
    if worse:
        parts.append(_("%(n)s项转差：%(names)s") % {"n": len(worse), "names": joined(worse)})
    return text + _listed(parts) + _("。")


def _pillar_words(pillar, matter):
    inside = [one for one in pillar.measures if matter.scope.holds(one.measure)]
    if not inside:
        return ""
    group = grouped(inside)
    trouble = _counts([one for one in inside if one.verdict.light in (Light.LATE, Light.WATCH, Light.NO_DATA)])
    words = {"pillar": pillar.pillar.short, "n": len(inside)}
    text = _("%(pillar)s%(n)s项") % words
    if group["roll_up"].percent is not None:
        text += _("，进度 %(percent)s%%") % {"percent": figure(group["roll_up"].percent)}
        if group["expected"] is not None:
            text += bracketed(_("序时 %(expected)s%%") % {"expected": figure(group["expected"])})
    if trouble:
        text += _("，其中%(counts)s") % {
            "counts": joined(_("%(light)s%(n)s项") % {"light": light.label, "n": n} for light, n in trouble)
        }
    return text


def _indicator_words(matter):
    found = [one.verdict.standing for one, _holder in matter.indicators]
    counts = [(standing, found.count(standing)) for standing in STANDINGS if standing in found]
    return _("%(m)s项指标中，%(counts)s，详见指标体检表。") % {
        "m": len(found),
        "counts": joined(_("%(standing)s%(n)s项") % {"standing": one.label, "n": n} for one, n in counts),
    }


# 二、已完成


def _done(matter):
    blocks = [Heading(level=1, text=_("二、已完成"))]
    done = matter.of_light(Light.DONE)
    if not done:
        return (*blocks, Para(text=_("截至%(day)s，没有已完成的举措。") % {"day": written_day(matter.standing.on)}))
    for one in done:
        before = matter.before(one)
        is_new = before is not None and before["light"] != Light.DONE
        closed = one.facts.closed_on
        said = [_("%(day)s销号。") % {"day": written_day(closed)}] if closed else []
        said += [sentence_of(finding, one.verdict) + _("。") for finding in one.verdict.findings]
        said.append(_told(matter, one))
        lead = _named(one) + (_("（本期完成）") if is_new else "") + _("。")
        blocks.append(Para(lead=lead, text="".join(said)))
    return tuple(blocks)


def _named(one):
    """“1.2 某举措（政治部牵头）”."""
    measure = one.measure
    lead = _("%(department)s牵头") % {"department": measure.lead} if measure.lead else ""
    return f"{measure.code} {measure.title}{bracketed(lead)}"


def _told(matter, one):
    """What the last accepted report says, in its own words."""
    entry = matter.entry(one)
    return _sentence(entry.text) if entry and entry.text else ""


def _sentence(text):
    text = " ".join(text.split())
    return text if not text or text[-1] in "。！？.!?；;" else text + _("。")


# 三、正常推进


def _on_track(matter):
    blocks = [Heading(level=1, text=_("三、正常推进"))]
    number = 0
    for pillar in matter.standing.pillars:
        going = [
            one
            for one in pillar.measures
            if matter.scope.holds(one.measure) and one.verdict.light in (Light.ON_TRACK, Light.NOT_DUE)
        ]
        if not going:
            continue
        number += 1
        blocks.append(Heading(level=2, text=_sub(number, pillar.pillar.title)))
        blocks += [Para(lead=_named(one) + _("。"), text=_going(matter, one) + _told(matter, one)) for one in going]
    paused = matter.of_light(Light.PAUSED)
    if paused:
        number += 1
        blocks.append(Heading(level=2, text=_sub(number, _("已暂停"))))
        blocks.append(Para(text=joined(_named(one) for one in paused) + _("。")))
    if number == 0:
        blocks.append(Para(text=_("没有正常推进中的举措。")))
    return tuple(blocks)


def _sub(number, text):
    return _("（%(number)s）%(text)s") % {"number": chinese_numeral(number), "text": text}


def _going(matter, one):
    percent = one.verdict.percent
    if one.verdict.light == Light.NOT_DUE and not percent:
        return _("未到期。")
    before = matter.before(one)
    text = _("进度 %(percent)s%%") % {"percent": figure(percent)}
    if one.verdict.expected is not None:
        text += bracketed(_("序时 %(expected)s%%") % {"expected": figure(one.verdict.expected)})
    return text + _change(moved(before and before["percent"], percent) or None) + _("。")


# 四、滞后及原因


def _late(matter):
    blocks = [Heading(level=1, text=_("四、滞后及原因"))]
    number = 0
    for light in (Light.LATE, Light.WATCH, Light.NO_DATA):
        found = matter.of_light(light)
        if not found:
            continue
        number += 1
        title = _("%(light)s%(n)s项") % {"light": light.label, "n": len(found)}
        blocks.append(Heading(level=2, text=_sub(number, title)))
        blocks += [Para(lead=_named(one) + _("。"), text="".join(_trouble(matter, one))) for one in found]
    if number == 0:
        blocks.append(Para(text=_("没有滞后、需要关注或待补数据的举措。")))
    return tuple(blocks)


def _trouble(matter, one):
    found = [sentence_of(finding, one.verdict) for finding in one.verdict.findings]
    yield _listed(found) + _("。") if found else ""
    wrong = [indicator for indicator in one.indicators if indicator.verdict.light in (Light.LATE, Light.WATCH)]
    if wrong:
        yield _("涉及指标：%(names)s。") % {"names": joined(_indicator_named(indicator) for indicator in wrong)}
    entry = matter.entry(one)
    if entry is None:
        yield _("尚无确认的填报。")
    else:
        if entry.problems:
            yield _("存在问题：%(text)s") % {"text": _sentence(entry.problems)}
        if entry.help_from:
            yield _("需%(whom)s协调。") % {"whom": entry.help_from}
        if entry.next_steps:
            yield _("下一步：%(text)s") % {"text": _sentence(entry.next_steps)}
    yield _days(one) + _("。")


def _indicator_named(indicator):
    value = indicator.verdict.value
    unit = indicator.indicator.unit
    remarks = [str(indicator.verdict.standing.label)]
    if target := target_text(indicator.indicator, indicator.target):
        remarks.append(_("目标 %(target)s") % {"target": target})
    if value is not None:
        remarks.append(_("现值 %(value)s %(unit)s") % {"value": figure(value), "unit": unit})
    return indicator.indicator.name + bracketed(pgettext("between remarks", "，").join(one.strip() for one in remarks))


def _days(one):
    if one.n_moves:
        return _("原定%(original)s完成，现定%(due)s，已调整%(n)s次") % {
            "original": written_day(one.original_due),
            "due": written_day(one.due),
            "n": one.n_moves,
        }
    return _("时限%(due)s") % {"due": written_day(one.due)}


# 五、下步要求


def _next(matter):
    """What follows from the record, and then what the office adds in its own words."""
    demands = [*_owed(matter), *_soon(matter), *_open_instructions(matter)]
    demands += [" ".join(line.split()) for line in matter.wording.demands.splitlines() if line.strip()]
    blocks = [Heading(level=1, text=_("五、下步要求"))]
    if not demands:
        blocks.append(Para(text=_("没有待补的填报、临近的时限和待办的批示。")))
    blocks += [Para(text=f"{number}. {text}") for number, text in enumerate(demands, 1)]
    return tuple(blocks)


def _owed(matter):
    by_day = {}
    for owed in owed_now(matter.standing):
        if matter.scope.holds(owed.standing.measure):
            key = (owed.is_over, owed.window.start, owed.window.end, owed.window.closes_on)
            by_day.setdefault(key, []).append(owed.standing)
    for (is_over, start, end, closes), found in by_day.items():
        words = {
            "window": window_label(start, end),
            "day": written_day(closes),
            "n": len(found),
            "names": joined(_short(one) for one in found),
        }
        if is_over:
            yield _("%(window)s填报已于%(day)s截止，以下%(n)s项尚无确认的填报，请补报：%(names)s。") % words
        else:
            yield _("%(window)s填报请于%(day)s前完成，现有%(n)s项尚无确认的填报。") % words


def _short(one):
    return f"{one.measure.code}{bracketed(one.measure.lead or '')}"


def _soon(matter):
    on = matter.standing.on
    last = on + SOON
    found = []
    for one in matter.measures:
        if one.verdict.light in (Light.DONE, Light.PAUSED):
            continue
        found += [
            (node.due, f"{_short(one)}{node.node.title}")
            for node in one.nodes
            if node.done_on is None and on < node.due <= last
        ]
        if on < one.due <= last:
            found.append((one.due, f"{_short(one)}{_('整项举措')}"))
    if found:
        names = joined(f"{text}{bracketed(written_day(day))}" for day, text in sorted(found))
        yield _("以下事项在%(day)s前到期，请按时完成：%(names)s。") % {"day": written_day(last), "names": names}


def _open_instructions(matter):
    waiting = [row for row in matter.instructions if row.status == InstructionStatus.OPEN]
    if waiting:
        overdue = [row for row in waiting if row.is_overdue]
        text = _("院领导批示待答复%(n)s件") % {"n": len(waiting)}
        if overdue:
            text += _("，其中逾期%(n)s件") % {"n": len(overdue)}
        yield text + _("，见批示办理情况表。")


# The tables


def _columns(*pairs):
    return tuple(Column(name=name, width=width) for name, width in pairs)


def _late_grid(matter):
    rows = []
    for one in matter.of_light(Light.LATE, Light.WATCH, Light.NO_DATA):
        entry = matter.entry(one)
        rows.append(
            (
                one.measure.code,
                one.measure.title,
                str(one.measure.lead or ""),
                str(one.measure.leader or ""),
                one.original_due,
                one.due if one.n_moves else "",
                lit(one.verdict.light, note_of(one.verdict)),
                entry.problems if entry else "",
                entry.next_steps if entry else "",
            )
        )
    return Grid(
        name=_("滞后及需关注事项表"),
        columns=_columns(
            (_("序号"), 6),
            (_("举措"), 24),
            (_("牵头部门"), 12),
            (_("分管院领导"), 10),
            (_("原定时限"), 12),
            (_("现定时限"), 12),
            (_("状态"), 14),
            (_("原因"), 22),
            (_("下一步"), 20),
        ),
        rows=tuple(rows),
    )


def _checkup_grid(matter):
    before = indicators_in(matter.basis.tree)
    rows = []
    for one, holder in matter.indicators:
        old = before.get(one.indicator.code)
        latest = one.latest_reading.speaks_of if one.latest_reading else None
        by = moved(old and old["value"], one.verdict.value)
        rows.append(
            (
                one.indicator.code,
                one.indicator.name,
                str((holder and holder.measure.lead) or ""),
                target_text(one.indicator, one.target),
                _range(one.indicator.entry),
                _value(one),
                _signed(by),
                lit(one.verdict.light, str(one.verdict.standing.label)),
                latest,
            )
        )
    return Grid(
        name=_("指标体检表"),
        columns=_columns(
            (_("序号"), 8),
            (_("指标"), 26),
            (_("牵头部门"), 14),
            (_("目标值"), 16),
            (_("参考区间"), 12),
            (_("现值"), 12),
            (_("比上次"), 9),
            (_("达标情况"), 16),
            (_("数据截至"), 12),
        ),
        rows=tuple(rows),
    )


def _value(one):
    if one.facts.achieved_on:
        return _("%(day)s实现") % {"day": written_day(one.facts.achieved_on)}
    if one.verdict.value is None:
        return _("无数据")
    return f"{figure(one.verdict.value)} {one.indicator.unit}".strip()


def _range(entry):
    if entry is None or (entry.low is None and entry.high is None):
        return ""
    if entry.high is None:
        return f"≥ {figure(entry.low)} {entry.unit}".strip()
    if entry.low is None:
        return f"≤ {figure(entry.high)} {entry.unit}".strip()
    return f"{figure(entry.low)}–{figure(entry.high)} {entry.unit}".strip()


def _signed(by):
    if by is None:
        return ""
    return f"+{figure(by)}" if by > 0 else figure(by)


def _instruction_grid(matter):
    rows = []
    for row in matter.instructions:
        one = row.instruction
        answers = [step for step in one.steps_until(matter.standing.known) if step.text]
        status = row.status.label + (bracketed(_("逾期")) if row.is_overdue else "")
        rows.append(
            (
                timezone.localdate(one.at),
                str(one.by),
                one.text,
                str(one.about),
                str(one.department),
                row.answer_by,
                status,
                answers[-1].text if answers else "",
            )
        )
    return Grid(
        name=_("批示办理情况表"),
        columns=_columns(
            (_("批示日期"), 12),
            (_("批示人"), 10),
            (_("批示内容"), 30),
            (_("事项"), 22),
            (_("承办部门"), 12),
            (_("答复期限"), 12),
            (_("办理状态"), 10),
            (_("最近答复"), 28),
        ),
        rows=tuple(rows),
    )


def _measure_grid(matter):
    rows = []
    for one in matter.measures:
        before = matter.before(one)
        by = moved(before and before["percent"], one.verdict.percent)
        rows.append(
            (
                one.measure.code,
                one.measure.pillar.short,
                one.measure.title,
                str(one.measure.lead or ""),
                one.due,
                f"{figure(one.verdict.percent)}%" if one.verdict.percent is not None else "—",
                f"{figure(one.verdict.expected)}%" if one.verdict.expected is not None else "—",
                _signed(by),
                lit(one.verdict.light, note_of(one.verdict)),
            )
        )
    return Grid(
        name=_("举措进展一览表"),
        columns=_columns(
            (_("序号"), 6),
            (_("支柱"), 12),
            (_("举措"), 34),
            (_("牵头部门"), 14),
            (_("完成时限"), 12),
            (_("进度"), 9),
            (_("序时应达"), 9),
            (_("比上次"), 9),
            (_("状态"), 18),
        ),
        rows=tuple(rows),
    )


def _listed(texts):
    return pgettext("between items", "；").join(str(text) for text in texts)
