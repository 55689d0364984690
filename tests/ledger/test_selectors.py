"""Accepted facts, as judgement reads them."""

from apps.ledger import selectors
from tests.factories import DepartmentFactory, ProgressEntryFactory


def test_a_fact_names_the_department_it_is_of(cast):
    """Only the plan's own court's departments are looked through."""
    DepartmentFactory(slug=cast.measure.lead.slug)  # of another court
    entry = ProgressEntryFactory(measure=cast.measure, department=cast.measure.lead)

    (fact,) = selectors.all_facts_of(cast.measure.plan)

    assert (fact.pk, fact.department) == (entry.pk, cast.measure.lead.name)
