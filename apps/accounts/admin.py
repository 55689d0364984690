"""Courts, departments and people in Django admin, and the mixin that limits admin pages to one court."""

from http import HTTPStatus

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.utils import unquote
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.forms import CheckboxSelectMultiple
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import Role
from apps.accounts.models import Court, Department, User
from apps.accounts.services import apply_rights, end_sessions
from apps.audit.admin import AuditedAdmin
from apps.audit.choices import Action
from apps.audit.models import Chain
from apps.audit.services import record
from apps.core.admin import NoDeleteMixin, PossibleKeysMixin
from apps.core.forms import RowsField
from apps.core.wording import joined


class CourtScopedAdmin(PossibleKeysMixin, NoDeleteMixin):
    """Shows and offers only what belongs to the person's own court; the superuser sees all.

    `court_path` leads from the model to its court; `court_paths` from each model offered in a field to its own.
    """

    court_path = "court"
    court_paths = {Court: "pk", Department: "court", User: "court"}

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(**{self.court_path: request.user.court_id})

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        self._keep_to_court(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        self._keep_to_court(db_field, request, kwargs)
        kwargs.setdefault("widget", CheckboxSelectMultiple)
        kwargs.setdefault("form_class", RowsField)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _keep_to_court(self, db_field, request, kwargs):
        path = self.court_paths.get(db_field.related_model)
        if path and not request.user.is_superuser:
            kwargs["queryset"] = db_field.related_model.objects.filter(**{path: request.user.court_id})


class OwnCourtFilter(RelatedFieldListFilter):
    """A filter whose choices, too, are those of the person's own court."""

    def field_choices(self, field, request, model_admin):
        path = model_admin.court_paths[field.related_model]
        return field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to={} if request.user.is_superuser else {path: request.user.court_id},
        )


@admin.register(Court)
class CourtAdmin(NoDeleteMixin, AuditedAdmin, admin.ModelAdmin):
    list_display = ["name", "slug", "level", "parent"]
    search_fields = ["name", "slug"]
    list_select_related = ["parent"]

    def get_readonly_fields(self, request, obj=None):
        """The slug identifies the court's audit trail: fixed once there is one."""
        has_trail = obj is not None and Chain.objects.filter(court=obj.slug).exists()
        return ["slug"] if has_trail else []

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(pk=request.user.court_id)


@admin.register(Department)
class DepartmentAdmin(AuditedAdmin, CourtScopedAdmin, admin.ModelAdmin):
    list_display = ["order", "name", "court", "is_example"]
    list_display_links = ["name"]
    list_select_related = ["court"]
    search_fields = ["name", "slug"]
    fields = ["court", "order", "name", "slug", "is_example"]


class RolesField(RowsField):
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
class PersonAdmin(CourtScopedAdmin, AuditedAdmin, BaseUserAdmin):
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
        """A plan admin manages the people of one court, so the form has no court field."""
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
            return redirect("signin:password")
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
        record(by=request.user, action=Action.USER_PASSWORD_GIVEN, target=person, at=at)

    def save_related(self, request, form, formsets, change):
        """The groups are saved only now, so the rights that follow from them come after."""
        super().save_related(request, form, formsets, change)
        person = form.instance
        sessions_ended = apply_rights(person, changed=form.changed_data if change else ())
        if sessions_ended and person.pk == request.user.pk:
            update_session_auth_hash(request, person)
