"""The steps between the sign-in page and the first page, one's own password and second factor, and help for others."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import may_look_after
from apps.core.addresses import client_address
from apps.core.encryption import DecryptionError
from apps.core.permissions import require
from apps.signin import services, throttle
from apps.signin.choices import Stage
from apps.signin.codes import decrypt_secret, encrypt_secret, in_fours, new_secret, qr_code_of, uri_of
from apps.signin.forms import CodeForm, OwnPasswordForm, SetUpForm
from apps.signin.permissions import is_second_factor_offered
from apps.signin.selectors import people_looked_after_by, sign_in_state
from apps.signin.sessions import keep_current, mark_verified

NEW_SECRET_KEY = "new_second_factor"  # noqa: S105 – the session's key for it; the secret is encrypted


def throttled(request, wait):
    """The page in place of the sign-in: why, and for how long."""
    now = timezone.now()
    context = {"reason": wait.reason, "minutes": wait.minutes(now)}
    response = render(request, "signin/locked.html", context, status=429)
    response.headers["Retry-After"] = str(max(1, int((wait.until - now).total_seconds())))
    response.headers["Cache-Control"] = "no-store"
    return response


def _next_url(request):
    """The page asked for before the sign-in was complete; the home page where that is not one of ours."""
    url = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours else "/"


def _person_at(request, *stages):
    """Who is signing in and has come to one of these stages, or is signed in where that is among them."""
    if request.user.is_authenticated:
        return request.user if Stage.IN in stages else None
    person, stage = request.signing_in or (None, None)
    return person if stage in stages else None


def _redirect_elsewhere(request):
    """Where this step is not due: to the page asked for, and through it to the step that is."""
    if request.user.is_authenticated or request.signing_in:
        return redirect(_next_url(request))
    return redirect_to_login(_next_url(request))


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def verify(request):
    """The second factor, after the password."""
    person = _person_at(request, Stage.VERIFY)
    if person is None:
        return _redirect_elsewhere(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wait = throttle.begin_code_attempt(person, now=timezone.now())
        if wait is not None:
            return throttled(request, wait)
        if _is_proven(person, form):
            mark_verified(request)
            return redirect(_next_url(request))
    return render(request, "signin/verify.html", {"form": form, "next": _next_url(request)})


def _is_proven(person, form):
    try:
        if services.prove(person=person, code=form.cleaned_data["code"], at=timezone.now()):
            throttle.forget_code_failures(person)
            return True
    except DecryptionError:
        form.add_error("code", _("服务器的密钥更换过，验证码无法核对。请用恢复码登录，或请管理员重置两步验证。"))
        return False
    form.add_error("code", _("验证码不对，或者已经用过。请等手机换出下一个再试。"))
    return False


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request):
    """A new second factor: the QR code, the first code from the app, and then the recovery codes, shown once."""
    person = _person_at(request, Stage.SET_UP, Stage.IN)
    if person is None or not is_second_factor_offered():
        return _redirect_elsewhere(request)
    secret = _pending_secret(request)
    asks_password = request.user.is_authenticated and person.has_usable_password()
    form = SetUpForm(request.POST or None, asks_password=asks_password)
    if request.method == "POST" and form.is_valid():
        response = _set_up(request, person, form, secret)
        if response is not None:
            return response
    context = {
        "form": form,
        "next": _next_url(request),
        "picture": qr_code_of(uri_of(secret, name=person.username, issuer=_("年度工作计划"))),
        "secret": in_fours(secret),
        "is_required": not request.user.is_authenticated,
    }
    return render(request, "signin/set_up.html", context)


def _pending_secret(request):
    """The secret that this page shows until a code made from it comes back."""
    try:
        return decrypt_secret(request.session[NEW_SECRET_KEY])
    except (KeyError, AttributeError, DecryptionError):
        secret = new_secret()
        request.session[NEW_SECRET_KEY] = encrypt_secret(secret)
        return secret


def _set_up(request, person, form, secret):
    """The page with the recovery codes, or None with the form's errors; throttled as any code is."""
    now = timezone.now()
    wait = throttle.begin_code_attempt(person, now=now)
    if wait is not None:
        return throttled(request, wait)
    if "password" in form.fields and not person.check_password(form.cleaned_data["password"]):
        form.add_error("password", _("密码不对。"))
        return None
    try:
        codes = services.set_up_second_factor(person=person, secret=secret, code=form.cleaned_data["code"], at=now)
    except ValidationError as error:
        form.add_error("code", error)
        return None
    throttle.forget_code_failures(person)
    del request.session[NEW_SECRET_KEY]
    person.refresh_from_db(fields=["session_generation"])
    keep_current(request, person)
    mark_verified(request)
    return _codes_page(request, codes)


