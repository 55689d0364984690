from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "apps.operations"
    label = "condition"
    verbose_name = _("运行状况")

    def ready(self):
        from apps.operations import checks  # noqa: F401, PLC0415 – registers them with Django
