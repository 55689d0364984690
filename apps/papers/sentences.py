"""Phrases that several papers share."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.assessment.choices import Light
from apps.assessment.tree import IndicatorStanding, MeasureStanding
from apps.core.figures import chinese_numeral, figure
from apps.core.wording import bracketed, joined, written_day
from apps.ledger.models import LedgerEntry
from apps.reporting.content import COLUMNS

BEST_FIRST = (Light.DONE, Light.ON_TRACK, Light.NOT_DUE, Light.WATCH, Light.LATE, Light.NO_DATA, Light.PAUSED)
REPORT_REMARKS = [name for name in COLUMNS if name not in ("text", "percent", "declared")]


def light_counts(measures: Iterable[MeasureStanding]) -> list[tuple[Light, int]]:
    lights = [item.verdict.light for item in measures]
    return [(light, lights.count(light)) for light in BEST_FIRST if light in lights]


def gauge_counts(counts: Iterable[tuple[Light, int]]) -> tuple[tuple[str, str, int], ...]:
    return tuple((str(light), str(light.label), n) for light, n in counts)


def counts_text(counts: Iterable[tuple[Light, int]]) -> str:
    """“正常3项、滞后1项”."""
    return joined(_("%(light)s%(n)s项") % {"light": light.label, "n": n} for light, n in counts)


def light_change(item: MeasureStanding, before: Light) -> str:
    """“1.2 某举措（正常→滞后）”."""
    return _("%(code)s %(title)s（%(before)s→%(after)s）") % {
        "code": item.measure.code,
        "title": item.measure.title,
        "before": before.label,
        "after": item.verdict.light.label,
    }


def change_text(by: Decimal | None) -> str:
    """“，比上次提高 3 个百分点”; nothing where there is nothing to compare with."""
    if by is None:
        return ""
    if by == 0:
        return _("，与上次持平")
    if by > 0:
        return _("，比上次提高 %(by)s 个百分点") % {"by": figure(by)}
    return _("，比上次下降 %(by)s 个百分点") % {"by": figure(-by)}


def signed(number: Decimal | None) -> str:
    """A difference with its sign; empty where there is none to speak of."""
    if number is None:
        return ""
    return f"+{figure(number)}" if number > 0 else figure(number)


def percent_text(number: Decimal | None) -> str:
    return "—" if number is None else f"{figure(number)}%"


def value_text(indicator: IndicatorStanding) -> str:
    """What an indicator has come to: a figure with its unit, the day it was achieved, or that there is no figure."""
    if indicator.facts.achieved_on:
        return _("%(day)s实现") % {"day": written_day(indicator.facts.achieved_on)}
    if indicator.verdict.value is None:
        return _("无数据")
    return f"{figure(indicator.verdict.value)} {indicator.indicator.unit}".strip()


def measure_name(item: MeasureStanding) -> str:
    """“1.2 某举措（政治部牵头）”."""
    measure = item.measure
    lead = _("%(department)s牵头") % {"department": measure.lead} if measure.lead else ""
    return f"{measure.code} {measure.title}{bracketed(lead)}"


def short_name(item: MeasureStanding) -> str:
    return f"{item.measure.code}{bracketed(item.measure.lead or '')}"


def report_remarks(entry: LedgerEntry, clean: Callable[[str], str] = str) -> list[str]:
    """What an accepted report says beside its text and figures, a sentence a field; `clean` is applied to free text."""
    sentences = {
        "problems": _("存在问题：%(text)s") % {"text": clean(entry.problems)},
        "help_from": _("需%(whom)s协调。") % {"whom": entry.help_from},
        "next_steps": _("下一步：%(text)s") % {"text": clean(entry.next_steps)},
    }
    return [sentences[name] for name in REPORT_REMARKS if getattr(entry, name)]


def as_sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text[-1] in "。！？.!?；;" else text + _("。")


def as_list(texts: Iterable[str]) -> str:
    return pgettext("between items", "；").join(str(text) for text in texts)


def numbered_heading(number: int, text: str) -> str:
    return _("（%(number)s）%(text)s") % {"number": chinese_numeral(number), "text": text}
