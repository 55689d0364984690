"""体检: what is missing in a plan, before it is opened and while it runs, each with the page where it is mended."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.assessment.choices import Light, Standing, Strength
from apps.core.wording import written_day
from apps.dashboard.selectors import owed_now
from apps.dashboard.source import source_of
from apps.indicators.rules import COMPOSITE
from apps.plans.models import Quote

# Headings and the like are not promises; shorter stretches of the plan's text are not asked after.
SHORTEST_CLAUSE = 12
LONGEST_EXCERPT = 40


@dataclass(frozen=True, kw_only=True)
class Place:
    """Something that lacks something, and where to mend it."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One kind of thing that is missing. Where it `blocks`, the plan can't be opened."""

    title: str
    places: list[Place]
    why: str = ""
    blocks: bool = False


@dataclass
class Checkup:
    lacks: list[Lack] = field(default_factory=list)

    def ask(self, title, places, *, why="", blocks=False):
        """Add a kind of lack; where nothing lacks it there is nothing to say."""
        if places:
            self.lacks.append(Lack(title=title, places=places, why=why, blocks=blocks))

    @property
    def blocking(self):
        return [lack for lack in self.lacks if lack.blocks]


def checkup_of(standing):
    """What is missing in a plan, worst first. `standing` is read for any day: only what was promised is looked at."""
    plan, checkup = standing.plan, Checkup()
    plan_page = Place(label=str(plan), url=reverse("admin:plans_plan_change", args=[plan.pk]))
    checkup.ask(_("没有支柱"), [] if standing.pillars else [plan_page], blocks=True)
    checkup.ask(
        _("没有举措"),
        [] if standing.measures else [Place(label=_("增加举措"), url=reverse("admin:plans_measure_add"))],
        blocks=True,
    )
    checkup.ask(
        _("没有牵头部门"),
        [_measure(one) for one in standing.measures if one.measure.lead_id is None],
        why=_("没有牵头部门的举措无人填报和审核。"),
        blocks=True,
    )
    checkup.ask(
        _("没有完成时限"),
        [_measure(one) for one in standing.measures if one.first_deadline is None],
        why=_("没有下达时限的举措按年底算。"),
    )
    checkup.ask(_("没有分管院领导"), [_measure(one) for one in standing.measures if one.measure.leader_id is None])
    checkup.ask(
        _("必须完成的指标没有目标值"),
        [
            _indicator(one)
            for one in standing.indicators
            if one.verdict.standing == Standing.NO_TARGET and one.indicator.strength == Strength.MUST
        ],
        why=_("没有目标值的指标不作判定。"),
    )
    checkup.ask(
        _("综合指标没有成员"),
        [_indicator(one) for one in standing.indicators if one.indicator.kind in COMPOSITE and not one.facts.members],
    )
    checkup.ask(_("没有注明原文出处"), _without_source(standing))
    checkup.ask(_("原文还没有分解的段落"), _uncovered(standing), why=_("标题和过渡的话不必分解。"))
    return checkup


def attention_of(standing):
    """What needs the office's attention while the plan runs, beside what the checkup finds."""
    checkup = Checkup()
    owed = owed_now(standing)
    checkup.ask(_("报送期已过，还没有确认填报"), [_owed(one) for one in owed if one.is_over])
    checkup.ask(_("报送期内，还没有确认填报"), [_owed(one) for one in owed if not one.is_over])
    checkup.ask(
        _("缺数据的指标"),
        [
            _indicator_page(one)
            for one in standing.indicators
            if one.verdict.light == Light.NO_DATA and one.verdict.standing != Standing.NO_TARGET
        ],
    )
    return checkup


def _measure(one):
    return Place(label=str(one.measure), url=reverse("admin:plans_measure_change", args=[one.measure.pk]))


def _indicator(one):
    return Place(label=str(one.indicator), url=reverse("admin:indicators_indicator_change", args=[one.indicator.pk]))


def _owed(one):
    measure = one.standing.measure
    plan = measure.plan
    closes_on = _("%(day)s截止") % {"day": written_day(one.window.closes_on)}
    return Place(
        label=f"{measure} · {closes_on}",
        url=reverse("dashboard:measure", args=[plan.court.slug, plan.year, measure.code]),
    )


def _indicator_page(one):
    plan = one.indicator.plan
    return Place(
        label=str(one.indicator),
        url=reverse("dashboard:indicator", args=[plan.court.slug, plan.year, one.indicator.code]),
    )


def _without_source(standing):
    if not standing.plan.source_text:
        return []
    quoted = set(Quote.objects.filter(measure__plan=standing.plan).values_list("measure_id", flat=True))
    return [_measure(one) for one in standing.measures if one.measure.pk not in quoted]


def _uncovered(standing):
    url = reverse("admin:plans_measure_changelist")
    return [
        Place(label=_excerpt(piece.text.strip()), url=url)
        for paragraph in source_of(standing).paragraphs
        for piece in paragraph
        if not piece.is_covered and len(piece.text.strip()) >= SHORTEST_CLAUSE
    ]


def _excerpt(text):
    return text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}…"
