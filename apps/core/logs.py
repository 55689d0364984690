"""Log formatters, the access line of each request, and slow queries.

No line holds personal data: paths without their query, SQL without its values, no names, no client addresses.
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

# PostgreSQL names the values it refused: “DETAIL:  Key (username)=(…) already exists.”
REFUSED_VALUES = re.compile(r"^(DETAIL:).*$", re.MULTILINE)
MAX_PATH_LENGTH = 200
STATIC = "static"
# Attributes of an access record that become fields of the JSON line.
REQUEST_FIELDS = ("method", "path", "view", "queries")


class LineFormatter(logging.Formatter):
    """Plain lines, without the values that a database error names."""

    def formatException(self, exc_info: Any) -> str:
        return REFUSED_VALUES.sub(r"\1 …", super().formatException(exc_info))


class ClientErrorFilter(logging.Filter):
    """Drops the traceback of a request with a wrong host name or cookie: our code does not explain it."""

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
        fields |= {name: getattr(record, name) for name in REQUEST_FIELDS if hasattr(record, name)}
        if status := getattr(record, "status_code", None):
            fields["status"] = status
        if (ms := getattr(record, "ms", None)) is not None:
            fields["ms"] = ms
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


# Requests


@dataclass
class RequestStats:
    """What one request has cost so far."""

    n_queries: int = 0


request_stats: ContextVar[RequestStats | None] = ContextVar("request_stats", default=None)


def view_of(request: HttpRequest) -> str:
    """The name of the request's view; “-” where no view answers."""
    if match := request.resolver_match:
        return match.view_name
    return STATIC if request.path.startswith(settings.STATIC_URL) else "-"


def is_automatic(request: HttpRequest) -> bool:
    """Whether no person sent it: a probe, or a browser's request for static files."""
    return getattr(request, "is_probe", False) or view_of(request) == STATIC


def log_request(request: HttpRequest, status: int, *, seconds: float, n_queries: int) -> None:
    """Write the access line; at DEBUG for automatic requests."""
    path, ms = quote(request.path)[:MAX_PATH_LENGTH], round(seconds * 1000)
    extra = {"method": request.method, "path": path, "view": view_of(request), "queries": n_queries}
    access.log(
        logging.DEBUG if is_automatic(request) else logging.INFO,
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
    """Count this connection's queries for each request, and log those slower than SLOW_QUERY_MS (0: none)."""
    if _execute not in connection.execute_wrappers:
        connection.execute_wrappers.append(_execute)


def _execute(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if (stats := request_stats.get()) is not None:
        stats.n_queries += 1
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:  # also where it failed: a query that timed out is worth a line
        ms = round((time.perf_counter() - began) * 1000)
        if 0 < settings.SLOW_QUERY_MS <= ms:
            slow_queries.warning("%s ms: %s", ms, sql, extra={"ms": ms})
