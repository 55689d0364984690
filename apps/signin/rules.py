"""How long a sign-in attempt waits, when a session is over, and what a sign-in still lacks. Values in, value out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.signin.choices import SecondFactorPolicy, Stage, WaitReason

HOUR = timedelta(hours=1)
# One person at one address: five failures in a quarter of an hour.
PAIR_LIMIT, PAIR_WINDOW = 5, timedelta(minutes=15)
# One person from anywhere: stops guessing from many addresses, but not the person at a usual one.
ACCOUNT_LIMIT, ACCOUNT_WINDOW = 20, HOUR
# Where many names fail from one address, a name that has signed in there before may fail once an hour; others wait.
NAMES_WINDOW, FAILURES_WHILE_MANY_FAIL = HOUR, 1
CODE_LIMIT, CODE_WINDOW = 5, timedelta(minutes=15)
MAX_WINDOW = HOUR


@dataclass(frozen=True)
class Failure:
    """One attempt that failed or has not ended yet: for whom, from where, when."""

    account: str
    address: str
    at: datetime


@dataclass(frozen=True)
class Wait:
    """Why an attempt has to wait, and until when."""

    reason: WaitReason
    until: datetime

    def minutes(self, now: datetime) -> int:
        """For people: a started minute counts."""
        return max(1, -(-int((self.until - now).total_seconds()) // 60))


def wait_of(
    failures: Iterable[Failure], *, account: str, address: str, is_usual: bool, names_limit: int, now: datetime
) -> Wait | None:
    """The longest wait that the failures of the last hour demand of this attempt; None where it may be made.

    `is_usual`: the person has signed in from this address before. `names_limit`: how many names may fail from one
    address in an hour.
    """
    failures = list(failures)
    by_account = [failure.at for failure in failures if failure.account == account]
    by_pair = [failure.at for failure in failures if failure.account == account and failure.address == address]
    waits = [_wait(WaitReason.PAIR, by_pair, PAIR_LIMIT, PAIR_WINDOW, now)]
    if not is_usual:
        waits.append(_wait(WaitReason.ACCOUNT, by_account, ACCOUNT_LIMIT, ACCOUNT_WINDOW, now))
    latest_by_name: dict[str, datetime] = {}
    for failure in failures:
        if failure.address == address:
            latest_by_name[failure.account] = max(failure.at, latest_by_name.get(failure.account, failure.at))
    many_fail = _wait(WaitReason.ADDRESS, latest_by_name.values(), names_limit, NAMES_WINDOW, now)
    if many_fail is not None and is_usual:
        many_fail = _wait(WaitReason.ADDRESS, by_pair, FAILURES_WHILE_MANY_FAIL, NAMES_WINDOW, now)
    waits.append(many_fail)
    return max((wait for wait in waits if wait is not None), key=lambda wait: wait.until, default=None)


def wait_for_code(moments: Iterable[datetime], *, now: datetime) -> Wait | None:
    """The wait before the next code is checked; None where it may be now."""
    return _wait(WaitReason.CODE, moments, CODE_LIMIT, CODE_WINDOW, now)


def _wait(reason: WaitReason, moments: Iterable[datetime], limit: int, window: timedelta, now: datetime) -> Wait | None:
    recent = sorted(at for at in moments if at > now - window)
    if len(recent) < limit:
        return None
    # Until the limit-th latest leaves the window: the wait grows with every further failure.
    return Wait(reason, recent[-limit] + window)


def is_over(*, began: datetime, seen: datetime, now: datetime, max_age: timedelta, max_idle: timedelta | None) -> bool:
    """Whether a session has lasted too long, in all or without a request; `max_idle` None for no limit on that."""
    return now - began >= max_age or (max_idle is not None and now - seen >= max_idle)


def needs_second_factor(policy: str, *, is_admin: bool) -> bool:
    return policy == SecondFactorPolicy.ALL or (policy == SecondFactorPolicy.ADMINS and is_admin)


def stage_of(policy: str, *, is_admin: bool, has_factor: bool, is_verified: bool, has_given_password: bool) -> Stage:
    """The next step of signing in. Whoever has a second factor shows it before anything can be changed."""
    if has_factor and policy != SecondFactorPolicy.OFF and not is_verified:
        return Stage.VERIFY
    if has_given_password:
        return Stage.NEW_PASSWORD
    if not has_factor and needs_second_factor(policy, is_admin=is_admin):
        return Stage.SET_UP
    return Stage.IN
