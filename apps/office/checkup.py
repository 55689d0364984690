"""体检: what is missing in a plan, before it is opened and while it runs, with links to the pages that add it."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.assessment.choices import Light, Standing, Strength
from apps.assessment.tree import IndicatorStanding, MeasureStanding, PlanStanding
from apps.core.wording import written_day
from apps.dashboard.selectors import owed_now
from apps.dashboard.source import source_of
from apps.indicators.models import Indicator
from apps.indicators.rules import COMPOSITE
from apps.plans.models import Measure, Quote

# Shorter stretches of the plan's text are headings and connecting words.
MIN_CLAUSE_LENGTH = 12
MAX_EXCERPT_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class MissingItem:
    """One kind of thing that is missing, with links to where it is missing. Some kinds block the plan's opening."""

    title: str
    links: list[Link]
    hint: str = ""
    blocks_opening: bool = False


@dataclass
class Checkup:
    missing: list[MissingItem] = field(default_factory=list)

    def add(self, title: str, links: list[Link], *, hint: str = "", blocks_opening: bool = False) -> None:
        if links:
            self.missing.append(MissingItem(title=title, links=links, hint=hint, blocks_opening=blocks_opening))


def checkup_of(standing: PlanStanding) -> Checkup:
    """What is missing in a plan, worst first. Any day's standing will do: only the plan's definition is looked at."""
    plan, checkup = standing.plan, Checkup()
    plan_link = Link(label=str(plan), url=reverse("admin:plans_plan_change", args=[plan.pk]))
    checkup.add(_("没有支柱"), [] if standing.pillars else [plan_link], blocks_opening=True)
    checkup.add(
        _("没有举措"),
        [] if standing.measures else [Link(label=_("增加举措"), url=reverse("admin:plans_measure_add"))],
        blocks_opening=True,
    )
    checkup.add(
        _("没有牵头部门"),
        [_measure_link(row) for row in standing.measures if row.measure.lead_id is None],
        hint=_("没有牵头部门的举措无人填报和审核。"),
        blocks_opening=True,
    )
    checkup.add(
        _("没有完成时限"),
        [_measure_link(row) for row in standing.measures if row.first_deadline is None],
        hint=_("没有下达时限的举措按年底算。"),
    )
    checkup.add(_("没有分管院领导"), [_measure_link(row) for row in standing.measures if row.measure.leader_id is None])
    checkup.add(
        _("必须完成的指标没有目标值"),
        [
            _indicator_link(row)
            for row in standing.indicators
            if row.verdict.standing == Standing.NO_TARGET and row.indicator.strength == Strength.MUST
        ],
        hint=_("没有目标值的指标不作判定。"),
    )
    checkup.add(
        _("综合指标没有成员"),
        [
            _indicator_link(row)
            for row in standing.indicators
            if row.indicator.kind in COMPOSITE and not row.facts.members
        ],
    )
    checkup.add(_("没有注明原文出处"), _without_source(standing))
    checkup.add(_("原文还没有分解的段落"), _uncovered(standing), hint=_("标题和过渡的话不必分解。"))
    return checkup


def attention_of(standing: PlanStanding) -> Checkup:
    """What needs the office's attention while the plan runs, beside the checkup."""
    checkup = Checkup()
    owed = owed_now(standing)
    checkup.add(_("报送期已过，还没有确认填报"), [_owed_link(row) for row in owed if row.is_over])
    checkup.add(_("报送期内，还没有确认填报"), [_owed_link(row) for row in owed if not row.is_over])
    checkup.add(
        _("缺数据的指标"),
        [
            _page_link("indicator", row.indicator)
            for row in standing.indicators
            if row.verdict.light == Light.NO_DATA and row.verdict.standing != Standing.NO_TARGET
        ],
    )
    return checkup


def _measure_link(row: MeasureStanding) -> Link:
    return Link(label=str(row.measure), url=reverse("admin:plans_measure_change", args=[row.measure.pk]))


def _indicator_link(row: IndicatorStanding) -> Link:
    return Link(label=str(row.indicator), url=reverse("admin:indicators_indicator_change", args=[row.indicator.pk]))


def _page_link(page: str, row: Measure | Indicator, *, note: str = "") -> Link:
    url = reverse(f"dashboard:{page}", args=[row.plan.court.slug, row.plan.year, row.code])
    return Link(label=f"{row}{note}", url=url)


def _owed_link(row: Any) -> Link:
    closes_on = _("%(day)s截止") % {"day": written_day(row.window.closes_on)}
    return _page_link("measure", row.standing.measure, note=f" · {closes_on}")


def _without_source(standing: PlanStanding) -> list[Link]:
    if not standing.plan.source_text:
        return []
    quoted = set(Quote.objects.filter(measure__plan=standing.plan).values_list("measure_id", flat=True))
    return [_measure_link(row) for row in standing.measures if row.measure.pk not in quoted]


def _uncovered(standing: PlanStanding) -> list[Link]:
    url = reverse("admin:plans_measure_changelist")
    return [
        Link(label=_excerpt(piece.text.strip()), url=url)
        for paragraph in source_of(standing).paragraphs
        for piece in paragraph
        if not piece.is_covered and len(piece.text.strip()) >= MIN_CLAUSE_LENGTH
    ]


def _excerpt(text: str) -> str:
    return text if len(text) <= MAX_EXCERPT_LENGTH else f"{text[:MAX_EXCERPT_LENGTH]}…"
