"""The worked cases: what the court signed up to, case by case."""

from collections import Counter

import pytest

from apps.assessment.cases import worked_cases
from apps.assessment.choices import Accumulation, Declared, FindingCode, Kind, Light, Pace, Standing, Strength

CASES = worked_cases()
ENOUGH = 120


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name_en}")
def test_case_holds(case):
    assert {key: case.found[key] for key in case.expect} == case.expect


def test_there_are_enough_and_each_has_names_of_its_own():
    names = Counter(case.name for case in CASES) + Counter(case.name_en for case in CASES)

    assert len(CASES) >= ENOUGH
    assert [name for name, n in names.items() if n > 1] == []


def test_every_case_expects_a_light_and_only_what_is_judged():
    strays = {case.name: set(case.expect) - set(case.found) for case in CASES}

    assert {name: keys for name, keys in strays.items() if keys} == {}
    assert [case.name for case in CASES if "light" not in case.expect] == []


def test_every_measure_of_a_roll_up_says_only_what_is_read():
    keys = {key for case in CASES for measure in case.facts.get("measures", ()) for key in measure}

    assert keys == {"light", "percent", "expected", "weight"}


@pytest.mark.parametrize("group", ["measures", "indicators", "roll_up"])
def test_every_case_expects_all_that_its_kind_decides(group):
    decides = {
        "measures": {"light", "findings"},
        "indicators": {"standing", "light", "value", "findings"},
        "roll_up": {"light", "percent", "unknown", "counts"},
    }[group]

    assert [case.name for case in CASES if case.group == group and not decides <= set(case.expect)] == []


def test_every_word_of_judgement_occurs():
    occurring = {
        "light": {case.expect["light"] for case in CASES},
        "standing": {case.expect.get("standing") for case in CASES} - {None},
        "finding": {found["code"] for case in CASES for found in case.expect.get("findings", ())},
        "kind": _given("kind"),
        "pace": _given("pace"),
        "accumulation": _given("accumulation"),
        "strength": _given("strength") | {Strength.MUST},
        "declared": _given("declared") | {Declared.NORMAL},
    }

    assert occurring == {
        "light": set(Light),
        "standing": set(Standing),
        "finding": set(FindingCode),
        "kind": set(Kind),
        "pace": set(Pace),
        "accumulation": set(Accumulation),
        "strength": set(Strength),
        "declared": set(Declared),
    }


def _given(name):
    return {case.facts[name] for case in CASES if name in case.facts}
