"""Where one report is written: what the form, its saving and its looking ahead all start from."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from apps.accounts.models import Department, User
from apps.assessment.selectors import PlanReading
from apps.plans.models import Measure
from apps.plans.rules import Window
from apps.reporting.choices import ReportStatus
from apps.reporting.content import as_facts
from apps.reporting.forms import EvidenceForm, ReportForm
from apps.reporting.models import Report
from apps.reporting.permissions import can_edit
from apps.reporting.rules import why_not_unchanged
from apps.reporting.selectors import owed_in, with_content


@dataclass(kw_only=True)
class Desk:
    """What a person sits down to: one measure, their department, a window, and the report so far (None: none).

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
    def today(self):
        return timezone.localdate(self.now)

    @property
    def is_lead(self):
        return self.department.pk == self.measure.lead_id

    @property
    def may_edit(self):
        return self.report is None or can_edit(self.user, self.report)

    @cached_property
    def day(self):
        """The day the report speaks of: its window's last, or today where the window still runs."""
        return min(self.window.end, self.today)

    @cached_property
    def reading(self):
        return PlanReading(self.measure.plan, on=self.day, known=self.now)

    @cached_property
    def standing(self):
        return self.reading.measure_standing(self.measure.code)

    @cached_property
    def previous(self):
        """The latest approved report of an earlier window; None where there is none."""
        approved = [
            one for one in self.reports if one.status == ReportStatus.APPROVED and one.window_end < self.window.end
        ]
        return max(approved, key=lambda one: one.window_end, default=None)

    @property
    def may_stay_unchanged(self):
        """Whether “无变化” is on offer: nothing begun, and nothing asked for but words."""
        obstacle = why_not_unchanged(
            status=self.report and self.report.status,
            has_previous=self.previous is not None,
            is_as_before=self.report is None,
            owed=owed_in(self.window, self.standing) if self.is_lead else [],
        )
        return obstacle is None

    def form(self, data=None):
        return ReportForm(
            data,
            standing=self.standing,
            window=self.window,
            is_lead=self.is_lead,
            report=self.report,
            previous=None if self.report else with_content(self.previous),
            today=self.today,
            is_handed_in=data is not None and data.get("act") == "submit",
        )

    def evidence_form(self, data=None, files=None):
        return EvidenceForm(data, files, measure=self.measure, is_lead=self.is_lead)

    def evidence_form_beside_report(self, data=None, files=None):
        indicators = [one.indicator for one in self.standing.indicators]
        return EvidenceForm(data, files, measure=self.measure, is_lead=self.is_lead, indicators=indicators)

    def supposing(self, content):
        """The measure as it would stand, were the content accepted."""
        facts = as_facts(content, measure=self.measure, on=self.day)
        return self.reading.measure_standing(self.measure.code, supposing=facts)
