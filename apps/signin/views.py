"""What stands between the sign-in page and the first page, one's own password and second factor, and help for others."""

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
from apps.core.permissions import require
from apps.signin import services, throttle
from apps.signin.choices import Stage
from apps.signin.codes import UnreadableSecretError, in_fours, new_secret, picture_of, sealed, unsealed, uri_of
from apps.signin.forms import CodeForm, OwnPasswordForm, SetUpForm
from apps.signin.permissions import can_have_second_factor
from apps.signin.selectors import is_held, people_looked_after_by, sign_in_state
from apps.signin.sessions import keep_this, verified

NEW_SECRET = "new_second_factor"  # noqa: S105 – where it lies in the session, encrypted


def _where_next(request):
    """The page asked for before the sign-in was complete; the home page where that is not one of ours."""
    where = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(where, {request.get_host()}, require_https=request.is_secure())
    return where if is_ours else "/"


def _person_at(request, *stages):
    """Who is signing in and has come to one of these stages, or is signed in where that is among them."""
    if request.user.is_authenticated:
        return request.user if Stage.IN in stages else None
    person, stage = request.signing_in or (None, None)
    return person if stage in stages else None


def _elsewhere(request):
    """Where this step is not due: to the page asked for, and through it to the step that is."""
    if request.user.is_authenticated or request.signing_in:
        return redirect(_where_next(request))
    return redirect_to_login(_where_next(request))


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def verify(request):
    """The second factor, after the password."""
    person = _person_at(request, Stage.VERIFY)
    if person is None:
        return _elsewhere(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wait = throttle.begin_code(person, now=timezone.now())
        if wait is not None:
            return _wait(request, wait)
        if _is_proven(person, form):
            throttle.succeed_code(person)
            verified(request)
            return redirect(_where_next(request))
    return render(request, "signin/verify.html", {"form": form, "next": _where_next(request)})


def _is_proven(person, form):
    try:
        if services.prove(person=person, code=form.cleaned_data["code"], at=timezone.now()):
            return True
    except UnreadableSecretError:
        form.add_error("code", _("服务器的密钥更换过，验证码无法核对。请用恢复码登录，或请管理员重置两步验证。"))
        return False
    form.add_error("code", _("验证码不对，或者已经用过。请等手机换出下一个再试。"))
    return False


def _wait(request, wait):
    request.sign_in_wait = wait
    return throttle.locked(request)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request):
    """A new second factor: the picture, the first code, and then the recovery codes, told once."""
    person = _person_at(request, Stage.SET_UP, Stage.IN)
    if person is None or not can_have_second_factor(person):
        return _elsewhere(request)
    secret = _secret_in_hand(request)
    asks_password = request.user.is_authenticated and person.has_usable_password()
    form = SetUpForm(request.POST or None, asks_password=asks_password)
    if request.method == "POST" and form.is_valid():
        answer = _set_up(request, person, form, secret)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "next": _where_next(request),
        "picture": picture_of(uri_of(secret, name=person.username, issuer=_("年度工作计划"))),
        "secret": in_fours(secret),
        "is_required": not request.user.is_authenticated,
    }
    return render(request, "signin/set_up.html", context)


def _secret_in_hand(request):
    """The secret shown on this page until a code from it comes back."""
    kept = request.session.get(NEW_SECRET)
    try:
        return unsealed(kept)
    except (AttributeError, UnreadableSecretError):
        secret = new_secret()
        request.session[NEW_SECRET] = sealed(secret)
        return secret


def _set_up(request, person, form, secret):
    """The page with the recovery codes, or None with the form's errors; the throttle counts as for any code."""
    now = timezone.now()
    wait = throttle.begin_code(person, now=now)
    if wait is not None:
        return _wait(request, wait)
    if "password" in form.fields and not person.check_password(form.cleaned_data["password"]):
        form.add_error("password", _("密码不对。"))
        return None
    try:
        codes = services.set_up_second_factor(person=person, secret=secret, code=form.cleaned_data["code"], at=now)
    except ValidationError as problem:
        form.add_error("code", problem)
        return None
    throttle.succeed_code(person)
    del request.session[NEW_SECRET]
    person.refresh_from_db(fields=["session_generation"])
    keep_this(request, person)
    verified(request)
    return _codes_page(request, codes)


def _codes_page(request, codes):
    """In answer to the form itself, against the habit of the house: the codes are kept nowhere to be shown again."""
    return render(request, "signin/recovery_codes.html", {"codes": codes, "next": _where_next(request)})


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def password(request):
    """One's own password, second factor and other sessions; alone the password, where it has to be changed first."""
    person = _person_at(request, Stage.NEW_PASSWORD, Stage.IN)
    if person is None:
        return _elsewhere(request)
    has_password = person.has_usable_password()
    form = OwnPasswordForm(person, request.POST or None) if has_password else None
    if request.method == "POST" and form is not None:
        wait = _begin(request, person)
        if wait is not None:
            return _wait(request, wait)
        if form.is_valid():
            services.change_password(person=person, password=form.cleaned_data["new_password1"], at=timezone.now())
            keep_this(request, person)
            messages.success(request, _("密码已修改，其他设备上的登录已退出。"))
            return redirect(_where_next(request))
        if "old_password" not in form.errors:
            throttle.succeed(username=person.username, address=client_address(request))
    is_forced = not request.user.is_authenticated
    context = {
        "form": form,
        "is_forced": is_forced,
        "next": _where_next(request),
        "state": None if is_forced else sign_in_state(person),
    }
    return render(request, "signin/password.html", context)


def _begin(request, person):
    """The old password is guessed no more often here than at the sign-in."""
    _row, wait = throttle.begin(username=person.username, address=client_address(request), now=timezone.now())
    return wait


@never_cache
@require_POST
def sign_out_others(request):
    services.sign_out_everywhere(person=request.user, by=request.user, at=timezone.now())
    keep_this(request, request.user)
    messages.success(request, _("其他设备上的登录已全部退出，只有这里还登录着。"))
    return redirect("signin:password")


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request):
    """New recovery codes, or no second factor any more: each asks for a code first."""
    state = sign_in_state(request.user)
    if not state.has_second_factor:
        return redirect("signin:password")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        wait = throttle.begin_code(request.user, now=now)
        if wait is not None:
            return _wait(request, wait)
        if _is_proven(request.user, form):
            throttle.succeed_code(request.user)
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
    """How another person's sign-in stands, and what can be done for them."""
    found = get_object_or_404(people_looked_after_by(request.user), pk=pk)
    require(may_look_after(request.user, found))
    context = {
        "person": found,
        "state": sign_in_state(found),
        "is_held": is_held(found, now=timezone.now()),
        "is_self": found == request.user,
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
    found = get_object_or_404(people_looked_after_by(request.user), pk=pk)
    require(may_look_after(request.user, found))
    service, told = HELP[act]
    service(person=found, by=request.user, at=timezone.now())
    messages.success(request, told)
    return redirect("signin:person", pk=pk)
