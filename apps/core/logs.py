"""What the server writes about itself: lines for a person or JSON for a collector, and queries that took too long.

Neither holds personal data: an address without its query, a statement without its values, a person never by name.
"""

import json
import logging
import time
from datetime import UTC, datetime

from django.conf import settings

slow_queries = logging.getLogger("courtplan.slow_queries")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, request_id, message and, for a fault, its traceback."""

    def format(self, record):
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if status := getattr(record, "status_code", None):
            told["status"] = status
        if (ms := getattr(record, "ms", None)) is not None:
            told["ms"] = ms
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def watch_queries(*, connection, **kwargs):
    """From now on this connection tells of every query slower than SLOW_QUERY_MS; 0 tells of none."""
    if settings.SLOW_QUERY_MS > 0 and _tell_if_slow not in connection.execute_wrappers:
        connection.execute_wrappers.append(_tell_if_slow)


def _tell_if_slow(execute, sql, params, many, context):
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:  # one that was broken off after a minute is worth knowing, too
        ms = round((time.perf_counter() - began) * 1000)
        if ms >= settings.SLOW_QUERY_MS:
            slow_queries.warning("%s ms: %s", ms, sql, extra={"ms": ms})
