"""Every page asks for a sign-in first."""

from django.contrib.auth.middleware import LoginRequiredMiddleware

from apps.accounts.form_recovery import is_navigation, preserves_post
from apps.accounts.views import sign_in_again


class SignedInMiddleware(LoginRequiredMiddleware):
    """Sends anonymous requests to the sign-in page; a posted form that can be recovered is carried along."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        # Asked first: Django's own check would read the session and the person for a page that needs neither.
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request, view_func):
        if request.method == "POST" and preserves_post(view_func) and is_navigation(request):
            return sign_in_again(request)
        return super().handle_no_permission(request, view_func)
