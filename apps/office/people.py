"""People who leave: what they answered for goes to somebody else, and what they did stays theirs."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.accounts.permissions import is_plan_admin
from apps.accounts.selectors import DEMO_PASSWORD
from apps.accounts.services import end_sessions
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.wording import joined
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure
from apps.plans.services import assign_measure


def measures_answered_for(person):
    """The measures that wait for somebody else when this leader leaves: those of plans that can still be changed."""
    return Measure.objects.filter(leader=person, plan__status__in=[PlanStatus.DRAFT, PlanStatus.OPEN]).select_related(
        "plan__court", "lead"
    )


def leaders_beside(person):
    """Who may take over from a leader."""
    return (
        User.objects.filter(court=person.court_id, is_active=True, groups__name=Role.LEADER)
        .exclude(pk=person.pk)
        .order_by("username")
    )


@transaction.atomic
def let_go(*, person, successor, by, at):
    """The person signs in no more; the measures they answered for go to `successor`, another leader of the court.

    What a department reports, reviews and answers is the department's, and goes on with whoever is in it.
    """
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    require(person.court is not None and is_plan_admin(by, person.court) and not person.is_superuser)
    if person.pk == by.pk:
        raise ValidationError(_("不能办理自己的离任，请由另一位计划管理员办理。"))
    measures = list(measures_answered_for(person))
    if measures and successor is None:
        raise ValidationError({"successor": _("请选择接手的院领导：还有由其分管的举措。")})
    if successor is not None and successor not in leaders_beside(person):
        raise ValidationError({"successor": _("请选择本院的另一位院领导。")})
    for measure in measures:
        _pass_on(measure, successor, by=by, at=at)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person)
    record(
        by=by,
        action=Action.USER_LEFT,
        target=person,
        court=person.court,
        at=at,
        data={
            "successor": str(successor or ""),
            "measures": joined(f"{one.plan.year} · {one.code}" for one in measures),
        },
    )
    return measures


def _pass_on(measure, successor, *, by, at):
    if measure.lead is not None:
        support = list(measure.support.all())
        assign_measure(measure=measure, lead=measure.lead, leader=successor, support=support, by=by, at=at)
        return
    measure.leader = successor
    measure.save(update_fields=["leader"])
    record(
        by=by,
        action="measure.changed",
        target=measure,
        court=measure.plan.court,
        at=at,
        data={"leader": str(successor)},
    )


def example_accounts(court):
    """The accounts of a court that still have the password of the demonstration."""
    people = User.objects.filter(court=court, is_active=True).order_by("username")
    return [person for person in people if person.check_password(DEMO_PASSWORD)]


@transaction.atomic
def remove_example_accounts(*, court, by, at):
    """Nobody signs in with the demonstration's password any more; what the accounts did stays on record."""
    require(is_plan_admin(by, court))
    if by.check_password(DEMO_PASSWORD):
        raise ValidationError(_("您正使用示例账号。请先建立自己的计划管理员账号，用它登录后再停用示例账号。"))
    removed = example_accounts(court)
    for person in removed:
        person.is_active = False
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        end_sessions(person)
        record(by=by, action=Action.USER_LEFT, target=person, court=court, at=at, data={"example": True})
    return removed
