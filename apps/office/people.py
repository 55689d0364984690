"""People who leave: their measures are handed over, and what they did stays in their name."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import Court, User
from apps.accounts.permissions import is_plan_admin
from apps.accounts.selectors import DEMO_PASSWORD, leaders_of
from apps.accounts.services import end_sessions
from apps.audit.choices import Action
from apps.audit.services import record
from apps.core.permissions import require
from apps.core.wording import joined
from apps.plans.choices import PlanStatus
from apps.plans.models import Measure
from apps.plans.services import assign_measure

# Plans whose measures can still get another leader.
CHANGEABLE = (PlanStatus.DRAFT, PlanStatus.OPEN)


def measures_to_hand_over(person: User) -> QuerySet[Measure]:
    """The measures that this leader answers for, in plans that can still be changed."""
    measures = Measure.objects.filter(leader=person, plan__status__in=CHANGEABLE)
    return measures.select_related("plan__court", "lead")


def possible_successors(person: User) -> QuerySet[User]:
    return leaders_of(person.court).exclude(pk=person.pk) if person.court else User.objects.none()


@transaction.atomic
def deactivate_person(*, person: User, successor: User | None, by: User, at: datetime) -> list[Measure]:
    """Deactivate the account and hand the person's measures to `successor`, another leader of the court.

    Reports, reviews and answers belong to the department, so they need no successor.
    """
    # The lock keeps a second departure of the same person from handing over twice.
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    require(person.court is not None and is_plan_admin(by, person.court) and not person.is_superuser)
    if person.pk == by.pk:
        raise ValidationError(_("不能办理自己的离任，请由另一位计划管理员办理。"))
    measures = list(measures_to_hand_over(person))
    if measures and successor is None:
        raise ValidationError({"successor": _("请选择接手的院领导：还有由其分管的举措。")})
    if successor is not None and successor not in possible_successors(person):
        raise ValidationError({"successor": _("请选择本院的另一位院领导。")})
    for measure in measures:
        _hand_over(measure, successor, by=by, at=at)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person)
    data = {
        "successor": str(successor or ""),
        "measures": joined(f"{measure.plan.year} · {measure.code}" for measure in measures),
    }
    record(by=by, action=Action.USER_LEFT, target=person, at=at, data=data)
    return measures


def _hand_over(measure: Measure, successor: User | None, *, by: User, at: datetime) -> None:
    if measure.lead is not None:
        support = list(measure.support.all())
        assign_measure(measure=measure, lead=measure.lead, leader=successor, support=support, by=by, at=at)
        return
    # A draft's measure may have no lead department yet, which `assign_measure` refuses.
    measure.leader = successor
    measure.save(update_fields=["leader"])
    record(by=by, action="measure.changed", target=measure, at=at, data={"leader": str(successor)})


@transaction.atomic
def deactivate_example_accounts(*, court: Court, by: User, at: datetime) -> list[User]:
    """Deactivate all accounts with the demonstration's password; what they did stays on record."""
    require(is_plan_admin(by, court))
    if by.check_password(DEMO_PASSWORD):
        raise ValidationError(_("您正使用示例账号。请先建立自己的计划管理员账号，用它登录后再停用示例账号。"))
    people = User.objects.filter(court=court, is_active=True).order_by("username")
    accounts = [person for person in people if person.check_password(DEMO_PASSWORD)]
    for person in accounts:
        person.is_active = False
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        end_sessions(person)
        record(by=by, action=Action.USER_LEFT, target=person, at=at, data={"example": True})
    return accounts
