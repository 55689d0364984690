from datetime import date

import pytest

from apps.plans.rules import windows_of
from apps.reporting import services
from apps.reporting.content import ReportContent
from tests.conftest import at

WRITTEN = at("2025-06-26 09:00")


@pytest.fixture
def window():
    """The second quarter of 2025."""
    return next(
        window for window in windows_of(year=2025, cadence="quarterly", grace_days=5) if window.end == date(2025, 6, 30)
    )


@pytest.fixture
def save(cast, window):
    """Save the lead department's draft; keyword arguments are its content."""

    def save_draft(*, revision=0, by=None, when=WRITTEN, **content):
        by = by or cast.reporter
        return services.save_draft(
            measure=cast.measure,
            department=by.department,
            window=window,
            content=ReportContent(**{"text": "进展顺利", "percent": 50, **content}),
            revision=revision,
            by=by,
            at=when,
        )

    return save_draft


@pytest.fixture
def submitted(cast, save):
    return services.submit_report(report=save(), by=cast.reporter, at=WRITTEN)


@pytest.fixture
def approved(cast, submitted):
    return services.approve_report(report=submitted, by=cast.reviewer, at=at("2025-06-27 10:00"))
