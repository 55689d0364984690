import pytest

from apps.core.forms import TypedText, readable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("一行\r\n二行\r三行\n四行\t列", "一行\n二行\n三行\n四行\t列"),
        ("a\x00b\x07c\x1bd\x7fe\x85f", "abcdef"),
        ("好😀👨‍👩‍👧", "好😀👨‍👩‍👧"),
        ("\u202eabc\u202c \u200fשלום", "\u202eabc\u202c \u200fשלום"),
        ("<script>alert('&')</script>", "<script>alert('&')</script>"),
        ("\ud800x", "x"),
    ],
)
def test_only_control_characters_are_taken_out(typed, kept):
    assert readable(typed) == kept


def test_field_takes_them_out_before_it_counts():
    assert TypedText(max_length=3).clean("a\r\nb\x00") == "a\nb"
