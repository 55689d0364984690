"""A report's content as one value: what a form hands to the services, and what a decision keeps."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from apps.indicators.choices import Accumulation
from apps.ledger.choices import Declared, EntryKind
from apps.ledger.selectors import supposed
from apps.reporting.rules import ReadingInput


@dataclass(frozen=True, kw_only=True)
class ReportContent:
    text: str = ""
    percent: Decimal | None = None
    declared: Declared = Declared.NORMAL
    problems: str = ""
    help_from: str = ""
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
        "help_from": report.help_from,
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
        "evidence": [
            {"name": one.name, "url": one.url, "sha256": one.sha256} for one in report.evidence.filter(removed_at=None)
        ],
    }


def content_of(report, *, as_read=False):
    """The report's saved content, as the value a form would have handed in.

    `as_read` where its figures and nodes were read with it and nothing has been written since.
    """
    readings, nodes_done = report.readings.all(), report.nodes_done.all()
    if not as_read:
        readings, nodes_done = readings.select_related("indicator"), nodes_done.select_related(None)
    return ReportContent(
        text=report.text,
        percent=report.percent,
        declared=report.declared,
        problems=report.problems,
        help_from=report.help_from,
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
            for reading in readings
        ),
        nodes_done=tuple((done.node_id, done.done_on) for done in nodes_done),
    )


def says_the_same(one, other):
    """Whether two contents come to the same report; figures that were left empty count for nothing."""
    return _compared(one) == _compared(other)


def _compared(content):
    readings = frozenset(reading for reading in content.readings if not reading.is_empty)
    return replace(content, readings=readings, nodes_done=frozenset(content.nodes_done))


def as_facts(content, *, measure, on):
    """The facts that a report of the lead department would add, were it accepted; figures not filled in are none."""
    facts = [
        supposed(
            EntryKind.PROGRESS,
            measure_id=measure.pk,
            speaks_of=on,
            percent=content.percent,
            declared=content.declared,
        )
    ]
    for reading in content.readings:
        facts += _reading_facts(reading, measure)
    facts += [
        supposed(EntryKind.NODE_DONE, measure_id=measure.pk, node_id=node_id, speaks_of=done_on)
        for node_id, done_on in content.nodes_done
    ]
    return facts


def _reading_facts(reading, measure):
    about = {"measure_id": measure.pk, "indicator_id": reading.indicator_id}
    if reading.achieved_on is not None:
        return [supposed(EntryKind.ACHIEVED, speaks_of=reading.achieved_on, **about)]
    has_figure = reading.value is not None or None not in (reading.numerator, reading.denominator)
    if not has_figure or None in (reading.period_start, reading.period_end):
        return []
    return [
        supposed(
            EntryKind.READING,
            speaks_of=reading.period_end,
            period_start=reading.period_start,
            value=reading.value,
            numerator=reading.numerator,
            denominator=reading.denominator,
            out_of=reading.out_of,
            source=reading.source,
            **about,
        )
    ]


# Nothing has changed since the last report


def unchanged(previous):
    """The content of a report that says so: all that was said before, under a line that it still holds."""
    text = without_no_change(previous.text)
    return ReportContent(
        text=f"{_no_change_line()}\n{text}".strip(),
        percent=previous.percent,
        declared=previous.declared,
        problems=previous.problems,
        help_from=previous.help_from,
        next_steps=previous.next_steps,
    )


def without_no_change(text):
    """What a report said, without the line that nothing had changed: the words to go on from."""
    return text.removeprefix(_no_change_line()).lstrip("\n")


def is_as_before(report, previous):
    """Whether a draft says no more than the last report did."""
    draft = content_of(report)
    as_before = replace(unchanged(previous), text=without_no_change(previous.text))
    return says_the_same(replace(draft, text=without_no_change(draft.text)), as_before)


def _no_change_line():
    # A report is kept in the court's language, whichever its writer reads the pages in.
    with translation.override(settings.LANGUAGE_CODE):
        return _("本期无新变化。")


def reading_input(indicator, **parts):
    return ReadingInput(
        indicator_id=indicator.pk,
        kind=indicator.kind,
        has_parts=indicator.has_parts,
        adds_up=indicator.accumulation != Accumulation.LATEST,
        **parts,
    )
