"""One report being written: what the form page, autosave and preview have in common."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.assessment.selectors import PlanReading, read_plan
from apps.assessment.tree import MeasureStanding
from apps.plans.models import Measure
from apps.plans.rules import Window
from apps.reporting import services
from apps.reporting.choices import ReportStatus
from apps.reporting.content import ReportContent, content_of, hypothetical_facts
from apps.reporting.forms import EvidenceForm, Preview, ReportForm
from apps.reporting.models import Report
from apps.reporting.permissions import can_edit
from apps.reporting.rules import day_spoken_of, why_not_unchanged
from apps.reporting.selectors import owed_in, with_content


@dataclass(kw_only=True)
class ReportEditor:
    """A person writing for their department on one measure and window; `report` is None until something was saved.

    `reports` are the department's on the measure, of all windows.
    """

    user: User
    measure: Measure
    department: Department
    window: Window
    report: Report | None
    reports: list[Report]
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def is_lead(self) -> bool:
        return self.department.pk == self.measure.lead_id

    @property
    def may_edit(self) -> bool:
        return self.report is None or can_edit(self.user, self.report)

    @cached_property
    def day(self) -> date:
        return day_spoken_of(window_end=self.window.end, written_on=self.today)

    @cached_property
    def reading(self) -> PlanReading:
        return read_plan(self.measure.plan, on=self.day, known=self.now, measures=Q(pk=self.measure.pk))

    @cached_property
    def standing(self) -> MeasureStanding:
        (standing,) = self.reading.measure_standings()
        return standing

    @cached_property
    def previous(self) -> Report | None:
        """The latest approved report of an earlier window; None where there is none."""
        approved = (
            report
            for report in self.reports
            if report.status == ReportStatus.APPROVED and report.window_end < self.window.end
        )
        return max(approved, key=lambda report: report.window_end, default=None)

    @property
    def may_stay_unchanged(self) -> bool:
        """Whether “无变化” is on offer: nothing begun, and nothing asked for but words."""
        problem = why_not_unchanged(
            status=self.report.status if self.report else None,
            has_previous=self.previous is not None,
            is_unchanged=self.report is None,
            owed=owed_in(self.window, self.standing) if self.is_lead else [],
        )
        return problem is None

    def form(self, data: QueryDict | None = None) -> ReportForm:
        return ReportForm(
            data,
            standing=self.standing,
            window=self.window,
            is_lead=self.is_lead,
            report=self.report,
            previous=None if self.report else with_content(self.previous),
            today=self.today,
            is_submitted=data is not None and data.get("act") == "submit",
        )

    def evidence_form(self, data: QueryDict | None = None, files: Any = None) -> EvidenceForm:
        indicators = [row.indicator for row in self.standing.indicators]
        return EvidenceForm(data, files, measure=self.measure, is_lead=self.is_lead, indicators=indicators)

    def preview(self, form: ReportForm) -> Preview | None:
        """What the form's content, typed or saved, would mean; input with an error counts as empty.

        None where there is nothing to judge: no content yet, or a supporting department's.
        """
        if not self.is_lead:
            return None
        if form.is_bound:
            content = form.content(keep_saved=False)
        elif self.report is not None:
            content = content_of(self.report, is_prefetched=True)
        else:
            return None
        facts = hypothetical_facts(content, measure=self.measure, on=self.day)
        (standing,) = self.reading.measure_standings(hypothetical=facts)
        return Preview(content=content, standing=standing)

    def save_draft(self, content: ReportContent, *, revision: int, automatically: bool = False) -> Report:
        self.report = services.save_draft(
            measure=self.measure,
            department=self.department,
            window=self.window,
            content=content,
            revision=revision,
            by=self.user,
            at=self.now,
            automatically=automatically,
        )
        return self.report
