"""Slows down guessing, by person and by address together; how long an attempt waits is decided by `rules.wait_of`.

An attempt is stored before the password is checked and deleted when it succeeds, so that many at once count as many.
Names and addresses are stored as keyed hashes only.
"""

import hashlib
import hmac
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.signin.models import FailedSignIn, UsualAddress
from apps.signin.rules import MAX_WINDOW, Failure, Wait, wait_for_code, wait_of

# An address is forgotten 90 days after its last renewal, and renewed at most once a month: that tells no day.
ADDRESS_LIFETIME, RENEW_WITHIN = timedelta(days=90), timedelta(days=60)
MAX_USUAL_ADDRESSES = 20
NO_ROW = 0  # no row has this key


def keyed_hash(kind: str, value: object) -> str:
    """Equal for equal values and useless without the server's key: what was typed as a name may be a password."""
    return hmac.new(settings.SECRET_KEY.encode(), f"access.{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def begin_attempt(*, username: str, address: str | None, now: datetime) -> Wait | None:
    """Store an attempt; the wait where it must not be made now."""
    FailedSignIn.objects.filter(at__lt=now - MAX_WINDOW).delete()
    account_hash, address_hash = keyed_hash("account", username), keyed_hash("address", address)
    # Stored first and counted afterwards: two at once see each other. The other order would let both through.
    row = FailedSignIn.objects.create(account=account_hash, address=address_hash, at=now)
    wait = wait_now(username=username, address=address, now=now, except_pk=row.pk)
    if wait is not None:
        row.delete()
    return wait


def wait_now(*, username: str, address: str | None, now: datetime, except_pk: int = NO_ROW) -> Wait | None:
    """The wait that holds for the next attempt; None where it may be made at once."""
    account_hash, address_hash = keyed_hash("account", username), keyed_hash("address", address)
    failures = _failures(Q(account=account_hash) | Q(address=address_hash), now=now, except_pk=except_pk)
    if not failures:
        return None
    return wait_of(
        failures,
        account=account_hash,
        address=address_hash,
        is_usual=UsualAddress.objects.filter(
            person__username=username, mark=address_hash, forget_on__gte=timezone.localdate(now)
        ).exists(),
        names_limit=settings.SIGN_IN_NAMES_LIMIT,
        now=now,
    )


def _failures(condition: Q, *, now: datetime, except_pk: int = NO_ROW) -> list[Failure]:
    rows = FailedSignIn.objects.filter(condition, at__gt=now - MAX_WINDOW).exclude(pk=except_pk)
    return [Failure(*row) for row in rows.values_list("account", "address", "at")]


def forget_failures(*, username: str, address: str | None) -> None:
    """After a right password: the person's failures at this address count no more."""
    account_hash, address_hash = keyed_hash("account", username), keyed_hash("address", address)
    FailedSignIn.objects.filter(account=account_hash, address=address_hash).delete()


def remember_address(*, person: User, address: str, on: date) -> None:
    """Remember that the person signs in from here. Written a few times a year, so that it tells no day."""
    address_hash = keyed_hash("address", address)
    known = UsualAddress.objects.filter(person=person, mark=address_hash).first()
    if known is None:
        UsualAddress.objects.filter(person=person, forget_on__lt=on).delete()
        UsualAddress.objects.get_or_create(
            person=person, mark=address_hash, defaults={"forget_on": on + ADDRESS_LIFETIME}
        )
        newest = UsualAddress.objects.filter(person=person).order_by("-forget_on", "-pk")[:MAX_USUAL_ADDRESSES]
        UsualAddress.objects.filter(person=person).exclude(pk__in=[row.pk for row in newest]).delete()
    elif known.forget_on < on + RENEW_WITHIN:
        known.forget_on = on + ADDRESS_LIFETIME
        known.save(update_fields=["forget_on"])


def is_throttled(person: User, *, now: datetime) -> bool:
    """Whether one of the limits is reached for this person, from whichever address."""
    account_hash = keyed_hash("account", person.username)
    failures = _failures(Q(account=account_hash), now=now)
    addresses = {failure.address for failure in failures}
    names_limit = len(failures) + 1  # other people's failures don't count here
    return any(
        wait_of(failures, account=account_hash, address=address, is_usual=False, names_limit=names_limit, now=now)
        for address in addresses
    ) or (wait_before_code(person, now=now) is not None)


def clear(person: User) -> None:
    """Delete the person's failures, from any address, with the password or the second factor."""
    hashes = [keyed_hash("account", person.username), keyed_hash("code", person.pk)]
    FailedSignIn.objects.filter(account__in=hashes).delete()


# The second factor: only who knows the password gets here, so only the person counts.


def begin_code_attempt(person: User, *, now: datetime) -> Wait | None:
    """Store an attempt at the code; the wait where it must not be checked now."""
    row = FailedSignIn.objects.create(account=keyed_hash("code", person.pk), address="", at=now)
    wait = wait_before_code(person, now=now, except_pk=row.pk)
    if wait is not None:
        row.delete()
    return wait


def wait_before_code(person: User, *, now: datetime, except_pk: int = NO_ROW) -> Wait | None:
    rows = FailedSignIn.objects.filter(account=keyed_hash("code", person.pk)).exclude(pk=except_pk)
    return wait_for_code(rows.values_list("at", flat=True), now=now)


def forget_code_failures(person: User) -> None:
    FailedSignIn.objects.filter(account=keyed_hash("code", person.pk)).delete()
