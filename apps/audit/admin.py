"""The audit trail in Django admin, and the mixin by which every other admin page writes it."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit.choices import action_label
from apps.audit.models import AuditEvent
from apps.audit.services import record
from apps.audit.wording import lines_of
from apps.core.admin import PossibleKeysMixin, ReadOnlyMixin

MAX_HISTORY_EVENTS = 500


@admin.register(AuditEvent)
class AuditEventAdmin(PossibleKeysMixin, ReadOnlyMixin, admin.ModelAdmin):
    list_display = ["number", "at", "by", "action_in_words", "target_label", "what"]
    list_filter = ["action"]
    fields = ["number", "at", "by", "action_in_words", "target_label", "what", "target", "previous_hash", "hash"]
    ordering = ["-at", "-number"]
    search_fields = ["by", "target_label", "action"]
    date_hierarchy = "at"

    @admin.display(description=_("操作"), ordering="action")
    def action_in_words(self, event):
        return action_label(event.action)

    @admin.display(description=_("内容"))
    def what(self, event):
        """What the act recorded, value by value."""
        return " · ".join(f"{name}: {value}" for name, value in event.data.items() if value not in (None, "", [], {}))

    def get_queryset(self, request):
        events = super().get_queryset(request)
        if request.user.is_superuser:
            return events
        return events.filter(court=request.user.court.slug) if request.user.court_id else events.none()


class AuditedAdmin(PossibleKeysMixin):
    """Records an audit event with the changed fields when a row is saved; its history page lists the row's events."""

    def history_view(self, request, object_id, extra_context=None):
        """Everything on record about the row, newest first, in words."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        events = AuditEvent.objects.filter(target=f"{row._meta.label_lower}:{row.pk}").order_by("-at", "-number")
        return TemplateResponse(
            request,
            "admin/audit/history.html",
            {
                **self.admin_site.each_context(request),
                "title": _("历史：%s") % row,
                "opts": self.opts,
                "original": row,
                "rows": [
                    {"event": event, "action": action_label(event.action), "lines": lines_of(event.data)}
                    for event in events[:MAX_HISTORY_EVENTS]
                ],
            },
        )

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        action = "changed" if change else "added"
        record(
            by=request.user,
            action=f"{obj._meta.model_name}.{action}",
            target=obj,
            at=timezone.now(),
            data={name: str(form.cleaned_data.get(name, "")) for name in form.changed_data if "password" not in name},
        )
