"""The rule version that papers name: what was decided under a version stays decided so.

`rule_version.txt` holds the version and a digest of every worked case under it. A new case is added to it; a case
that decides otherwise, or is gone, needs a new version first. To write it anew:

    python -m tests.assessment.test_rule_version
"""

import hashlib
from pathlib import Path

from apps.assessment.cases import worked_cases
from apps.assessment.rules import VERSION

KEPT = Path(__file__).parent / "rule_version.txt"
RULE = "判定规则变了：先提高 apps/assessment/rules/__init__.py 里的 VERSION，再运行 python -m tests.assessment.test_rule_version"


def decided():
    """What is decided in each worked case, by its facts: the name may change, the decision may not."""
    return {
        f"{case.group} {_digest(sorted(case.facts.items()))} {_digest(sorted(case.found.items()))}"
        for case in worked_cases()
    }


def recorded():
    version, *lines = KEPT.read_text("utf-8").splitlines()
    return version, set(lines)


def _digest(content):
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def test_what_was_decided_under_this_version_stays_decided_so():
    version, lines = recorded()

    assert version == VERSION, "运行 python -m tests.assessment.test_rule_version"
    assert lines - decided() == set(), RULE


def test_every_worked_case_is_recorded_under_the_version():
    assert decided() - recorded()[1] == set(), RULE


if __name__ == "__main__":
    version, lines = recorded() if KEPT.exists() else ("", set())
    now = decided()
    if version == VERSION and lines - now:
        raise SystemExit(RULE)
    KEPT.write_text("\n".join([VERSION, *sorted(now)]) + "\n", "utf-8")
