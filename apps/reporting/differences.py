"""What one version of a report says otherwise than another, so that a reader need not hunt for it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import Enum

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from apps.core.figures import figure
from apps.core.wording import bracketed, joined, written_day
from apps.ledger.choices import Declared

# A clause ends with its mark; a text is compared clause by clause before it is compared sign by sign.
CLAUSE = re.compile(r"[^，。；：、！？,;:!?\n]*[，。；：、！？,;:!?\n]?")
# Clauses longer than this are not compared sign by sign: it would take long and read badly.
LONGEST_CLAUSE = 200
# Below this likeness two clauses are different ones; and a run of fewer signs in common is chance.
LIKE, SHORTEST_RUN = 0.5, 2


class Mark(Enum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Piece:
    mark: Mark
    text: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that both versions may speak of: how each puts it, and a word on the change between."""

    label: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    change: str = ""

    @property
    def is_changed(self):
        return any(piece.mark != Mark.SAME for piece in (*self.before, *self.after))


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A version to lay a report beside: its name in the address, what it is called, and what it says."""

    name: str
    label: str
    content: dict


def compared(before, after):
    """Two texts as pieces: (the first with what was taken out, the second with what was put in)."""
    left, right = [], []
    old, new = CLAUSE.findall(before), CLAUSE.findall(after)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        ours, theirs = "".join(old[i:j]), "".join(new[k:m])
        if tag == "equal":
            left.append(Piece(Mark.SAME, ours))
            right.append(Piece(Mark.SAME, theirs))
        else:
            _compare_clauses(ours, theirs, left, right)
    return _joined(left), _joined(right)


def _compare_clauses(ours, theirs, left, right):
    """Sign by sign where the two are alike and short enough; else one whole for the other."""
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    if max(len(ours), len(theirs)) > LONGEST_CLAUSE or matcher.ratio() < LIKE:
        left.append(Piece(Mark.REMOVED, ours))
        right.append(Piece(Mark.ADDED, theirs))
        return
    for tag, i, j, k, m in matcher.get_opcodes():
        is_same = tag == "equal" and j - i >= SHORTEST_RUN
        left.append(Piece(Mark.SAME if is_same else Mark.REMOVED, ours[i:j]))
        right.append(Piece(Mark.SAME if is_same else Mark.ADDED, theirs[k:m]))


def _joined(pieces):
    """Neighbours of one mark as one piece; empty ones dropped."""
    joined = []
    for piece in pieces:
        if not piece.text:
            continue
        if joined and joined[-1].mark == piece.mark:
            joined[-1] = Piece(piece.mark, joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return tuple(joined)


# A report's versions


def lines_of(version, other=None, *, names):
    """A version beside another one, or (None) by itself. Versions are snapshots, as kept with a decision or fresh.

    `names` are the measure's indicators by code. The version stands as `after`, the other one as `before`.
    """
    against = other or {}
    texts = (
        ("help_from", _("需谁协调")),
        ("text", _("进展情况")),
        ("problems", _("存在问题及需协调")),
        ("next_steps", _("下一步打算")),
    )
    lines = [
        _value_line(_("完成进度"), _percent(against), _percent(version), other, change=_moved(against, version)),
        _value_line(_("推进情况"), _declared(against), _declared(version), other),
        *(_text_line(label, against.get(name, ""), version.get(name, ""), other) for name, label in texts),
        *_reading_lines(against, version, other, names),
        *_node_lines(against, version, other),
        _value_line(_("佐证材料"), _evidence(against), _evidence(version), other),
    ]
    return [line for line in lines if line.before or line.after]


def _text_line(label, before, after, other):
    if other is None:
        return Line(label=label, before=(), after=_joined([Piece(Mark.SAME, after)]))
    left, right = compared(before, after)
    return Line(label=label, before=left, after=right)


def _value_line(label, before, after, other, *, change=""):
    is_same = other is None or before == after
    return Line(
        label=label,
        before=_joined([Piece(Mark.SAME if is_same else Mark.REMOVED, before)]),
        after=_joined([Piece(Mark.SAME if is_same else Mark.ADDED, after)]),
        change=change,
    )


def _number(value):
    return None if value in (None, "") else Decimal(str(value))


def _percent(version):
    percent = _number(version.get("percent"))
    return "" if percent is None else f"{figure(percent)}%"


def _moved(before, after):
    """“+8”: how far the percent moved; nothing where it is not known on both sides, or did not."""
    old, new = _number(before.get("percent")), _number(after.get("percent"))
    return "" if old is None or new is None or old == new else _signed(new - old)


def _signed(difference):
    return f"{'+' if difference > 0 else '−'}{figure(abs(difference))}"


def _declared(version):
    return str(Declared(version["declared"]).label) if version.get("declared") else ""


def _reading_lines(before, after, other, names):
    old = {one["indicator"]: one for one in before.get("readings", ())}
    new = {one["indicator"]: one for one in after.get("readings", ())}
    for code in sorted(old.keys() | new.keys()):
        left, right = old.get(code), new.get(code)
        change = ""
        if left and right and None not in (_number(left["value"]), _number(right["value"])):
            difference = _number(right["value"]) - _number(left["value"])
            change = _signed(difference) if difference else ""
        yield _value_line(
            f"{code} {names.get(code, '')}".strip(), _reading(left), _reading(right), other, change=change
        )


def _reading(one):
    if one is None:
        return ""
    if one.get("achieved_on"):
        return _("%(day)s实现") % {"day": _day(one["achieved_on"])}
    parts = []
    if _number(one["value"]) is not None:
        parts.append(figure(_number(one["value"])))
    if one.get("out_of"):
        parts.append(_("（共 %(n)s）") % {"n": one["out_of"]})
    if _number(one["denominator"]) is not None:
        parts.append(f"{figure(_number(one['numerator']))} / {figure(_number(one['denominator']))}")
    period = f"{one['period_start']} – {one['period_end']}"
    return f"{' '.join(parts)}{bracketed(period)}"


def _node_lines(before, after, other):
    old = {one["node"]: one["done_on"] for one in before.get("nodes_done", ())}
    new = {one["node"]: one["done_on"] for one in after.get("nodes_done", ())}
    for title in dict.fromkeys((*new, *old)):
        yield _value_line(title, _done(old.get(title)), _done(new.get(title)), other)


def _done(day):
    return _("%(day)s完成") % {"day": _day(day)} if day else ""


def _evidence(version):
    return joined(one["name"] for one in version.get("evidence", ()))


def _day(value):
    return written_day(parse_date(value) if isinstance(value, str) else value)
