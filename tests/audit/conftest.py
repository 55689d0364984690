"""Refusals begin where a report is on its way."""

from tests.progress.conftest import save, submitted, window

__all__ = ["save", "submitted", "window"]
