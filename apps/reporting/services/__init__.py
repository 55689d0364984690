"""What is done to a report: drafts, decisions, evidence. Each act is one transaction."""

from apps.reporting.services.conflicts import AlreadyDecided, ChangedSince, ReportConflict, StaleReport
from apps.reporting.services.decisions import (
    approve_report,
    recall_report,
    return_report,
    submit_report,
    withdraw_approval,
)
from apps.reporting.services.drafts import report_no_change, save_draft
from apps.reporting.services.evidence import add_evidence_file, add_evidence_link, remove_evidence
