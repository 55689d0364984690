"""What a password of one's own must not be: short, common, or put together from what everybody would try first.

No rule asks for capitals, digits or signs, and none for a new password every few months: both make worse ones.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LIST = Path(__file__).with_name("guessable.txt")
MAX_LENGTH = 128
# What is left of a password when everything guessable is taken away must have this many different signs.
MIN_DISTINCT = 5

LOOKS_LIKE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})


@cache
def _listed() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(keyboard runs, words) of the list beside this file."""
    text = LIST.read_text(encoding="utf-8")
    runs, words = text.split("[runs]")[1].split("[words]")
    return (*runs.split(), *(run[::-1] for run in runs.split())), tuple(words.split())


class LengthValidator:
    """Twelve signs of any kind, and no more than a hundred and twenty-eight."""

    def __init__(self, min_length: int = 12) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.min_length:
            raise ValidationError(
                ngettext("密码太短，至少 %(n)d 个字。", "密码太短，至少 %(n)d 个字。", self.min_length)
                % {"n": self.min_length},
                code="password_too_short",
            )
        if len(password) > MAX_LENGTH:
            raise ValidationError(_("密码太长，最多 %(n)d 个字。") % {"n": MAX_LENGTH}, code="password_too_long")

    def get_help_text(self) -> str:
        return _(
            "至少 %(n)d 个字，汉字、字母、数字、标点和空格都可以，不要求混用；几个互不相干的词连起来就好记也难猜。"
        ) % {"n": self.min_length}


class GuessableValidator:
    """Refuses what is put together from common words, the court's and the person's names, keyboard runs and digits."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(set(left_of(password, words=_words_about(user)))) < MIN_DISTINCT:
            raise ValidationError(
                _("密码由常见的词、法院或本人的名称、键盘顺序和数字拼成，容易被猜到，请换一个。"),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("不要用“fayuan”“woaini”一类常见拼音、法院或本人的名称、生日和手机号拼成。")


def left_of(password: str, *, words: Iterable[str] = ()) -> str:
    """The password without its guessable parts: common words (also as `passw0rd`) and these, keyboard runs, digits,
    repetitions."""
    left = unicodedata.normalize("NFKC", password).casefold()
    runs, common = _listed()
    for word in sorted({*words, *common, *runs}, key=len, reverse=True):
        if len(word) > 1:
            left = _without(left, word)
    return re.sub(r"[\d\s]|(.)(?=\1)", "", left)


def _without(text: str, word: str) -> str:
    """The text with a sign that none types in place of each occurrence of the word, so that none grows together anew."""
    wanted = word.translate(LOOKS_LIKE)
    while (index := text.translate(LOOKS_LIKE).find(wanted)) >= 0:
        text = f"{text[:index]} {text[index + len(word) :]}"
    return text


def _words_about(user: Any) -> tuple[str, ...]:
    if user is None:
        return ()
    court = getattr(user, "court", None)
    texts = [user.username, user.name, *((court.slug, court.name) if court else ())]
    return tuple(
        {
            part
            for text in texts
            if text
            for part in (text.casefold(), *re.split(r"[\W_]+", text.casefold()))
            if len(part) > 1
        }
    )
