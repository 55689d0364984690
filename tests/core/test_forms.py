from datetime import date

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from apps.core.forms import Day, RowsField, TypedText, is_possible_key, readable


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("一行\r\n二行\r三行\n四行\t列", "一行\n二行\n三行\n四行\t列"),
        ("a\x00b\x07c\x1bd\x7fe\x85f", "abcdef"),
        ("好😀👨‍👩‍👧", "好😀👨‍👩‍👧"),
        ("\u202eabc\u202c \u200fשלום", "\u202eabc\u202c \u200fשלום"),
        ("<script>alert('&')</script>", "<script>alert('&')</script>"),
        ("\ud800x", "x"),
    ],
)
def test_only_control_characters_are_taken_out(typed, cleaned):
    assert readable(typed) == cleaned


def test_field_takes_them_out_before_it_counts():
    assert TypedText(max_length=3).clean("a\r\nb\x00") == "a\nb"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1900-01-01", date(1900, 1, 1)),
        ("2200-12-31", date(2200, 12, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2025年6月3日", date(2025, 6, 3)),
        ("2025/6/3", date(2025, 6, 3)),
        (" 2025-06-03 ", date(2025, 6, 3)),
        ("", None),
        (None, None),
        ("1899-12-31", "invalid"),
        ("2201-01-01", "invalid"),
        ("0025-06-03", "invalid"),
        ("0001-01-01", "invalid"),
        ("9999-12-31", "invalid"),
        ("1899年12月31日", "invalid"),
        ("2201年1月1日", "invalid"),
        ("12025-06-03", "invalid"),
        ("2025-02-29", "invalid"),
        ("2025-06-31", "invalid"),
        ("2025-13-01", "invalid"),
        ("明天", "invalid"),
        ("   ", "invalid"),
        (date(1900, 1, 1), date(1900, 1, 1)),
        (date(1899, 12, 31), "invalid"),
        (date(2200, 12, 31), date(2200, 12, 31)),
        (date(2201, 1, 1), "invalid"),
    ],
)
def test_which_days_a_field_takes(typed, day):
    if day != "invalid":
        assert Day().clean(typed) == day
        return
    with pytest.raises(forms.ValidationError) as refused:
        Day().clean(typed)
    assert [problem.code for problem in refused.value.error_list] == ["invalid"]
    assert refused.value.messages == ["日期写法如 2025-06-30。"]


@pytest.mark.parametrize("typed", ["", None])
def test_a_day_that_must_be_there_says_what_is_missing(typed):
    with pytest.raises(forms.ValidationError) as refused:
        Day(missing="请填写完成日期。").clean(typed)
    assert refused.value.messages == ["请填写完成日期。"]


@pytest.mark.parametrize(
    ("text", "is_possible"),
    [
        ("1", True),
        (" 0042 ", True),
        ("9" * 18, True),
        ("9" * 19, False),
        ("-" + "9" * 30, False),
        ("1" * 10 + "_" + "1" * 10, False),  # int() takes it
        ("９" * 20, False),  # this, too
        ("9" * 5000, False),
        ("", True),  # no number: the field's own check says so
        ("x" * 40, True),
    ],
)
def test_which_texts_can_be_the_key_of_a_row(text, is_possible):
    assert is_possible_key(text) is is_possible


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["9" * 20, "-" + "9" * 30, "12345", "x"])
def test_a_key_that_no_row_has_is_no_choice(key):
    field = RowsField(Group.objects.all())

    with pytest.raises(ValidationError):
        field.clean([str(Group.objects.create(name="reporter").pk), key])


def test_a_list_is_rendered_as_django_does():
    choices = [("", "全部"), ("1", "<甲>"), ("组", [("2", "乙"), ("3", "丙")])]
    html = forms.Select(attrs={"id": "x", "required": True, "hidden": False}, choices=choices).render("name", "2")

    ours = " ".join(html.split()).replace("> <", "><")
    assert ours == (
        '<select name="name" id="x" required><option value="">全部</option><option value="1">&lt;甲&gt;</option>'
        '<optgroup label="组"><option value="2" selected>乙</option><option value="3">丙</option></optgroup></select>'
    )
