"""Reports and decisions in the back office: to read only."""

from django.contrib import admin

from apps.accounts.admin import CourtScopedAdmin, OwnCourtFilter
from apps.core.admin import ReadOnlyMixin
from apps.reporting.models import Report, Review


@admin.register(Report)
class ReportAdmin(ReadOnlyMixin, CourtScopedAdmin, admin.ModelAdmin):
    court_path = "measure__plan__court"
    list_display = ["measure", "department", "window_end", "status", "submitted_by", "submitted_at"]
    list_filter = ["status", "window_end", ("department", OwnCourtFilter)]
    list_select_related = ["measure", "department", "submitted_by"]
    search_fields = ["measure__code", "measure__title", "text"]


@admin.register(Review)
class ReviewAdmin(ReadOnlyMixin, CourtScopedAdmin, admin.ModelAdmin):
    court_path = "report__measure__plan__court"
    list_display = ["at", "decision", "report", "by", "reason"]
    list_filter = ["decision"]
    list_select_related = ["report__measure", "report__department", "by"]
    search_fields = ["report__measure__code", "report__measure__title", "reason"]
