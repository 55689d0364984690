"""The workflow of a report, and what a report may say. Values in, values out."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from apps.assessment.rules.readings import own_value, parts_disagree
from apps.core.figures import figure
from apps.core.problems import Problems
from apps.core.wording import joined
from apps.core.workflow import Workflow
from apps.indicators.choices import Kind
from apps.ledger.selectors import Fact
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
EDITABLE = frozenset({ReportStatus.DRAFT, ReportStatus.RETURNED})

MAX_TEXT = 2000
MAX_URL = 500
# A rate of change against an earlier year may fall below zero; a count, a share or a rank can't.
KINDS_THAT_MAY_BE_NEGATIVE = frozenset({Kind.BELOW_BASELINE, Kind.ABOVE_BASELINE})
RATE_UNITS = frozenset({"%", "‰"})
# A figure this many times the last one, or this small a part of it, is more often a slip than the truth.
UNLIKELY_FACTOR = 5
MIN_PERCENT, MAX_PERCENT = Decimal(0), Decimal(100)


def next_status(status: str, move: str) -> TextChoices | None:
    """The status that a move leads to; None where it is not allowed."""
    return WORKFLOW.after(ReportStatus(status), ReportMove(move))


def day_spoken_of(*, window_end: date, written_on: date) -> date:
    """The last day of the window, or the day of writing while the window still runs."""
    return min(window_end, written_on)


@dataclass(frozen=True, kw_only=True)
class ReadingParts:
    """The figures of a reading, by the names of their columns in ReportReading. ACHIEVED fills `achieved_on` only."""

    period_start: date | None = None
    period_end: date | None = None
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    achieved_on: date | None = None
    out_of: int | None = None
    source: str = ""


READING_PARTS = tuple(field.name for field in fields(ReadingParts))


@dataclass(frozen=True, kw_only=True)
class ReadingInput(ReadingParts):
    """A reading as a report gives it, with what the rules ask about its indicator."""

    indicator_id: int
    kind: Kind
    has_parts: bool
    adds_up: bool

    @property
    def is_empty(self) -> bool:
        return all(part is None for part in (self.value, self.numerator, self.denominator, self.achieved_on))

    @property
    def is_complete(self) -> bool:
        """Whether there is enough of it to be judged."""
        if self.achieved_on is not None:
            return True
        has_figure = self.value is not None or None not in (self.numerator, self.denominator)
        return has_figure and None not in (self.period_start, self.period_end)

    def field(self, part: str) -> str:
        return reading_field(self.indicator_id, part)


def reading_field(indicator_id: int, part: str) -> str:
    """The name of the form's field for one part of a reading: reading-7-value, reading-7-start."""
    return f"reading-{indicator_id}-{part.removeprefix('period_')}"


def node_field(node_id: int, part: str) -> str:
    return f"node-{node_id}-{part}"


def problems_of_reading(
    reading: ReadingInput, *, first_day: date, last_day: date, taken: Collection[tuple[date, date]] = ()
) -> Problems:
    """What is wrong with one reading.

    Its period lies between `first_day` and `last_day`; `taken` are (start, end) of accepted readings, which a reading
    that adds up must not count again.
    """
    if reading.is_empty:
        return {}
    if reading.kind == Kind.ACHIEVED:
        return _problems_of_achievement(reading, first_day=first_day, last_day=last_day)
    problems = _problems_of_figures(reading)
    start, end = reading.period_start, reading.period_end
    if start is None or end is None:
        problems[reading.field("end" if start else "start")] = _("请填写数据的起止日期。")
    elif start > end:
        problems[reading.field("end")] = _("截止日期不能早于起始日期。")
    elif start < first_day:
        problems[reading.field("start")] = _("数据的起始日期早于本年度计划。")
    elif end > last_day:
        problems[reading.field("end")] = _("数据的截止日期晚于本报送期。")
    elif reading.adds_up and any(start <= taken_end and taken_start <= end for taken_start, taken_end in taken):
        problems[reading.field("start")] = _("这段时间的数据已经报过，重复填报会被重复累加。")
    return problems


def _problems_of_achievement(reading: ReadingInput, *, first_day: date, last_day: date) -> Problems:
    field = reading.field("achieved_on")
    if reading.achieved_on is None:
        return {}
    if reading.achieved_on < first_day:
        return {field: _("实现日期早于本年度计划。")}
    if reading.achieved_on > last_day:
        return {field: _("实现日期晚于本报送期，或者还没有到。")}
    return {}


