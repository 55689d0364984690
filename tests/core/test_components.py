"""Components as a tag: what an include would render, and nothing of the page around them."""

from django.template import Context, Template
from django.utils.translation import override

from apps.assessment.choices import Light
from apps.core.components import render_component


def test_each_language_has_its_own_words():
    with override("en"):
        assert "滞后" not in render_component("light", light=Light.LATE)

    assert "滞后" in render_component("light", light=Light.LATE)


def test_light_may_be_named_by_its_value():
    assert render_component("light", light="late") == render_component("light", light=Light.LATE)


def test_no_figure_is_not_zero():
    assert render_component("bar", percent_text="") != render_component("bar", percent_text="0%", percent_width="0")


def test_tag_renders_what_an_include_would():
    inputs = {"light": Light.WATCH, "note": "逾期 <5> 天"}
    load = "{% load core_tags %}"
    included = Template('{% include "components/light.html" with light=light note=note size="s" only %}')
    tagged = Template(load + '{% component "light" light=light note=note size="s" %}')

    assert tagged.render(Context(inputs)) == included.render(Context(inputs))
    assert "&lt;5&gt;" in tagged.render(Context(inputs))
