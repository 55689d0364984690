from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Sort(TextChoices):
    PLAN = "", _("计划次序")
    LIGHT = "light", _("状态，差的在前")
    DUE = "due", _("时限，早的在前")
    PERCENT = "percent", _("进度，低的在前")
