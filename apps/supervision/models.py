"""What leaders instruct, and what departments ask for: words that never change, and the steps they took.

Where a matter stands follows from its steps; nothing here is ever edited.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Department
from apps.core.guards import AppendOnly
from apps.indicators.models import Indicator
from apps.ledger.models import LedgerEntry
from apps.plans.models import Deadline, Measure, Node, Plan
from apps.supervision.choices import (
    ClosingMove,
    ClosingStatus,
    ExtensionMove,
    ExtensionStatus,
    InstructionMove,
    InstructionStatus,
)
from apps.supervision.rules import CLOSING, EXTENSION, INSTRUCTION, LONGEST_REASON, Way


class Matter(models.Model):
    """Something said to, or asked of, somebody. `key` comes with the form, so that a form sent twice makes one."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("计划"))
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("举措"))
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("部门")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    append_only = AppendOnly()
    way: ClassVar[Way]
    statuses: ClassVar[type[models.TextChoices]]
    moves: ClassVar[type[models.TextChoices]]

    class Meta:
        abstract = True
        ordering = ["-at", "-pk"]

    def status_at(self, known=None):
        """Where the matter stands, as known at that moment; None is now. Reads the prefetched steps."""
        return self.way.status_after([step.move for step in self.steps_until(known)])

    @property
    def status(self):
        return self.status_at()

    @property
    def is_pending(self):
        return self.way.is_pending(self.status)

    def steps_until(self, known=None):
        return [step for step in self.steps.all() if known is None or step.at <= known]

    def _url(self, name):
        return reverse(f"supervision:{name}", args=[self.plan.court.slug, self.plan.year, self.pk])


