"""Single sign-on: the redirect to the court's own provider, and its callback."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.accounts.models import Court, User
from apps.signin.oidc import NotAdmittedError, redirect_to_provider, username_from
from apps.signin.services import create_person_from_provider

logger = logging.getLogger(__name__)
NEXT_KEY = "sso_next"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@require_GET
def start(request):
    """GET and not POST: the page's policy (form-action) lets no form lead to another host. State is in the session."""
    next_url = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(next_url, {request.get_host()}, require_https=request.is_secure()):
        request.session[NEXT_KEY] = next_url
    try:
        return redirect_to_provider(request, callback_url=request.build_absolute_uri(reverse("sso:back")))
    except NotAdmittedError as error:
        return _refused(request, error, _("统一身份认证暂时无法使用，请用密码登录，或稍后再试。"))


@login_not_required
@never_cache
@require_GET
def back(request):
    """Signs in people with an active account here; a new account only where OIDC_CREATE_IN_COURT says so."""
    try:
        username, claims = username_from(request)
    except NotAdmittedError as error:
        return _refused(request, error, _("统一身份认证没有通过，请重新登录。"))
    person = User.objects.filter(username=username).first() or _create_person(username, claims)
    if person is None or not person.is_active:
        return _refused(request, "no account", _("您在本系统没有账号，或者账号已停用。请联系本院计划管理员。"))
    next_url = request.session.pop(NEXT_KEY, "/")
    login(request, person, backend=BACKEND)
    return redirect(next_url)


def _create_person(username, claims):
    court = Court.objects.filter(slug=settings.OIDC_CREATE_IN_COURT).first() if settings.OIDC_CREATE_IN_COURT else None
    if court is None:
        return None
    try:
        return create_person_from_provider(
            username=username, name=str(claims.get("name") or "")[:40], court=court, at=timezone.now()
        )
    except ValidationError:
        return None


def _refused(request, reason, sentence):
    logger.warning("single sign-on refused: %s", reason)
    messages.error(request, sentence)
    return redirect("accounts:login")
