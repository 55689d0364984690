from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

# Importing converters registers “<code:…>” for URL patterns.
from apps.core import converters, guards, logs  # noqa: F401


class CoreConfig(AppConfig):
    name = "apps.core"
    label = "core"
    verbose_name = _("公共")

    def ready(self) -> None:
        # After every migration, because rebuilding a table on SQLite drops its triggers.
        post_migrate.connect(guards.install_after_migrate, sender=self)
        connection_created.connect(logs.watch_queries)
