"""Finding things by part of a word, a code, a department or a person."""

from datetime import date

import pytest
from django.urls import reverse

from apps.dashboard.search import MAX_HITS, search
from apps.supervision import services as oversight
from tests.conftest import at
from tests.factories import IndicatorFactory, MeasureFactory, PlanFactory, QuoteFactory, ReportFactory


@pytest.fixture
def ground(cast):
    """A measure with all that can be found about it, and others that look alike."""
    plan, measure = cast.measure.plan, cast.measure
    measure.title, measure.leader, measure.code = "加快法院文化建设", cast.leader, "2.5"
    measure.save()
    QuoteFactory(measure=measure, text="以加快法院文化建设为契机")
    QuoteFactory(measure=measure, order=2, text="文化陈展区投入使用")
    MeasureFactory(plan=plan, pillar=measure.pillar, code="12.5", title="其他事项", lead=cast.colleague.department)
    IndicatorFactory(measure=measure, code="2.5-1", name="陈展区面积")
    IndicatorFactory(measure=measure, code="12.5-1", name="别的")
    ReportFactory(
        measure=measure,
        author=cast.reporter,
        status="approved",
        text="陈展区已布置",
        submitted_by=cast.reporter,
        submitted_at=at("2025-06-20 09:00"),
    )
    ReportFactory(
        measure=measure,
        author=cast.reporter,
        status="draft",
        text="陈展区草稿",
        window_start=date(2025, 7, 1),
        window_end=date(2025, 9, 30),
    )
    oversight.instruct(
        measure=measure,
        department=measure.lead,
        text="陈展区何时完工",
        answer_by=date(2027, 1, 1),
        by=cast.leader,
        at=at("2025-06-03 09:00"),
    )
    return plan


def found(user, plan, text):
    return {
        group.kind: [getattr(hit.row, "code", hit.row.pk) for hit in group.hits] for group in search(user, plan, text)
    }


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("文化", {"measure", "instruction", "report"}),
        ("陈展区", {"measure", "indicator", "instruction", "report"}),
        ("陈展区 文化", {"measure", "instruction", "report"}),
        ("陈展区 没有这个词", set()),
        ("完工", {"instruction"}),
        ("", set()),
        ("   ", set()),
        ("%", set()),
        ("_", set()),
    ],
)
def test_every_word_must_be_answered(cast, ground, text, kinds):
    assert set(found(cast.inspector, ground, text)) == kinds


def test_code_finds_what_hangs_on_it_and_not_what_looks_like_it(cast, ground):
    hits = found(cast.inspector, ground, "2.5")

    assert (hits["measure"], hits["indicator"]) == (["2.5"], ["2.5-1"])
    assert {"instruction", "report"} <= set(hits)


def test_person_and_department_find_their_measures(cast, ground):
    assert found(cast.inspector, ground, cast.leader.name)["measure"] == ["2.5"]
    assert found(cast.inspector, ground, cast.supporter.department.name)["measure"] == ["2.5"]


@pytest.mark.parametrize(("who", "n_reports"), [("reporter", 2), ("inspector", 2), ("leader", 1), ("colleague", 1)])
def test_draft_is_found_by_those_who_may_see_it(cast, ground, who, n_reports):
    assert len(found(getattr(cast, who), ground, "陈展区")["report"]) == n_reports


def test_excerpt_shows_the_word_among_its_neighbours(cast, ground):
    hit = next(group for group in search(cast.inspector, ground, "陈展区") if group.kind == "measure").hits[0]

    assert hit.excerpt == (("文化", False), ("陈展区", True), ("投入使用", False))


def test_long_list_is_cut_and_says_so(cast, ground):
    for number in range(MAX_HITS + 5):
        MeasureFactory(plan=ground, pillar=cast.measure.pillar, title=f"重复的举措{number}")

    (group,) = search(cast.inspector, ground, "重复的举措")

    assert (len(group.hits), group.n, group.n_more) == (MAX_HITS, MAX_HITS + 5, 5)


def test_other_plans_are_not_searched(cast, ground):
    other = PlanFactory(court=ground.court, year=2024)
    MeasureFactory(plan=other, title="加快法院文化建设")

    assert found(cast.inspector, ground, "文化")["measure"] == ["2.5"]


@pytest.mark.parametrize("n_more", [1, 3])
def test_search_takes_the_same_number_of_queries(client, cast, ground, django_assert_num_queries, n_more):
    for number in range(n_more):
        QuoteFactory(measure=MeasureFactory(plan=ground, pillar=cast.measure.pillar, title=f"陈展区{number}"))
    client.force_login(cast.inspector)

    with django_assert_num_queries(11):
        page = client.get(reverse("dashboard:search", args=["kfq", 2025]), {"q": "陈展区"})

    assert "<mark>陈展区</mark>" in page.content.decode()


@pytest.mark.parametrize("q", ["\x00", "<script>", "长" * 500, "'", "a b c d e f g h i j k l"])
def test_odd_words_break_nothing(client, cast, ground, q):
    client.force_login(cast.inspector)

    page = client.get(reverse("dashboard:search", args=["kfq", 2025]), {"q": q})

    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_another_courts_plan_is_not_found(client, cast, ground):
    client.force_login(cast.outsider)

    assert client.get(reverse("dashboard:search", args=["kfq", 2025])).status_code == 404
