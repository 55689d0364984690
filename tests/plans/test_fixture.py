"""The 2025 plan, as published and to the letter."""

import re

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command

from apps.accounts.models import Court
from apps.indicators.choices import Basis, Kind
from apps.indicators.models import Indicator
from apps.plans.models import Goal, Measure, Plan, Quote

FIXTURES = ("roles", "example_court", "plan_2025")
PUNCTUATION = re.compile(r"[，。；：、\s]")
# What names a pillar; the rest of its paragraph are its clauses.
PILLAR_HEADING = re.compile(r"^[一二三四五]是(强化[^。]+。)")


@pytest.fixture
def plan(db):
    call_command("loaddata", *FIXTURES, verbosity=0)
    return Plan.objects.get()


def test_plan_is_complete(plan):
    counts = {
        "programmes": plan.programmes.count(),
        "goals": plan.goals.count(),
        "pillars": plan.pillars.count(),
        "measures": plan.measures.count(),
        "indicators": plan.indicators.count(),
        "indicators of goals": plan.indicators.filter(goal__isnull=False).count(),
    }

    assert counts == {
        "programmes": 4,
        "goals": 5,
        "pillars": 5,
        "measures": 35,
        "indicators": 23,
        "indicators of goals": 2,
    }


def test_measures_per_pillar(plan):
    assert [pillar.measures.count() for pillar in plan.pillars.order_by("number")] == [6, 6, 8, 6, 9]


def test_every_quote_stands_in_the_text(plan):
    quotes = [*Quote.objects.all(), *Goal.objects.all(), *Indicator.objects.all()]
    texts = [quote.text if isinstance(quote, Quote) else quote.quote for quote in quotes]

    assert [text for text in texts if not text or text not in plan.source_text] == []


def test_quotes_cover_every_clause_of_the_pillars(plan):
    left_over = {}
    for line in plan.source_text.splitlines():
        heading = PILLAR_HEADING.match(line)
        if heading is None:
            continue
        body = line[heading.end() :]
        for quote in sorted(Quote.objects.values_list("text", flat=True), key=len, reverse=True):
            body = body.replace(quote, "")
        left_over[heading[1]] = PUNCTUATION.sub("", body)

    assert list(left_over.values()) == [""] * 5


def test_every_measure_has_a_lead_a_deadline_and_a_quote(plan):
    bare = (
        Measure.objects.filter(lead=None) | Measure.objects.filter(deadlines=None) | Measure.objects.filter(quotes=None)
    )

    assert list(bare) == []


def test_departments_are_labelled_as_examples(plan):
    assert plan.court.departments.filter(is_example=False).count() == 0


def test_targets_stand_only_where_the_text_sets_or_implies_them(plan):
    with_target = set(Indicator.objects.exclude(targets=None).values_list("code", flat=True))

    assert with_target == {"1.1-1", "1.3-1", "2.5-1", "5.3-1", "5.7-1"}
    assert not Indicator.objects.filter(basis=Basis.TO_BE_SET).exclude(targets=None).exists()


def test_kinds_used_by_the_plan(plan):
    assert set(Indicator.objects.values_list("kind", flat=True)) == {
        Kind.AT_LEAST,
        Kind.ACHIEVED,
        Kind.ALL_MET,
        Kind.COUNT_MET,
        Kind.BELOW_BASELINE,
        Kind.RANK_WITHIN,
    }


def test_loading_twice_changes_nothing(plan):
    before = _everything()

    call_command("loaddata", *FIXTURES, verbosity=0)

    assert _everything() == before


def test_load_example_leaves_a_court_as_it_is(plan):
    Court.objects.update(name="另一个名字")

    call_command("load_example")

    assert Court.objects.get().name == "另一个名字"


def _everything():
    models = [
        model
        for label in ("auth", "accounts", "plans", "indicators")
        for model in apps.get_app_config(label).get_models()
    ]
    return {model._meta.label: serializers.serialize("json", model.objects.order_by("pk")) for model in models}
