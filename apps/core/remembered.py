"""What a process remembers between requests: so many things, those used last, and no longer than so many seconds."""

from collections import OrderedDict
from threading import Lock
from time import monotonic
from weakref import WeakSet

_all = WeakSet()  # what nobody uses any more is not kept by being listed here


def forget_all():
    """For whoever changes the record without an act, as tests do."""
    for one in tuple(_all):
        one.clear()


class Remembered:
    def __init__(self, *, most, seconds):
        self.most, self.seconds = most, seconds
        self.held, self.lock = OrderedDict(), Lock()
        _all.add(self)

    def get(self, key):
        """None where it is not remembered."""
        with self.lock:
            value, until = self.held.get(key, (None, 0))
            if value is None or until < monotonic():
                return None
            self.held.move_to_end(key)
            return value

    def put(self, key, value):
        with self.lock:
            self.held[key] = (value, monotonic() + self.seconds)
            while len(self.held) > self.most:
                self.held.popitem(last=False)

    def clear(self):
        with self.lock:
            self.held.clear()
