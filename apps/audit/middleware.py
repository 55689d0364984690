"""Records refused attempts."""

import logging

from django.db import DatabaseError
from django.utils import timezone

from apps.audit.choices import Action
from apps.audit.services import record

logger = logging.getLogger(__name__)

READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
REFUSED = frozenset({403, 404})
MAX_PATH_LENGTH = 300


class RefusedAttemptMiddleware:
    """Records when a signed-in person tries to act where they may not.

    After the answer is made: the act's own transaction is rolled back by then. A form whose token did not fit is
    left out, for nobody decided on it; it is most often an old page.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method in READING or response.status_code not in REFUSED:
            return response
        # An address that leads nowhere is no attempt at anything. Who is signed in is asked last: it costs a query.
        leads_somewhere = request.resolver_match is not None and getattr(request, "csrf_processing_done", False)
        if leads_somewhere and request.user.is_authenticated:
            self._record(request, response)
        return response

    def _record(self, request, response):
        person = request.user
        try:
            record(
                by=person,
                action=Action.REFUSED,
                target=person,
                at=timezone.now(),
                data={
                    "method": request.method,
                    "path": request.path[:MAX_PATH_LENGTH],
                    "status": response.status_code,
                },
            )
        except DatabaseError:
            # The refusal stands, whatever becomes of its record.
            logger.exception("a refused attempt could not be recorded: %s %s", request.method, request.path)
