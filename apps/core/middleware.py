"""Each request's id and its line in the log, and the language a person chose."""

import logging
import time
import uuid
from contextvars import ContextVar

from django.conf import settings
from django.utils import translation

from apps.core import logs

_request_id = ContextVar("request_id", default="-")


class RequestIdMiddleware:
    """Gives each request an id, which stands in every log line about it and on the error page, and one line in the log
    when it is answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid.uuid4().hex[:12]
        request.work = logs.Work()
        began = time.perf_counter()
        its_id, its_work = _request_id.set(request.id), logs.work.set(request.work)
        try:
            response = self.get_response(request)
        finally:
            logs.work.reset(its_work)
            _request_id.reset(its_id)
        response["X-Request-ID"] = request.id
        logs.tell_of_request(
            request,
            response.status_code,
            seconds=time.perf_counter() - began,
            n_queries=request.work.n_queries,
        )
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
