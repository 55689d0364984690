"""The tables behind a bulletin."""

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.assessment.choices import Light
from apps.assessment.sentences import bounds_text
from apps.assessment.tree import IndicatorStanding
from apps.core.wording import bracketed
from apps.papers.blocks import Grid, build_grid, name_at
from apps.papers.bulletin.material import BulletinData
from apps.papers.sentences import percent_text, signed, value_text
from apps.papers.tables import indicator_light, light, target
from apps.supervision.selectors import InstructionRow


def late_table(data: BulletinData) -> Grid:
    return build_grid(
        _("滞后及需关注事项表"),
        data.of_light(Light.LATE, Light.WATCH, Light.NO_DATA),
        (_("序号"), 6, "measure.code"),
        (_("举措"), 24, "measure.title"),
        (_("牵头部门"), 12, name_at("measure.lead")),
        (_("分管院领导"), 10, name_at("measure.leader")),
        (_("原定时限"), 12, "original_due"),
        (_("现定时限"), 12, lambda item: item.due if item.n_moves else ""),
        (_("状态"), 14, light),
        (_("原因"), 22, lambda item: data.report(item).problems),
        (_("下一步"), 20, lambda item: data.report(item).next_steps),
    )


def checkup_table(data: BulletinData) -> Grid:
    leads = {item.measure.pk: str(item.measure.lead or "") for item in data.measures}
    return build_grid(
        _("指标体检表"),
        data.indicators,
        (_("序号"), 8, "indicator.code"),
        (_("指标"), 26, "indicator.name"),
        (_("牵头部门"), 14, lambda item: leads.get(item.indicator.measure_id, "")),
        (_("目标值"), 16, target),
        (_("参考区间"), 12, _range),
        (_("现值"), 12, value_text),
        (_("比上次"), 9, lambda item: signed(data.value_change(item))),
        (_("达标情况"), 16, indicator_light),
        (_("数据截至"), 12, lambda item: item.latest_reading and item.latest_reading.speaks_of),
    )


def _range(item: IndicatorStanding) -> str:
    entry = item.indicator.entry
    return bounds_text(entry.low, entry.high, entry.unit) if entry else ""


def instruction_table(data: BulletinData) -> Grid:
    def status(row: InstructionRow) -> str:
        return row.status.label + (bracketed(_("逾期")) if row.is_overdue else "")

    def latest_answer(row: InstructionRow) -> str:
        answers = [step.text for step in row.instruction.steps_until(data.standing.known) if step.text]
        return answers[-1] if answers else ""

    return build_grid(
        _("批示办理情况表"),
        data.instructions,
        (_("批示日期"), 12, lambda row: timezone.localdate(row.instruction.at)),
        (_("批示人"), 10, "instruction.by"),
        (_("批示内容"), 30, "instruction.text"),
        (_("事项"), 22, "instruction.about"),
        (_("承办部门"), 12, "instruction.department"),
        (_("答复期限"), 12, "answer_by"),
        (_("办理状态"), 10, status),
        (_("最近答复"), 28, latest_answer),
    )


def measure_table(data: BulletinData) -> Grid:
    return build_grid(
        _("举措进展一览表"),
        data.measures,
        (_("序号"), 6, "measure.code"),
        (_("支柱"), 12, "measure.pillar.short"),
        (_("举措"), 34, "measure.title"),
        (_("牵头部门"), 14, name_at("measure.lead")),
        (_("完成时限"), 12, "due"),
        (_("进度"), 9, lambda item: percent_text(item.verdict.percent)),
        (_("序时应达"), 9, lambda item: percent_text(item.verdict.expected)),
        (_("比上次"), 9, lambda item: signed(data.percent_change(item))),
        (_("状态"), 18, light),
    )
