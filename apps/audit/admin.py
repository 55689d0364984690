"""The audit trail in the back office; and courts, departments and people, whose changes it records.

People are kept here and not in `accounts`, because that room stands below this one and can't write the trail.
"""

from http import HTTPStatus

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin import NothingDeleted, OfOneCourt, ReadOnly
from apps.accounts.choices import Role
from apps.accounts.models import Court, Department, User
from apps.accounts.services import end_sessions
from apps.audit.choices import action_label
from apps.audit.models import AuditEvent, Chain
from apps.audit.services import record
from apps.audit.wording import lines_of
from apps.core.wording import joined

MOST_SHOWN = 500
STAFF_ROLES = frozenset({Role.PLAN_ADMIN, Role.INSPECTOR})
# What a person may do hangs on these: when they change, every session of theirs begins anew.
ENDS_SESSIONS = frozenset({"groups", "is_active", "court", "department", "username"})


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, admin.ModelAdmin):
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


class Audited:
    """Each saving of a row leaves an audit event with the fields that changed; its history is what the trail tells."""

    def court_of(self, row):
        return row.court

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
                    for event in events[:MOST_SHOWN]
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
            court=self.court_of(obj),
            at=timezone.now(),
            data={name: str(form.cleaned_data.get(name, "")) for name in form.changed_data if "password" not in name},
        )


@admin.register(Court)
class CourtAdmin(NothingDeleted, Audited, admin.ModelAdmin):
    list_display = ["name", "slug", "level", "parent"]
    search_fields = ["name", "slug"]
    list_select_related = ["parent"]

    def court_of(self, row):
        return row

    def get_readonly_fields(self, request, obj=None):
        """A court's address name is what its trail goes by: once there is one, it stands."""
        has_trail = obj is not None and Chain.objects.filter(court=obj.slug).exists()
        return ["slug"] if has_trail else []

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(pk=request.user.court_id)


@admin.register(Department)
class DepartmentAdmin(Audited, OfOneCourt, admin.ModelAdmin):
    list_display = ["order", "name", "court", "is_example"]
    list_display_links = ["name"]
    list_select_related = ["court"]
    search_fields = ["name", "slug"]
    fields = ["court", "order", "name", "slug", "is_example"]


class RolesField(forms.ModelMultipleChoiceField):
    """The groups that are roles, under their Chinese names."""

    def label_from_instance(self, group):
        return Role(group.name).label


class PersonForm(UserChangeForm):
    groups = RolesField(
        label=_("角色"),
        required=False,
        queryset=Group.objects.filter(name__in=Role.values),
        widget=forms.CheckboxSelectMultiple,
    )


class NewPersonForm(AdminUserCreationForm):
    court_of_new_person = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.court_of_new_person is not None:
            self.instance.court = self.court_of_new_person

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ["username", "name", "court", "department"]


@admin.register(User)
class PersonAdmin(OfOneCourt, Audited, BaseUserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    list_display = ["username", "name", "court", "department", "roles_in_words", "is_active"]
    list_filter = ["is_active", "groups"]
    list_select_related = ["court", "department"]
    search_fields = ["username", "name"]
    ordering = ["username"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password", "name"]}),
        (_("所在法院与部门"), {"fields": ["court", "department"]}),
        (_("角色"), {"fields": ["groups", "is_active"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "name", "court", "department", "usable_password", "password1", "password2"],
            },
        )
    ]

    @admin.display(description=_("角色"))
    def roles_in_words(self, person):
        names = {group.name for group in person.groups.all()}
        return joined(role.label for role in Role if role in names)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request, obj=None):
        """A plan admin keeps the people of one court, so there the court is not asked for."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "court"]})
            for title, options in fieldsets
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The court is known before the form is checked: a person belongs to the court of who adds them."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None and not request.user.is_superuser:
            form.court_of_new_person = request.user.court
        return form

    def has_change_permission(self, request, obj=None):
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        """The first password is one that somebody else thought of: its owner changes it when they first sign in."""
        if not change and obj.has_usable_password():
            obj.password_given_at = timezone.now()
        super().save_model(request, obj, form, change)

    @transaction.atomic
    def user_change_password(self, request, id, form_url=""):
        """For somebody else, who changes it again at the next sign-in; one's own asks for the old one, elsewhere."""
        person = self.get_object(request, unquote(id))
        if person is not None and person.pk == request.user.pk:
            return redirect("access:password")
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
            self._password_given(request, person)
        return response

    def _password_given(self, request, person):
        person.refresh_from_db()
        at = timezone.now()
        person.password_given_at = at if person.has_usable_password() else None
        person.save(update_fields=["password_given_at"])
        end_sessions(person)
        record(by=request.user, action="user.password_given", target=person, court=person.court, at=at)

    def save_related(self, request, form, formsets, change):
        """The back office opens for those whose role needs it; sessions of before know the rights of before."""
        super().save_related(request, form, formsets, change)
        person = form.instance
        if change and ENDS_SESSIONS & set(form.changed_data):
            end_sessions(person)
            if person.pk == request.user.pk:
                update_session_auth_hash(request, person)
        needs_it = person.is_superuser or person.groups.filter(name__in=STAFF_ROLES).exists()
        if person.is_staff != needs_it:
            person.is_staff = needs_it
            person.save(update_fields=["is_staff"])
