"""Whether this process can serve, answered within a bounded time whatever the database or the disk does."""

import logging
import threading

from django.utils import timezone

from apps.operations.selectors import PATIENCE, Look, impatient_connection, not_ready

log = logging.getLogger(__name__)

SILENT = "silent"


class Asking:
    """One round of questions, put by a thread of its own over a connection of its own.

    A database that has stopped answering keeps the thread, not the request: a limit that the database would have to
    keep is none when it is the database that hangs.
    """

    def __init__(self, connection):
        self.connection = connection
        self.done = threading.Event()
        self.part = "database"
        self.found = []

    def start(self):
        # A thread that hangs must not keep the server from stopping.
        threading.Thread(target=self._run, name="readyz", daemon=True).start()

    def _run(self):
        try:
            self.found = not_ready(Look(now=timezone.now(), connection=self.connection), telling=self._tell)
        except Exception:
            log.exception("the readiness probe failed at: %s", self.part)
            self.found = [(self.part, "fault")]
        finally:
            self.connection.close()
            self.done.set()

    def _tell(self, part):
        self.part = part

    def answer(self, patience):
        return self.found if self.done.wait(patience) else [(self.part, SILENT)]


class Probe:
    """However many ask at once, one round of questions is under way, and all have its answer."""

    def __init__(self):
        self.lock = threading.Lock()
        self.asking = None

    def ask(self, *, patience=PATIENCE):
        """(part, one word why) of each part that isn't ready."""
        with self.lock:
            if self.asking is None or self.asking.done.is_set():
                self.asking = Asking(impatient_connection())
                self.asking.start()
            asking = self.asking
        return asking.answer(patience)


probe = Probe()
