from django.apps import AppConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.utils.translation import gettext_lazy as _


class SigninConfig(AppConfig):
    name = "apps.signin"
    label = "access"
    verbose_name = _("登录安全")
    default = True

    def ready(self):
        from apps.signin import backends, sessions  # noqa: PLC0415 – models are loaded from here on

        user_logged_in.connect(sessions.begin)
        user_logged_in.connect(backends.note_success)
        user_login_failed.connect(backends.note_failure)


class AuthConfigWithoutLastLogin(AuthConfig):
    """Django's AuthConfig without `last_login`: nothing records when a person signed in, the column stays empty."""

    default = False

    def ready(self):
        super().ready()
        user_logged_in.disconnect(dispatch_uid="update_last_login")
