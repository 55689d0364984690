"""What a standing gives to the components that draw it."""

from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.assessment.sentences import note_of, rule_of, sentence_of
from apps.assessment.templatetags.assessment_tags import bar_width, spread, total
from apps.core.components import render_component
from apps.core.figures import whole_percent
from apps.core.wording import joined, written_day
from apps.plans.wording import window_label

register = template.Library()


@lru_cache(maxsize=4096)
def _measure_address(court, year, code):
    return reverse("dashboard:measure", args=[court, year, code])


def measure_url(measure, day=None):
    plan = measure.plan
    return _measure_address(plan.court.slug, plan.year, measure.code) + (day.query if day else "")


def _bar(percent, expected):
    expected_text = "" if expected is None else _("序时 %(number)s%%") % {"number": whole_percent(expected)}
    return {
        "percent_text": "" if percent is None else f"{whole_percent(percent)}%",
        "percent_width": bar_width(percent),
        "expected_text": expected_text,
        "expected_x": bar_width(expected),
    }


@register.simple_tag
def progress_bar(holder):
    """The bar of a measure's standing, or of a group's."""
    if hasattr(holder, "verdict"):
        return render_component("bar", **_bar(holder.verdict.percent, holder.verdict.expected))
    return render_component("bar", **_bar(holder.roll_up.percent, holder.expected))


@register.simple_tag
def lights_spread(holder):
    return render_component("spread", spread=spread(holder.roll_up), total=total(holder.roll_up))


@register.filter
def signed(difference):
    """“+3”, “−2”, “0”: a difference in whole points."""
    points = whole_percent(difference)
    return "0" if points == 0 else f"{'+' if points > 0 else '−'}{abs(points)}"


@register.filter
def of_indicator(sparks, indicator):
    return sparks.get(indicator.pk) if sparks else None


@register.filter
def of_pillar(changes, pillar):
    return changes.by_pillar.get(pillar.number) if changes else None


@register.inclusion_tag("components/pillar_card.html")
def pillar_card(standing, worst, day, changes=None):
    pillar = standing.pillar
    plan = pillar.plan
    return {
        "number": pillar.number,
        "title": pillar.title,
        "url": reverse("dashboard:pillar", args=[plan.court.slug, plan.year, pillar.number]) + day.query,
        "light": standing.roll_up.light,
        "spread": spread(standing.roll_up),
        "total": total(standing.roll_up),
        "worst": [measure_item(measure, day) for measure in worst],
        "moved": of_pillar(changes, pillar),
        "since": changes.since if changes else None,
        **_bar(standing.roll_up.percent, standing.expected),
    }


@register.simple_tag
def measure_item(standing, day):
    """A measure in one line of a list."""
    measure = standing.measure
    return {
        "code": measure.code,
        "title": measure.title,
        "url": measure_url(measure, day),
        "light": standing.verdict.light,
        "note": note_of(standing.verdict),
    }


def measure_labels():
    """The columns of the table of measures, as a narrow screen repeats them in each row."""
    return {"lead": _("牵头部门"), "due": _("时限"), "progress": _("进度"), "light": _("状态")}


@register.simple_tag
def measure_row(standing, day, *, with_pillar=True):
    """A measure in the table of measures. Its words are put together here: a table has dozens of rows."""
    measure = standing.measure
    is_late = standing.progress is not None and standing.progress.is_late
    return render_component(
        "measure_row",
        **measure_item(standing, day),
        lead=str(measure.lead or _("未定")),
        support=_("配合：%(support)s") % {"support": joined(standing.support)} if standing.support else "",
        due=written_day(standing.due),
        original_due=written_day(standing.original_due) if standing.n_moves else "",
        pillar=measure.pillar.short if with_pillar else "",
        marks=(_("补报"),) if is_late else (),
        labels=measure_labels(),
        **_bar(standing.verdict.percent, standing.verdict.expected),
    )


@register.simple_tag
def owed_item(owed, day):
    measure, window = owed.standing.measure, owed.window
    return render_component(
        "owed_item",
        code=measure.code,
        title=measure.title,
        url=measure_url(measure, day),
        lead=str(measure.lead or ""),
        window=window_label(window.start, window.end),
        day=written_day(window.closes_on),
        is_over=owed.is_over,
    )


@register.filter
def as_items(verdict):
    """A verdict's findings as the list component takes them, each with its rule in words."""
    return [
        {"severity": finding.severity, "text": sentence_of(finding, verdict), "rule": rule_of(finding.code)}
        for finding in verdict.findings
    ]


@register.simple_tag
def crumb(label, url=""):
    return {"label": label, "url": url}


@register.simple_tag
def listed(*items):
    return list(items)


register.filter("measure_url", measure_url)
