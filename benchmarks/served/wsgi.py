"""The product, and beside it the ceilings with the middleware of a new Django project only, so that ours shows.

Counts the queries of an answer where the request says so.
"""

import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import override_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.served.settings")
product = get_wsgi_application()

DEFAULT_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
with override_settings(MIDDLEWARE=DEFAULT_MIDDLEWARE):
    ceilings = WSGIHandler()


def application(environ, start_response):
    handler = ceilings if environ["PATH_INFO"].startswith("/ceilings/") else product
    if "HTTP_X_COUNT_QUERIES" not in environ:
        return handler(environ, start_response)

    def counted(status, headers, *rest):
        return start_response(status, [*headers, ("X-Queries", str(len(connection.queries_log)))], *rest)

    connection.force_debug_cursor = True
    try:
        return handler(environ, counted)
    finally:
        connection.force_debug_cursor = False
