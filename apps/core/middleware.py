"""Request ids and access lines, response headers, and the language a person chose."""

import logging
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_cache_control

from apps.core import logs

# Browser features that no page uses, so that injected content can't use them either.
UNUSED_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in UNUSED_FEATURES)

GetResponse = Callable[[Any], HttpResponseBase]

_request_id = ContextVar("request_id", default="-")


class RequestIdMiddleware:
    """Gives each request an id, which is in all its log lines and on the error page, and writes its access line."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.id = uuid.uuid4().hex[:12]
        request.stats = logs.RequestStats()
        began = time.perf_counter()
        id_token, stats_token = _request_id.set(request.id), logs.request_stats.set(request.stats)
        try:
            response = self.get_response(request)
        finally:
            logs.request_stats.reset(stats_token)
            _request_id.reset(id_token)
        response["X-Request-ID"] = request.id
        logs.log_request(
            request,
            response.status_code,
            seconds=time.perf_counter() - began,
            n_queries=request.stats.n_queries,
        )
        return response


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "id", _request_id.get())
        return True


class HeadersMiddleware:
    """Headers of every response besides Django's own, static files included.

    Pages are revalidated each time but may stay in the history, so that “back” finds what was typed; files are not
    stored. Headers that a view has set stay.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response.headers:
            is_page = response.headers.get("Content-Type", "").startswith("text/html")
            patch_cache_control(response, private=True, **({"no_cache": True} if is_page else {"no_store": True}))
        return response


class ChosenLanguageMiddleware:
    """Chinese unless the person switched. A browser's own preference does not count: court computers
    are often set up in English, and their users read Chinese."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.languages = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: Any) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in self.languages else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
