"""Every number in every paper is one that the day's standing, or the record behind it, says."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.assessment.archive import document_of
from apps.assessment.selectors import PlanHistory, grouped, standing_of
from apps.core.figures import figure
from apps.ledger.models import LedgerEntry
from apps.papers.blocks import Gauge, Grid, Heading, LightCell, Para
from apps.papers.bulletin import ComparedTree, bulletin_of
from apps.papers.single import dossier_of, pillar_paper, year_paper
from apps.papers.tables import breakdown_of, ledger_of
from apps.plans.models import Plan, Quote
from apps.plans.rules import windows_of
from apps.supervision.models import Instruction
from tests.conftest import at

DAYS = [date(2025, 3, 31), date(2025, 8, 15), date(2025, 12, 31)]
WRITTEN_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日|(\d{4})-(\d{2})-(\d{2})")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture
def year(example_year, db):
    with time_machine.travel(at("2026-01-20 10:00")):
        yield Plan.objects.select_related("court").get(year=2025, court__slug="kfq")


def words_of(paper):
    """All that a paper says, piece by piece; the numbers of its own headings left out."""
    yield from (paper.title, paper.basis, paper.signature, paper.dated)
    for block in paper.blocks:
        match block:
            case Heading(text=text):
                yield re.sub(r"^附件\d+", "", text)
            case Para(text=text, lead=lead):
                yield lead
                yield re.sub(r"^\d+\. ", "", text)
            case Gauge(text=text, counts=counts, percent=percent, expected=expected):
                yield from (text, *(str(n) for _light, _word, n in counts))
                yield from (figure(number) for number in (percent, expected) if number is not None)
            case Grid(columns=columns, rows=rows):
                yield from (column.name for column in columns if not re.fullmatch(r"\d+月", column.name))
                for row in rows:
                    for cell in row:
                        if isinstance(cell, Decimal):
                            yield figure(cell)
                        elif isinstance(cell, LightCell):
                            yield f"{cell.word} {cell.note}"
                        elif cell is not None:
                            yield str(cell)


def names_on_record(plan):
    """Names and texts that papers repeat to the letter, the longest first."""
    names = {plan.title, plan.court.name, "SHA-256"}
    for pillar in plan.pillars.all():
        names |= {pillar.title, pillar.short}
    for measure in plan.measures.all():
        names |= {measure.title, measure.code}
    for indicator in plan.indicators.all():
        names |= {indicator.name, indicator.code, indicator.unit}
    names |= set(Quote.objects.filter(measure__plan=plan).values_list("text", flat=True))
    names |= {node.title for measure in plan.measures.all() for node in measure.nodes.all()}
    names |= set(Department.objects.values_list("name", flat=True)) | set(User.objects.values_list("name", flat=True))
    for entry in LedgerEntry.objects.filter(plan=plan):
        names |= {entry.text, entry.problems, entry.next_steps, entry.help_from}
    for instruction in Instruction.objects.filter(plan=plan):
        names |= {instruction.text, *(step.text for step in instruction.steps.all())}
    return sorted((name for name in names if name), key=len, reverse=True)


def days_on_record(plan, standing, since):
    days = {standing.on, since, standing.on + timedelta(days=30), plan.starts_on}
    for item in standing.measures:
        days |= {item.due, item.original_due, item.facts.due, item.facts.closed_on, item.measure.starts_on}
        days |= {day for node in item.nodes for day in (node.due, node.facts.due, node.done_on)}
        days |= {order.effective_from for order in (*item.deadlines_oldest_first, *item.orders_oldest_first)}
    for item in standing.indicators:
        days |= {item.facts.achieved_on, item.facts.due} | {fact.speaks_of for fact in item.readings_newest_first}
    for cadence in ("monthly", "quarterly", "half_yearly", "yearly"):
        days |= {window.closes_on for window in windows_of(year=2025, cadence=cadence, grace_days=plan.grace_days)}
    days |= {entry.speaks_of for entry in LedgerEntry.objects.filter(plan=plan)}
    for instruction in Instruction.objects.filter(plan=plan):
        days |= {timezone.localdate(instruction.at), instruction.answer_by}
        days |= {step.answer_by for step in instruction.steps.all()}
    return days


def figures_of(standing, before):
    """The figures of a standing, and how they differ from those of the day compared with."""
    figures, groups = set(), [standing, *standing.pillars]
    for group in groups:
        figures |= {group.roll_up.percent, group.expected, Decimal(len(group.measures))}
        figures |= {Decimal(n) for n in group.roll_up.counts.values()}
    earlier = {item.measure.pk: item for item in before.measures}
    for item in standing.measures:
        verdict, old = item.verdict, earlier[item.measure.pk].verdict
        figures |= {verdict.percent, verdict.expected, Decimal(item.n_moves)}
        figures |= {Decimal(str(number)) for finding in verdict.findings for number in finding.numbers.values()}
        if None not in (verdict.percent, old.percent):
            figures.add(abs(verdict.percent - old.percent))
    if None not in (standing.roll_up.percent, before.roll_up.percent):
        figures.add(abs(standing.roll_up.percent - before.roll_up.percent))
    values = {item.indicator.pk: item.verdict.value for item in before.indicators}
    for item in standing.indicators:
        figures.add(item.verdict.value)
        if None not in (item.verdict.value, values[item.indicator.pk]):
            figures.add(abs(item.verdict.value - values[item.indicator.pk]))
        if item.target:
            figures |= {item.target.low, item.target.high, item.target.stretch, item.target.baseline}
        figures |= {Decimal(str(number)) for finding in item.verdict.findings for number in finding.numbers.values()}
    return {figure(number) for number in figures if number is not None}


def counts_of(standing, before):
    """How many of what: lights, standings, turns, instructions."""
    found = [item.verdict.standing for item in standing.indicators]
    counts = {len(found), *(found.count(indicator_standing) for indicator_standing in found)}
    old = {item.measure.pk: item.verdict.light for item in before.measures}
    has_lights = bool(grouped(standing.measures)["roll_up"].counts)
    turned = [item for item in standing.measures if old[item.measure.pk] != item.verdict.light]
    counts |= set(range(1, len(turned) + 1)) if has_lights else set()
    instructions = Instruction.objects.filter(plan=standing.plan, at__lte=standing.known)
    return {str(n) for n in counts | set(range(len(instructions) + 1))}


def strange(paper, *, names, days, figures):
    """What a paper says in digits that is nowhere on record."""
    found = set()
    for words in words_of(paper):
        text = words
        for name in names:
            text = text.replace(name, " ")
        for match in WRITTEN_DAY.finditer(text):
            parts = [int(part) for part in match.groups() if part]
            if date(*parts) not in days:
                found.add(match[0])
        text = WRITTEN_DAY.sub(" ", text)
        text = re.sub(r"2025年(第.季度|\d+月|上半年|下半年|全年)?", " ", text)
        found |= {number for number in NUMBER.findall(text) if number not in figures}
    return found


@pytest.mark.parametrize("on", DAYS)
def test_bulletin_and_tables_say_nothing_that_the_standing_does_not(year, on):
    since = date(2025, 2, 28) if on.month == 3 else date(on.year, on.month - 2, 28)
    history = PlanHistory(year)
    standing, before = history.standing(on=on), history.standing(on=since)
    bulletin = bulletin_of(standing, earlier=ComparedTree(tree=document_of(before), name="上期"), basis="")
    known = {
        "names": names_on_record(year),
        "days": days_on_record(year, standing, since),
        "figures": figures_of(standing, before) | counts_of(standing, before),
    }
    owed = re.findall(r"(?:以下|现有)(\d+)项尚无", "".join(words_of(bulletin)))
    known["figures"] |= {n for n in owed if int(n) <= len(standing.measures)}

    assert strange(bulletin, **known) == set()
    assert strange(ledger_of(standing, basis=""), **known) == set()
    assert strange(pillar_paper(standing, 3, before=before, basis=""), **known) == set()
    assert strange(year_paper(history, today=on, basis=""), **known) == set()


@pytest.mark.parametrize("on", [date(2025, 3, 31), date(2025, 9, 30), date(2025, 12, 31)])
def test_every_figure_of_the_years_ledger_is_one_of_the_standings(year, on):
    standing = standing_of(year, on=on)
    table = ledger_of(standing, basis="")

    by_code = {item.measure.code: item for item in standing.measures}
    rows = [row for grid in table.grids for row in grid.rows]
    for row in rows:
        item = by_code[row[0]]
        assert (row[7], figure(row[8]), row[11].word) == (
            item.due,
            figure(item.verdict.percent),
            item.verdict.light.label,
        )
        for line, indicator in zip(row[10].split("\n"), item.indicators, strict=False):
            if indicator.verdict.value is not None and not indicator.facts.achieved_on:
                assert f"/ {figure(indicator.verdict.value)}" in line
    assert len(rows) == 35


def test_the_search_for_strange_numbers_finds_one(year):
    standing = standing_of(year, on=DAYS[1])
    paper = ledger_of(standing, basis="截至2025年8月15日，另有 777 项")

    found = strange(
        paper,
        names=names_on_record(year),
        days=days_on_record(year, standing, DAYS[1]),
        figures=figures_of(standing, standing),
    )

    assert found == {"777"}


@pytest.mark.parametrize("on", DAYS)
def test_breakdown_and_dossiers_say_nothing_that_the_record_does_not(year, on):
    history = PlanHistory(year)
    standing = history.standing(on=on)
    figures = figures_of(standing, standing)
    for month in (3, 6, 9, 12):
        end = date(2025, month, 31 if month in (3, 12) else 30)
        figures |= figures_of(history.standing(on=end), standing) if end <= on else set()
    days = days_on_record(year, standing, on)
    names = names_on_record(year)
    assert strange(breakdown_of(history, on=on, basis=""), names=names, days=days, figures=figures) == set()

    inspector = User.objects.get(username="inspector")
    for item in standing.measures:
        facts = LedgerEntry.objects.filter(plan=year)
        figures |= {figure(entry.percent) for entry in facts.filter(measure=item.measure) if entry.percent is not None}
        for reading in facts.filter(indicator__measure=item.measure):
            parts = (reading.value, reading.numerator, reading.denominator)
            figures |= {figure(number) for number in parts if number is not None}
        for order in item.measure.indicators.values_list("targets__low", "targets__high"):
            figures |= {figure(bound) for bound in order if bound is not None}
        figures |= {"10", "25", "100"}  # the thresholds and the full percent that rules name in words
        moments = {day for event_day in days_of_acts(item.measure) for day in (event_day,)}
        paper = dossier_of(standing, item, inspector, basis="")
        assert strange(paper, names=names, days=days | moments, figures=figures) == set(), item.measure.code


def days_of_acts(measure):
    """The days on which something was done about a measure, and those that what was done names."""
    days = set()
    for report in measure.reports.all():
        days |= {timezone.localdate(review.at) for review in report.reviews.all()}
        days |= {timezone.localdate(report.submitted_at)} if report.submitted_at else set()
        days |= {timezone.localdate(evidence.added_at) for evidence in report.evidence.all()}
    for entry in LedgerEntry.objects.filter(measure=measure) | LedgerEntry.objects.filter(indicator__measure=measure):
        days |= {timezone.localdate(entry.accepted_at)}
        days |= {timezone.localdate(entry.withdrawn_at)} if entry.withdrawn_at else set()
    for model in ("instructions", "extensions", "closings"):
        for matter in getattr(measure, model).all():
            days |= {
                timezone.localdate(matter.at),
                getattr(matter, "new_due", None),
                getattr(matter, "finished_on", None),
            }
            days |= {timezone.localdate(step.at) for step in matter.steps.all()}
    for orders in (measure.deadlines.all(), measure.orders.all()):
        days |= {timezone.localdate(order.made_at) for order in orders}
    for indicator in measure.indicators.all():
        for target in indicator.targets.all():
            days |= {timezone.localdate(target.made_at), target.effective_from, target.due}
        days |= {step.at.date() for instruction in indicator.instructions.all() for step in instruction.steps.all()}
    days.add(date(2025, 1, 1))
    days.add(date(2025, 1, 2))
    return days
