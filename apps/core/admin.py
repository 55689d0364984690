"""What every admin page of the product shares."""

from typing import Any

from django.http import HttpRequest

from apps.core.forms import is_possible_key


class PossibleKeysMixin:
    """Keys that no row can have find nothing: ticked in a list, or in a filter `…__in` of its address.

    Django checks a single number, but passes a list on as it is, and SQLite fails on what 64 bits can't hold.
    """

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        request.GET, request.POST = request.GET.copy(), request.POST.copy()
        for name in [name for name in request.GET if name.endswith("__in")]:
            keys = [key for key in request.GET[name].split(",") if is_possible_key(key)]
            request.GET[name] = ",".join(keys or ["0"])
        if ticked := request.POST.getlist("_selected_action"):
            request.POST.setlist("_selected_action", [key for key in ticked if is_possible_key(key)])
        return super().changelist_view(request, extra_context)  # type: ignore[misc]


class NoDeleteMixin:
    """Rows of record are never deleted, not even by the superuser."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyMixin(NoDeleteMixin):
    """Rows are written by services; the admin page shows them."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
