"""Phrases that the sections of a bulletin share."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.assessment.choices import Light
from apps.core.figures import chinese_numeral, figure
from apps.core.wording import bracketed

BEST_FIRST = (
    Light.DONE,
    Light.ON_TRACK,
    Light.NOT_DUE,
    Light.WATCH,
    Light.LATE,
    Light.NO_DATA,
    Light.PAUSED,
)


def light_counts(measures):
    lights = [item.verdict.light for item in measures]
    return [(light, lights.count(light)) for light in BEST_FIRST if light in lights]


def change_text(by):
    """“，比上次提高 3 个百分点”; nothing where there is nothing to compare with."""
    if by is None:
        return ""
    if by == 0:
        return _("，与上次持平")
    if by > 0:
        return _("，比上次提高 %(by)s 个百分点") % {"by": figure(by)}
    return _("，比上次下降 %(by)s 个百分点") % {"by": figure(-by)}


def measure_name(item):
    """“1.2 某举措（政治部牵头）”."""
    measure = item.measure
    lead = _("%(department)s牵头") % {"department": measure.lead} if measure.lead else ""
    return f"{measure.code} {measure.title}{bracketed(lead)}"


def latest_report_text(data, item):
    """What the last accepted report says, in its own words."""
    entry = data.entry(item)
    return as_sentence(entry.text) if entry and entry.text else ""


def as_sentence(text):
    text = " ".join(text.split())
    return text if not text or text[-1] in "。！？.!?；;" else text + _("。")


def numbered_heading(number, text):
    return _("（%(number)s）%(text)s") % {"number": chinese_numeral(number), "text": text}


def short_name(item):
    return f"{item.measure.code}{bracketed(item.measure.lead or '')}"


def as_list(texts):
    return pgettext("between items", "；").join(str(text) for text in texts)
