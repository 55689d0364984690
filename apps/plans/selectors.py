from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.selectors import courts_visible_to, of_courts_visible_to
from apps.core.orders import order_in_force
from apps.plans.choices import PlanMove
from apps.plans.models import PREPARING, Measure, Node, Plan
from apps.plans.permissions import can_read_draft, can_transition_plan

READERS_OF_DRAFTS = frozenset({Role.LEADER, Role.PLAN_ADMIN, Role.INSPECTOR})


def plans_visible_to(user: User) -> QuerySet[Plan]:
    """Opened plans of the courts that a person may see."""
    # A subquery for the courts: with a join the database would scan every plan of a province.
    return Plan.objects.filter(court__in=courts_visible_to(user)).exclude(status__in=PREPARING).select_related("court")


def plans_prepared_for(user: User) -> list[Plan]:
    """Plans in preparation that this person may read, newest first."""
    if not user.is_superuser and not user.roles & READERS_OF_DRAFTS:
        return []
    plans = Plan.objects.filter(court__in=courts_visible_to(user), status__in=PREPARING).select_related("court")
    return [plan for plan in plans.order_by("-year") if can_read_draft(user, plan)]


def plans_to_confirm(user: User) -> list[Plan]:
    """Plans that wait for this person's confirmation, newest first."""
    return [plan for plan in plans_prepared_for(user) if can_transition_plan(user, plan, PlanMove.CONFIRM)]


def measures_visible_to(user: User) -> QuerySet[Measure]:
    measures = Measure.objects.filter(of_courts_visible_to(user, "plan__court")).exclude(plan__status__in=PREPARING)
    return measures.select_related("plan__court", "pillar", "lead", "leader")


def current_plan(user: User) -> Plan | None:
    """The newest plan of the person's own court, else of any court they may see; None where there is none."""
    return own_plans(user).first() or plans_visible_to(user).order_by("-year").first()


def own_plans(user: User) -> QuerySet[Plan]:
    """The opened plans of the person's own court, newest first."""
    return plans_visible_to(user).filter(court__isnull=False, court=user.court_id).order_by("-year")


def due_of(measure: Measure, *, at: datetime, node: Node | None = None) -> date:
    """The deadline in force at a moment, as ordered; the plan's last day where none is set."""
    orders = measure.deadlines.filter(node=node)
    order = order_in_force(orders, on=timezone.localdate(at), known=at)
    due: date = order.due if order else measure.plan.ends_on
    return due
