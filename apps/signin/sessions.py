"""What a session knows of its own sign-in: when it began and was last used, and whether the second factor was verified.

All of it is stored in the session, and what ends every session of a person (`User.session_generation`) in the row that
is read anyway: a request costs no query more.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.choices import Role
from apps.accounts.models import User
from apps.signin.choices import SecondFactorPolicy, Stage
from apps.signin.models import SecondFactor
from apps.signin.rules import is_over, stage_of

State = dict[str, Any]  # of a sign-in: began, seen, verified, cleared

SESSION_KEY = "sign_in"
# A session is written because it was used at most ten times within the time it may be idle.
WRITES_PER_IDLE_TIME = 10


def begin(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Receiver of `user_logged_in`, whichever way: the session starts to count, with nothing verified."""
    now = int(timezone.now().timestamp())
    state: State = {"began": now, "seen": now, "verified": False, "cleared": ""}
    is_complete = _compute_stage(user, state) == Stage.IN
    request.session[SESSION_KEY] = {**state, "cleared": settings.SECOND_FACTOR if is_complete else ""}


def person_of(request: Any) -> User | AnonymousUser:
    """The signed-in person. AnonymousUser while the sign-in is not complete: `request.signing_in` is (person, stage)."""
    person = get_user(request)
    if not isinstance(person, User):
        return AnonymousUser()
    state, now = request.session.get(SESSION_KEY), timezone.now()
    if state is None or _is_over(state, now):
        request.session.flush()
        return AnonymousUser()
    if settings.SESSION_IDLE is not None and now - _moment(state["seen"]) >= (
        settings.SESSION_IDLE / WRITES_PER_IDLE_TIME
    ):
        state["seen"] = int(now.timestamp())
        request.session.modified = True
    stage = _stage(request, person, state)
    if stage != Stage.IN:
        request.signing_in = (person, stage)
        return AnonymousUser()
    return person


def _is_over(state: State, now: datetime) -> bool:
    return is_over(
        began=_moment(state["began"]),
        seen=_moment(state["seen"]),
        now=now,
        max_age=timedelta(seconds=settings.SESSION_COOKIE_AGE),
        max_idle=settings.SESSION_IDLE,
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _stage(request: HttpRequest, person: User, state: State) -> Stage:
    """The stage, from the session where it holds: the database is asked at the sign-in and when the policy changes."""
    if state["cleared"] == settings.SECOND_FACTOR and person.password_given_at is None:
        return Stage.IN
    stage = _compute_stage(person, state)
    if stage == Stage.IN:
        state["cleared"] = settings.SECOND_FACTOR
        request.session.modified = True
    return stage


def _compute_stage(person: User, state: State) -> Stage:
    return stage_of(
        settings.SECOND_FACTOR,
        is_admin=is_admin(person),
        has_factor=has_factor(person),
        is_verified=state["verified"],
        has_given_password=person.password_given_at is not None,
    )


def is_admin(person: User) -> bool:
    """Whether the policy `admins` means this person; under another policy nobody asks, and no query is spent."""
    if settings.SECOND_FACTOR != SecondFactorPolicy.ADMINS:
        return False
    return person.is_superuser or Role.PLAN_ADMIN in person.roles


def has_factor(person: User) -> bool:
    if settings.SECOND_FACTOR == SecondFactorPolicy.OFF:
        return False
    return SecondFactor.objects.filter(person=person).exists()


def mark_verified(request: HttpRequest) -> None:
    """The second factor was verified in this session. A new key: one planted before this must be worth nothing."""
    request.session.cycle_key()
    request.session[SESSION_KEY] = {**request.session[SESSION_KEY], "verified": True}


def keep_current(request: HttpRequest, person: User) -> None:
    """Keep this session, under a new key, when all sessions of the person have just been ended."""
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.session[SESSION_KEY] = {**request.session[SESSION_KEY], "cleared": ""}
