from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import translation

from apps.assessment.choices import FindingCode, Light, Standing
from apps.assessment.rules import Finding, IndicatorVerdict, MeasureVerdict
from apps.assessment.sentences import note_of, rule_of, sentence_of, target_text

NUMBERS = {"days": 5, "count": 2, "gap": Decimal("20.005"), "stretch": Decimal(3)}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", FindingCode)
def test_every_finding_has_a_sentence_and_a_rule_in_both_languages(code, language):
    with translation.override(language):
        sentence, rule = sentence_of(Finding(code, None, NUMBERS)), rule_of(code)

    is_chinese = any("一" <= character <= "龥" for character in sentence + rule)
    assert (bool(sentence), bool(rule), is_chinese) == (True, True, language == "zh-hans")


def test_gap_of_a_measure_is_said_with_what_it_comes_from():
    finding = Finding(FindingCode.BEHIND, Light.WATCH, {"gap": Decimal(20)})
    verdict = MeasureVerdict(light=Light.WATCH, percent=Decimal(30), expected=Decimal(50), findings=(finding,))

    assert sentence_of(finding, verdict) == "序时应达 50%，已报 30%，落后 20 个百分点"
    assert note_of(verdict) == "落后序时 20 个百分点"


def test_gap_of_an_indicator_is_said_as_a_share_of_its_target():
    finding = Finding(FindingCode.BEHIND, Light.WATCH, {"gap": Decimal(15)})
    verdict = IndicatorVerdict(
        standing=Standing.BEHIND, light=Light.WATCH, value=Decimal(7), expected=Decimal(10), findings=(finding,)
    )

    assert sentence_of(finding, verdict) == "序时应达 10，现值 7，差距为目标值的 15%"


def test_note_is_the_finding_that_made_the_light():
    information, cause = Finding(FindingCode.NEEDS_HELP, None), Finding(FindingCode.OVERDUE, Light.LATE, {"days": 5})

    assert (
        note_of(MeasureVerdict(light=Light.LATE, percent=None, expected=Decimal(0), findings=(information, cause)))
        == "逾期 5 天"
    )
    assert (
        note_of(MeasureVerdict(light=Light.ON_TRACK, percent=None, expected=Decimal(0), findings=(information,)))
        == "部门报告：需协调"
    )
    assert note_of(MeasureVerdict(light=Light.ON_TRACK, percent=None, expected=Decimal(0))) == ""


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ({"low": Decimal(2), "stretch": Decimal(3)}, "≥ 2 名，争取 3 名"),
        ({"high": Decimal("5.50")}, "≤ 5.5 名"),
        ({"low": Decimal(1), "high": Decimal(2)}, "1–2 名"),
        ({"baseline": Decimal(0)}, "基期 0 名"),
        ({}, ""),
    ],
)
def test_target_in_a_few_words(bounds, text):
    target = SimpleNamespace(
        **{"low": None, "high": None, "stretch": None, "baseline": None, "due": date(2025, 1, 1), **bounds}
    )

    assert target_text(SimpleNamespace(unit="名"), target) == text
