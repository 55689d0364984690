from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PapersConfig(AppConfig):
    name = "apps.papers"
    label = "reports"
    verbose_name = _("报表")
