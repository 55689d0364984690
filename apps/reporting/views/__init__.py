"""Pages where reports are written, read and decided on."""

from apps.reporting.views.drafts import no_change, what_if, write
from apps.reporting.views.evidence import download_evidence, remove_evidence, upload_evidence
from apps.reporting.views.reviews import (
    approve,
    approve_several,
    recall,
    report,
    return_to_writer,
    review_queue,
    withdraw,
)

__all__ = [
    "approve",
    "approve_several",
    "download_evidence",
    "no_change",
    "recall",
    "remove_evidence",
    "report",
    "return_to_writer",
    "review_queue",
    "upload_evidence",
    "what_if",
    "withdraw",
    "write",
]
