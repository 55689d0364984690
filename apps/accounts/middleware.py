"""Signing in stands before every page."""

from django.contrib.auth.middleware import LoginRequiredMiddleware

from apps.accounts.typed import is_kept_for, is_navigation
from apps.accounts.views import sign_in_again


class SignedInMiddleware(LoginRequiredMiddleware):
    """Sends strangers to the sign-in page; where they have just sent a form, with all they typed in hand."""

    def handle_no_permission(self, request, view_func):
        if request.method == "POST" and is_kept_for(view_func) and is_navigation(request):
            return sign_in_again(request)
        return super().handle_no_permission(request, view_func)
