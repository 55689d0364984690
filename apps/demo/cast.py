"""The people of the demonstration. Their names say what they are: nobody is meant."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from apps.accounts.choices import CourtLevel, Role
from apps.accounts.models import Court, Department, User
from apps.accounts.selectors import DEMO_PASSWORD

# The reporter and reviewer accounts sit in the department that leads most measures.
HOME_DEPARTMENT = "zzb"


@dataclass(frozen=True)
class Cast:
    plan_admin: User
    leaders: list[User]
    reporters: dict[int, User]
    reviewers: dict[int, User]


def gather(court):
    """Make the accounts to sign in with, and a reporter and a reviewer for each department."""
    court.has_demo_data = True
    court.save(update_fields=["has_demo_data"])
    password = make_password(DEMO_PASSWORD)

    def person(username, name, *roles, of=court, department=None, **flags):
        user = User.objects.create(
            username=username, name=name, court=of, department=department, password=password, **flags
        )
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    reporters, reviewers = {}, {}
    for department in court.departments.order_by("order"):
        is_home = department.slug == HOME_DEPARTMENT
        reporters[department.pk] = person(
            "reporter" if is_home else f"reporter-{department.slug}",
            f"{department.name}联络员",
            Role.REPORTER,
            department=department,
        )
        reviewers[department.pk] = person(
            "reviewer" if is_home else f"reviewer-{department.slug}",
            f"{department.name}负责人",
            Role.REVIEWER,
            department=department,
        )
    office = court.departments.get(slug="ducha")
    cast = Cast(
        plan_admin=person("planadmin", "计划管理员", Role.PLAN_ADMIN, department=office, is_staff=True),
        leaders=[
            person("leader", "院长", Role.LEADER),
            person("leader-2", "分管副院长甲", Role.LEADER),
            person("leader-3", "分管副院长乙", Role.LEADER),
        ],
        reporters=reporters,
        reviewers=reviewers,
    )
    person("inspector", "派驻监督员", Role.INSPECTOR, is_staff=True)
    person("admin", "系统管理员", is_staff=True, is_superuser=True)
    neighbour = Court.objects.create(
        slug="linqu", name="邻区人民法院（示例）", level=CourtLevel.BASIC, has_demo_data=True
    )
    office = Department.objects.create(court=neighbour, slug="bgs", name="综合办公室", order=1, is_example=True)
    person("outsider", "邻院人员", Role.REPORTER, Role.REVIEWER, of=neighbour, department=office)
    return cast
