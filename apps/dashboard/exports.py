"""The tables of the pages as files: what is shown, in the order in which it is shown."""

from django.utils.translation import gettext as _

from apps.assessment.sentences import note_of, target_text
from apps.core.figures import rounded
from apps.core.wording import joined


def measure_table(found):
    """Measures as the list shows them: (columns, rows)."""
    head = [
        _("编号"),
        _("举措"),
        _("支柱"),
        _("牵头部门"),
        _("配合部门"),
        _("分管院领导"),
        _("完成时限"),
        _("原定时限"),
        _("完成进度（%）"),
        _("序时进度（%）"),
        _("状态"),
        _("说明"),
    ]
    rows = (
        [
            one.measure.code,
            one.measure.title,
            one.measure.pillar.short,
            one.measure.lead or "",
            joined(one.support),
            one.measure.leader or "",
            one.due,
            one.original_due,
            rounded(one.verdict.percent),
            rounded(one.verdict.expected),
            one.verdict.light.label,
            note_of(one.verdict),
        ]
        for one in found
    )
    return head, rows


def indicator_table(found):
    """Indicators as the list shows them: (columns, rows)."""
    head = [
        _("编号"),
        _("指标"),
        _("所属"),
        _("目标值"),
        _("现值"),
        _("单位"),
        _("考核日期"),
        _("状态"),
        _("达标情况"),
    ]
    rows = (
        [
            one.indicator.code,
            one.indicator.name,
            row.holder,
            target_text(one.indicator, one.target),
            one.verdict.value if one.verdict.value is not None else one.facts.achieved_on,
            one.indicator.unit,
            one.facts.due,
            one.verdict.light.label,
            one.verdict.standing.label,
        ]
        for row in found
        for one in [row.standing]
    )
    return head, rows


def year_table(rows):
    """The year at a glance: a column a month, the light's word in each cell."""
    head = [_("编号"), _("举措"), *(cell.on.isoformat() for cell in rows[0].cells)] if rows else [_("编号"), _("举措")]
    table = (
        [
            row.standing.measure.code,
            row.standing.measure.title,
            *(cell.light.label if cell.light else "" for cell in row.cells),
        ]
        for row in rows
    )
    return head, table
