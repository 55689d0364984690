"""Throttling of every way of signing in: before a password is checked, and after it was right or wrong."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps.core.addresses import client_address
from apps.signin import throttle


class ThrottleBackend:
    """Refuses an attempt that has to wait; authenticates nobody itself.

    First in AUTHENTICATION_BACKENDS: PermissionDenied keeps `authenticate()` from asking any other backend, so the
    password is not even hashed. Not a BaseBackend: with no `get_user` and no permissions it is never asked for those.
    """

    def authenticate(self, request, username=None, password=None, **kwargs):
        wait = throttle.begin_attempt(username=username or "", address=_address(request), now=timezone.now())
        if wait is None:
            return
        if request is not None:
            request.sign_in_wait = wait
        raise PermissionDenied


def note_failure(*, credentials, request=None, **kwargs):
    """Receiver of `user_login_failed`: after the last allowed attempt the page shows the wait at once."""
    if request is not None and getattr(request, "sign_in_wait", None) is None:
        request.sign_in_wait = throttle.wait_now(
            username=credentials.get("username") or "", address=_address(request), now=timezone.now()
        )


def note_success(*, request, user, **kwargs):
    """Receiver of `user_logged_in`, single sign-on included."""
    address = _address(request)
    throttle.forget_failures(username=user.username, address=address)
    if address is not None:
        throttle.remember_address(person=user, address=address, on=timezone.localdate())


def _address(request):
    return client_address(request) if request is not None else None
