from django.apps import AppConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class SigninConfig(AppConfig):
    name = "apps.signin"
    label = "access"
    verbose_name = _("登录安全")
    default = True

    def ready(self):
        from apps.signin.sessions import begin  # noqa: PLC0415 – models are there from here on

        user_logged_in.connect(begin, dispatch_uid="apps.signin.sessions.begin")


class AuthConfigWithoutLastLogin(AuthConfig):
    """Django's AuthConfig without `last_login`: nothing records when a person signed in, the column stays empty."""

    default = False

    def ready(self):
        super().ready()
        user_logged_in.disconnect(dispatch_uid="update_last_login")
