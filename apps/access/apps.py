from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "apps.access"
    label = "access"
    verbose_name = _("登录安全")

    def ready(self):
        from apps.access.sessions import begin  # noqa: PLC0415 – models are there from here on

        user_logged_in.connect(begin, dispatch_uid="apps.access.sessions.begin")
        # When a person last signed in is nobody's business; the column of Django's own model stays empty.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
