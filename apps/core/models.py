"""What several rooms' tables share: people, natural keys, paired columns, and orders with a date."""

from operator import attrgetter
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.guards import AppendOnly

Row = TypeVar("Row", bound=models.Model)


def person_field(verbose_name: Any = None, *, optional: bool = False, **options: Any) -> Any:
    """A column for who did something: the person is never deleted while the row stands."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=optional,
        blank=optional,
        related_name="+",
        verbose_name=verbose_name,
        **options,
    )


def optional_link(
    to: type[Row], verbose_name: Any, *, related_name: str, **options: Any
) -> "models.ForeignKey[Row | None, Row | None]":
    """A column that may name a row, which is never deleted while this one stands."""
    return models.ForeignKey(
        to,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name=related_name,
        verbose_name=verbose_name,
        **options,
    )


class NaturalKeyManager(models.Manager):
    """Finds rows by their natural key, as fixtures do: the values of these lookups, in order."""

    def __init__(self, *lookups: str, **fixed: Any) -> None:
        super().__init__()
        self.lookups, self.fixed = lookups, fixed

    def get_by_natural_key(self, *key: Any) -> Any:
        return self.get(**dict(zip(self.lookups, key, strict=True)), **self.fixed)


class NaturalKeyModel(models.Model):
    """A model with a NaturalKeyManager as `objects`."""

    class Meta:
        abstract = True

    def natural_key(self) -> tuple:
        manager: Any = type(self)._default_manager
        return tuple(attrgetter(lookup.replace("__", "."))(self) for lookup in manager.lookups)


def set_together(*names: str) -> models.CheckConstraint:
    """A constraint: these columns are all empty or all filled, so *who* never stands without *when*."""
    return models.CheckConstraint(
        condition=Q(**{f"{name}__isnull": True for name in names}) | Q(**{f"{name}__isnull": False for name in names}),
        name=f"%(app_label)s_%(class)s_{'_'.join(names)}_together",
    )


class DatedOrder(models.Model):
    """One order that sets a value from a day on. The value before it stays in the order before it.

    The first order of a series comes with the plan itself and may name nobody; each later one names
    who made it.
    """

    number = models.PositiveIntegerField(_("次序"))
    effective_from = models.DateField(_("生效日期"))
    reason = models.CharField(_("理由"), max_length=500)
    document = models.CharField(_("依据文件"), max_length=200, blank=True)
    made_by = person_field(_("下达人"), optional=True)
    made_at = models.DateTimeField(_("下达时间"))

    append_only = AppendOnly()
    series_fields: ClassVar[tuple[str, ...]]  # what a series of orders is about

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(number=1) | Q(made_by__isnull=False), name="%(app_label)s_%(class)s_later_order_has_maker"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="%(app_label)s_%(class)s_has_reason"),
        ]

    @property
    def series(self) -> models.QuerySet[Any]:
        """The orders about the same, this one among them once it is saved."""
        return type(self)._default_manager.filter(**{name: getattr(self, name) for name in self.series_fields})

    @property
    def subject(self) -> Any:
        return next(row for name in self.series_fields if (row := getattr(self, name)) is not None)

    @property
    def is_backdated(self) -> bool:
        """Whether the order reaches back behind the day it was made; shown wherever the order is."""
        return self.made_by_id is not None and timezone.localdate(self.made_at) > self.effective_from
