"""Figures for Prometheus: what the server does and how it stands. By page, never by person, department or court.

Each process counts into files of its own; whoever is asked adds them all up. Loaded only where METRICS is on, because
the files' place has to be known before the first counter is made.
"""

import contextlib
import os
import re
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from apps.core.logs import view_of
from apps.operations.choices import State
from apps.operations.selectors import Look, condition_of

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = frozenset({"GET", "HEAD", "POST"})
SEVERITY = {State.WELL: 0, State.NOTE: 0, State.WATCH: 1, State.BAD: 2}
LIVE_FILE = re.compile(r"^gauge_live\w+_(\d+)\.db$")

# They live in the files; the registry is made when somebody asks.
REQUESTS = Counter(
    "courtplan_requests", "Requests by page, method and class of status.", ("view", "method", "status"), registry=None
)
SECONDS = Histogram(
    "courtplan_request_seconds", "Time to answer, in seconds.", ("view", "method"), buckets=BUCKETS, registry=None
)
QUERIES = Counter("courtplan_queries", "Queries put to the database while answering.", ("view",), registry=None)
EXCEPTIONS = Counter("courtplan_exceptions", "Faults that ended in the error page.", ("view", "kind"), registry=None)
CPU = Counter("courtplan_cpu_seconds", "Processor time of the server's processes, in seconds.", registry=None)
MEMORY = Gauge(
    "courtplan_resident_bytes",
    "Memory of the server's processes, each as of its last request.",
    multiprocess_mode="livesum",
    registry=None,
)
PROCESSES = Gauge(
    "courtplan_processes", "Processes that have answered and live.", multiprocess_mode="livesum", registry=None
)


class Spent:
    """How much of the processor's time was counted already."""

    cpu = 0.0


def count_request(request, status, *, seconds, n_queries):
    view = view_of(request)
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method, f"{status // 100}xx").inc()
    SECONDS.labels(view, method).observe(seconds)
    QUERIES.labels(view).inc(n_queries)
    spent, Spent.cpu = time.process_time() - Spent.cpu, time.process_time()
    CPU.inc(max(spent, 0))
    MEMORY.set(_resident_bytes())
    PROCESSES.set(1)


def count_fault(*, request=None, **kwargs):
    kind = sys.exc_info()[0]
    EXCEPTIONS.labels(view_of(request) if request else "-", kind.__name__ if kind else "-").inc()


got_request_exception.connect(count_fault)


def _resident_bytes():
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # no Linux
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def text(*, now):
    """All figures of all processes of this server, as Prometheus reads them."""
    _forget_the_dead()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
    registry.register(Standing(now))
    return generate_latest(registry)


def _forget_the_dead():
    """What a process counted stays counted; what it held in memory ended with it."""
    for file in os.listdir(settings.METRICS_DIR):
        if (found := LIVE_FILE.match(file)) and not _lives(int(found[1])):
            with contextlib.suppress(FileNotFoundError):  # somebody else was quicker
                mark_process_dead(int(found[1]), path=str(settings.METRICS_DIR))


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Standing:
    """How the installation stands, judged as on the status page."""

    def __init__(self, now):
        self.now = now

    def describe(self):
        return []

    def collect(self):
        look = Look(now=self.now)
        found = {line.finding.check: line.finding for line in condition_of(look)}
        states = GaugeMetricFamily(
            "courtplan_condition", "How each thing stands: 0 well, 1 to look into, 2 to mend.", labels=("check",)
        )
        for check, finding in found.items():
            if not finding.is_unknown:
                states.add_metric((check,), SEVERITY[finding.state])
        yield states
        yield _gauge("courtplan_database_bytes", "Size of the database.", found["database"].values.get("size"))
        made_at = found["backup"].values.get("at")
        yield _gauge("courtplan_backup_age_seconds", "Age of the newest backup.", self._age(made_at))
        with contextlib.suppress(DatabaseError):
            verification = look.verification
            yield _gauge(
                "courtplan_audit_whole",
                "Whether the last check found the whole record as it was written.",
                None if verification is None else int(verification.is_whole),
            )
            yield _gauge(
                "courtplan_audit_age_seconds",
                "Age of the last check of the whole record.",
                self._age(verification and verification.at),
            )
        jobs = found["jobs"].values
        yield _gauge("courtplan_jobs_waiting", "Long files that wait to be made.", jobs.get("n_waiting"))
        yield _gauge("courtplan_jobs_stuck", "Long files that wait and nobody makes.", jobs.get("n_stuck"))

    def _age(self, moment):
        return None if moment is None else (self.now - moment).total_seconds()


def _gauge(name, meaning, value):
    """A figure that isn't known has no sample: no zero that nobody measured."""
    made = GaugeMetricFamily(name, meaning)
    if value is not None:
        made.add_metric((), value)
    return made
