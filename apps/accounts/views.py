"""Signing in and out."""

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.middleware.csrf import REASON_CSRF_TOKEN_MISSING, REASON_NO_CSRF_COOKIE
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import csrf

from apps.accounts.choices import Role
from apps.accounts.form_recovery import carried_fields, is_navigation, preserves_post, recoverable_fields, store_post
from apps.accounts.forms import SignInForm
from apps.accounts.selectors import DEMO_ACCOUNTS, DEMO_PASSWORD, demo_accounts

ROLE_DESCRIPTIONS = {
    Role.REPORTER: _("填报本部门举措的进展"),
    Role.REVIEWER: _("审核本部门牵头举措的填报"),
    Role.LEADER: _("查看看板与各项状态"),
    Role.PLAN_ADMIN: _("在后台维护计划、指标与目标值"),
    Role.INSPECTOR: _("查看一切，不改一字"),
}


@method_decorator(login_not_required, name="dispatch")
class Login(auth_views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and request.user.is_authenticated:  # signed in meanwhile, in another window
            store_post(request, carried_fields(request.POST), url=self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        store_post(self.request, carried_fields(self.request.POST), url=self.get_success_url())
        return response

    def get_context_data(self, **kwargs):
        accounts = [
            {
                "username": person.username,
                "name": person.name,
                "court": person.court,
                "role": Role(role).label if (role := DEMO_ACCOUNTS[person.username]) else "",
                "does": ROLE_DESCRIPTIONS.get(
                    role, _("系统管理员") if person.is_superuser else _("另一法院的人员，看不到本院任何内容")
                ),
            }
            for person in demo_accounts()
        ]
        return super().get_context_data(
            **kwargs,
            demo_accounts=accounts,
            demo_password=DEMO_PASSWORD,
            preserved_fields=carried_fields(self.request.POST),
            single_sign_on=settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        )


def sign_in_again(request):
    """The sign-in page in answer to a form posted without a session: nothing is saved, the fields are carried along."""
    page = Login()
    page.setup(request)
    context = page.get_context_data(form=page.get_form_class()(request))
    fields = recoverable_fields(request.POST)
    context |= {"next": request.get_full_path(), "preserved_fields": fields, "is_too_late": True, "is_lost": not fields}
    return page.render_to_response(context)


def csrf_failure(request, reason=""):
    """Show a form with a stale CSRF token again as it was filled in: its author has signed in anew in another window.

    Only for a person who is signed in, and never for a form from another site: with SameSite=Lax the browser sends no
    session cookie with that.
    """
    is_stale = reason in (REASON_NO_CSRF_COOKIE, REASON_CSRF_TOKEN_MISSING) or reason.startswith("CSRF token from POST")
    is_recoverable = preserves_post(getattr(request.resolver_match, "func", None)) and is_navigation(request)
    if is_stale and is_recoverable and request.user.is_authenticated:
        store_post(request, recoverable_fields(request.POST), url=request.get_full_path())
        return redirect(request.get_full_path())
    return csrf.csrf_failure(request, reason)


@method_decorator(login_not_required, name="dispatch")  # who has not finished signing in may turn back
class Logout(auth_views.LogoutView):
    def post(self, request, *args, **kwargs):
        response = super().post(request, *args, **kwargs)
        if request.is_secure():
            response.headers["Clear-Site-Data"] = '"cache"'  # pages kept by the browser of a shared computer
        return response
