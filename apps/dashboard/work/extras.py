"""Figures and nodes that are owed besides a report."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from apps.assessment.choices import NodeState
from apps.assessment.rules import node_state
from apps.assessment.tree import MeasureStanding, WindowState
from apps.core.wording import joined, written_day
from apps.indicators.models import Indicator
from apps.plans.rules import Window
from apps.plans.wording import window_label
from apps.reporting.choices import ReportStatus
from apps.reporting.models import ReportNode, ReportReading

NEAR_DAYS = 10


@dataclass(frozen=True, kw_only=True)
class Extra:
    """Figures and nodes of one measure, in words: they go into the same form as its report."""

    figures: tuple[str, ...]
    nodes: tuple[str, ...]
    due: date | None
    is_overdue: bool

    @property
    def notes(self) -> tuple[str, ...]:
        figures = [_("缺数据：%(names)s") % {"names": joined(self.figures)}] if self.figures else []
        return (*figures, *self.nodes)


class Sent:
    """What is in the reviewer's hands already: not asked for again."""

    def __init__(self, department_id: int | None) -> None:
        submitted = {"report__department": department_id, "report__status": ReportStatus.SUBMITTED}
        self.nodes = set(ReportNode.objects.filter(**submitted).values_list("node_id", flat=True))
        self.figures = set(
            ReportReading.objects.filter(**submitted).values_list("indicator_id", "period_end", "achieved_on")
        )

    def has_figure(self, indicator: Indicator, window: Window) -> bool:
        return any(pk == indicator.pk and end is not None and window.contains(end) for pk, end, _day in self.figures)


def extra_of(standing: MeasureStanding, sent: Sent, *, on: date) -> Extra | None:
    figures = tuple(_missing_figures(standing, sent))
    near = [
        node
        for node in standing.nodes
        if node.done_on is None and node.node.pk not in sent.nodes and node.facts.due <= on + timedelta(days=NEAR_DAYS)
    ]
    if not figures and not near:
        return None
    return Extra(
        figures=figures,
        nodes=tuple(
            _("节点：%(node)s（%(day)s）") % {"node": node.node, "day": written_day(node.facts.due)} for node in near
        ),
        due=min((node.facts.due for node in near), default=None),
        is_overdue=any(node_state(node.facts, on=on) == NodeState.OVERDUE for node in near),
    )


def _missing_figures(standing: MeasureStanding, sent: Sent) -> Iterator[str]:
    """The measure's indicators with a window missed since their last reading, each with that window's name."""
    for indicator in standing.indicators:
        n_missed = indicator.facts.readings_missed
        if n_missed == 0:
            continue
        missed = [row.window for row in indicator.reporting.standings() if row.state == WindowState.MISSED]
        unsent = [window for window in missed[-n_missed:] if not sent.has_figure(indicator.indicator, window)]
        if unsent:
            label = window_label(unsent[-1].start, unsent[-1].end)
            yield _("%(indicator)s（缺%(window)s）") % {"indicator": indicator.indicator, "window": label}
