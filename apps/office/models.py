"""Archived years, and uploaded files that wait for confirmation."""

import io
from datetime import timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Court
from apps.core.encryption import DecryptionError, decrypt, encrypt
from apps.core.guards import AppendOnly
from apps.core.models import person_field
from apps.plans.models import Plan

UPLOAD_LIFETIME = timedelta(days=1)
ENCRYPTED_FOR = "office.ImportFile.content"


class YearEnd(models.Model):
    """A closed year: the whole standing of the plan's last day, as known when it was closed, and its checksum."""

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="year_end", verbose_name=_("计划"))
    document = models.JSONField(_("年终结果"), encoder=DjangoJSONEncoder)
    checksum = models.CharField(_("校验值"), max_length=64)
    made_by = person_field(_("归档人"))
    made_at = models.DateTimeField(_("归档时间"))

    append_only = AppendOnly()

    class Meta:
        verbose_name = verbose_name_plural = _("年终归档")

    def __str__(self):
        return str(self.plan)


class ImportFileQuerySet(models.QuerySet):
    def expired(self, *, at):
        return self.filter(at__lte=at - UPLOAD_LIFETIME)

    def available(self, *, at):
        return self.filter(at__gt=at - UPLOAD_LIFETIME)


class ImportFile(models.Model):
    """A table on its way in: what was uploaded, what each row would do, and when it was taken in.

    It is a note between two pages, not a record; what was taken in stands in the ledger, the orders and the trail.
    The content is encrypted, because a table of people may hold their first passwords.
    """

    court = models.ForeignKey(Court, on_delete=models.CASCADE, related_name="+", verbose_name=_("法院"))
    plan = models.ForeignKey(
        Plan,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("计划"),
    )
    table = models.CharField(_("表格"), max_length=20)
    name = models.CharField(_("文件名"), max_length=120)
    content = models.BinaryField(_("内容"))
    outcomes = models.JSONField(_("核对结果"), null=True)
    notes = models.JSONField(_("说明"), default=list)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("上传人")
    )
    at = models.DateTimeField(_("上传时间"))
    done_at = models.DateTimeField(_("导入时间"), null=True)

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("导入的表格")

    def __str__(self):
        return self.name

    @staticmethod
    def encrypted(content):
        return encrypt(content, purpose=ENCRYPTED_FOR)

    def decrypted(self):
        """The file as it was uploaded. DecryptionError where SECRET_KEY has changed since."""
        return decrypt(bytes(self.content), purpose=ENCRYPTED_FOR)

    @property
    def is_readable(self):
        try:
            self.decrypted()
        except DecryptionError:
            return False
        return True

    def opened(self):
        return io.BytesIO(self.decrypted())