def _problems_of_figures(reading: ReadingInput) -> Problems:
    problems = {}
    if (reading.numerator is None) != (reading.denominator is None):
        missing = "numerator" if reading.numerator is None else "denominator"
        problems[reading.field(missing)] = _("分子和分母须一并填写。")
    elif reading.denominator is not None and reading.denominator <= 0:
        problems[reading.field("denominator")] = _("分母须大于 0；本期没有发生时请不填此项，并在进展情况中说明。")
    if reading.value is not None and reading.value < 0 and reading.kind not in KINDS_THAT_MAY_BE_NEGATIVE:
        problems[reading.field("value")] = _("不能小于 0。")
    if reading.numerator is not None and reading.numerator < 0:
        problems[reading.field("numerator")] = _("不能小于 0。")
    if (
        reading.kind == Kind.RANK_WITHIN
        and reading.value is not None
        and (reading.value < 1 or reading.value != reading.value.to_integral_value())
    ):
        problems[reading.field("value")] = _("位次须为 1 或更大的整数。")
    elif reading.out_of is not None and reading.value is not None and reading.value > reading.out_of:
        problems[reading.field("out_of")] = _("参评总数不能小于位次。")
    return problems


def doubts_about_reading(
    reading: ReadingInput, *, last: Fact | None, unit: str, scale: Decimal, first_day: date
) -> list[str]:
    """What a careful clerk would check again, as sentences. Warnings, never errors: such figures do occur.

    `last` is the reading accepted before.
    """
    doubts = []
    if parts_disagree(reading, scale=scale):
        ratio = own_value(replace(reading, value=None), scale=scale)
        doubts.append(
            _("所报数值 %(value)s 与分子、分母算得的 %(ratio)s 不一致，将以所报数值为准，请核对。")
            % {"value": figure(reading.value), "ratio": figure(ratio)}
        )
    if reading.period_start is not None and not reading.adds_up and reading.period_start > first_day:
        doubts.append(_("这类数据一般从年初累计；所填起始日不在年初，请核对。"))
    if last is not None:
        doubts += _doubts_beside(reading, last, unit=unit, scale=scale)
    return doubts


def _doubts_beside(reading: ReadingInput, last: Fact, *, unit: str, scale: Decimal) -> list[str]:
    """Doubts that come from the reading before."""
    now, before = own_value(reading, scale=scale), own_value(last, scale=scale)
    if now is None or before is None or reading.kind == Kind.RANK_WITHIN:
        return []
    # Both count from the same day on: the later figure includes the earlier one.
    is_cumulative = not reading.adds_up and reading.period_start == last.period_start
    if is_cumulative and reading.denominator is not None and last.denominator is not None:
        if reading.denominator < last.denominator:
            return [
                _("分母比上次的 %(last)s 小；年初至今的累计数一般不会减少，请核对。")
                % {"last": figure(last.denominator)}
            ]
    elif is_cumulative and reading.kind == Kind.AT_LEAST and unit not in RATE_UNITS and now < before:
        return [_("比上次的 %(last)s 小；年初至今的累计数一般不会减少，请核对。") % {"last": figure(before)}]
    if before > 0 and now > 0 and (now >= UNLIKELY_FACTOR * before or before >= UNLIKELY_FACTOR * now):
        return [_("与上次的 %(last)s 相差很大，请核对。") % {"last": figure(before)}]
    return []


def why_not_unchanged(
    *, status: str | None, has_previous: bool, is_unchanged: bool, owed: Collection[str]
) -> str | None:
    """Why “无变化” can't be handed in; None where it can.

    `status` is the report's, None where none was begun; `owed` names the figures and nodes the window asks for.
    """
    if status == ReportStatus.RETURNED:
        return _("这份填报已被退回，请按退回意见修改后提交。")
    if not has_previous:
        return _("此前没有通过的填报，请先填写一次完整的进展。")
    if status == ReportStatus.DRAFT and not is_unchanged:
        return _("本期已有草稿，请打开草稿核对后提交。")
    if owed:
        return _("本期还有要填写的内容：%(names)s。") % {"names": joined(owed)}
    return None


def problems_of_report(
    *, text: str, percent: Decimal | None, needs_percent: bool, asks_for_help: bool, problems_text: str
) -> Problems:
    """What a report still lacks before it can be handed in."""
    problems = {}
    if asks_for_help and not problems_text.strip():
        problems["problems"] = _("请用一句话写明需要协调或受阻的事项。")
    if not text.strip():
        problems["text"] = _("请填写进展情况。")
    if needs_percent and percent is None:
        problems["percent"] = _("请填写完成进度。")
    return problems


def problem_of_link(url: str) -> str | None:
    """What is wrong with a link; None where nothing is. Hosts inside the court's network are allowed."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        is_web = False
    if not is_web or any(character.isspace() for character in url):
        return _("链接须以 http:// 或 https:// 开头。")
    if len(url) > MAX_URL:
        return _("链接最多 %(longest)d 字符。") % {"longest": MAX_URL}
    return None


def problems_of_percent(percent: Decimal | None) -> Problems:
    if percent is None or MIN_PERCENT <= percent <= MAX_PERCENT:
        return {}
    return {"percent": _("完成进度须在 0 到 100 之间。")}


def problems_of_node(*, node_id: int, done_on: date | None, first_day: date, last_day: date) -> Problems:
    if done_on is None or first_day <= done_on <= last_day:
        return {}
    return {node_field(node_id, "done_on"): _("完成日期须在本年度之内，且不晚于本报送期和今天。")}
