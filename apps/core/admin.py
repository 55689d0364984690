"""What every admin page of the product keeps to."""


class NoDeleteMixin:
    """Facts of record are never deleted, whoever asks."""

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnlyMixin(NoDeleteMixin):
    """Rows are written by services; the admin page shows them."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False