class Step(models.Model):
    """One thing done about a matter, with its words. `number` counts from 1."""

    number = models.PositiveIntegerField(_("次序"))
    text = models.TextField(_("内容"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    append_only = AppendOnly()

    class Meta:
        abstract = True
        ordering = ["number"]

    def __str__(self):
        return self.get_move_display()


class Instruction(Matter):
    """A leader's word on a measure or an indicator (批示), to one department, to be answered by a day."""

    measure = models.ForeignKey(
        Measure, on_delete=models.PROTECT, null=True, blank=True, related_name="instructions", verbose_name=_("举措")
    )
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, null=True, blank=True, related_name="instructions", verbose_name=_("指标")
    )
    text = models.TextField(_("批示内容"))
    answer_by = models.DateField(_("答复期限"))

    way = INSTRUCTION
    statuses = InstructionStatus
    moves = InstructionMove

    class Meta(Matter.Meta):
        verbose_name = verbose_name_plural = _("批示")
        indexes = [models.Index(fields=["plan", "at"]), models.Index(fields=["department", "at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(measure__isnull=False) | Q(indicator__isnull=False),
                name="%(app_label)s_%(class)s_is_about_something",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="%(app_label)s_%(class)s_has_text"),
        ]

    def __str__(self):
        return _("批示：%(about)s") % {"about": self.about}

    def get_absolute_url(self):
        return self._url("instruction")

    @property
    def about(self):
        return self.indicator or self.measure

    def answer_by_at(self, known=None):
        """The day to answer by: the last one a leader named."""
        named = [step.answer_by for step in self.steps_until(known) if step.answer_by]
        return named[-1] if named else self.answer_by

    def leader_spoke_at(self, known=None):
        """When the leader last said something that wants an answer."""
        said = [step.at for step in self.steps_until(known) if step.move == InstructionMove.FOLLOW_UP]
        return said[-1] if said else self.at

    def is_overdue(self, *, on, known=None):
        return self.status_at(known) == InstructionStatus.OPEN and self.answer_by_at(known) < on


class InstructionStep(Step):
    instruction = models.ForeignKey(Instruction, on_delete=models.PROTECT, related_name="steps")
    move = models.CharField(_("事项"), max_length=12, choices=InstructionMove)
    answer_by = models.DateField(_("答复期限"), null=True, blank=True)

    class Meta(Step.Meta):
        verbose_name = verbose_name_plural = _("批示办理")
        constraints = [
            models.UniqueConstraint(fields=["instruction", "number"], name="%(app_label)s_%(class)s_number_once"),
            models.CheckConstraint(
                condition=Q(move=InstructionMove.FOLLOW_UP, answer_by__isnull=False)
                | (~Q(move=InstructionMove.FOLLOW_UP) & Q(answer_by__isnull=True)),
                name="%(app_label)s_%(class)s_day_where_answer_is_asked",
            ),
        ]


class Receipt(models.Model):
    """A person of the department opened the instruction, for the first time since the leader last spoke."""

    instruction = models.ForeignKey(Instruction, on_delete=models.PROTECT, related_name="receipts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("阅知时间"))

    append_only = AppendOnly()

    class Meta:
        verbose_name = verbose_name_plural = _("阅知")
        ordering = ["at", "pk"]

    def __str__(self):
        return str(self.by)


class Extension(Matter):
    """A lead department asks for a later day (延期), for its measure or for one of its nodes."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="extensions", verbose_name=_("举措"))
    node = models.ForeignKey(
        Node, on_delete=models.PROTECT, null=True, blank=True, related_name="extensions", verbose_name=_("节点")
    )
    reason = models.CharField(_("延期理由"), max_length=LONGEST_REASON)
    progress = models.TextField(_("目前进展"))
    new_due = models.DateField(_("申请延至"))

    way = EXTENSION
    statuses = ExtensionStatus
    moves = ExtensionMove

    class Meta(Matter.Meta):
        verbose_name = verbose_name_plural = _("延期")
        indexes = [models.Index(fields=["plan", "at"])]

    def __str__(self):
        return _("延期：%(about)s") % {"about": self.about}

    def get_absolute_url(self):
        return self._url("extension")

    @property
    def about(self):
        return self.node or self.measure


class ExtensionStep(Step):
    extension = models.ForeignKey(Extension, on_delete=models.PROTECT, related_name="steps")
    move = models.CharField(_("事项"), max_length=12, choices=ExtensionMove)
    deadline = models.OneToOneField(Deadline, on_delete=models.PROTECT, null=True, blank=True, related_name="granted")

    class Meta(Step.Meta):
        verbose_name = verbose_name_plural = _("延期办理")
        constraints = [
            models.UniqueConstraint(fields=["extension", "number"], name="%(app_label)s_%(class)s_number_once"),
            models.CheckConstraint(
                condition=Q(move=ExtensionMove.GRANT, deadline__isnull=False)
                | (~Q(move=ExtensionMove.GRANT) & Q(deadline__isnull=True)),
                name="%(app_label)s_%(class)s_order_where_granted",
            ),
        ]


class Closing(Matter):
    """A lead department asks that its measure be taken off the list as finished (销号), with the result."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="closings", verbose_name=_("举措"))
    finished_on = models.DateField(_("完成日期"))
    result = models.TextField(_("办结结果"))

    way = CLOSING
    statuses = ClosingStatus
    moves = ClosingMove

    class Meta(Matter.Meta):
        verbose_name = verbose_name_plural = _("销号申请")
        indexes = [models.Index(fields=["plan", "at"])]

    def __str__(self):
        return _("销号：%(about)s") % {"about": self.measure}

    def get_absolute_url(self):
        return self._url("closing")

    @property
    def about(self):
        return self.measure

    @property
    def entry(self):
        """The ledger entry that the confirmation wrote; None where there is none."""
        return next((step.entry for step in self.steps.all() if step.entry_id), None)

    def status_at(self, known=None):
        """As its steps say; and reopened where the ledger entry was withdrawn by hand."""
        status = super().status_at(known)
        entry = self.entry
        if status == ClosingStatus.CONFIRMED and entry.is_withdrawn and (known is None or entry.withdrawn_at <= known):
            return ClosingStatus.REOPENED
        return status


class ClosingStep(Step):
    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="steps")
    move = models.CharField(_("事项"), max_length=12, choices=ClosingMove)
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Step.Meta):
        verbose_name = verbose_name_plural = _("销号办理")
        constraints = [
            models.UniqueConstraint(fields=["closing", "number"], name="%(app_label)s_%(class)s_number_once"),
            models.CheckConstraint(
                condition=Q(move=ClosingMove.CONFIRM, entry__isnull=False)
                | (~Q(move=ClosingMove.CONFIRM) & Q(entry__isnull=True)),
                name="%(app_label)s_%(class)s_entry_where_confirmed",
            ),
        ]
