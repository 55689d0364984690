"""What the server writes about itself: lines for a person or JSON for a collector, one for each request, and queries
that took too long.

None holds personal data: an address without its query, a statement without its values, a person never by name, no
address of a machine.
"""

import json
import logging
import re
import time
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest

access = logging.getLogger("courtplan.access")
slow_queries = logging.getLogger("courtplan.slow_queries")

# PostgreSQL tells which values it refused: “DETAIL:  Key (username)=(…) already exists.”
VALUES_REFUSED = re.compile(r"^(DETAIL:).*$", re.MULTILINE)
MAX_PATH_LENGTH = 200
STATIC = "static"
# What a request's line says beside its message, where the collector finds it under these names.
OF_A_REQUEST = ("method", "path", "view", "queries")


class LineFormatter(logging.Formatter):
    """Lines for a person. Of a fault of the database the values it names are left out."""

    def formatException(self, exc_info: Any) -> str:
        return VALUES_REFUSED.sub(r"\1 …", super().formatException(exc_info))


class ClientsFault(logging.Filter):
    """A request with a wrong host name or cookie is one line: the way through our code explains nothing of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.exc_info = record.exc_text = None
        return True


class JsonFormatter(LineFormatter):
    """One JSON object a line: time (UTC), level, logger, request_id, message and, for a fault, its traceback; of a
    request also method, path, view, status, ms, queries."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        fields |= {name: getattr(record, name) for name in OF_A_REQUEST if hasattr(record, name)}
        if status := getattr(record, "status_code", None):
            fields["status"] = status
        if (ms := getattr(record, "ms", None)) is not None:
            fields["ms"] = ms
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


# Requests


@dataclass
class Work:
    """What one request costs, as it is counted."""

    n_queries: int = 0


work: ContextVar[Work | None] = ContextVar("work", default=None)


def view_of(request: HttpRequest) -> str:
    """The name of the page that was asked for, the same for every row it can show; “-” for an address of no page."""
    if found := request.resolver_match:
        return found.view_name
    return STATIC if request.path.startswith(settings.STATIC_URL) else "-"


def is_of_a_machine(request: HttpRequest) -> bool:
    """Whether no person asked: a probe, or a browser for a page's style sheets."""
    return getattr(request, "is_probe", False) or view_of(request) == STATIC


def log_request(request: HttpRequest, status: int, *, seconds: float, n_queries: int) -> None:
    """The line of one request. What no person asked for is told of only where LOG_LEVEL is DEBUG."""
    path, ms = quote(request.path)[:MAX_PATH_LENGTH], round(seconds * 1000)
    extra = {"method": request.method, "path": path, "view": view_of(request), "queries": n_queries}
    access.log(
        logging.DEBUG if is_of_a_machine(request) else logging.INFO,
        "%s %s %s, %s ms, %s queries",
        request.method,
        path,
        status,
        ms,
        n_queries,
        extra={**extra, "status_code": status, "ms": ms, "request": request},
    )


# Queries


def watch_queries(*, connection: Any, **kwargs: Any) -> None:
    """From now on this connection counts each request's queries, and tells of every one slower than SLOW_QUERY_MS;
    0 tells of none."""
    if _watched not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watched)


def _watched(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if (counted := work.get()) is not None:
        counted.n_queries += 1
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:  # one that was broken off after a minute is worth knowing, too
        ms = round((time.perf_counter() - began) * 1000)
        if 0 < settings.SLOW_QUERY_MS <= ms:
            slow_queries.warning("%s ms: %s", ms, sql, extra={"ms": ms})
