"""What a password of one's own must not be: short, common, or put together from what everybody would try first.

No rule asks for capitals, digits or signs, and none for a new password every few months: both make worse ones.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST = 128
# What is left of a password when everything guessable is taken away must have this many different signs.
LEAST_LEFT = 5

# Runs along a keyboard, in either direction, and words that people here begin with; longer ones first when matched.
KEYBOARD = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwerty", "asdfgh", "zxcvbn", "qwer", "asdf", "zxcv", "qaz", "wsx", "edc",
    "rfv", "tgb", "yhn", "ujm", "abcdefghijklmnopqrstuvwxyz", "abcdefg", "abcd", "abc",
)  # fmt: skip
WORDS = (
    # of any office
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "welcome", "admin", "administrator", "root", "user", "test",
    "guest", "login", "letmein", "master", "system", "server", "default", "changeme", "secret", "iloveyou", "hello",
    "monkey", "dragon", "sunshine", "computer", "internet", "office", "windows", "china", "beijing", "shanghai",
    # in pinyin: of anybody
    "woaini", "woaiwojia", "aini", "woaizhongguo", "zhongguo", "zhonghua", "mima", "nihao", "wode", "women", "xiexie",
    "baobao", "baobei", "laopo", "laogong", "mama", "baba", "shengri", "kuaile", "pingan", "facai", "jiayou",
    "xingfu", "jiankang", "wangluo", "diannao", "denglu", "yonghu", "guanliyuan", "guanli", "ceshi", "moren", "xitong",
    "tianqi", "mingtian", "jintian", "zhangsan", "lisi", "wangwu", "tongyi", "hexie", "renmin", "remin", "zhengfu",
    "shouji", "dianhua", "gongsi", "danwei", "bangong", "bangongshi", "gongzuo", "jihua", "niandu", "mubiao",
    # of a court
    "fayuan", "renminfayuan", "rmfy", "zhongyuan", "gaoyuan", "zhongji", "gaoji", "jiceng", "faguan", "shenpan",
    "shenpanting", "zhixing", "zhixingju", "lian", "liantin", "lianting", "minting", "xingting", "mintin", "susong",
    "anjian", "panjue", "caipan", "falv", "falu", "sifa", "zhengzhibu", "ducha", "duban", "yuanzhang", "tingzhang",
    "shujiyuan", "zongheban", "court", "courtplan", "justice", "judge", "fating", "zhengyi", "gongzheng",
    # in characters
    "密码", "口令", "管理员", "人民法院", "法院", "法官", "审判", "执行", "中国", "人民", "我爱你", "工作计划", "计划",
    "年度", "测试", "公平正义", "司法为民", "公正司法", "为人民服务", "举措", "指标",
)  # fmt: skip
LOOKS_LIKE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})


class LengthValidator:
    """Twelve signs of any kind, and no more than a hundred and twenty-eight."""

    def __init__(self, min_length=12):
        self.min_length = min_length

    def validate(self, password, user=None):
        if len(password) < self.min_length:
            raise ValidationError(
                ngettext("密码太短，至少 %(n)d 个字。", "密码太短，至少 %(n)d 个字。", self.min_length)
                % {"n": self.min_length},
                code="password_too_short",
            )
        if len(password) > LONGEST:
            raise ValidationError(_("密码太长，最多 %(n)d 个字。") % {"n": LONGEST}, code="password_too_long")

    def get_help_text(self):
        return _(
            "至少 %(n)d 个字，汉字、字母、数字、标点和空格都可以，不要求混用；几个互不相干的词连起来就好记也难猜。"
        ) % {"n": self.min_length}


class GuessableValidator:
    """Refuses what is put together from common words, the court's and the person's names, keyboard runs and digits."""

    def validate(self, password, user=None):
        if len(set(left_of(password, words=(*WORDS, *_words_about(user))))) < LEAST_LEFT:
            raise ValidationError(
                _("密码由常见的词、法院或本人的名称、键盘顺序和数字拼成，容易被猜到，请换一个。"),
                code="password_guessable",
            )

    def get_help_text(self):
        return _("不要用“fayuan”“woaini”一类常见拼音、法院或本人的名称、生日和手机号拼成。")


def left_of(password, *, words):
    """The password without its guessable parts: common words (also as `passw0rd`), keyboard runs, digits, repetitions."""
    left = unicodedata.normalize("NFKC", password).casefold()
    runs = [*KEYBOARD, *(run[::-1] for run in KEYBOARD)]
    for word in sorted({*words, *runs}, key=len, reverse=True):
        if len(word) > 1:
            left = _without(left, word)
    return re.sub(r"[\d\s]|(.)(?=\1)", "", left)


def _without(text, word):
    """The text with a sign that none types in place of each occurrence of the word, so that none grows together anew."""
    place = text.translate(LOOKS_LIKE).find(word.translate(LOOKS_LIKE))
    while place >= 0:
        text = f"{text[:place]} {text[place + len(word) :]}"
        place = text.translate(LOOKS_LIKE).find(word.translate(LOOKS_LIKE))
    return text


def _words_about(user):
    if user is None:
        return ()
    court = getattr(user, "court", None)
    told = [user.username, user.name, *((court.slug, court.name) if court else ())]
    return tuple(
        {
            part
            for text in told
            if text
            for part in (text.casefold(), *re.split(r"[\W_]+", text.casefold()))
            if len(part) > 1
        }
    )
