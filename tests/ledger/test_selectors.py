"""What was read before, brought up to what stands now."""

from datetime import date

import pytest

from apps.ledger import selectors, services
from tests.conftest import at
from tests.factories import DepartmentFactory, ProgressEntryFactory

MOMENTS = [at(f"2025-06-{day} 10:00") for day in (12, 13, 14)]


@pytest.mark.parametrize("n_named", [0, 1, 500])
def test_only_what_is_newer_is_read_and_all_is_told(cast, monkeypatch, n_named, django_assert_num_queries):
    """However few of the withdrawals known already a question may name."""
    monkeypatch.setattr(selectors, "N_NAMED", n_named)
    plan = cast.measure.plan
    ProgressEntryFactory(measure=cast.measure, percent=10)
    facts = selectors.all_facts_of(plan)

    for moment in MOMENTS:
        closing = services.close_measure(
            measure=cast.measure, closed_on=date(2025, 6, 10), result="完成", by=cast.plan_admin, at=moment
        )
        facts = selectors.facts_brought_up(facts, plan)
        assert facts == selectors.all_facts_of(plan)

        services.withdraw_entry(entry=closing, reason="误录", by=cast.plan_admin, at=moment)
        facts = selectors.facts_brought_up(facts, plan)
        assert facts == selectors.all_facts_of(plan)

    assert [fact.withdrawn_at for fact in facts] == [None, *MOMENTS]
    with django_assert_num_queries(1):
        assert (selectors.facts_brought_up(facts, plan) is facts) == (n_named == 500)


def test_a_fact_names_the_department_it_is_of(cast):
    """Only the plan's own court's departments are looked through."""
    DepartmentFactory(slug=cast.measure.lead.slug)  # of another court
    entry = ProgressEntryFactory(measure=cast.measure, department=cast.measure.lead)

    (fact,) = selectors.all_facts_of(cast.measure.plan)

    assert (fact.pk, fact.department) == (entry.pk, cast.measure.lead.name)
