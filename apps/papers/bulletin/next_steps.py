"""五、下步要求"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from apps.assessment.choices import Light, NodeState
from apps.core.wording import bracketed, joined, written_day
from apps.dashboard.selectors import owed_now
from apps.papers.blocks import Block, Heading, Para
from apps.papers.bulletin.material import BulletinData
from apps.papers.sentences import short_name
from apps.plans.wording import window_label
from apps.supervision.choices import InstructionStatus

DUE_SOON = timedelta(days=30)


def next_steps_section(data: BulletinData) -> tuple[Block, ...]:
    """Demands that follow from the record, then those that the office adds."""
    demands = [*_owed_reports(data), *_due_soon(data), *_open_instructions(data)]
    demands += [" ".join(line.split()) for line in data.wording.demands.splitlines() if line.strip()]
    texts = [f"{number}. {text}" for number, text in enumerate(demands, 1)]
    return (
        Heading(level=1, text=_("五、下步要求")),
        *(Para(text=text) for text in texts or [_("没有待补的填报、临近的时限和待办的批示。")]),
    )


def _owed_reports(data: BulletinData) -> Iterator[str]:
    by_window = defaultdict(list)
    for owed in owed_now(data.standing):
        if data.scope.holds(owed.standing.measure):
            by_window[owed.is_over, owed.window].append(owed.standing)
    for (is_over, window), items in by_window.items():
        words = {
            "window": window_label(window.start, window.end),
            "day": written_day(window.closes_on),
            "n": len(items),
            "names": joined(short_name(item) for item in items),
        }
        if is_over:
            yield _("%(window)s填报已于%(day)s截止，以下%(n)s项尚无确认的填报，请补报：%(names)s。") % words
        else:
            yield _("%(window)s填报请于%(day)s前完成，现有%(n)s项尚无确认的填报。") % words


def _due_soon(data: BulletinData) -> Iterator[str]:
    """Nodes and measures whose last day in time, moved to a working day as the judgement counts it, lies ahead."""
    on, last = data.standing.on, data.standing.on + DUE_SOON
    dated = []
    for item in data.measures:
        if item.verdict.light not in (Light.DONE, Light.PAUSED):
            nodes = [node for node in item.nodes if node.state == NodeState.PLANNED]
            dated += [(node.facts.due, f"{short_name(item)}{node.node.title}") for node in nodes]
            dated.append((item.facts.due, f"{short_name(item)}{_('整项举措')}"))
    soon = sorted((due, text) for due, text in dated if on < due <= last)
    if soon:
        names = joined(f"{text}{bracketed(written_day(due))}" for due, text in soon)
        yield _("以下事项在%(day)s前到期，请按时完成：%(names)s。") % {"day": written_day(last), "names": names}


def _open_instructions(data: BulletinData) -> Iterator[str]:
    waiting = [row for row in data.instructions if row.status == InstructionStatus.OPEN]
    n_overdue = sum(row.is_overdue for row in waiting)
    if waiting:
        text = _("院领导批示待答复%(n)s件") % {"n": len(waiting)}
        if n_overdue:
            text += _("，其中逾期%(n)s件") % {"n": n_overdue}
        yield text + _("，见批示办理情况表。")
