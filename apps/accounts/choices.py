from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CourtLevel(TextChoices):
    BASIC = "basic", _("基层人民法院")
    INTERMEDIATE = "intermediate", _("中级人民法院")
    HIGH = "high", _("高级人民法院")


class Role(TextChoices):
    """A role is a group of this name."""

    REPORTER = "reporter", _("填报人")
    REVIEWER = "reviewer", _("审核人")
    LEADER = "leader", _("院领导")
    PLAN_ADMIN = "plan_admin", _("计划管理员")
    INSPECTOR = "inspector", _("监督员")


# Roles whose work is in Django admin: `is_staff` follows from them.
STAFF_ROLES = frozenset({Role.PLAN_ADMIN, Role.INSPECTOR})
