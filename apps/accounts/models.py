"""Courts, their departments, and the people in them."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import CourtLevel, Role
from apps.core.models import NaturalKeyManager, NaturalKeyModel, optional_link

# First parts of addresses that are pages of their own.
RESERVED_SLUGS = frozenset(
    {
        "admin",
        "api",
        "audit",
        "gallery",
        "healthz",
        "i18n",
        "inbox",
        "login",
        "logout",
        "my-work",
        "office",
        "password",
        "readyz",
        "reviews",
        "rules",
        "sso",
        "static",
    }
)


def validate_not_reserved(slug):
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("“%(slug)s”是系统页面的地址，请另选一个。"), params={"slug": slug})


class Court(NaturalKeyModel):
    """One court. Nobody sees another court's anything, unless it is theirs to supervise."""

    slug = models.SlugField(_("网址代码"), max_length=40, unique=True, validators=[validate_not_reserved])
    name = models.CharField(_("名称"), max_length=80, unique=True)
    level = models.CharField(_("层级"), max_length=12, choices=CourtLevel, default=CourtLevel.BASIC)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subordinate_courts",
        verbose_name=_("监督法院"),
    )
    has_demo_data = models.BooleanField(_("含示例数据"), default=False, editable=False)

    objects = NaturalKeyManager("slug")

    class Meta:
        verbose_name = verbose_name_plural = _("法院")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=models.F("id")),
                name="%(app_label)s_%(class)s_is_not_its_own_parent",
                violation_error_message=_("监督法院不能是本院自己。"),
            )
        ]

    def __str__(self):
        return self.name


class Department(NaturalKeyModel):
    """A department of a court. Its place is fixed: departments are never ranked."""

    court = models.ForeignKey(Court, on_delete=models.PROTECT, related_name="departments", verbose_name=_("法院"))
    slug = models.SlugField(_("网址代码"), max_length=40)
    name = models.CharField(_("名称"), max_length=80)
    order = models.PositiveSmallIntegerField(_("排列次序"))
    is_example = models.BooleanField(
        _("示例"), default=False, help_text=_("计划原文没有写明部门时，随示例法院预置的部门；确认后取消此项。")
    )

    objects = NaturalKeyManager("court__slug", "slug")

    class Meta:
        verbose_name = verbose_name_plural = _("部门")
        ordering = ["court", "order"]
        constraints = [
            models.UniqueConstraint(fields=["court", "slug"], name="%(app_label)s_%(class)s_slug_once_a_court"),
            models.UniqueConstraint(fields=["court", "name"], name="%(app_label)s_%(class)s_name_once_a_court"),
            models.UniqueConstraint(fields=["court", "order"], name="%(app_label)s_%(class)s_order_once_a_court"),
        ]

    def __str__(self):
        return self.name


class PeopleManager(UserManager):
    """Joins court and department: nearly every permission asks for them."""

    def get_queryset(self):
        return super().get_queryset().select_related("court", "department")


class User(AbstractUser):
    """A person: one court, one department, any number of roles.

    Every session stores the `session_generation` it began in, and is over when that rises. `password_given_at` is since
    when the password is one that somebody else set; None where it is the person's own.
    """

    first_name = None
    last_name = None
    name = models.CharField(_("姓名"), max_length=40)
    court = optional_link(Court, _("法院"), related_name="people")
    department = optional_link(Department, _("部门"), related_name="people")
    password_given_at = models.DateTimeField(_("密码由他人设置的时间"), null=True, editable=False)
    session_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = PeopleManager()

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = _("人员")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=True) | Q(court__isnull=False),
                name="%(app_label)s_%(class)s_department_needs_court",
                violation_error_message=_("填写部门时须同时填写法院。"),
            )
        ]

    def __str__(self):
        return self.name or self.username

    def clean(self):
        super().clean()
        if self.department_id and self.department.court_id != self.court_id:
            raise ValidationError({"department": _("该部门不属于所选法院。")})

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    def get_session_auth_hash(self):
        return self._of_generation(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self):
        return (self._of_generation(fallback) for fallback in super().get_session_auth_fallback_hash())

    def _of_generation(self, hash_of_password):
        return f"{hash_of_password}-{self.session_generation}"

    @cached_property
    def roles(self) -> frozenset[Role]:
        """Read once an instance, which is once a request. Never cached longer: a role taken away holds at once.

        Every page asks, and so in plain SQL: building the query took ten times as long as running it.
        """
        with connection.cursor() as cursor:
            cursor.execute(ROLES, [self.pk])
            return frozenset(Role(name) for (name,) in cursor.fetchall() if name in Role.values)


ROLES = """
SELECT auth_group.name FROM auth_group JOIN accounts_user_groups ON group_id = auth_group.id WHERE user_id = %s
"""
