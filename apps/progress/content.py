"""A report's content as one value: what a form hands to the services, and what a decision keeps."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.indicators.choices import Accumulation
from apps.ledger.choices import Declared
from apps.progress.rules import ReadingInput


@dataclass(frozen=True, kw_only=True)
class ReportContent:
    text: str = ""
    percent: Decimal | None = None
    declared: Declared = Declared.NORMAL
    problems: str = ""
    next_steps: str = ""
    readings: tuple[ReadingInput, ...] = ()
    nodes_done: tuple[tuple[int, date], ...] = ()


def snapshot(report):
    """The report's words and figures as they stand, in plain values, to be kept with a decision."""
    return {
        "revision": report.revision,
        "department": report.department.name,
        "submitted_by": str(report.submitted_by or ""),
        "submitted_at": report.submitted_at,
        "text": report.text,
        "percent": report.percent,
        "declared": report.declared,
        "problems": report.problems,
        "next_steps": report.next_steps,
        "readings": [
            {
                "indicator": reading.indicator.code,
                "period_start": reading.period_start,
                "period_end": reading.period_end,
                "value": reading.value,
                "numerator": reading.numerator,
                "denominator": reading.denominator,
                "achieved_on": reading.achieved_on,
                "out_of": reading.out_of,
                "source": reading.source,
            }
            for reading in report.readings.select_related("indicator")
        ],
        "nodes_done": [
            {"node": done.node.title, "done_on": done.done_on} for done in report.nodes_done.select_related("node")
        ],
    }


def content_of(report):
    """The report's saved content, as the value a form would have handed in."""
    return ReportContent(
        text=report.text,
        percent=report.percent,
        declared=report.declared,
        problems=report.problems,
        next_steps=report.next_steps,
        readings=tuple(
            reading_input(
                reading.indicator,
                period_start=reading.period_start,
                period_end=reading.period_end,
                value=reading.value,
                numerator=reading.numerator,
                denominator=reading.denominator,
                achieved_on=reading.achieved_on,
                out_of=reading.out_of,
                source=reading.source,
            )
            for reading in report.readings.select_related("indicator")
        ),
        nodes_done=tuple(report.nodes_done.values_list("node_id", "done_on")),
    )


def reading_input(indicator, **parts):
    return ReadingInput(
        indicator_id=indicator.pk,
        kind=indicator.kind,
        has_parts=indicator.has_parts,
        adds_up=indicator.accumulation != Accumulation.LATEST,
        **parts,
    )
