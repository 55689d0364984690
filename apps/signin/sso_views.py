"""There and back again: to the court's own sign-in, and from it."""

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
from apps.signin.oidc import NotAdmittedError, redirect_to, username_from
from apps.signin.services import admit_from_directory

logger = logging.getLogger(__name__)
NEXT = "sso_next"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@require_GET
def start(request):
    """A link and not a form: the page's policy lets no form lead to another host. What it sets off belongs to this session."""
    where = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(where, {request.get_host()}, require_https=request.is_secure()):
        request.session[NEXT] = where
    try:
        return redirect_to(request, back=request.build_absolute_uri(reverse("sso:back")))
    except NotAdmittedError as problem:
        return _refused(request, problem, _("统一身份认证暂时无法使用，请用密码登录，或稍后再试。"))


@login_not_required
@never_cache
@require_GET
def back(request):
    """Only people who have an account here and are switched on; a new account only where the setting says so."""
    try:
        username, claims = username_from(request)
    except NotAdmittedError as problem:
        return _refused(request, problem, _("统一身份认证没有通过，请重新登录。"))
    person = User.objects.filter(username=username).first() or _admitted(username, claims)
    if person is None or not person.is_active:
        return _refused(request, "no account", _("您在本系统没有账号，或者账号已停用。请联系本院计划管理员。"))
    where = request.session.pop(NEXT, "/")
    login(request, person, backend=BACKEND)
    return redirect(where)


def _admitted(username, claims):
    court = Court.objects.filter(slug=settings.OIDC_CREATE_IN_COURT).first() if settings.OIDC_CREATE_IN_COURT else None
    if court is None:
        return None
    try:
        return admit_from_directory(
            username=username, name=str(claims.get("name") or "")[:40], court=court, at=timezone.now()
        )
    except ValidationError:
        return None


def _refused(request, problem, sentence):
    logger.warning("single sign-on refused: %s", problem)
    messages.error(request, sentence)
    return redirect("accounts:login")
