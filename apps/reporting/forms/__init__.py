"""Forms of the pages where reports are written and decided on."""

from apps.reporting.forms.evidence import EvidenceForm
from apps.reporting.forms.reason import ReasonForm
from apps.reporting.forms.report import Preview, ReadingGroup, ReportForm
