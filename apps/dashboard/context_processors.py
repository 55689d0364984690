"""What stands on every page: whose it is, where one can go, and whether the figures are made up."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.accounts.choices import Role
from apps.accounts.models import Court
from apps.plans.selectors import current_plan


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    is_current: bool


class Page:
    """Computed only where a template asks: an error page asks for little."""

    def __init__(self, request):
        self.request = request
        self.user = getattr(request, "user", None)

    @property
    def is_signed_in(self):
        return self.user is not None and self.user.is_authenticated

    @cached_property
    def plan(self):
        if not self.is_signed_in:
            return None
        return getattr(self.request, "plan", None) or current_plan(self.user)

    @cached_property
    def open_to_all(self):
        """The plan that the ways on the page lead to: one that is being prepared has no pages to go to yet."""
        if self.plan is not None and self.plan.is_being_prepared:
            return current_plan(self.user)
        return self.plan

    @cached_property
    def court(self):
        if self.plan is not None:
            return self.plan.court
        return self.user.court if self.is_signed_in else None

    @cached_property
    def has_demo_data(self):
        if self.court is not None:
            return self.court.has_demo_data
        return Court.objects.filter(has_demo_data=True).exists()

    @cached_property
    def person(self):
        if not self.is_signed_in:
            return None
        return {
            "display_name": str(self.user),
            "department_name": self.user.department.name if self.user.department_id else "",
            "role_names": [str(role.label) for role in Role if role in self.user.roles],
        }

    @property
    def admin_url(self):
        return reverse("admin:index") if self.is_signed_in and self.user.is_staff else None

    @cached_property
    def plan_args(self):
        """What names that plan in an address; None where there is none."""
        return (self.open_to_all.court.slug, self.open_to_all.year) if self.open_to_all else None

    @property
    def search_url(self):
        return reverse("dashboard:search", args=self.plan_args) if self.plan_args else None

    @cached_property
    def nav(self):
        if not self.is_signed_in:
            return []
        roles = set(Role) if self.user.is_superuser else self.user.roles
        pages = []
        if self.plan_args:
            pages += [
                (_("看板"), reverse("dashboard:plan", args=self.plan_args)),
                (pgettext("many", "举措"), reverse("dashboard:measures", args=self.plan_args)),
                (pgettext("many", "指标"), reverse("dashboard:indicators", args=self.plan_args)),
            ]
        pages.append((_("我的工作"), reverse("dashboard:my_work")))
        if self.plan_args:
            pages.append((_("搜索"), self.search_url))
        if roles & {Role.REVIEWER, Role.PLAN_ADMIN}:
            pages.append((_("审核"), reverse("reporting:reviews")))
        if roles & {Role.PLAN_ADMIN, Role.INSPECTOR}:
            pages.append((_("审计"), reverse("inspection:trail")))
        if Role.PLAN_ADMIN in roles:
            pages.append((_("计划管理"), reverse("office:entrance")))
        elif self.admin_url:
            pages.append((_("后台"), self.admin_url))
        return [NavItem(label, url + self._day_query(url), self._is_current(url)) for label, url in pages]

    def _day_query(self, url):
        """The day asked for stays on the way from page to page of the plan."""
        day = {name: self.request.GET[name] for name in ("on", "known") if name in self.request.GET}
        is_of_plan = self.plan_args and url.startswith(f"/{self.plan_args[0]}/")
        return f"?{urlencode(day)}" if day and is_of_plan else ""

    def _is_current(self, url):
        path = self.request.path
        if self.plan_args and url == reverse("dashboard:plan", args=self.plan_args):
            return path == url or path.startswith(f"{url}pillars/")
        if url == reverse("office:entrance"):
            return path.startswith(url) or "/office/" in path
        return path.startswith(url)


def page(request):
    return {"page": Page(request)}
