"""Instructions of leaders and requests of departments, each with the steps taken on it.

Both are append-only: the status of an item is derived from its steps.
"""

import uuid
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Department
from apps.core.guards import AppendOnly
from apps.core.models import optional_link, person_field
from apps.core.workflow import Workflow
from apps.indicators.models import Indicator
from apps.ledger.models import LedgerEntry
from apps.plans.models import Deadline, Measure, Node, Plan
from apps.supervision.choices import (
    ClosingMove,
    ClosingStatus,
    ExtensionMove,
    InstructionMove,
    InstructionStatus,
)
from apps.supervision.rules import CLOSING, EXTENSION, INSTRUCTION, MAX_REASON


class WorkflowItem(models.Model):
    """An instruction or a request. `key` comes with its form and is unique, so that a form sent twice makes one row.

    Fields stay in this order: a row's seal is a digest of its columns in the order of the model.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("计划"))
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("部门")
    )
    by = person_field()
    at = models.DateTimeField(_("时间"))

    append_only = AppendOnly()
    workflow: ClassVar[Workflow]
    move_choices: ClassVar[type[models.TextChoices]]
    title: ClassVar[Any]  # a lazy sentence that names the item
    steps: Any  # the reverse of each kind of step

    class Meta:
        abstract = True
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.title % {"about": self.about}

    def get_absolute_url(self):
        name = f"supervision:{self._meta.model_name}"
        return reverse(name, args=[self.plan.court.slug, self.plan.year, self.pk])

    @property
    def about(self):
        return self.measure

    @cached_property
    def all_steps(self) -> list["Step"]:
        """Every step, first to last. Read once: a service that adds a step assigns the longer list."""
        return list(self.steps.all())

    def steps_until(self, known: datetime | None = None) -> list["Step"]:
        return [step for step in self.all_steps if known is None or step.at <= known]

    def status_at(self, known: datetime | None = None) -> models.TextChoices:
        """The status as known at that moment; None is now."""
        return self.workflow.status_after(step.move for step in self.steps_until(known))

    @property
    def status(self) -> models.TextChoices:
        return self.status_at()

    @property
    def is_pending(self) -> bool:
        return self.workflow.is_pending(self.status)


class Step(models.Model):
    """One move made on an item. `number` counts from 1."""

    number = models.PositiveIntegerField(_("次序"))
    text = models.TextField(_("内容"), blank=True)
    by = person_field()
    at = models.DateTimeField(_("时间"))

    append_only = AppendOnly()
    move: Any  # each kind declares its own choices

    class Meta:
        abstract = True
        ordering = ["number"]

    def __str__(self):
        return self.get_move_display()


def _number_once(item):
    return models.UniqueConstraint(fields=[item, "number"], name="%(app_label)s_%(class)s_number_once")


def _set_by(move, field, *, name):
    """The move sets the field, and no other move does."""
    return models.CheckConstraint(
        condition=Q(move=move, **{f"{field}__isnull": False}) | (~Q(move=move) & Q(**{f"{field}__isnull": True})),
        name=f"%(app_label)s_%(class)s_{name}",
    )


class Instruction(WorkflowItem):
    """A leader's word on a measure or an indicator (批示), to one department, to be answered by a day."""

    measure = optional_link(Measure, _("举措"), related_name="instructions")
    indicator = optional_link(Indicator, _("指标"), related_name="instructions")
    text = models.TextField(_("批示内容"))
    answer_by = models.DateField(_("答复期限"))

    workflow = INSTRUCTION
    move_choices = InstructionMove
    title = _("批示：%(about)s")

    class Meta(WorkflowItem.Meta):
        verbose_name = verbose_name_plural = _("批示")
        indexes = [models.Index(fields=["plan", "at"]), models.Index(fields=["department", "at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(measure__isnull=False) | Q(indicator__isnull=False),
                name="%(app_label)s_%(class)s_is_about_something",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="%(app_label)s_%(class)s_has_text"),
        ]

    @property
    def about(self):
        return self.indicator or self.measure

    def answer_by_at(self, known: datetime | None = None) -> date:
        """The day to answer by: the last one a leader named."""
        days = [step.answer_by for step in self.steps_until(known) if step.answer_by]
        return days[-1] if days else self.answer_by

    def leader_spoke_at(self) -> datetime:
        """When the leader last said something that wants an answer."""
        moments = [step.at for step in self.all_steps if step.move == InstructionMove.FOLLOW_UP]
        return moments[-1] if moments else self.at

    def is_overdue(self, *, on: date, known: datetime | None = None) -> bool:
        return self.status_at(known) == InstructionStatus.OPEN and self.answer_by_at(known) < on


class InstructionStep(Step):
    instruction = models.ForeignKey(Instruction, on_delete=models.PROTECT, related_name="steps")
    move = models.CharField(_("事项"), max_length=12, choices=InstructionMove)
    answer_by = models.DateField(_("答复期限"), null=True, blank=True)

    class Meta(Step.Meta):
        verbose_name = verbose_name_plural = _("批示办理")
        constraints = [
            _number_once("instruction"),
            _set_by(InstructionMove.FOLLOW_UP, "answer_by", name="day_where_answer_is_asked"),
        ]


class Receipt(models.Model):
    """A person of the department opened the instruction, for the first time since the leader last spoke."""

    instruction = models.ForeignKey(Instruction, on_delete=models.PROTECT, related_name="receipts")
    by = person_field()
    at = models.DateTimeField(_("阅知时间"))

    append_only = AppendOnly()

    class Meta:
        verbose_name = verbose_name_plural = _("阅知")
        ordering = ["at", "pk"]

    def __str__(self):
        return str(self.by)


class MeasureRequest(WorkflowItem):
    """What a lead department asks for its measure."""

    measure: "models.ForeignKey[Measure, Measure]"  # declared by each kind, as its migration has it
    measure_id: int

    class Meta(WorkflowItem.Meta):
        abstract = True
        indexes = [models.Index(fields=["plan", "at"])]


class Extension(MeasureRequest):
    """A request for a later day (延期), of the measure or of one of its nodes."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="extensions", verbose_name=_("举措"))
    node = optional_link(Node, _("节点"), related_name="extensions")
    reason = models.CharField(_("延期理由"), max_length=MAX_REASON)
    progress = models.TextField(_("目前进展"))
    new_due = models.DateField(_("申请延至"))

    workflow = EXTENSION
    move_choices = ExtensionMove
    title = _("延期：%(about)s")

    class Meta(MeasureRequest.Meta):
        verbose_name = verbose_name_plural = _("延期")

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
            _number_once("extension"),
            _set_by(ExtensionMove.GRANT, "deadline", name="order_where_granted"),
        ]


class Closing(MeasureRequest):
    """A request to take the measure off the list as finished (销号), with the result."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="closings", verbose_name=_("举措"))
    finished_on = models.DateField(_("完成日期"))
    result = models.TextField(_("办结结果"))

    workflow = CLOSING
    move_choices = ClosingMove
    title = _("销号：%(about)s")

    class Meta(MeasureRequest.Meta):
        verbose_name = verbose_name_plural = _("销号申请")

    @property
    def entry(self):
        """The ledger entry that the confirmation wrote; None where there is none."""
        return next((step.entry for step in self.all_steps if step.entry_id), None)

    def status_at(self, known: datetime | None = None) -> models.TextChoices:
        """As the steps say; reopened where the ledger entry was withdrawn by hand."""
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
            _number_once("closing"),
            _set_by(ClosingMove.CONFIRM, "entry", name="entry_where_confirmed"),
        ]


STEP_MODELS: dict[type[WorkflowItem], type[Step]] = {
    Instruction: InstructionStep,
    Extension: ExtensionStep,
    Closing: ClosingStep,
}
