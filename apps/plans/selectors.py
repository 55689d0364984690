from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.selectors import courts_visible_to, of_courts_visible_to
from apps.core.orders import order_in_force
from apps.plans.choices import PlanMove
from apps.plans.models import PREPARING, Measure, Plan
from apps.plans.permissions import can_move_plan, can_read_draft

READERS_OF_DRAFTS = frozenset({Role.LEADER, Role.PLAN_ADMIN, Role.INSPECTOR})


def plans_visible_to(user):
    """Plans of the courts a person may see; what is being prepared is the office's business until it is opened."""
    # The courts first, and their plans by them: the other way round every plan of a province would be looked at.
    return Plan.objects.filter(court__in=courts_visible_to(user)).exclude(status__in=PREPARING).select_related("court")


def plans_prepared_for(user):
    """Plans being prepared that this person may read, newest first."""
    if not user.is_superuser and not user.roles & READERS_OF_DRAFTS:
        return []
    plans = Plan.objects.filter(court__in=courts_visible_to(user), status__in=PREPARING).select_related("court")
    return [plan for plan in plans.order_by("-year") if can_read_draft(user, plan)]


def plans_to_confirm(user):
    """Plans that wait for this person's word."""
    return [plan for plan in plans_prepared_for(user) if can_move_plan(user, plan, PlanMove.CONFIRM)]


def measures_visible_to(user):
    measures = Measure.objects.filter(of_courts_visible_to(user, "plan__court")).exclude(plan__status__in=PREPARING)
    return measures.select_related("plan__court", "pillar", "lead", "leader")


def current_plan(user):
    """The newest plan of the person's own court, else of any court they may see; None where there is none."""
    return own_plans(user).first() or plans_visible_to(user).order_by("-year").first()


def own_plans(user):
    """The plans of the person's own court that they may see, newest first."""
    return plans_visible_to(user).filter(court__isnull=False, court=user.court_id).order_by("-year")


def due_of(measure, *, at, node=None):
    """The last day in force at a moment, as ordered, of a measure or of one of its nodes; the plan's where none is set."""
    orders = measure.deadlines.filter(node=node)
    order = order_in_force(orders, on=timezone.localdate(at), known=at)
    return order.due if order else measure.plan.ends_on
