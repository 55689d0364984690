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


@pytest.mark.parametrize(
    ("code", "numbers", "sentence"),
    [
        (FindingCode.PAUSED, {}, "已暂停，不计入汇总"),
        (FindingCode.DONE_LATE, {"days": 1}, "逾期 1 天完成"),
        (FindingCode.OVERDUE, {"days": 5}, "逾期 5 天"),
        (FindingCode.NODE_MISSED, {"count": 2, "days": 31}, "2 个节点逾期未完成，最久 31 天"),
        (FindingCode.BEHIND, {"gap": Decimal("20.005")}, "落后序时 20.01 个百分点"),
        (FindingCode.REPORT_MISSED, {"count": 3}, "连续 3 期未报"),
        (FindingCode.BLOCKED, {}, "部门报告：受阻"),
        (FindingCode.NEEDS_HELP, {}, "部门报告：需协调"),
        (FindingCode.DUE_SOON, {"days": 10}, "还有 10 天到期"),
        (FindingCode.DUE_SOON, {"days": 1}, "还有 1 天到期"),
        (FindingCode.DUE_SOON, {"days": 0}, "当日到期"),
        (FindingCode.INDICATOR, {"count": 2}, "2 项指标需要关注或滞后"),
        (FindingCode.AWAITING_CLOSE, {}, "已完成 100%，待销号"),
        (FindingCode.ZERO_DENOMINATOR, {}, "读数的分母为零，不能计算"),
        (FindingCode.PARTS_DISAGREE, {}, "所报数值与分子、分母算得的不一致"),
        (FindingCode.STRETCH_MET, {"stretch": Decimal("3.00")}, "已达到争取值 3"),
        (FindingCode.READING_MISSED, {"count": 2}, "连续 2 期缺读数"),
    ],
)
def test_finding_is_said_with_its_numbers(code, numbers, sentence):
    assert sentence_of(Finding(code, None, numbers)) == sentence


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
        ({"low": Decimal(0)}, "≥ 0 名"),
        ({"baseline": Decimal(0)}, "基期 0 名"),
        ({}, ""),
    ],
)
def test_target_in_a_few_words(bounds, text):
    target = SimpleNamespace(
        **{"low": None, "high": None, "stretch": None, "baseline": None, "due": date(2025, 1, 1), **bounds}
    )

    assert target_text(SimpleNamespace(unit="名"), target) == text
