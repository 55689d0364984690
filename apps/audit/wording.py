"""The content of an event in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS = {
    "before": _("调整前"),
    "after": _("调整后"),
    "reason": _("理由"),
    "text": _("内容"),
    "document": _("依据文件"),
    "effective_from": _("生效日期"),
    "revision": _("修订次数"),
    "ledger": _("台账记录"),
    "lead": _("牵头部门"),
    "leader": _("分管院领导"),
    "support": _("配合部门"),
    "to": _("承办部门"),
    "answer_by": _("答复期限"),
    "due": _("完成时限"),
    "new_due": _("申请延至"),
    "closed_on": _("销号日期"),
    "finished_on": _("完成日期"),
    "result": _("办结结果"),
    "is_met": _("评定为达标"),
    "judged_on": _("评定日期"),
    "adjustment": _("事项"),
    "weight": _("权重"),
    "measure": _("举措"),
    "low": _("目标值（下限）"),
    "high": _("上限"),
    "stretch": _("争取值"),
    "baseline": _("基期值"),
    "pace": _("考核方式"),
    "steps": _("分步目标"),
    "watch_gap": _("落后多少个百分点为关注"),
    "late_gap": _("落后多少个百分点为滞后"),
    "due_soon_days": _("临期提醒天数"),
    "node_late_days": _("节点逾期多少天为滞后"),
    "method": _("方式"),
    "path": _("地址"),
    "status": _("结果"),
    "filter": _("筛选"),
    "n_events": _("记录条数"),
    "is_whole": _("是否完整"),
    "left": _("还剩几个恢复码"),
    "by_single_sign_on": _("由统一身份认证建立"),
}
ORDER = {key: position for position, key in enumerate(WORDS)}


@dataclass(frozen=True)
class Line:
    """One value of an event with its label."""

    name: str
    value: str


def lines_of(data: Mapping[str, Any]) -> list[Line]:
    """The content of an event, flat and in words; the seals are for the check, not for reading."""
    return list(_lines({key: value for key, value in data.items() if key != "seals"}))


def _lines(data: Mapping[str, Any], above: str = "") -> Iterator[Line]:
    # In the order of the words: a database need not keep the order in which a thing was written.
    for key, value in sorted(data.items(), key=lambda item: ORDER.get(item[0], len(ORDER))):
        name = f"{above}{WORDS.get(key, key)}"
        if isinstance(value, dict):
            yield from _lines(value, above=f"{name} · ")
        else:
            yield Line(name=name, value=_in_words(value))


def _in_words(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "—"
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, list):
        return "; ".join(_in_words(item) for item in value)
    return str(value)


def ranges(numbers: Iterable[int]) -> str:
    """Numbers folded: 3, 12–18."""
    folded: list[list[int]] = []
    for number in numbers:
        if folded and number == folded[-1][1] + 1:
            folded[-1][1] = number
        else:
            folded.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in folded)
