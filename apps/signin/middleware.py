"""Who a request is from, and where a sign-in that is not complete continues."""

from urllib.parse import urlencode

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from apps.accounts.middleware import SignedInMiddleware
from apps.signin.choices import Stage
from apps.signin.sessions import person_of
from apps.signin.views import throttled

PAGES = {Stage.VERIFY: "signin:verify", Stage.NEW_PASSWORD: "signin:password", Stage.SET_UP: "signin:set_up"}


class PersonMiddleware(AuthenticationMiddleware):
    """`request.user` is anonymous until the sign-in is complete, so whatever asks for a person is closed."""

    def process_request(self, request):
        super().process_request(request)
        request.signing_in = None
        request.user = SimpleLazyObject(lambda: person_of(request))


class CompleteSignInMiddleware(SignedInMiddleware):
    """Redirects whoever has not finished signing in to the next step."""

    def handle_no_permission(self, request, view_func):
        if request.signing_in is None:
            return super().handle_no_permission(request, view_func)
        _person, stage = request.signing_in
        # A form that was posted can't be asked for again.
        url = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        return redirect(f"{reverse(PAGES[stage])}?{urlencode({'next': url})}")


class ThrottleMiddleware:
    """Answers 429 where `ThrottleBackend` refused an attempt, whichever view called `authenticate()`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        wait = getattr(request, "sign_in_wait", None)
        return response if wait is None else throttled(request, wait)
