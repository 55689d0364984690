"""The product behind a door that counts an answer's queries where it is asked to."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.served.settings")
product = get_wsgi_application()


def application(environ, start_response):
    if "HTTP_X_COUNT_QUERIES" not in environ:
        return product(environ, start_response)

    def counted(status, headers, *rest):
        return start_response(status, [*headers, ("X-Queries", str(len(connection.queries_log)))], *rest)

    connection.force_debug_cursor = True
    try:
        return product(environ, counted)
    finally:
        connection.force_debug_cursor = False
