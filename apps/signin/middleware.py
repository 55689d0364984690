"""Who a request is from, and where a sign-in that is not complete goes on."""

from urllib.parse import urlencode

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from apps.accounts.middleware import SignedInMiddleware
from apps.signin.choices import Stage
from apps.signin.sessions import person_of

PAGES = {Stage.VERIFY: "signin:verify", Stage.NEW_PASSWORD: "signin:password", Stage.SET_UP: "signin:set_up"}


class PersonMiddleware(AuthenticationMiddleware):
    """`request.user` is nobody until the sign-in is complete: what asks for a person, by whatever means, is closed."""

    def process_request(self, request):
        super().process_request(request)
        request.signing_in = None
        request.user = SimpleLazyObject(lambda: person_of(request))


class CompleteSignInMiddleware(SignedInMiddleware):
    """Whoever has not finished signing in is led to what is still to be done."""

    def handle_no_permission(self, request, view_func):
        if request.signing_in is None:
            return super().handle_no_permission(request, view_func)
        _person, stage = request.signing_in
        # A form that was sent can't be asked for again.
        where = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        return redirect(f"{reverse(PAGES[stage])}?{urlencode({'next': where})}")
