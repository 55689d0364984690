"""Whether this process can serve, answered within a bounded time whatever the database or the disk does."""

import logging
import threading

from apps.operations.checks import TIMEOUT, CheckContext, impatient_connection, not_ready

log = logging.getLogger(__name__)

SILENT = "silent"


class ReadinessCheck:
    """One run of the checks, in a thread and over a connection of its own.

    A database that hangs holds up the thread, not the request: a time limit that the database itself has to keep is of
    no use then.
    """

    def __init__(self, connection):
        self.connection = connection
        self.done = threading.Event()
        self.part = "database"
        self.problems = []

    def start(self):
        # Daemon: a thread that hangs must not keep the server from stopping.
        threading.Thread(target=self._run, name="readyz", daemon=True).start()

    def _run(self):
        try:
            self.problems = not_ready(CheckContext(connection=self.connection), on_check=self._set_part)
        except Exception:
            log.exception("the readiness probe failed at: %s", self.part)
            self.problems = [(self.part, "fault")]
        finally:
            self.connection.close()
            self.done.set()

    def _set_part(self, part):
        self.part = part

    def wait(self, timeout):
        return self.problems if self.done.wait(timeout) else [(self.part, SILENT)]


class Probe:
    """Requests that arrive together share one running check and its result."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running = None

    def problems(self, *, timeout=TIMEOUT):
        """(part, one word why) of each part that isn't ready."""
        with self.lock:
            if self.running is None or self.running.done.is_set():
                self.running = ReadinessCheck(impatient_connection())
                self.running.start()
            running = self.running
        return running.wait(timeout)


probe = Probe()
