from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _


def require(allowed: bool) -> None:
    """Stop here unless the person may; every service starts with it."""
    if not allowed:
        raise PermissionDenied(_("您没有进行此项操作的权限。"))
