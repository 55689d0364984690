from django.utils import timezone

from apps.accounts.selectors import courts_visible_to
from apps.core.orders import order_in_force
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure, Plan


def plans_visible_to(user):
    """Plans of the courts a person may see; drafts are the admin's business until they are opened."""
    return (
        Plan.objects.filter(court__in=courts_visible_to(user)).exclude(status=PlanStatus.DRAFT).select_related("court")
    )


def measures_visible_to(user):
    return Measure.objects.filter(plan__in=plans_visible_to(user)).select_related(
        "plan__court", "pillar", "lead", "leader"
    )


def current_plan(user):
    """The newest plan of the person's own court, else of any court they may see; None where there is none."""
    own = plans_visible_to(user).filter(court=user.court_id).order_by("-year").first() if user.court_id else None
    return own or plans_visible_to(user).order_by("-year").first()


def due_of(measure, *, at, node=None):
    """The last day in force at a moment, as ordered, of a measure or of one of its nodes; the plan's where none is set."""
    orders = measure.deadlines.filter(node=node)
    order = order_in_force(orders, on=timezone.localdate(at), known=at)
    return order.due if order else measure.plan.ends_on
