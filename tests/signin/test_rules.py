"""Who has to wait, when a session is over, what a sign-in still lacks."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.signin.choices import SecondFactorPolicy, Stage, WaitReason
from apps.signin.rules import Failure, Wait, is_over, needs_second_factor, stage_of, wait_for_code, wait_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME, HERE = "zhang", "10.0.0.1"


def ago(minutes):
    return NOW - timedelta(minutes=minutes)


def failures_of(n, *, account=ME, address=HERE, minutes=1):
    return [Failure(account, address, ago(minutes)) for _failure in range(n)]


def many_names(n, *, minutes=1):
    return [Failure(f"name-{number}", HERE, ago(minutes)) for number in range(n)]


def many_addresses(n, *, minutes=1):
    return [Failure(ME, f"192.0.2.{number}", ago(minutes)) for number in range(n)]


@pytest.mark.parametrize(
    ("failures", "is_usual", "reason", "minutes"),
    [
        ([], True, None, None),
        # one person at one address
        (failures_of(4), False, None, None),
        (failures_of(5), False, WaitReason.PAIR, 14),
        (failures_of(5), True, WaitReason.PAIR, 14),
        (failures_of(5, minutes=15), True, None, None),
        (failures_of(4, minutes=14) + failures_of(1), True, WaitReason.PAIR, 1),
        # the fifth last counts, so that the wait grows with every further slip
        (failures_of(1, minutes=14) + failures_of(5, minutes=2), True, WaitReason.PAIR, 13),
        # colleagues behind the same address don't count for this person, nor does this person elsewhere
        (failures_of(5, account="li"), False, None, None),
        (failures_of(5, address="10.0.0.2"), True, None, None),
        # one person from many addresses: strangers wait, the person at their own machine doesn't
        (many_addresses(19), False, None, None),
        (many_addresses(20), False, WaitReason.ACCOUNT, 59),
        (many_addresses(20), True, None, None),
        (many_addresses(20, minutes=60), False, None, None),
        (many_addresses(20) + failures_of(5), True, WaitReason.PAIR, 14),
        # many names from one address: names at home there have one slip an hour, others wait
        (many_names(99), False, None, None),
        (many_names(100), False, WaitReason.ADDRESS, 59),
        (many_names(100), True, None, None),
        (many_names(100) + failures_of(1, minutes=30), True, WaitReason.ADDRESS, 30),
        (many_names(100, minutes=60), False, None, None),
        # one name that fails often is still one name
        (failures_of(300, account="li"), False, None, None),
        # the longest of several waits is told
        (many_names(100) + failures_of(5, minutes=3), False, WaitReason.ADDRESS, 59),
    ],
)
def test_who_has_to_wait_for_how_long(failures, is_usual, reason, minutes):
    wait = wait_of(failures, account=ME, address=HERE, is_usual=is_usual, names_limit=100, now=NOW)

    assert (wait and wait.reason, wait and wait.minutes(NOW)) == (reason, minutes)


def test_a_court_of_two_hundred_with_honest_mistakes_waits_for_nothing():
    """Every third person mistypes once or twice in the morning, all from one address."""
    morning = [
        Failure(f"person-{number}", HERE, ago(number % 55))
        for number in range(0, 200, 3)
        for _failure in range(1 + number % 2)
    ]

    waits = [
        wait_of(morning, account=f"person-{number}", address=HERE, is_usual=False, names_limit=100, now=NOW)
        for number in range(200)
    ]

    assert waits == [None] * 200


@pytest.mark.parametrize(("n", "minutes", "waits"), [(4, 1, None), (5, 1, 14), (5, 15, None), (6, 10, 5)])
def test_codes_are_tried_five_times_in_a_quarter_of_an_hour(n, minutes, waits):
    wait = wait_for_code([ago(minutes)] * n, now=NOW)

    assert (wait and wait.minutes(NOW)) == waits


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (900, 15), (-5, 1)])
def test_a_started_minute_counts(seconds, minutes):
    assert Wait(WaitReason.PAIR, NOW + timedelta(seconds=seconds)).minutes(NOW) == minutes


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("began", "seen", "idle", "over"),
    [
        (0, 0, HOUR, False),
        (59, 59, HOUR, False),
        (60, 60, HOUR, True),
        (11 * 60 + 59, 1, HOUR, False),
        (12 * 60, 0, HOUR, True),
        (11 * 60, 11 * 60, None, False),
        (12 * 60, 0, None, True),
        (-5, -5, HOUR, False),  # a machine whose clock is ahead
    ],
)
def test_a_session_ends_by_age_and_by_rest(began, seen, idle, over):
    assert is_over(began=ago(began), seen=ago(seen), now=NOW, max_age=12 * HOUR, max_idle=idle) is over


@pytest.mark.parametrize(
    ("policy", "is_admin", "needed"),
    [
        ("off", True, False),
        ("optional", True, False),
        ("admins", False, False),
        ("admins", True, True),
        ("all", False, True),
        ("all", True, True),
    ],
)
def test_who_needs_a_second_factor(policy, is_admin, needed):
    assert needs_second_factor(SecondFactorPolicy(policy), is_admin=is_admin) is needed


@pytest.mark.parametrize(
    ("policy", "is_admin", "has_factor", "is_verified", "has_given_password", "stage"),
    [
        ("off", True, True, False, False, Stage.IN),
        ("off", True, False, False, True, Stage.NEW_PASSWORD),
        ("optional", False, False, False, False, Stage.IN),
        ("optional", False, True, False, False, Stage.VERIFY),
        ("optional", False, True, True, False, Stage.IN),
        ("admins", False, False, False, False, Stage.IN),
        ("admins", True, False, False, False, Stage.SET_UP),
        ("admins", True, True, False, False, Stage.VERIFY),
        ("admins", True, True, True, False, Stage.IN),
        # the password before a new factor, but never before the factor there is
        ("admins", True, False, False, True, Stage.NEW_PASSWORD),
        ("admins", True, True, False, True, Stage.VERIFY),
        ("admins", True, True, True, True, Stage.NEW_PASSWORD),
        ("all", False, False, False, False, Stage.SET_UP),
        ("all", False, True, False, False, Stage.VERIFY),
    ],
)
def test_what_comes_next_in_signing_in(policy, is_admin, has_factor, is_verified, has_given_password, stage):
    assert (
        stage_of(
            SecondFactorPolicy(policy),
            is_admin=is_admin,
            has_factor=has_factor,
            is_verified=is_verified,
            has_given_password=has_given_password,
        )
        == stage
    )
