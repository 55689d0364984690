"""The acts of the plan's office that look at the whole plan."""

from django.db import transaction

from apps.assessment.selectors import standing_of
from apps.audit.services import record
from apps.office.archive import checksum_of, document_of
from apps.office.models import YearEnd
from apps.plans.choices import PlanMove
from apps.plans.services import step_plan


@transaction.atomic
def close_year(*, plan, by, at):
    """Close a plan and keep how it stood on its last day, as known now (年终口径), with a checksum."""
    plan = step_plan(plan=plan, move=PlanMove.CLOSE, by=by, at=at)
    document = document_of(standing_of(plan, on=plan.ends_on, known=at))
    kept = YearEnd.objects.create(plan=plan, document=document, checksum=checksum_of(document), made_by=by, made_at=at)
    record(
        by=by,
        action="plan.year_kept",
        target=plan,
        court=plan.court,
        at=at,
        data={"checksum": kept.checksum},
        made=[kept],
    )
    return kept
