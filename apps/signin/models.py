"""State of signing in. Nothing here records who signed in when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FailedSignIn(models.Model):
    """An attempt that failed, or is under way. Erased after an hour.

    Account and address stand as keyed marks: what was typed by mistake as a name may have been a password.
    """

    account = models.CharField(max_length=64, db_index=True)
    address = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("未成功的登录")

    def __str__(self):
        return f"{self.account[:8]} {self.at:%H:%M}"


class UsualAddress(models.Model):
    """An address, as a keyed mark, from which a person has signed in; forgotten when it goes out of use."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="usual_addresses")
    mark = models.CharField(max_length=64)
    forget_on = models.DateField()

    class Meta:
        verbose_name = verbose_name_plural = _("常用地址")
        constraints = [models.UniqueConstraint(fields=["person", "mark"], name="%(app_label)s_%(class)s_once_a_person")]

    def __str__(self):
        return f"{self.person_id} {self.mark[:8]}"


class SecondFactor(models.Model):
    """The encrypted secret of a person's authenticator app; `last_step` is the time step of the last accepted code."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.TextField()
    set_up_at = models.DateTimeField()
    last_step = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("两步验证")

    def __str__(self):
        return str(self.person)


class RecoveryCode(models.Model):
    """A recovery code for a lost phone, as a keyed hash. Deleted when used."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("恢复码")
        constraints = [models.UniqueConstraint(fields=["factor", "hash"], name="%(app_label)s_%(class)s_once")]

    def __str__(self):
        return f"{self.factor_id} {self.hash[:8]}"
