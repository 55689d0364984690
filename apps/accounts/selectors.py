from django.db.models import Q, QuerySet

from apps.accounts.choices import Role
from apps.accounts.models import Court, User

DEMO_PASSWORD = "courtplan-demo"  # noqa: S105 – public by intent, and only ever given to example accounts
# Who tries the product first, in the order of one report's way through the house.
DEMO_ACCOUNTS = {
    "reporter": Role.REPORTER,
    "reviewer": Role.REVIEWER,
    "leader": Role.LEADER,
    "planadmin": Role.PLAN_ADMIN,
    "inspector": Role.INSPECTOR,
    "admin": None,
    "outsider": None,
}


def courts_visible_to(user: User) -> QuerySet[Court]:
    if user.is_superuser:
        return Court.objects.all()
    if user.court_id is None:
        return Court.objects.none()
    return Court.objects.filter(Q(pk=user.court_id) | Q(parent=user.court_id))


def of_courts_visible_to(user: User, path: str) -> Q:
    """The condition that a row's court, `path` away from it, is one the person may see: as above, without asking first."""
    if user.is_superuser:
        return Q()
    if user.court_id is None:
        return Q(pk__in=[])
    return Q(**{path: user.court_id}) | Q(**{f"{path}__parent": user.court_id})


def is_demonstration(court: Court | None) -> bool:
    """Whether the figures of the court are made up; for the installation as a whole (None), those of any."""
    return court.has_demo_data if court is not None else Court.objects.filter(has_demo_data=True).exists()


def demo_accounts() -> list[User]:
    """The accounts to try the product with; empty unless demonstration data is in."""
    people = User.objects.filter(username__in=DEMO_ACCOUNTS, court__has_demo_data=True, is_active=True).select_related(
        "court", "department"
    )
    order = list(DEMO_ACCOUNTS)
    return sorted(people, key=lambda person: order.index(person.username))


def n_courts_in_earnest() -> int:
    """How many courts have people and no made-up figures."""
    people = User.objects.filter(is_active=True, court__has_demo_data=False)
    return people.order_by().values("court").distinct().count()


def leaders_of(court: Court) -> QuerySet[User]:
    """Who can speak as a leader of the court."""
    return User.objects.filter(court=court, is_active=True, groups__name=Role.LEADER).order_by("username")
