"""The content of a report as one value: input of the services, and snapshot of a decision."""

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.indicators.choices import Accumulation, Kind
from apps.indicators.models import Indicator
from apps.ledger.choices import Declared, EntryKind
from apps.ledger.selectors import Fact, hypothetical_fact
from apps.plans.models import Measure
from apps.reporting.models import Report, ReportReading
from apps.reporting.rules import READING_PARTS, ReadingInput


@dataclass(frozen=True, kw_only=True)
class ReportContent:
    """The one list of a report's fields.

    The form, saving, snapshots, comparison, the ledger and the search all go by these names. All but the last two are
    columns of Report and of LedgerEntry; those two are rows of their own.
    """

    text: str = ""
    percent: Decimal | None = None
    declared: Declared = Declared.NORMAL
    problems: str = ""
    help_from: str = ""
    next_steps: str = ""
    readings: tuple[ReadingInput, ...] = ()
    nodes_done: tuple[tuple[int, date], ...] = ()


COLUMNS = tuple(field.name for field in fields(ReportContent) if field.name not in ("readings", "nodes_done"))
# What pages call the columns, in the order in which they are read.
LABELS = {
    "percent": gettext_lazy("完成进度"),
    "declared": gettext_lazy("推进情况"),
    "help_from": gettext_lazy("需谁协调"),
    "text": gettext_lazy("进展情况"),
    "problems": gettext_lazy("存在问题及需协调"),
    "next_steps": gettext_lazy("下一步打算"),
}


def columns_of(source: Report | ReportContent) -> dict[str, Any]:
    return {name: getattr(source, name) for name in COLUMNS}


def parts_of(reading: ReportReading | ReadingInput) -> dict[str, Any]:
    return {name: getattr(reading, name) for name in READING_PARTS}


def snapshot(report: Report) -> dict[str, Any]:
    """The report as plain values, to be stored with a decision."""
    return {
        "revision": report.revision,
        "department": report.department.name,
        "submitted_by": str(report.submitted_by or ""),
        "submitted_at": report.submitted_at,
        **columns_of(report),
        "readings": [
            {"indicator": reading.indicator.code, **parts_of(reading)}
            for reading in report.readings.select_related("indicator")
        ],
        "nodes_done": [
            {"node": done.node.title, "done_on": done.done_on} for done in report.nodes_done.select_related("node")
        ],
        "evidence": [
            {"name": evidence.name, "url": evidence.url, "sha256": evidence.sha256}
            for evidence in report.evidence.filter(removed_at=None)
        ],
    }


def content_of(report: Report, *, is_prefetched: bool = False) -> ReportContent:
    """The report's saved content, as the value a form would have handed in.

    `is_prefetched` where its readings and nodes were read with it and nothing has been written since.
    """
    readings, nodes_done = report.readings.all(), report.nodes_done.all()
    if not is_prefetched:
        readings, nodes_done = readings.select_related("indicator"), nodes_done.select_related(None)
    return ReportContent(
        **columns_of(report),
        readings=tuple(reading_input(reading.indicator, **parts_of(reading)) for reading in readings),
        nodes_done=tuple((done.node_id, done.done_on) for done in nodes_done),
    )


def reading_input(indicator: Indicator, **parts: Any) -> ReadingInput:
    return ReadingInput(
        indicator_id=indicator.pk,
        kind=Kind(indicator.kind),
        has_parts=indicator.has_parts,
        adds_up=indicator.accumulation != Accumulation.LATEST,
        **parts,
    )


def is_same_content(first: ReportContent, second: ReportContent) -> bool:
    """Whether both come to the same report; empty readings count for nothing."""
    return _comparable(first) == _comparable(second)


def _comparable(content: ReportContent) -> tuple[dict[str, Any], frozenset, frozenset]:
    readings = frozenset(reading for reading in content.readings if not reading.is_empty)
    return columns_of(content), readings, frozenset(content.nodes_done)


# The same content as facts


def ledger_columns(reading: ReportReading | ReadingInput) -> dict[str, Any]:
    """A reading as the ledger has it."""
    if reading.achieved_on is not None:
        return {"kind": EntryKind.ACHIEVED, "speaks_of": reading.achieved_on}
    parts = parts_of(reading)
    parts.pop("achieved_on")
    return {"kind": EntryKind.READING, "speaks_of": parts.pop("period_end"), **parts}


def hypothetical_facts(content: ReportContent, *, measure: Measure, on: date) -> list[Fact]:
    """The facts that the lead department's report would add, were it accepted. Incomplete readings add none."""
    return [
        hypothetical_fact(
            EntryKind.PROGRESS,
            measure_id=measure.pk,
            speaks_of=on,
            percent=content.percent,
            declared=content.declared,
        ),
        *(
            hypothetical_fact(measure_id=measure.pk, indicator_id=reading.indicator_id, **ledger_columns(reading))
            for reading in content.readings
            if reading.is_complete
        ),
        *(
            hypothetical_fact(EntryKind.NODE_DONE, measure_id=measure.pk, node_id=node_id, speaks_of=done_on)
            for node_id, done_on in content.nodes_done
        ),
    ]


# Nothing has changed since the last report


def unchanged(previous: Report) -> ReportContent:
    """The content of a report without changes: the previous text under a line that says so."""
    text = f"{_no_change_line()}\n{without_no_change(previous.text)}".strip()
    return ReportContent(**columns_of(previous) | {"text": text})


def without_no_change(text: str) -> str:
    """The text without the line that nothing had changed."""
    return text.removeprefix(_no_change_line()).lstrip("\n")


def is_unchanged(report: Report, previous: Report) -> bool:
    """Whether a draft has the same content as the last report."""
    draft, before = content_of(report), unchanged(previous)
    return is_same_content(
        replace(draft, text=without_no_change(draft.text)), replace(before, text=without_no_change(previous.text))
    )


def _no_change_line() -> str:
    # A report is kept in the court's language, whichever its writer reads the pages in.
    with translation.override(settings.LANGUAGE_CODE):
        return _("本期无新变化。")
