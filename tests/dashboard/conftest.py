"""The flows of the pages begin where a report is on its way."""

from tests.reporting.conftest import save, submitted, window

__all__ = ["save", "submitted", "window"]
