"""Who has to wait before trying again, when a session is over, and what a sign-in still lacks. Values in, value out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.signin.choices import Hold, SecondFactorPolicy, Stage

HOUR = timedelta(hours=1)
# One person at one address: five slips in a quarter of an hour.
PAIR_LIMIT, PAIR_WINDOW = 5, timedelta(minutes=15)
# One person from anywhere: whoever guesses from many addresses is stopped, but not the person where they usually are.
ACCOUNT_LIMIT, ACCOUNT_WINDOW = 20, HOUR
# Where many names fail from one address, each name that is at home there has one slip an hour; others wait.
NAMES_WINDOW, SLIPS_WHILE_MANY_FAIL = HOUR, 1
CODE_LIMIT, CODE_WINDOW = 5, timedelta(minutes=15)
LONGEST_WINDOW = HOUR


@dataclass(frozen=True)
class Failure:
    """One attempt that failed or has not ended yet: for whom, from where, when."""

    account: str
    address: str
    at: datetime


@dataclass(frozen=True)
class Wait:
    """Why an attempt has to wait, and until when."""

    hold: Hold
    until: datetime

    def minutes(self, now):
        """How many minutes to tell the person: a started one counts."""
        return max(1, -(-int((self.until - now).total_seconds()) // 60))


def wait_of(failures, *, account, address, is_usual, names_limit, now):
    """The longest wait that the failures of the last hour demand of this attempt; None where it may go on.

    `is_usual` says that the person has signed in from this address before; `names_limit` how many names may fail from
    one address in an hour.
    """
    own = [one for one in failures if one.account == account]
    here = [one for one in own if one.address == address]
    waits = [_wait(Hold.PAIR, [one.at for one in here], PAIR_LIMIT, PAIR_WINDOW, now)]
    if not is_usual:
        waits.append(_wait(Hold.ACCOUNT, [one.at for one in own], ACCOUNT_LIMIT, ACCOUNT_WINDOW, now))
    latest = {}
    for one in failures:
        if one.address == address:
            latest[one.account] = max(one.at, latest.get(one.account, one.at))
    crowd = _wait(Hold.ADDRESS, list(latest.values()), names_limit, NAMES_WINDOW, now)
    if crowd is not None:
        if is_usual:
            crowd = _wait(Hold.ADDRESS, [one.at for one in here], SLIPS_WHILE_MANY_FAIL, NAMES_WINDOW, now)
        waits.append(crowd)
    return max((one for one in waits if one is not None), key=lambda one: one.until, default=None)


def wait_for_code(moments, *, now):
    """The wait before the next code is looked at; None where it may be now."""
    return _wait(Hold.CODE, list(moments), CODE_LIMIT, CODE_WINDOW, now)


def _wait(hold, moments, limit, window, now):
    counted = sorted(at for at in moments if at > now - window)
    if len(counted) < limit:
        return None
    return Wait(hold, counted[-limit] + window)


def is_over(*, began, seen, now, longest, idle):
    """Whether a session has lasted too long, in all or without a request; `idle` None where it may rest."""
    return now - began >= longest or (idle is not None and now - seen >= idle)


def needs_second_factor(policy, *, is_admin):
    return policy == SecondFactorPolicy.ALL or (policy == SecondFactorPolicy.ADMINS and is_admin)


def stage_of(policy, *, is_admin, has_factor, is_verified, has_given_password):
    """What comes next in signing in. Who has a second factor shows it before anything may be changed."""
    if has_factor and policy != SecondFactorPolicy.OFF and not is_verified:
        return Stage.VERIFY
    if has_given_password:
        return Stage.NEW_PASSWORD
    if not has_factor and needs_second_factor(policy, is_admin=is_admin):
        return Stage.SET_UP
    return Stage.IN
