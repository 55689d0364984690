"""二、已完成；三、正常推进；四、滞后及原因"""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.assessment.choices import Light
from apps.assessment.sentences import sentence_of, target_text
from apps.core.figures import figure
from apps.core.wording import bracketed, joined, written_day
from apps.papers.blocks import Heading, Para
from apps.papers.bulletin.sentences import (
    as_list,
    as_sentence,
    change_text,
    latest_report_text,
    measure_name,
    numbered_heading,
)
from apps.papers.tree_diff import moved


def done_section(data):
    blocks = [Heading(level=1, text=_("二、已完成"))]
    done = data.of_light(Light.DONE)
    if not done:
        return (*blocks, Para(text=_("截至%(day)s，没有已完成的举措。") % {"day": written_day(data.standing.on)}))
    for item in done:
        before = data.before(item)
        is_new = before is not None and before["light"] != Light.DONE
        closed = item.facts.closed_on
        sentences = [_("%(day)s销号。") % {"day": written_day(closed)}] if closed else []
        sentences += [sentence_of(finding, item.verdict) + _("。") for finding in item.verdict.findings]
        sentences.append(latest_report_text(data, item))
        lead = measure_name(item) + (_("（本期完成）") if is_new else "") + _("。")
        blocks.append(Para(lead=lead, text="".join(sentences)))
    return tuple(blocks)


def on_track_section(data):
    blocks = [Heading(level=1, text=_("三、正常推进"))]
    number = 0
    for pillar in data.standing.pillars:
        going = [
            item
            for item in pillar.measures
            if data.scope.holds(item.measure) and item.verdict.light in (Light.ON_TRACK, Light.NOT_DUE)
        ]
        if not going:
            continue
        number += 1
        blocks.append(Heading(level=2, text=numbered_heading(number, pillar.pillar.title)))
        blocks += [
            Para(lead=measure_name(item) + _("。"), text=_on_track_text(data, item) + latest_report_text(data, item))
            for item in going
        ]
    paused = data.of_light(Light.PAUSED)
    if paused:
        number += 1
        blocks.append(Heading(level=2, text=numbered_heading(number, _("已暂停"))))
        blocks.append(Para(text=joined(measure_name(item) for item in paused) + _("。")))
    if number == 0:
        blocks.append(Para(text=_("没有正常推进中的举措。")))
    return tuple(blocks)


def _on_track_text(data, item):
    percent = item.verdict.percent
    if item.verdict.light == Light.NOT_DUE and not percent:
        return _("未到期。")
    before = data.before(item)
    text = _("进度 %(percent)s%%") % {"percent": figure(percent)}
    if item.verdict.expected is not None:
        text += bracketed(_("序时 %(expected)s%%") % {"expected": figure(item.verdict.expected)})
    return text + change_text(moved(before and before["percent"], percent) or None) + _("。")


def late_section(data):
    blocks = [Heading(level=1, text=_("四、滞后及原因"))]
    number = 0
    for light in (Light.LATE, Light.WATCH, Light.NO_DATA):
        found = data.of_light(light)
        if not found:
            continue
        number += 1
        title = _("%(light)s%(n)s项") % {"light": light.label, "n": len(found)}
        blocks.append(Heading(level=2, text=numbered_heading(number, title)))
        blocks += [Para(lead=measure_name(item) + _("。"), text="".join(_late_sentences(data, item))) for item in found]
    if number == 0:
        blocks.append(Para(text=_("没有滞后、需要关注或待补数据的举措。")))
    return tuple(blocks)


def _late_sentences(data, item):
    found = [sentence_of(finding, item.verdict) for finding in item.verdict.findings]
    yield as_list(found) + _("。") if found else ""
    wrong = [indicator for indicator in item.indicators if indicator.verdict.light in (Light.LATE, Light.WATCH)]
    if wrong:
        yield _("涉及指标：%(names)s。") % {"names": joined(_indicator_name(indicator) for indicator in wrong)}
    entry = data.entry(item)
    if entry is None:
        yield _("尚无确认的填报。")
    else:
        if entry.problems:
            yield _("存在问题：%(text)s") % {"text": as_sentence(entry.problems)}
        if entry.help_from:
            yield _("需%(whom)s协调。") % {"whom": entry.help_from}
        if entry.next_steps:
            yield _("下一步：%(text)s") % {"text": as_sentence(entry.next_steps)}
    yield _due_text(item) + _("。")


def _indicator_name(indicator):
    value = indicator.verdict.value
    unit = indicator.indicator.unit
    remarks = [str(indicator.verdict.standing.label)]
    if target := target_text(indicator.indicator, indicator.target):
        remarks.append(_("目标 %(target)s") % {"target": target})
    if value is not None:
        remarks.append(_("现值 %(value)s %(unit)s") % {"value": figure(value), "unit": unit})
    return indicator.indicator.name + bracketed(
        pgettext("between remarks", "，").join(remark.strip() for remark in remarks)
    )


def _due_text(item):
    if item.n_moves:
        return _("原定%(original)s完成，现定%(due)s，已调整%(n)s次") % {
            "original": written_day(item.original_due),
            "due": written_day(item.due),
            "n": item.n_moves,
        }
    return _("时限%(due)s") % {"due": written_day(item.due)}
