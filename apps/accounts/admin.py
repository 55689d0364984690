"""How every page of the back office keeps to one court, and what it never does."""

from django.contrib.admin import RelatedFieldListFilter
from django.forms import CheckboxSelectMultiple

from apps.accounts.models import Court, Department, User


class NothingDeleted:
    """What is of record is never deleted, by nobody."""

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnly(NothingDeleted):
    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class OfOneCourt(NothingDeleted):
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
