"""Signing in."""

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.accounts.selectors import DEMO_PASSWORD, is_demonstration


class SignInForm(AuthenticationForm):
    """As Django's; the demonstration's password, which everybody knows, opens nothing but a demonstration."""

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if self.cleaned_data.get("password") == DEMO_PASSWORD and not is_demonstration(user.court):
            raise ValidationError(_("这是演示用的密码，本院不能用它登录。请联系计划管理员重新设置。"))
