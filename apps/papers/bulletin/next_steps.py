"""五、下步要求"""

from datetime import timedelta

from django.utils.translation import gettext as _

from apps.assessment.choices import Light
from apps.core.wording import bracketed, joined, written_day
from apps.dashboard.selectors import owed_now
from apps.papers.blocks import Heading, Para
from apps.papers.bulletin.sentences import short_name
from apps.plans.wording import window_label
from apps.supervision.choices import InstructionStatus

SOON = timedelta(days=30)


def next_steps_section(data):
    """What follows from the record, and then what the office adds in its own words."""
    demands = [*_owed_reports(data), *_due_soon(data), *_open_instructions(data)]
    demands += [" ".join(line.split()) for line in data.wording.demands.splitlines() if line.strip()]
    blocks = [Heading(level=1, text=_("五、下步要求"))]
    if not demands:
        blocks.append(Para(text=_("没有待补的填报、临近的时限和待办的批示。")))
    blocks += [Para(text=f"{number}. {text}") for number, text in enumerate(demands, 1)]
    return tuple(blocks)


def _owed_reports(data):
    by_day = {}
    for owed in owed_now(data.standing):
        if data.scope.holds(owed.standing.measure):
            key = (owed.is_over, owed.window.start, owed.window.end, owed.window.closes_on)
            by_day.setdefault(key, []).append(owed.standing)
    for (is_over, start, end, closes), found in by_day.items():
        words = {
            "window": window_label(start, end),
            "day": written_day(closes),
            "n": len(found),
            "names": joined(short_name(item) for item in found),
        }
        if is_over:
            yield _("%(window)s填报已于%(day)s截止，以下%(n)s项尚无确认的填报，请补报：%(names)s。") % words
        else:
            yield _("%(window)s填报请于%(day)s前完成，现有%(n)s项尚无确认的填报。") % words


def _due_soon(data):
    on = data.standing.on
    last = on + SOON
    found = []
    for item in data.measures:
        if item.verdict.light in (Light.DONE, Light.PAUSED):
            continue
        found += [
            (node.due, f"{short_name(item)}{node.node.title}")
            for node in item.nodes
            if node.done_on is None and on < node.due <= last
        ]
        if on < item.due <= last:
            found.append((item.due, f"{short_name(item)}{_('整项举措')}"))
    if found:
        names = joined(f"{text}{bracketed(written_day(day))}" for day, text in sorted(found))
        yield _("以下事项在%(day)s前到期，请按时完成：%(names)s。") % {"day": written_day(last), "names": names}


def _open_instructions(data):
    waiting = [row for row in data.instructions if row.status == InstructionStatus.OPEN]
    if waiting:
        overdue = [row for row in waiting if row.is_overdue]
        text = _("院领导批示待答复%(n)s件") % {"n": len(waiting)}
        if overdue:
            text += _("，其中逾期%(n)s件") % {"n": len(overdue)}
        yield text + _("，见批示办理情况表。")
