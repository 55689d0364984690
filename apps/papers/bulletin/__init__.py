"""督查通报: how the work stands, in the order such a paper has, in sentences made from verdicts and accepted reports."""

from django.utils.translation import gettext as _

from apps.core.wording import written_day
from apps.ledger.models import LedgerEntry
from apps.papers.blocks import Heading, Paper, Para, Part
from apps.papers.bulletin.attachments import checkup_table, instruction_table, late_table, measure_table
from apps.papers.bulletin.material import BulletinData, ComparedTree, Scope, Wording
from apps.papers.bulletin.next_steps import next_steps_section
from apps.papers.bulletin.overall import overall_section
from apps.papers.bulletin.progress import done_section, late_section, on_track_section
from apps.papers.choices import PaperKind, Shape
from apps.papers.tables import warning_of
from apps.supervision.choices import InstructionStatus
from apps.supervision.models import Instruction
from apps.supervision.selectors import instruction_rows, items_of_plan

__all__ = ["ComparedTree", "Scope", "Wording", "bulletin_of"]


def bulletin_of(standing, *, earlier, basis, scope=None, wording=None):
    """The paper. `earlier` is what it compares with; `basis` says of which day it is. A fixed number of queries."""
    data = BulletinData(standing=standing, scope=scope or Scope(), earlier=earlier, wording=wording or Wording())
    data.entries = LedgerEntry.objects.in_bulk([item.progress.pk for item in data.measures if item.progress])
    data.instructions = _instructions(data)
    attachments = [
        Part(key=key, blocks=(grid,), shape=Shape.A4_WIDE)
        for key, grid in (
            ("late_table", late_table(data)),
            ("checkup_table", checkup_table(data)),
            ("instruction_table", instruction_table(data)),
            ("measure_table", measure_table(data)),
        )
        if grid.rows
    ]
    numbered = []
    for number, part in enumerate(attachments, 1):
        grid = part.blocks[0]
        head = Heading(level=1, text=_("附件%(number)s　%(name)s") % {"number": number, "name": grid.name})
        numbered.append(Part(key=part.key, blocks=(head, grid), shape=part.shape))
    plan = standing.plan
    return Paper(
        kind=PaperKind.BULLETIN,
        title=data.wording.title or default_title(plan),
        basis=basis,
        warning=warning_of(plan),
        signature=data.wording.signature or plan.court.name,
        dated=written_day(standing.on),
        parts=(
            Part(key="overall", blocks=overall_section(data)),
            Part(key="done", blocks=done_section(data)),
            Part(key="on_track", blocks=on_track_section(data)),
            Part(key="late", blocks=late_section(data)),
            Part(key="next", blocks=next_steps_section(data)),
            Part(key="enclosed", blocks=_enclosed([part.blocks[0].name for part in attachments])),
            *numbered,
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
        *(Para(text=f"　　　{name}", stays=True) for name in others),
    )


def default_title(plan):
    return _("关于%(plan)s推进情况的通报") % {"plan": plan.title}


def _instructions(data):
    """Those given by then and not withdrawn, of the measures in the scope."""
    known, on = data.standing.known, data.standing.on
    keys = {item.measure.pk for item in data.measures} | {
        indicator.indicator.pk for indicator, holder in data.indicators if holder is None
    }
    instructions = [
        instruction
        for instruction in items_of_plan(Instruction, data.standing.plan)
        if instruction.at <= known and (_holder_of(instruction) in keys or data.scope.is_whole)
    ]
    rows = instruction_rows(instructions, on=on, known=known)
    return sorted(
        (row for row in rows if row.status != InstructionStatus.WITHDRAWN),
        key=lambda row: (row.instruction.at, row.instruction.pk),
    )


def _holder_of(instruction):
    return instruction.measure_id or (instruction.indicator.measure_id if instruction.indicator_id else None)
