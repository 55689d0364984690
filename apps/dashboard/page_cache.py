"""Pages cached by revision (docs/adr/0004-what-is-cached.md).

What a page says follows from the plan's record, the day, the language and the reader. Every act that changes the
record raises its court's revision in the same transaction (`audit.services`), so a page holds for as long as the
revision it was built at. A page is cached for one reader: rights are read anew with each request and are part of the
key, so nothing in a cached page has to be filled in or taken out. The key is the ETag, too.
"""

import hashlib
import logging
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import cache, wraps
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache as django_cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django_htmx.middleware import HtmxDetails

from apps.accounts.models import User
from apps.audit.selectors import Revision, revision_of_all
from apps.plans.models import Plan
from apps.plans.selectors import plans_visible_to

logger = logging.getLogger(__name__)

SOURCE_FOLDERS = ("apps", "courtplan", "locale", "static", "templates")
SECONDS_BEFORE_RETRY = 10  # of a cache server that does not answer


class PlanRequest(HttpRequest):
    """With what the middlewares and `cached_page` put on a request."""

    user: User
    htmx: HtmxDetails
    plan: Plan
    plans: list[Plan]


def cached_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Cache the pages of a view of (request, court, year, …) for each reader.

    A page that has to be built finds the plan in `request.plan` and the court's others in `request.plans`; 404 where
    the reader may not see it.
    """

    @wraps(view)
    def wrapper(request: PlanRequest, court: str, year: int, **kwargs: Any) -> HttpResponseBase:
        now = timezone.now()
        revision = _revision(request.user, court)  # before anything that is read at it
        is_own_court = request.user.court is not None and request.user.court.slug == court
        if not is_own_court:  # the right to see another court's plans is read anew with each request, as all rights are
            _find_plan(request, court, year)
        key = _page_key(request, revision, now) if _is_cacheable(request, revision, now) else ""
        etag = f'W/"{key}"'
        response: HttpResponseBase | None = get_conditional_response(request, etag=etag) if key else None
        if response is None and key and (content := _read(key)) is not None:
            response = HttpResponse(content)
        if response is None:
            if is_own_court:
                _find_plan(request, court, year)
            response = view(request, court, year, **kwargs)
            if not (key and isinstance(response, HttpResponse) and _is_page(request, response)):
                return response
            _write(key, response.content)
        response.headers["ETag"] = etag
        # A browser may keep the page, and asks each time whether it still holds.
        response.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ("Cookie", "HX-Request"))
        return response

    return wrapper


def _find_plan(request: PlanRequest, court: str, year: int) -> None:
    request.plans = list(plans_visible_to(request.user).filter(court__slug=court).order_by("-year"))
    for plan in request.plans:
        if plan.year == year:
            request.plan = plan
            return
    raise Http404


def _revision(user: User, court: str) -> Revision:
    """Acts of the page's court, of the reader's own and of the installation change what a page says."""
    own = user.court
    return revision_of_all([court] if own is None or own.slug == court else [court, own.slug])


def _is_cacheable(request: HttpRequest, revision: Revision, now: datetime) -> bool:
    """A message is shown once. Without its cookie the token of forms belongs to nobody yet."""
    return (
        not settings.DEBUG
        and revision.is_settled(now)
        and request.META.get("CSRF_COOKIE") is not None
        and not len(get_messages(request))
    )


def _is_page(request: HttpRequest, response: HttpResponse) -> bool:
    """A whole page without a message that the view has just added; exports and errors are not cached."""
    return (
        response.status_code == 200
        and response.headers["Content-Type"].startswith("text/html")
        and not getattr(get_messages(request), "added_new", False)
    )


def _page_key(request: PlanRequest, revision: Revision, now: datetime) -> str:
    user = request.user
    parts = (
        build_id(),
        request.get_full_path(),
        bool(request.htmx),
        get_language(),
        timezone.localdate(now),
        revision.numbers,
        (user.pk, user.name, user.is_staff, user.is_superuser, user.court_id, user.department_id, sorted(user.roles)),
        request.META["CSRF_COOKIE"],  # forms of the page carry a token made from it
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def build_id() -> str:
    """Digest of the product's own files: another version makes other pages, also in a shared cache."""
    digest = hashlib.sha256()
    for folder in SOURCE_FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()


# The cache itself. It may be a server that is down, and that costs speed, never a page.

_retry_at = 0.0


def _read(key: str) -> bytes | None:
    content = _attempt(django_cache.get, f"page:{key}")
    return None if content is None else zlib.decompress(content)


def _write(key: str, content: bytes) -> None:
    _attempt(django_cache.set, f"page:{key}", zlib.compress(content, level=1))


def _attempt(operation: Callable[..., Any], *args: Any) -> Any:
    """The operation's result; None, for a while without asking, where the cache fails.

    Any error counts: each backend has its own, and none of them may reach the reader.
    """
    global _retry_at
    if monotonic() < _retry_at:
        return None
    try:
        return operation(*args)
    except Exception as error:
        _retry_at = monotonic() + SECONDS_BEFORE_RETRY
        logger.warning("page cache unavailable, pages are built: %s", type(error).__name__)
        return None
