"""Everything people read speaks both languages: what is written is wrapped, and what is wrapped is translated."""

import ast
import gettext
import re
from functools import cache
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

pytestmark = pytest.mark.once("只读代码、文件和翻译，不用数据库")

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale/en/LC_MESSAGES/django.po"
CODE = sorted(path for room in ("apps", "courtplan") for path in (ROOT / room).rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# How many of a call's first arguments are words, and which of them is the context.
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2, "pgettext": 2, "pgettext_lazy": 2}

# Ideographs, and the full-width punctuation that looks foreign in an English page.
CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
PLACEHOLDER = re.compile(r"%%|%\(\w+\)[a-z]|%[a-z]")

STAYS_CHINESE = {"中文"}  # the language's own name

# Templates that may speak Chinese in every language, each with its reason.
CHINESE_IN_TEMPLATES = {
    "templates/components/foot.html": r">中文<",  # the switch names each language in its own words
    "templates/dashboard/gallery.html": r".+",  # sample content, for those who build pages
}

# Code that may hold Chinese outside gettext: what it shows in another language it makes without.
CHINESE_IN_CODE = {
    "apps/indicators/rules.py": {"审限内结案率"},  # an indicator is called so in every language's page
    "apps/core/figures.py": {"〇一二三四五六七八九十"},
    "apps/core/workflow.py": {"| 现在的状态 | 操作 | 由谁 | 之后的状态 |\n| --- | --- | --- | --- |"},  # of the docs
    "apps/core/sheets.py": {"\u3000"},  # the wide blank
    "apps/core/cells.py": {r"[、,，;；\n]+", r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"},  # as people type
    "apps/papers/sentences.py": {"。！？.!?；;"},  # where a sentence ends
    "apps/papers/bulletin/__init__.py": {"\u3000", "\u3000\u3000\u3000"},  # wide blanks
    "apps/papers/blocks.py": {"？"},  # the sign of a light without data
    "apps/papers/word.py": {
        "方正小标宋简体",
        "黑体",
        "楷体_GB2312",
        "仿宋_GB2312",
        "宋体",
    },  # as the standard names them
    # what a template's fields are called, in every language
    "apps/papers/fields.py": {
        "标题",
        "口径",
        "提示",
        "落款",
        "日期",
        "正文",
        "总体情况",
        "已完成",
        "正常推进",
        "滞后及原因",
        "下步要求",
        "附件",
        "附件说明",
        "滞后表",
        "体检表",
        "批示表",
        "举措表",
        "{{正文}}",
        "{{附件}}",
    },
    "apps/papers/sheets.py": {"\u3000", "宋体", "黑体"},  # fonts by the names that table programs know
    "apps/reporting/differences.py": {r"[^，。；：、！？,;:!?\n]*[，。；：、！？,;:!?\n]?"},  # where a clause ends
}
# Commands speak to the operator, the demonstration writes a made-up year's records, the gallery shows samples to those who build pages.
NOT_SHOWN = {"migrations", "demo", "management", "gallery.py"}


def test_po_holds_no_fuzzy_empty_or_obsolete_entry():
    text = PO.read_text(encoding="utf-8")

    assert re.findall(r"^#(?:~.*|,.*\bfuzzy\b.*)$", text, re.MULTILINE) == []
    assert [key for key, forms in _catalogue().items() if not all(forms)] == []


def test_every_word_used_is_in_the_po_and_no_other():
    used = set(_used())

    assert sorted(map(str, used - set(_catalogue()))) == []
    assert sorted(map(str, set(_catalogue()) - used)) == []


def test_mo_says_what_the_po_says():
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    messages = {
        key: (
            (compiled.ngettext(key[1], key[2], 1), compiled.ngettext(key[1], key[2], 2))
            if key[2]
            else (compiled.pgettext(key[0], key[1]) if key[0] else compiled.gettext(key[1]),)
        )
        for key in _catalogue()
    }

    assert messages == _catalogue()


def test_placeholders_are_the_same_in_both_languages():
    different = {
        msgid: forms
        for (_context, msgid, plural), forms in _catalogue().items()
        if _placeholders(msgid, plural) != _placeholders(*forms)
    }

    assert different == {}


def test_english_holds_no_chinese():
    chinese = {
        msgid: forms for (_context, msgid, _plural), forms in _catalogue().items() if _is_chinese("".join(forms))
    }

    assert set(chinese) == STAYS_CHINESE


def test_templates_have_their_chinese_in_translate_tags():
    untranslated = [
        f"{name}:{n} {line.strip()}"
        for name, text in _texts(TEMPLATES)
        for n, line in enumerate(_without_translated(text).splitlines(), 1)
        if _is_chinese(re.sub(CHINESE_IN_TEMPLATES.get(name, r"(?!)"), "", line))
    ]

    assert untranslated == []


def test_code_has_its_chinese_in_gettext():
    untranslated = [
        f"{name}:{literal.lineno} {literal.value}"
        for name, text in _texts(CODE)
        if name.startswith("apps/") and not NOT_SHOWN & set(name.split("/"))
        for literal in _bare_literals(ast.parse(text))
        if _is_chinese(literal.value) and literal.value not in CHINESE_IN_CODE.get(name, ())
    ]

    assert untranslated == []


def _texts(paths):
    return [(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def _is_chinese(text):
    return CHINESE.search(text) is not None


def _placeholders(*texts):
    return {found for text in texts for found in PLACEHOLDER.findall(text)}


# What is used: (context, msgid, plural), empty where there is none


@cache
def _used():
    sources = [text for _name, text in _texts(CODE)]
    # A template's calls come among filler that isn't Python, each call written as Python would.
    for name, text in _texts(TEMPLATES):
        filled = templatize(text, origin=name)
        sources += re.findall(r"""\b(?:n?p?gettext|_)\((?:[^"')]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*\)""", filled)
    return [key for source in sources for node in ast.walk(ast.parse(source)) for key in _key_of(node)]


def _key_of(node):
    if not isinstance(node, ast.Call):
        return
    name = _name_of(node)
    words = [argument.value for argument in node.args[: CALLS.get(name, 0)] if _is_text(argument)]
    if name not in CALLS or len(words) < CALLS[name]:
        return
    if name.startswith("n"):
        yield ("", words[0], words[1])
    elif name.startswith("p"):
        yield (words[0], words[1], "")
    else:
        yield ("", words[0], "")


def _name_of(call):
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


# What is translated: {(context, msgid, plural): forms}, as `_used` calls it


@cache
def _catalogue():
    catalogue = {}
    for block in PO.read_text(encoding="utf-8").split("\n\n"):
        entry, word = {}, ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if not line.startswith('"'):
                word, line = line.split(" ", 1)
            entry[word] = entry.get(word, "") + ast.literal_eval(line)
        if not entry:  # obsolete: all in comments
            continue
        forms = tuple(text for word, text in entry.items() if word.startswith("msgstr"))
        catalogue[entry.get("msgctxt", ""), entry["msgid"], entry.get("msgid_plural", "")] = forms
    del catalogue["", "", ""]
    return catalogue


# What is bare


def _without_translated(text):
    """A template with comments and all that is in a translate tag or `_()` taken out; lines keep their numbers."""
    bare = re.compile(
        r"""{\#.*?\#}"""
        r"""|{%\s*comment\b.*?{%\s*endcomment\s*%}"""
        r"""|{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}"""
        r"""|{%\s*trans(?:late)?\b.*?%}"""
        r"""|\b_\((?:"[^"]*"|'[^']*')\)""",
        re.DOTALL,
    )
    return bare.sub(lambda found: "\n" * found[0].count("\n"), text)


def _bare_literals(tree):
    """The texts of a module that are neither docstrings, nor gettext's, nor the reason a plan's first orders bear."""
    spared = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            spared.add(body[0].value)
        if isinstance(node, ast.Call) and _name_of(node) in CALLS:
            spared.update(node.args)
        # `REASON_FIRST` is written into the plan's own records: data, and so never translated.
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["REASON_FIRST"]:
            spared.add(node.value)
    return [node for node in ast.walk(tree) if _is_text(node) and node not in spared]
