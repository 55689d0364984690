"""What the office keeps beside the plan itself: the year as it stood when it was closed."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.guards import AppendOnly
from apps.plans.models import Plan


class YearEnd(models.Model):
    """A closed year: the whole standing of the plan's last day, as known when it was closed, and its checksum."""

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="year_end", verbose_name=_("计划"))
    document = models.JSONField(_("年终结果"), encoder=DjangoJSONEncoder)
    checksum = models.CharField(_("校验值"), max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("归档人")
    )
    made_at = models.DateTimeField(_("归档时间"))

    append_only = AppendOnly()

    class Meta:
        verbose_name = verbose_name_plural = _("年终归档")

    def __str__(self):
        return str(self.plan)
