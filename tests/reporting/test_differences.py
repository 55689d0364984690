"""What two versions of a report say otherwise, in a form that reads well."""

import time
from decimal import Decimal

import pytest

from apps.reporting.differences import Change, diff_rows, diff_texts


def text_of(pieces):
    """“-…-” taken out, “+…+” put in."""
    sign = {Change.SAME: "", Change.ADDED: "+", Change.REMOVED: "-"}
    return "".join(f"{sign[span.change]}{span.text}{sign[span.change]}" for span in pieces)


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("", "", "", ""),
        ("照旧。", "照旧。", "照旧。", "照旧。"),
        ("", "新写的。", "", "+新写的。+"),
        ("删掉的。", "", "-删掉的。-", ""),
        ("完成调研。召开会议。", "完成调研。印发方案。", "完成调研。-召开会议。-", "完成调研。+印发方案。+"),
        ("已发出建议3份。", "已发出建议12份。", "已发出建议-3-份。", "已发出建议+12+份。"),
        ("方案定稿。", "方案定稿。\n施工开始。", "方案定稿。", "方案定稿。+\n施工开始。+"),
        # One sign in common is chance: no confetti.
        ("完成了任务", "了解情况", "-完成了任务-", "+了解情况+"),
        (
            "召开推进会两次，逐项解决。",
            "召开推进会三次，逐项解决。",
            "召开推进会-两-次，逐项解决。",
            "召开推进会+三+次，逐项解决。",
        ),
    ],
)
def test_texts_are_compared_clause_by_clause_and_then_by_sign(before, after, left, right):
    old, new = diff_texts(before, after)

    assert (text_of(old), text_of(new)) == (left, right)


@pytest.mark.parametrize("before", ["进" * 2000, "甲乙丙丁。" * 400, "一二三四五六七八九十" * 200])
def test_nothing_is_lost_and_long_texts_take_no_time(before):
    after = before[:900] + "改动了这里，" + before[1100:]
    start = time.process_time()

    old, new = diff_texts(before, after)

    assert time.process_time() - start < 5  # not a measure of speed: it would take minutes if it grew with the square
    assert "".join(span.text for span in old) == before
    assert "".join(span.text for span in new) == after


def version(**more):
    return {"text": "", "percent": None, "declared": "normal", "problems": "", "next_steps": "", **more}


def rows_of(after, before=None):
    return {
        row.label: (text_of(row.before), text_of(row.after), row.difference)
        for row in diff_rows(after, before, names={"2.6-1": "司法建议发出数"})
    }


def test_percent_and_status_are_told_with_their_change():
    lines = rows_of(version(percent=Decimal("70.00"), declared="blocked"), version(percent="62.50", declared="normal"))

    assert lines["完成进度"] == ("-62.5%-", "+70%+", "+7.5")
    assert lines["推进情况"] == ("-正常推进-", "+受阻+", "")


@pytest.mark.parametrize(
    ("before", "after", "change"), [("70", "60", "−10"), ("70", "70.00", ""), (None, "70", ""), ("70", None, "")]
)
def test_change_of_the_percent(before, after, change):
    assert rows_of(version(percent=after), version(percent=before))["完成进度"][2] == change


def reading(**more):
    return {
        "indicator": "2.6-1",
        "period_start": "2025-01-01",
        "period_end": "2025-06-30",
        "value": None,
        "numerator": None,
        "denominator": None,
        "achieved_on": None,
        "out_of": None,
        "source": "",
        **more,
    }


def test_figures_are_told_by_indicator():
    lines = rows_of(
        version(readings=[reading(value="12.0000")]),
        version(readings=[reading(value="9.0000", period_end="2025-03-31")]),
    )

    assert lines["2.6-1 司法建议发出数"] == (
        "-9（2025-01-01 – 2025-03-31）-",
        "+12（2025-01-01 – 2025-06-30）+",
        "+3",
    )


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (reading(numerator="9", denominator="36"), "9 / 36（2025-01-01 – 2025-06-30）"),
        (reading(value="3", out_of=12), "3 （共 12）（2025-01-01 – 2025-06-30）"),
        (reading(achieved_on="2025-05-20"), "2025年5月20日实现"),
    ],
)
def test_figures_of_each_shape(figures, words):
    assert rows_of(version(readings=[figures]))["2.6-1 司法建议发出数"] == ("", words, "")


def test_node_done_since_is_told():
    lines = rows_of(
        version(nodes_done=[{"node": "方案", "done_on": "2025-06-18"}]),
        version(nodes_done=[{"node": "调研", "done_on": "2025-03-18"}]),
    )

    assert lines["方案"] == ("", "+2025年6月18日完成+", "")
    assert lines["调研"] == ("-2025年3月18日完成-", "", "")
