"""Figures for Prometheus, by page, never by person, department or court.

Each process counts into files in METRICS_DIR; whichever is asked adds them all up. Imported only where METRICS is on:
prometheus_client must know the folder before the first counter is made.
"""

import resource
import sys

from django.conf import settings
from django.core.signals import got_request_exception
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client.multiprocess import MultiProcessCollector

from apps.core.logs import view_of
from apps.operations.checks import CheckContext, run_all
from apps.operations.choices import State

__all__ = ["CONTENT_TYPE", "count_request", "text"]

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = frozenset({"GET", "HEAD", "POST"})
SEVERITY = {State.WELL: 0, State.NOTE: 0, State.WATCH: 1, State.BAD: 2}

# registry=None: the registry is made for each answer, from the files of all processes.
REQUESTS = Counter(
    "courtplan_requests", "Requests by page, method and class of status.", ("view", "method", "status"), registry=None
)
SECONDS = Histogram(
    "courtplan_request_seconds", "Time to answer, in seconds.", ("view", "method"), buckets=BUCKETS, registry=None
)
QUERIES = Counter("courtplan_queries", "Database queries while answering.", ("view",), registry=None)
EXCEPTIONS = Counter("courtplan_exceptions", "Faults that ended in the error page.", ("view", "kind"), registry=None)
CPU = Counter("courtplan_cpu_seconds", "Processor time spent answering, in seconds.", registry=None)
MEMORY = Gauge(
    "courtplan_max_resident_bytes",
    "The most memory that any process has used since the server started.",
    multiprocess_mode="max",
    registry=None,
)


def count_request(request, status, *, seconds, cpu_seconds, n_queries):
    view = view_of(request)
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method, f"{status // 100}xx").inc()
    SECONDS.labels(view, method).observe(seconds)
    QUERIES.labels(view).inc(n_queries)
    CPU.inc(cpu_seconds)
    MEMORY.set(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def count_exception(*, request=None, **kwargs):
    kind = sys.exc_info()[0]
    EXCEPTIONS.labels(view_of(request) if request else "-", kind.__name__ if kind else "-").inc()


got_request_exception.connect(count_exception)


def text():
    """All figures of all processes of this server, in Prometheus' format."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
    registry.register(ConditionCollector())
    return generate_latest(registry)


class ConditionCollector:
    """The results of the checks, as on the status page. A figure that isn't known has no sample."""

    def describe(self):
        return []

    def collect(self):
        context = CheckContext()
        results = {result.check: result for result in run_all(context)}
        states = GaugeMetricFamily(
            "courtplan_condition", "State of each check: 0 well, 1 to look into, 2 to mend.", labels=("check",)
        )
        for check, result in results.items():
            if not result.is_unknown:
                states.add_metric((check,), SEVERITY[result.state])
        yield states
        for name, meaning, check, value in (
            ("database_bytes", "Size of the database.", "database", "size"),
            ("backup_age_seconds", "Age of the newest backup.", "backup", "at"),
            ("audit_age_seconds", "Age of the last check of the whole record.", "audit", "at"),
            ("jobs_waiting", "Long files that wait to be made.", "jobs", "n_waiting"),
            ("jobs_stuck", "Long files that wait and nobody makes.", "jobs", "n_stuck"),
        ):
            figure = results[check].values.get(value)
            if value == "at" and figure is not None:
                figure = (context.now - figure).total_seconds()
            yield GaugeMetricFamily(f"courtplan_{name}", meaning, value=figure)
        verified = "at" in results["audit"].values
        yield GaugeMetricFamily(
            "courtplan_audit_whole",
            "Whether the last check found the whole record as it was written.",
            value=int(results["audit"].reason != "broken") if verified else None,
        )
