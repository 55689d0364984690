"""Signing in and out, and one's own password."""

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import Role
from apps.accounts.selectors import DEMO_ACCOUNTS, demo_accounts

DEMO_PASSWORD = "courtplan-demo"  # noqa: S105 – public by intent, and only ever given to example accounts

WHAT_THEY_DO = {
    Role.REPORTER: _("填报本部门举措的进展"),
    Role.REVIEWER: _("审核本部门牵头举措的填报"),
    Role.LEADER: _("查看看板与各项状态"),
    Role.PLAN_ADMIN: _("在后台维护计划、指标与目标值"),
    Role.INSPECTOR: _("查看一切，不改一字"),
}


@method_decorator(login_not_required, name="dispatch")
class Login(auth_views.LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        accounts = [
            {
                "username": person.username,
                "name": person.name,
                "court": person.court,
                "role": Role(role).label if (role := DEMO_ACCOUNTS[person.username]) else "",
                "does": WHAT_THEY_DO.get(
                    role, _("系统管理员") if person.is_superuser else _("另一法院的人员，看不到本院任何内容")
                ),
            }
            for person in demo_accounts()
        ]
        return super().get_context_data(**kwargs, demo_accounts=accounts, demo_password=DEMO_PASSWORD)


class Password(auth_views.PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("dashboard:home")

    def form_valid(self, form):
        messages.success(self.request, _("密码已修改。"))
        return super().form_valid(form)
