"""The way of a report, and what a report may say. Values in, values out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.indicators.choices import Kind
from apps.progress.choices import Move, ReportStatus

# From which state which move leads where; what is not here is not allowed.
MOVES = {
    ReportStatus.DRAFT: {Move.SUBMIT: ReportStatus.SUBMITTED},
    ReportStatus.SUBMITTED: {Move.APPROVE: ReportStatus.APPROVED, Move.RETURN: ReportStatus.RETURNED},
    ReportStatus.RETURNED: {Move.SUBMIT: ReportStatus.SUBMITTED},
    ReportStatus.APPROVED: {Move.WITHDRAW: ReportStatus.RETURNED},
}
# Its author's to write on.
EDITABLE = frozenset({ReportStatus.DRAFT, ReportStatus.RETURNED})

LONGEST_TEXT = 2000
NO_PERCENT, FULL_PERCENT = Decimal(0), Decimal(100)


def after(status, move):
    """The state that a move leads to; None where it is not allowed."""
    return MOVES[ReportStatus(status)].get(Move(move))


def may_move(status, move):
    return after(status, move) is not None


def day_spoken_of(*, window_end, written_on):
    """A report speaks of its window's last day, or of the day it is written where the window still runs."""
    return min(window_end, written_on)


@dataclass(frozen=True, kw_only=True)
class ReadingInput:
    """A figure as a report gives it. For ACHIEVED only the day, `achieved_on`, is filled."""

    indicator_id: int
    kind: Kind
    has_parts: bool
    adds_up: bool
    period_start: date | None = None
    period_end: date | None = None
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    achieved_on: date | None = None
    out_of: int | None = None
    source: str = ""

    @property
    def is_empty(self):
        return all(part is None for part in (self.value, self.numerator, self.denominator, self.achieved_on))

    def key(self, part):
        """The name of the form's field for this part."""
        return f"reading-{self.indicator_id}-{part}"


def problems_of_reading(reading, *, first_day, last_day, taken=()):
    """What is wrong with one figure, as {field: sentence}.

    Its period lies between `first_day` and `last_day`; `taken` are (start, end) of figures accepted already
    that a figure which adds up must not count again.
    """
    if reading.is_empty:
        return {}
    if reading.kind == Kind.ACHIEVED:
        return _problems_of_achievement(reading, first_day=first_day, last_day=last_day)
    problems = _problems_of_figures(reading)
    start, end = reading.period_start, reading.period_end
    if start is None or end is None:
        problems[reading.key("end" if start else "start")] = _("请填写数据的起止日期。")
    elif start > end:
        problems[reading.key("end")] = _("截止日期不能早于起始日期。")
    elif start < first_day:
        problems[reading.key("start")] = _("数据的起始日期早于本年度计划。")
    elif end > last_day:
        problems[reading.key("end")] = _("数据的截止日期晚于本报送期。")
    elif reading.adds_up and any(start <= taken_end and taken_start <= end for taken_start, taken_end in taken):
        problems[reading.key("start")] = _("这段时间的数据已经报过，重复填报会被重复累加。")
    return problems


def _problems_of_achievement(reading, *, first_day, last_day):
    if reading.achieved_on < first_day:
        return {reading.key("achieved_on"): _("实现日期早于本年度计划。")}
    if reading.achieved_on > last_day:
        return {reading.key("achieved_on"): _("实现日期晚于本报送期，或者还没有到。")}
    return {}


def _problems_of_figures(reading):
    problems = {}
    if (reading.numerator is None) != (reading.denominator is None):
        missing = "numerator" if reading.numerator is None else "denominator"
        problems[reading.key(missing)] = _("分子和分母须一并填写。")
    elif reading.denominator is not None and reading.denominator <= 0:
        problems[reading.key("denominator")] = _("分母须大于 0；本期没有发生时请不填此项，并在进展情况中说明。")
    for part in ("value", "numerator"):
        figure = getattr(reading, part)
        if figure is not None and figure < 0:
            problems[reading.key(part)] = _("不能小于 0。")
    if (
        reading.kind == Kind.RANK_WITHIN
        and reading.value is not None
        and (reading.value < 1 or reading.value != reading.value.to_integral_value())
    ):
        problems[reading.key("value")] = _("位次须为 1 或更大的整数。")
    elif reading.out_of is not None and reading.value is not None and reading.value > reading.out_of:
        problems[reading.key("out_of")] = _("参评总数不能小于位次。")
    return problems


def problems_of_report(*, text, percent, needs_percent, asks_for_help, problems_text):
    """What a report still lacks before it can be handed in, as {field: sentence}.

    Who asks for help or is held up says with what: one sentence is enough.
    """
    problems = {}
    if asks_for_help and not problems_text.strip():
        problems["problems"] = _("请用一句话写明需要协调或受阻的事项。")
    if not text.strip():
        problems["text"] = _("请填写进展情况。")
    if needs_percent and percent is None:
        problems["percent"] = _("请填写完成进度。")
    return problems


def problems_of_percent(percent):
    if percent is None or NO_PERCENT <= percent <= FULL_PERCENT:
        return {}
    return {"percent": _("完成进度须在 0 到 100 之间。")}


def problems_of_node(*, node_id, done_on, first_day, last_day):
    if done_on is None or first_day <= done_on <= last_day:
        return {}
    return {f"node-{node_id}-done_on": _("完成日期须在本年度之内，且不晚于本报送期和今天。")}
