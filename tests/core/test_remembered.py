"""What a process remembers has its bounds, and is forgotten."""

import gc
import weakref

from apps.core.remembered import Remembered, forget_all


def test_the_one_used_longest_ago_gives_way():
    kept = Remembered(most=2, seconds=60)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1

    kept.put("c", 3)

    assert [kept.get(key) for key in "abc"] == [1, None, 3]


def test_all_is_forgotten_at_once():
    kept, another = Remembered(most=2, seconds=60), Remembered(most=2, seconds=60)
    kept.put("a", 1)
    another.put("a", 1)

    forget_all()

    assert (kept.get("a"), another.get("a")) == (None, None)


def test_one_that_nobody_uses_any_more_is_gone():
    """As those of a plan's promises, of which each order makes new ones."""
    kept = Remembered(most=2, seconds=60)
    seen = weakref.ref(kept)

    del kept
    gc.collect()

    assert seen() is None
