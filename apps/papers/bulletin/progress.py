"""二、已完成；三、正常推进；四、滞后及原因"""

from collections.abc import Callable, Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.assessment.choices import Light
from apps.assessment.sentences import sentence_of, target_text
from apps.assessment.tree import IndicatorStanding, MeasureStanding
from apps.core.figures import figure
from apps.core.wording import bracketed, joined, written_day
from apps.papers.blocks import Block, Heading, Para
from apps.papers.bulletin.material import BulletinData
from apps.papers.sentences import as_list, as_sentence, change_text, measure_name, numbered_heading, report_remarks


def done_section(data: BulletinData) -> tuple[Block, ...]:
    blocks = [_done_paragraph(data, item) for item in data.of_light(Light.DONE)]
    none = Para(text=_("截至%(day)s，没有已完成的举措。") % {"day": written_day(data.standing.on)})
    return (Heading(level=1, text=_("二、已完成")), *(blocks or [none]))


def _done_paragraph(data: BulletinData, item: MeasureStanding) -> Para:
    is_new = data.light_before(item) not in (None, Light.DONE)
    closed = item.facts.closed_on
    sentences = [_("%(day)s销号。") % {"day": written_day(closed)}] if closed else []
    sentences += [sentence_of(finding, item.verdict) + _("。") for finding in item.verdict.findings]
    sentences.append(as_sentence(data.report(item).text))
    lead = measure_name(item) + (_("（本期完成）") if is_new else "") + _("。")
    return Para(lead=lead, text="".join(sentences))


def on_track_section(data: BulletinData) -> tuple[Block, ...]:
    going = data.of_light(Light.ON_TRACK, Light.NOT_DUE)
    groups = []
    for pillar in data.standing.pillars:
        items = [item for item in going if item.measure.pillar_id == pillar.pillar.pk]
        groups.append((pillar.pillar.title, _paragraphs(items, data, _on_track_sentences)))
    paused = joined(measure_name(item) for item in data.of_light(Light.PAUSED))
    groups.append((_("已暂停"), [Para(text=paused + _("。"))] if paused else []))
    return _numbered(_("三、正常推进"), groups, none=_("没有正常推进中的举措。"))


def late_section(data: BulletinData) -> tuple[Block, ...]:
    groups = []
    for light in (Light.LATE, Light.WATCH, Light.NO_DATA):
        items = data.of_light(light)
        title = _("%(light)s%(n)s项") % {"light": light.label, "n": len(items)}
        groups.append((title, _paragraphs(items, data, _late_sentences)))
    return _numbered(_("四、滞后及原因"), groups, none=_("没有滞后、需要关注或待补数据的举措。"))


def _paragraphs(
    items: Sequence[MeasureStanding],
    data: BulletinData,
    sentences_of: Callable[[BulletinData, MeasureStanding], Iterator[str]],
) -> list[Para]:
    return [Para(lead=measure_name(item) + _("。"), text="".join(sentences_of(data, item))) for item in items]


def _numbered(title: str, groups: Sequence[tuple[str, Sequence[Para]]], *, none: str) -> tuple[Block, ...]:
    """A section of numbered groups; those without paragraphs are left out. `none` where that leaves nothing."""
    blocks: list[Block] = [Heading(level=1, text=title)]
    for number, (name, paragraphs) in enumerate([group for group in groups if group[1]], 1):
        blocks += [Heading(level=2, text=numbered_heading(number, name)), *paragraphs]
    return tuple(blocks) if len(blocks) > 1 else (*blocks, Para(text=none))


def _on_track_sentences(data: BulletinData, item: MeasureStanding) -> Iterator[str]:
    percent, expected = item.verdict.percent, item.verdict.expected
    if item.verdict.light == Light.NOT_DUE and not percent:
        yield _("未到期。")
    else:
        yield _("进度 %(percent)s%%") % {"percent": figure(percent)}
        if expected is not None:
            yield bracketed(_("序时 %(expected)s%%") % {"expected": figure(expected)})
        yield change_text(data.percent_change(item) or None) + _("。")
    yield as_sentence(data.report(item).text)


def _late_sentences(data: BulletinData, item: MeasureStanding) -> Iterator[str]:
    found = [sentence_of(finding, item.verdict) for finding in item.verdict.findings]
    yield as_list(found) + _("。") if found else ""
    wrong = [indicator for indicator in item.indicators if indicator.verdict.light in (Light.LATE, Light.WATCH)]
    if wrong:
        yield _("涉及指标：%(names)s。") % {"names": joined(_indicator_name(indicator) for indicator in wrong)}
    report = data.report(item)
    if report.pk is None:
        yield _("尚无确认的填报。")
    yield from report_remarks(report, as_sentence)
    if item.n_moves:
        yield _("原定%(original)s完成，现定%(due)s，已调整%(n)s次") % {
            "original": written_day(item.original_due),
            "due": written_day(item.due),
            "n": item.n_moves,
        }
    else:
        yield _("时限%(due)s") % {"due": written_day(item.due)}
    yield _("。")


def _indicator_name(indicator: IndicatorStanding) -> str:
    value = indicator.verdict.value
    remarks = [str(indicator.verdict.standing.label)]
    if target := target_text(indicator.indicator, indicator.target):
        remarks.append(_("目标 %(target)s") % {"target": target})
    if value is not None:
        words = {"value": figure(value), "unit": indicator.indicator.unit}
        remarks.append((_("现值 %(value)s %(unit)s") % words).strip())
    return indicator.indicator.name + bracketed(pgettext("between remarks", "，").join(remarks))
