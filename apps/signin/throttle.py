"""Slows down guessing, by person and by address together; who has to wait is decided by `rules.wait_of`.

An attempt is noted before the password is looked at and taken back when it succeeds, so that many at once count as
many. django-axes calls this for every way of signing in; what it would keep by itself (names, passwords typed as
names, the browser, every success) is not kept.
"""

import hashlib
import hmac
from datetime import timedelta

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from django.conf import settings
from django.db.models import Q
from django.shortcuts import render
from django.utils import timezone

from apps.core.addresses import client_address
from apps.signin.models import FailedSignIn, UsualAddress
from apps.signin.rules import LONGEST_WINDOW, Failure, wait_for_code, wait_of

REMEMBERED, RENEWED_WITHIN = timedelta(days=90), timedelta(days=60)
MOST_USUAL = 20


def mark(kind, text):
    """A name or address as it is kept: the same for the same, and nothing to be read from."""
    return hmac.new(settings.SECRET_KEY.encode(), f"access.{kind}:{text}".encode(), hashlib.sha256).hexdigest()


def begin(*, username, address, now):
    """Note an attempt: (its row, None), or (None, the wait) where it must not be made now."""
    FailedSignIn.objects.filter(at__lt=now - LONGEST_WINDOW).delete()
    account, place = mark("account", username), mark("address", address)
    row = FailedSignIn.objects.create(account=account, address=place, at=now)
    wait = _wait(account, place, username=username, now=now, but=row.pk)
    if wait is not None:
        row.delete()
        return None, wait
    return row, None


def wait_after_failing(*, username, address, now):
    """The wait that stands now; None where the person may try again at once."""
    return _wait(mark("account", username), mark("address", address), username=username, now=now)


def _wait(account, place, *, username, now, but=None):
    rows = FailedSignIn.objects.filter(Q(account=account) | Q(address=place), at__gt=now - LONGEST_WINDOW)
    failures = [Failure(*row) for row in rows.exclude(pk=but).values_list("account", "address", "at")]
    if not failures:
        return None
    return wait_of(
        failures,
        account=account,
        address=place,
        is_usual=UsualAddress.objects.filter(
            person__username=username, mark=place, forget_on__gte=timezone.localdate(now)
        ).exists(),
        names_limit=settings.SIGN_IN_NAMES_LIMIT,
        now=now,
    )


def succeed(*, username, address):
    """The person is who they say: their slips at this address are forgotten."""
    FailedSignIn.objects.filter(account=mark("account", username), address=mark("address", address)).delete()


def remember(*, person, address, on):
    """Keep in mind that the person signs in from here. Written a few times a year, so that it tells no day."""
    place = mark("address", address)
    known = UsualAddress.objects.filter(person=person, mark=place).first()
    if known is None:
        UsualAddress.objects.filter(person=person, forget_on__lt=on).delete()
        UsualAddress.objects.get_or_create(person=person, mark=place, defaults={"forget_on": on + REMEMBERED})
        extra = UsualAddress.objects.filter(person=person).order_by("-forget_on", "-pk")[MOST_USUAL:]
        UsualAddress.objects.filter(pk__in=[one.pk for one in extra]).delete()
    elif known.forget_on < on + RENEWED_WITHIN:
        known.forget_on = on + REMEMBERED
        known.save(update_fields=["forget_on"])


def is_held(person, *, now):
    """Whether somebody has failed so often for this person that one of the limits is reached somewhere."""
    account = mark("account", person.username)
    failures = [
        Failure(*row)
        for row in FailedSignIn.objects.filter(account=account, at__gt=now - LONGEST_WINDOW).values_list(
            "account", "address", "at"
        )
    ]
    return any(
        wait_of(failures, account=account, address=place, is_usual=False, names_limit=len(failures) + 1, now=now)
        for place in {one.address for one in failures}
    ) or (wait_before_code(person, now=now) is not None)


def lift(person):
    """Forget what failed for this person, anywhere, with the password or the second factor."""
    accounts = [mark("account", person.username), mark("code", person.pk)]
    FailedSignIn.objects.filter(account__in=accounts).delete()


# The second factor: nobody but who knows the password gets here, so only the person counts.


def begin_code(person, *, now):
    """Note a try at the code; the wait where it must not be looked at."""
    row = FailedSignIn.objects.create(account=mark("code", person.pk), address="", at=now)
    wait = wait_before_code(person, now=now, but=row.pk)
    if wait is not None:
        row.delete()
    return wait


def wait_before_code(person, *, now, but=None):
    rows = FailedSignIn.objects.filter(account=mark("code", person.pk)).exclude(pk=but)
    return wait_for_code(rows.values_list("at", flat=True), now=now)


def succeed_code(person):
    FailedSignIn.objects.filter(account=mark("code", person.pk)).delete()


class Throttle(AbstractAxesHandler, AxesBaseHandler):
    """What django-axes asks before, and tells after, each way of signing in."""

    def is_allowed(self, request, credentials=None):
        row, request.sign_in_wait = begin(
            username=(credentials or {}).get("username") or "", address=client_address(request), now=timezone.now()
        )
        return row is not None

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request is None:
            return
        if getattr(request, "sign_in_wait", None) is None:
            request.sign_in_wait = wait_after_failing(
                username=credentials.get("username") or "", address=client_address(request), now=timezone.now()
            )
        request.axes_locked_out = request.sign_in_wait is not None

    def user_logged_in(self, sender, request, user, **kwargs):
        address = client_address(request)
        succeed(username=user.username, address=address)
        if address is not None:
            remember(person=user, address=address, on=timezone.localdate())

    def user_logged_out(self, sender, request, user, **kwargs):
        """Nobody notes when a person leaves."""

    def get_failures(self, request, credentials=None):
        return 0  # asked only by what `is_allowed` replaces


def locked(request, response=None, credentials=None):
    """The page in place of the sign-in: why, and how long it takes."""
    now = timezone.now()
    wait = request.sign_in_wait
    answer = render(request, "signin/locked.html", {"hold": wait.hold, "minutes": wait.minutes(now)}, status=429)
    answer.headers["Retry-After"] = str(max(1, int((wait.until - now).total_seconds())))
    answer.headers["Cache-Control"] = "no-store"
    return answer
