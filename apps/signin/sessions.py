"""What a session knows of its own sign-in: when it began and was last used, and whether the second factor was shown.

All of it lies in the session, and what ends every session of a person (`User.session_generation`) in the row that is
read anyway: a request costs no query more.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from apps.accounts.choices import Role
from apps.signin.choices import SecondFactorPolicy, Stage
from apps.signin.models import SecondFactor
from apps.signin.rules import is_over, stage_of

SIGN_IN = "sign_in"
# How often, at most, a session is written because it was used: ten times within what it may rest.
TOUCHES = 10


def begin(*, request, user, **kwargs):
    """At every sign-in, whichever way: the session starts to count, and has shown nothing but what let it in."""
    now = int(timezone.now().timestamp())
    kept = {"began": now, "seen": now, "verified": False, "cleared": ""}
    is_complete = _stage_of(user, kept) == Stage.IN
    request.session[SIGN_IN] = {**kept, "cleared": settings.SECOND_FACTOR if is_complete else ""}


def person_of(request):
    """Who makes the request; nobody while their sign-in is not complete: then `request.signing_in` is (person, stage)."""
    person = get_user(request)
    if not person.is_authenticated:
        return person
    kept, now = request.session.get(SIGN_IN), timezone.now()
    if kept is None or _is_over(kept, now):
        request.session.flush()
        return AnonymousUser()
    if settings.SESSION_IDLE is not None and now - _moment(kept["seen"]) >= settings.SESSION_IDLE / TOUCHES:
        kept["seen"] = int(now.timestamp())
        request.session.modified = True
    stage = _stage(request, person, kept)
    if stage != Stage.IN:
        request.signing_in = (person, stage)
        return AnonymousUser()
    return person


def _is_over(kept, now):
    return is_over(
        began=_moment(kept["began"]),
        seen=_moment(kept["seen"]),
        now=now,
        longest=timedelta(seconds=settings.SESSION_COOKIE_AGE),
        idle=settings.SESSION_IDLE,
    )


def _moment(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def _stage(request, person, kept):
    """Asked of the database at the sign-in, and again when the policy has changed."""
    if kept["cleared"] == settings.SECOND_FACTOR and person.password_given_at is None:
        return Stage.IN
    stage = _stage_of(person, kept)
    if stage == Stage.IN:
        kept["cleared"] = settings.SECOND_FACTOR
        request.session.modified = True
    return stage


def _stage_of(person, kept):
    return stage_of(
        settings.SECOND_FACTOR,
        is_admin=is_admin(person),
        has_factor=has_factor(person),
        is_verified=kept["verified"],
        has_given_password=person.password_given_at is not None,
    )


def is_admin(person):
    """Who could change what others rely on; asked only where the policy makes a difference of it."""
    if settings.SECOND_FACTOR != SecondFactorPolicy.ADMINS:
        return False
    return person.is_superuser or Role.PLAN_ADMIN in person.roles


def has_factor(person):
    if settings.SECOND_FACTOR == SecondFactorPolicy.OFF:
        return False
    return SecondFactor.objects.filter(person=person).exists()


def verified(request):
    """The second factor was shown in this session, which goes on under a new key."""
    request.session.cycle_key()
    request.session[SIGN_IN] = {**request.session[SIGN_IN], "verified": True}


def keep_this(request, person):
    """Let this session outlive what has just ended all sessions of the person; under a new key."""
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.session[SIGN_IN] = {**request.session[SIGN_IN], "cleared": ""}
