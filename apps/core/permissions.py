from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless allowed. Every service calls it first."""
    if not allowed:
        raise PermissionDenied(_("您没有进行此项操作的权限。"))
