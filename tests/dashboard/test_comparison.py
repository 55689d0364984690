"""What changed since the last month end, the year at a glance, and the plan's text with what came of it."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from apps.assessment.choices import Light
from apps.assessment.selectors import PlanHistory, standing_of
from apps.dashboard.comparison import changes_since, month_end_before, shares_of, year_of
from apps.dashboard.source import source_of
from apps.plans.models import Plan
from tests.conftest import at
from tests.factories import (
    GoalFactory,
    MeasureFactory,
    PillarFactory,
    ProgrammeFactory,
    ProgressEntryFactory,
    QuoteFactory,
)


def address(name):
    return reverse(f"dashboard:{name}", args=["kfq", 2025])


@pytest.fixture(autouse=True)
def july():
    with time_machine.travel(at("2025-07-15 10:00"), tick=False):
        yield


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2025, 7, 15), date(2025, 6, 30)),
        (date(2025, 7, 31), date(2025, 6, 30)),
        (date(2025, 3, 1), date(2025, 2, 28)),
        (date(2025, 1, 31), date(2024, 12, 31)),
    ],
)
def test_month_end_before(day, before):
    assert month_end_before(day) == before


@pytest.fixture
def moved(cast):
    """One measure that fell behind in July and one that caught up, in two pillars; a third stays."""
    plan = cast.measure.plan
    # The pillar after the first, whatever number the factory's sequence has come to.
    after = PillarFactory(plan=plan, number=cast.measure.pillar.number + 1)
    catching = MeasureFactory(plan=plan, pillar=after, code="7.1")
    for measure, percents in ((cast.measure, (49, 50)), (catching, (20, 55))):
        for percent, (spoken, accepted) in zip(
            percents, ((date(2025, 6, 28), "2025-06-29"), (date(2025, 7, 14), "2025-07-14")), strict=True
        ):
            ProgressEntryFactory(
                measure=measure, percent=percent, speaks_of=spoken, accepted_at=at(f"{accepted} 09:00")
            )
    return cast.measure, catching


def test_changes_name_what_turned_and_how_far_pillars_moved(cast, moved):
    plan, (steady, catching) = cast.measure.plan, moved
    before, now = (standing_of(plan, on=day) for day in (date(2025, 6, 30), date(2025, 7, 15)))

    changes = changes_since(before, now)

    # The first had missed the first quarter's report, and the second was far behind.
    assert [(change.standing.measure, change.before, change.is_worse) for change in changes.lights] == [
        (steady, Light.WATCH, False),
        (catching, Light.LATE, False),
    ]
    assert changes.by_pillar == {steady.pillar.number: 1, catching.pillar.number: 35}
    assert changes.percent == 18
    turned_back = changes_since(now, before)
    assert [change.is_worse for change in turned_back.lights] == [True, True]


def test_pillar_without_a_figure_on_one_of_the_days_has_no_change(cast):
    ProgressEntryFactory(
        measure=cast.measure, percent=40, speaks_of=date(2025, 7, 10), accepted_at=at("2025-07-10 09:00")
    )
    plan = cast.measure.plan

    changes = changes_since(standing_of(plan, on=date(2025, 6, 30)), standing_of(plan, on=date(2025, 7, 15)))

    assert (changes.percent, changes.by_pillar) == (None, {})


def test_year_replays_each_month_end_and_leaves_the_rest_empty(cast, moved):
    plan = cast.measure.plan

    rows = year_of(PlanHistory(plan), today=date(2025, 7, 15))

    for row in rows:
        lights = [cell.light for cell in row.cells]
        assert lights[6:] == [None] * 6
        assert lights[:6] == [
            standing_of(plan, on=cell.on).measure(row.standing.measure.code).verdict.light for cell in row.cells[:6]
        ]


def test_departments_stand_in_their_order_with_what_they_lead(cast, moved):
    plan = cast.measure.plan
    standing = standing_of(plan, on=date(2025, 7, 15))

    rows = shares_of(standing, plan.court.departments.order_by("order"))

    assert [(department, sum(n for counts in shares for _light, n in counts)) for department, shares in rows] == [
        (measure.lead, 1) for measure in moved
    ]
    assert [sum(n for _light, n in counts) for counts in rows[0][1]] == [
        int(pillar.pillar.pk == cast.measure.pillar_id) for pillar in standing.pillars
    ]


def test_source_is_cut_where_quotes_begin_and_end(cast):
    text = "前言。\n一是改革。完善机制，推广经验。"
    Plan.objects.update(source_text=text)
    cast.measure.plan.refresh_from_db()
    QuoteFactory(measure=cast.measure, order=1, text="完善机制")
    GoalFactory(plan=cast.measure.plan, code="G1", quote="前言。")

    source = source_of(standing_of(cast.measure.plan, on=date(2025, 7, 15)))

    assert [
        [(piece.text, [standing.measure.code for standing in piece.measures], len(piece.goals)) for piece in pieces]
        for pieces in source.paragraphs
    ] == [
        [("前言。", [], 1)],
        [("一是改革。", [], 0), ("完善机制", ["1.1"], 0), ("，推广经验。", [], 0)],
    ]
    assert (source.n_signs, source.n_covered, source.percent) == (18, 7, 38)


def test_source_that_was_not_entered_has_no_share(cast):
    source = source_of(standing_of(cast.measure.plan, on=date(2025, 7, 15)))

    assert (source.paragraphs, source.percent) == ((), None)


@pytest.mark.parametrize("name", ["year", "source"])
@pytest.mark.parametrize("n_more", [1, 3])
def test_pages_take_the_same_number_of_queries(client, cast, django_assert_num_queries, name, n_more):
    for _number in range(n_more):
        measure = MeasureFactory(
            plan=cast.measure.plan, pillar=cast.measure.pillar, lead__court=cast.measure.plan.court
        )
        QuoteFactory(measure=measure, order=1, text="原文")
        ProgressEntryFactory(measure=measure, percent=40)
    client.force_login(cast.colleague)

    with django_assert_num_queries(19):
        assert client.get(address(name)).status_code == 200

    client.force_login(cast.outsider)
    assert client.get(address(name)).status_code == 404


def test_first_month_has_nothing_to_compare_with(client, cast):
    client.force_login(cast.leader)

    assert client.get(address("plan") + "?on=2025-01-20").context["changes"] is None
    assert client.get(address("plan") + "?on=2025-02-20").context["changes"].since == date(2025, 1, 31)


def test_programme_gathers_its_measures_across_the_pillars(client, cast, moved):
    programme = ProgrammeFactory(plan=cast.measure.plan, code="service")
    for measure in moved:
        measure.programmes.add(programme)
    ProgrammeFactory(plan=cast.measure.plan, code="empty")
    client.force_login(cast.leader)

    def page(code):
        return client.get(reverse("dashboard:programme", args=["kfq", 2025, code]))

    assert [standing.measure for standing in page("service").context["programme"].measures] == list(moved)
    assert [line.programme for line in client.get(address("plan")).context["programmes"]] == [programme]
    assert page("empty").status_code == page("nothing").status_code == 404


def test_dashboard_names_what_is_owed_until_it_is_accepted(client, cast):
    client.force_login(cast.leader)

    def owed(on):
        found = client.get(f"{address('plan')}?on={on}").context["owed"]
        return [(row.standing.measure.code, str(row.window.end), row.is_over) for row in found]

    assert owed("2025-06-30") == [("1.1", "2025-06-30", False)]
    assert owed("2025-07-10") == [("1.1", "2025-09-30", False)]
    ProgressEntryFactory(
        measure=cast.measure, percent=40, speaks_of=date(2025, 6, 29), accepted_at=at("2025-06-29 09:00")
    )
    assert owed("2025-06-30") == []


def test_wall_shows_headline_and_pillars_only(client, cast):
    client.force_login(cast.leader)

    page = client.get(f"{address('plan')}?view=wall").content.decode()

    assert 'class="is-wall' in page
    assert "年度目标" not in page
