"""Differences between two versions of a report."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from apps.core.figures import figure
from apps.core.wording import bracketed, joined, written_day
from apps.ledger.choices import Declared
from apps.reporting.content import LABELS

# A clause ends with its punctuation mark. Texts are compared clause by clause first, then character by character.
CLAUSE = re.compile(r"[^，。；：、！？,;:!?\n]*[，。；：、！？,;:!?\n]?")
# Longer clauses are not compared by character: it would take long and read badly.
MAX_CLAUSE = 200
# Below this ratio two clauses are different ones; a shorter run of characters in common is chance.
MIN_RATIO, MIN_RUN = 0.5, 2

Snapshot = Mapping[str, Any]


class Change(Enum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Span:
    """A run of text with what became of it."""

    change: Change
    text: str


Spans = tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class DiffRow:
    """One field of two versions. `difference` says by how much a figure moved."""

    label: str
    before: Spans
    after: Spans
    difference: str = ""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A version to compare a report with; `name` is its value in the query string."""

    name: str
    label: str
    content: Snapshot


def diff_texts(before: str, after: str) -> tuple[Spans, Spans]:
    """(the first text with the removed spans marked, the second with the added ones)"""
    left: list[Span] = []
    right: list[Span] = []
    old, new = CLAUSE.findall(before), CLAUSE.findall(after)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "".join(old[i:j]), "".join(new[k:m])
        if tag == "equal":
            left.append(Span(Change.SAME, removed))
            right.append(Span(Change.SAME, added))
        else:
            _diff_clauses(removed, added, left, right)
    return _merged(left), _merged(right)


def _diff_clauses(removed: str, added: str, left: list[Span], right: list[Span]) -> None:
    """By character where the two are alike and short enough; else one whole for the other."""
    matcher = SequenceMatcher(None, removed, added, autojunk=False)
    if max(len(removed), len(added)) > MAX_CLAUSE or matcher.ratio() < MIN_RATIO:
        left.append(Span(Change.REMOVED, removed))
        right.append(Span(Change.ADDED, added))
        return
    for tag, i, j, k, m in matcher.get_opcodes():
        is_same = tag == "equal" and j - i >= MIN_RUN
        left.append(Span(Change.SAME if is_same else Change.REMOVED, removed[i:j]))
        right.append(Span(Change.SAME if is_same else Change.ADDED, added[k:m]))


def _merged(spans: Iterable[Span]) -> Spans:
    """Neighbours with the same change as one span; empty ones dropped."""
    merged: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if merged and merged[-1].change == span.change:
            merged[-1] = Span(span.change, merged[-1].text + span.text)
        else:
            merged.append(span)
    return tuple(merged)


# A report's versions


def diff_rows(version: Snapshot, baseline: Snapshot | None = None, *, names: Mapping[str, str]) -> list[DiffRow]:
    """A version beside a baseline, or (None) by itself. Both are snapshots, as kept with a decision or fresh.

    `names` are the measure's indicators by code. Fields that neither fills have no row.
    """
    rows = _rows(version, baseline or {}, is_alone=baseline is None, names=names)
    return [row for row in rows if row.before or row.after]


def _rows(version: Snapshot, baseline: Snapshot, *, is_alone: bool, names: Mapping[str, str]) -> Iterator[DiffRow]:
    for field, label in LABELS.items():
        if field in FORMATS:
            before, after = (FORMATS[field](snapshot.get(field)) for snapshot in (baseline, version))
            difference = _difference(baseline.get(field), version.get(field)) if field == "percent" else ""
            yield _value_row(str(label), before, after, is_alone, difference=difference)
        elif is_alone:
            yield _value_row(str(label), "", version.get(field, ""), is_alone)
        else:
            left, right = diff_texts(baseline.get(field, ""), version.get(field, ""))
            yield DiffRow(label=str(label), before=left, after=right)
    yield from _reading_rows(baseline, version, is_alone, names)
    old, new = (
        {row["node"]: row["done_on"] for row in snapshot.get("nodes_done", ())} for snapshot in (baseline, version)
    )
    for title in dict.fromkeys((*new, *old)):
        yield _value_row(title, _node_text(old.get(title)), _node_text(new.get(title)), is_alone)
    yield _value_row(_("佐证材料"), _evidence_text(baseline), _evidence_text(version), is_alone)


def _reading_rows(baseline: Snapshot, version: Snapshot, is_alone: bool, names: Mapping[str, str]) -> Iterator[DiffRow]:
    old, new = ({row["indicator"]: row for row in snapshot.get("readings", ())} for snapshot in (baseline, version))
    for code in sorted(old.keys() | new.keys()):
        before, after = old.get(code), new.get(code)
        difference = _difference(before["value"], after["value"]) if before and after else ""
        label = f"{code} {names.get(code, '')}".strip()
        yield _value_row(label, _reading_text(before), _reading_text(after), is_alone, difference=difference)


def _value_row(label: str, before: str, after: str, is_alone: bool, *, difference: str = "") -> DiffRow:
    is_same = is_alone or before == after
    return DiffRow(
        label=label,
        before=_merged([Span(Change.SAME if is_same else Change.REMOVED, before)]),
        after=_merged([Span(Change.SAME if is_same else Change.ADDED, after)]),
        difference=difference,
    )


def _decimal(value: Any) -> Decimal | None:
    """A figure of a snapshot: a Decimal in a fresh one, text in one out of the database."""
    return None if value in (None, "") else Decimal(str(value))


def _difference(before: Any, after: Any) -> str:
    """“+8”; empty where a figure is missing on one side, or both are the same."""
    old, new = _decimal(before), _decimal(after)
    if old is None or new is None or old == new:
        return ""
    return f"{'+' if new > old else '−'}{figure(abs(new - old))}"


def _percent_text(value: Any) -> str:
    percent = _decimal(value)
    return "" if percent is None else f"{figure(percent)}%"


def _declared_text(value: str | None) -> str:
    return str(Declared(value).label) if value else ""


# The columns that are not texts.
FORMATS = {"percent": _percent_text, "declared": _declared_text}


def _reading_text(row: Snapshot | None) -> str:
    if row is None:
        return ""
    if row.get("achieved_on"):
        return _("%(day)s实现") % {"day": _day_text(row["achieved_on"])}
    parts = []
    if _decimal(row["value"]) is not None:
        parts.append(figure(_decimal(row["value"])))
    if row.get("out_of"):
        parts.append(_("（共 %(n)s）") % {"n": row["out_of"]})
    if _decimal(row["denominator"]) is not None:
        parts.append(f"{figure(_decimal(row['numerator']))} / {figure(_decimal(row['denominator']))}")
    period = f"{row['period_start']} – {row['period_end']}"
    return f"{' '.join(parts)}{bracketed(period)}"


def _node_text(day: date | str | None) -> str:
    return _("%(day)s完成") % {"day": _day_text(day)} if day else ""


def _evidence_text(version: Snapshot) -> str:
    return joined(evidence["name"] for evidence in version.get("evidence", ()))


def _day_text(day: date | str) -> str:
    return written_day(parse_date(day) if isinstance(day, str) else day)
