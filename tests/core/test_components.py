"""Components that are drawn once: what is remembered is what a new drawing would say."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from apps.assessment.choices import Light
from apps.core.components import drawn

PAIRS = [
    ("text is escaped, markup is not", ("tag", {"text": "<b>"}), ("tag", {"text": mark_safe("<b>")})),
    ("one is not true", ("tag", {"text": 1}), ("tag", {"text": True})),
    ("no figure is not zero", ("bar", {"percent": None, "expected": None}), ("bar", {"percent": 0, "expected": None})),
    ("figures keep their places", ("tag", {"text": Decimal("1.0")}), ("tag", {"text": Decimal("1.00")})),
]


@pytest.mark.parametrize(("one", "other"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_equal_inputs_that_are_written_differently_are_told_apart(one, other):
    for (name, inputs), (again, others) in ((one, other), (other, one)):
        assert drawn(name, **inputs) != drawn(again, **others)


def test_each_language_has_its_own():
    chinese = drawn("light", light=Light.LATE)
    with override("en"):
        english = drawn("light", light=Light.LATE)
        assert drawn("tag", text=gettext_lazy("滞后")) == drawn("tag", text=str(Light.LATE.label))

    assert "滞后" in chinese
    assert "滞后" not in english
    assert drawn("light", light=Light.LATE) == chinese


def test_tag_draws_what_an_include_would():
    inputs = {"light": Light.WATCH, "note": "逾期 <5> 天"}
    load = "{% load core_tags %}"
    included = Template('{% include "components/light.html" with light=light note=note size="s" only %}')
    tagged = Template(load + '{% component "light" light=light note=note size="s" %}')

    assert tagged.render(Context(inputs)) == included.render(Context(inputs))
    assert "&lt;5&gt;" in tagged.render(Context(inputs))
