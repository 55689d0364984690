"""Each request's id, and the language a person chose."""

import logging
import uuid
from contextvars import ContextVar

from django.conf import settings
from django.utils import translation

_request_id = ContextVar("request_id", default="-")


class RequestIdMiddleware:
    """Gives each request an id, which stands in every log line about it and on the error page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid.uuid4().hex[:12]
        token = _request_id.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response["X-Request-ID"] = request.id
        return response


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "id", _request_id.get())
        return True


class ChosenLanguageMiddleware:
    """Chinese unless the person switched. A browser's own preference does not count: court computers
    are often set up in English, and their users read Chinese."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.languages = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in self.languages else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
