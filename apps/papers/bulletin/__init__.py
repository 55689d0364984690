"""督查通报: how the work stands, in the order such a paper has, in sentences made from verdicts and accepted reports."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.assessment.tree import MeasureStanding, PlanStanding
from apps.core.wording import written_day
from apps.papers.blocks import Grid, Heading, Paper, Para, Part
from apps.papers.bulletin.attachments import checkup_table, instruction_table, late_table, measure_table
from apps.papers.bulletin.material import USUAL_WORDING, WHOLE_PLAN, BulletinData, ComparedTree, Scope, Wording
from apps.papers.bulletin.next_steps import next_steps_section
from apps.papers.bulletin.overall import overall_section
from apps.papers.bulletin.progress import done_section, late_section, on_track_section
from apps.papers.choices import PaperKind, Shape
from apps.papers.tables import accepted_reports, warning_of
from apps.supervision.choices import InstructionStatus
from apps.supervision.models import Instruction
from apps.supervision.selectors import InstructionRow, instruction_rows, items_of_plan

__all__ = ["USUAL_WORDING", "WHOLE_PLAN", "ComparedTree", "Scope", "Wording", "bulletin_of"]

SECTIONS = {
    "overall": overall_section,
    "done": done_section,
    "on_track": on_track_section,
    "late": late_section,
    "next": next_steps_section,
}
ATTACHMENTS = {
    "late_table": late_table,
    "checkup_table": checkup_table,
    "instruction_table": instruction_table,
    "measure_table": measure_table,
}


def bulletin_of(
    standing: PlanStanding,
    *,
    earlier: ComparedTree,
    basis: str,
    scope: Scope = WHOLE_PLAN,
    wording: Wording = USUAL_WORDING,
) -> Paper:
    """The paper. `earlier` is what it compares with; `basis` says of which day it is. A fixed number of queries."""
    plan, data = standing.plan, _data_of(standing, earlier, scope, wording)
    tables = [(key, grid) for key, table_of in ATTACHMENTS.items() if (grid := table_of(data)).rows]
    return Paper(
        kind=PaperKind.BULLETIN,
        title=wording.title or _("关于%(plan)s推进情况的通报") % {"plan": plan.title},
        basis=basis,
        warning=warning_of(plan),
        signature=wording.signature or plan.court.name,
        dated=written_day(standing.on),
        parts=(
            *(Part(key=key, blocks=section_of(data)) for key, section_of in SECTIONS.items()),
            Part(key="enclosed", blocks=_enclosed([grid.name for _key, grid in tables])),
            *(_attachment(number, key, grid) for number, (key, grid) in enumerate(tables, 1)),
        ),
    )


def _data_of(standing: PlanStanding, earlier: ComparedTree, scope: Scope, wording: Wording) -> BulletinData:
    measures = [item for item in standing.measures if scope.holds(item.measure)]
    indicators = [indicator for item in measures for indicator in item.indicators]
    if scope.is_whole:
        indicators += [indicator for goal in standing.goals for indicator in goal.indicators]
    return BulletinData(
        standing=standing,
        scope=scope,
        earlier=earlier,
        wording=wording,
        measures=measures,
        indicators=indicators,
        reports=accepted_reports(measures),
        instructions=_instructions(standing, measures, scope),
    )


def _instructions(standing: PlanStanding, measures: Sequence[MeasureStanding], scope: Scope) -> list[InstructionRow]:
    """Instructions known by then and not withdrawn, of the measures in the scope, oldest first."""
    keys = {item.measure.pk for item in measures}
    instructions = [
        instruction
        for instruction in items_of_plan(Instruction, standing.plan)
        if instruction.at <= standing.known and (scope.is_whole or _measure_key(instruction) in keys)
    ]
    instructions.sort(key=lambda instruction: (instruction.at, instruction.pk))
    rows = instruction_rows(instructions, on=standing.on, known=standing.known)
    return [row for row in rows if row.status != InstructionStatus.WITHDRAWN]


def _measure_key(instruction: Instruction) -> int | None:
    if instruction.measure_id is None and instruction.indicator:
        return instruction.indicator.measure_id
    return instruction.measure_id


def _enclosed(names: Sequence[str]) -> tuple[Para, ...]:
    """Which tables lie behind the paper: a line each under the first, after an empty one; never parted from the
    signature below them."""
    if not names:
        return ()
    lines = [_("%(number)s. %(name)s") % {"number": number, "name": name} for number, name in enumerate(names, 1)]
    texts = ["　", _("附件：%(name)s") % {"name": lines[0]}, *(f"　　　{line}" for line in lines[1:])]
    return tuple(Para(text=text, stays=True) for text in texts)


def _attachment(number: int, key: str, grid: Grid) -> Part:
    heading = Heading(level=1, text=_("附件%(number)s　%(name)s") % {"number": number, "name": grid.name})
    return Part(key=key, blocks=(heading, grid), shape=Shape.A4_WIDE)
