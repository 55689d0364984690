from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    name = "apps.office"
    label = "office"
    verbose_name = _("计划管理")