def _codes_page(request, codes):
    """In answer to the POST itself, without a redirect: the codes are stored nowhere to be shown again."""
    return render(request, "signin/recovery_codes.html", {"codes": codes, "next": _next_url(request)})


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def password(request):
    """One's own password, second factor and other sessions; the password alone where it has to be changed first."""
    person = _person_at(request, Stage.NEW_PASSWORD, Stage.IN)
    if person is None:
        return _redirect_elsewhere(request)
    form = OwnPasswordForm(person, request.POST or None) if person.has_usable_password() else None
    if request.method == "POST" and form is not None:
        # The old password can't be guessed more often here than at the sign-in.
        address = client_address(request)
        wait = throttle.begin_attempt(username=person.username, address=address, now=timezone.now())
        if wait is not None:
            return throttled(request, wait)
        if form.is_valid():
            services.change_password(person=person, password=form.cleaned_data["new_password1"], at=timezone.now())
            keep_current(request, person)
            messages.success(request, _("密码已修改，其他设备上的登录已退出。"))
            return redirect(_next_url(request))
        if "old_password" not in form.errors:
            throttle.forget_failures(username=person.username, address=address)
    is_forced = not request.user.is_authenticated
    context = {
        "form": form,
        "is_forced": is_forced,
        "next": _next_url(request),
        "state": None if is_forced else sign_in_state(person),
    }
    return render(request, "signin/password.html", context)


@never_cache
@require_POST
def sign_out_others(request):
    services.sign_out_everywhere(person=request.user, by=request.user, at=timezone.now())
    keep_current(request, request.user)
    messages.success(request, _("其他设备上的登录已全部退出，只有这里还登录着。"))
    return redirect("signin:password")


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request):
    """New recovery codes, or no second factor any more: each asks for a code first."""
    state = sign_in_state(request.user)
    if not state["has_second_factor"]:
        return redirect("signin:password")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        wait = throttle.begin_code_attempt(request.user, now=now)
        if wait is not None:
            return throttled(request, wait)
        if _is_proven(request.user, form):
            if "drop" not in request.POST:
                return _codes_page(request, services.renew_recovery_codes(person=request.user, at=now))
            services.drop_second_factor(person=request.user, at=now)
            messages.success(request, _("两步验证已停用。"))
            return redirect("signin:password")
    return render(request, "signin/second_factor.html", {"form": form, "state": state})


# For others


@never_cache
@require_GET
def person(request, pk):
    """The state of another person's sign-in, and what can be done for them."""
    person = _person_looked_after(request, pk)
    context = {
        "person": person,
        "state": sign_in_state(person),
        "is_throttled": throttle.is_throttled(person, now=timezone.now()),
        "is_self": person == request.user,
    }
    return render(request, "signin/person.html", context)


HELP = {
    "lift": (services.lift_wait, gettext_lazy("登录限制已解除。")),
    "sign-out": (services.sign_out_everywhere, gettext_lazy("此人在所有设备上的登录都已退出。")),
    "reset": (services.reset_second_factor, gettext_lazy("两步验证已重置，此人下次登录时重新设置。")),
}


@require_POST
def help_person(request, pk, act):
    if act not in HELP:
        raise Http404
    service, message = HELP[act]
    service(person=_person_looked_after(request, pk), by=request.user, at=timezone.now())
    messages.success(request, message)
    return redirect("signin:person", pk=pk)


def _person_looked_after(request, pk):
    person = get_object_or_404(people_looked_after_by(request.user), pk=pk)
    require(may_look_after(request.user, person))
    return person
