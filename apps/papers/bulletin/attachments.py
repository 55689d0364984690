"""The tables behind a bulletin."""

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.assessment.choices import Light
from apps.assessment.sentences import note_of, target_text
from apps.core.figures import figure
from apps.core.wording import bracketed, written_day
from apps.papers.blocks import Grid, GridColumn, lit
from apps.papers.tree_diff import indicators_in, moved


def _columns(*pairs):
    return tuple(GridColumn(name=name, width=width) for name, width in pairs)


def late_table(data):
    rows = []
    for item in data.of_light(Light.LATE, Light.WATCH, Light.NO_DATA):
        entry = data.entry(item)
        rows.append(
            (
                item.measure.code,
                item.measure.title,
                str(item.measure.lead or ""),
                str(item.measure.leader or ""),
                item.original_due,
                item.due if item.n_moves else "",
                lit(item.verdict.light, note_of(item.verdict)),
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


def checkup_table(data):
    indicators_before = indicators_in(data.earlier.tree)
    rows = []
    for indicator, holder in data.indicators:
        before = indicators_before.get(indicator.indicator.code)
        latest = indicator.latest_reading.speaks_of if indicator.latest_reading else None
        by = moved(before and before["value"], indicator.verdict.value)
        rows.append(
            (
                indicator.indicator.code,
                indicator.indicator.name,
                str((holder and holder.measure.lead) or ""),
                target_text(indicator.indicator, indicator.target),
                _range(indicator.indicator.entry),
                _value(indicator),
                _signed(by),
                lit(indicator.verdict.light, str(indicator.verdict.standing.label)),
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


def _value(indicator):
    if indicator.facts.achieved_on:
        return _("%(day)s实现") % {"day": written_day(indicator.facts.achieved_on)}
    if indicator.verdict.value is None:
        return _("无数据")
    return f"{figure(indicator.verdict.value)} {indicator.indicator.unit}".strip()


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


def instruction_table(data):
    rows = []
    for row in data.instructions:
        instruction = row.instruction
        answers = [step for step in instruction.steps_until(data.standing.known) if step.text]
        status = row.status.label + (bracketed(_("逾期")) if row.is_overdue else "")
        rows.append(
            (
                timezone.localdate(instruction.at),
                str(instruction.by),
                instruction.text,
                str(instruction.about),
                str(instruction.department),
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


def measure_table(data):
    rows = []
    for item in data.measures:
        before = data.before(item)
        by = moved(before and before["percent"], item.verdict.percent)
        rows.append(
            (
                item.measure.code,
                item.measure.pillar.short,
                item.measure.title,
                str(item.measure.lead or ""),
                item.due,
                f"{figure(item.verdict.percent)}%" if item.verdict.percent is not None else "—",
                f"{figure(item.verdict.expected)}%" if item.verdict.expected is not None else "—",
                _signed(by),
                lit(item.verdict.light, note_of(item.verdict)),
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
