"""The way of a report, and what a report may say. Values in, values out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.assessment.rules.readings import own_value, parts_disagree
from apps.core.figures import figure
from apps.core.wording import joined
from apps.core.workflow import Workflow
from apps.indicators.choices import Kind
from apps.reporting.choices import ReportActor, ReportMove, ReportStatus

WORKFLOW = Workflow(
    initial=ReportStatus.DRAFT,
    transitions={
        ReportStatus.DRAFT: {ReportMove.SUBMIT: ReportStatus.SUBMITTED},
        ReportStatus.SUBMITTED: {
            ReportMove.APPROVE: ReportStatus.APPROVED,
            ReportMove.RETURN: ReportStatus.RETURNED,
            ReportMove.RECALL: ReportStatus.DRAFT,
        },
        ReportStatus.RETURNED: {ReportMove.SUBMIT: ReportStatus.SUBMITTED},
        ReportStatus.APPROVED: {ReportMove.WITHDRAW: ReportStatus.RETURNED},
    },
    actors={
        ReportMove.SUBMIT: ReportActor.WRITER,
        ReportMove.RECALL: ReportActor.WRITER,
        ReportMove.APPROVE: ReportActor.REVIEWER,
        ReportMove.RETURN: ReportActor.REVIEWER,
        ReportMove.WITHDRAW: ReportActor.PLAN_ADMIN,
    },
)
# Its author's to write on.
EDITABLE = frozenset({ReportStatus.DRAFT, ReportStatus.RETURNED})

LONGEST_TEXT = 2000
LONGEST_URL = 500
# A rate of change against an earlier year may fall below zero; a count, a share or a rank can't.
MAY_BE_NEGATIVE = frozenset({Kind.BELOW_BASELINE, Kind.ABOVE_BASELINE})
RATE_UNITS = frozenset({"%", "‰"})
# A figure this many times the last one, or this small a part of it, is more often a slip than the truth.
FAR = 5
NO_PERCENT, FULL_PERCENT = Decimal(0), Decimal(100)


def next_status(status: str, move: str) -> TextChoices | None:
    """The status that a move leads to; None where it is not allowed."""
    return WORKFLOW.after(ReportStatus(status), ReportMove(move))


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
        may_be_negative = part == "value" and reading.kind in MAY_BE_NEGATIVE
        if figure is not None and figure < 0 and not may_be_negative:
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


def doubts_about_reading(reading, *, last, unit, scale, first_day):
    """What a careful clerk would look at twice, as sentences. Never an error: such figures do occur.

    `last` is the figure accepted before (with `period_start`, `value`, `numerator`, `denominator`), or None.
    """
    doubts = []
    if parts_disagree(reading, scale=scale):
        ratio = own_value(ReadingParts(None, reading.numerator, reading.denominator), scale=scale)
        doubts.append(
            _("所报数值 %(value)s 与分子、分母算得的 %(ratio)s 不一致，将以所报数值为准，请核对。")
            % {"value": figure(reading.value), "ratio": figure(ratio)}
        )
    if reading.period_start is not None and not reading.adds_up and reading.period_start > first_day:
        doubts.append(_("这类数据一般从年初累计；所填起始日不在年初，请核对。"))
    if last is not None:
        doubts += _doubts_beside(reading, last, unit=unit, scale=scale)
    return doubts


@dataclass(frozen=True)
class ReadingParts:
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None


def _doubts_beside(reading, last, *, unit, scale):
    """Doubts that come from the figure before."""
    now, before = own_value(reading, scale=scale), own_value(last, scale=scale)
    if now is None or before is None or reading.kind == Kind.RANK_WITHIN:
        return []
    words = {"last": figure(before)}
    runs_on = not reading.adds_up and reading.period_start == last.period_start
    if runs_on and reading.denominator is not None and last.denominator is not None:
        if reading.denominator < last.denominator:
            return [
                _("分母比上次的 %(last)s 小；年初至今的累计数一般不会减少，请核对。")
                % {"last": figure(last.denominator)}
            ]
    elif runs_on and reading.kind == Kind.AT_LEAST and unit not in RATE_UNITS and now < before:
        return [_("比上次的 %(last)s 小；年初至今的累计数一般不会减少，请核对。") % words]
    if before > 0 and now > 0 and (now >= FAR * before or before >= FAR * now):
        return [_("与上次的 %(last)s 相差很大，请核对。") % words]
    return []


def why_not_unchanged(*, status, has_previous, is_as_before, owed):
    """Why “无变化” can't be handed in, in a sentence; None where it can.

    `status` is the report's, None where none was begun; `owed` names the figures and nodes the window asks for.
    """
    if status == ReportStatus.RETURNED:
        return _("这份填报已被退回，请按退回意见修改后提交。")
    if not has_previous:
        return _("此前没有通过的填报，请先填写一次完整的进展。")
    if status == ReportStatus.DRAFT and not is_as_before:
        return _("本期已有草稿，请打开草稿核对后提交。")
    if owed:
        return _("本期还有要填写的内容：%(names)s。") % {"names": joined(owed)}
    return None


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


def problem_of_link(url):
    """What is wrong with a link; None where nothing is. Addresses inside the court's network are as good as any."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        is_web = False
    if not is_web or any(sign.isspace() for sign in url):
        return _("链接须以 http:// 或 https:// 开头。")
    if len(url) > LONGEST_URL:
        return _("链接最多 %(longest)d 字符。") % {"longest": LONGEST_URL}
    return None


def problems_of_percent(percent):
    if percent is None or NO_PERCENT <= percent <= FULL_PERCENT:
        return {}
    return {"percent": _("完成进度须在 0 到 100 之间。")}


def problems_of_node(*, node_id, done_on, first_day, last_day):
    if done_on is None or first_day <= done_on <= last_day:
        return {}
    return {f"node-{node_id}-done_on": _("完成日期须在本年度之内，且不晚于本报送期和今天。")}
