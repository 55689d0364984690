"""Pages that are built once and handed out until something they say has changed.

What a page says follows from the plan's record, the day, the language and what the reader may see; the court's
revision (`audit.selectors.revision_of`) rises inside every act that changes the record. So a page built at a
revision is right for as long as that stands, and nobody has to guess how long to keep it.

What differs from person to person is not kept: the page is built with holes (who is signed in, messages, the
token of forms), which are filled for each answer. A browser that has the page already is told so (304).
"""

import hashlib
import zlib
from functools import cache, wraps

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from apps.audit.selectors import revision_of_all
from apps.core.remembered import Remembered
from apps.plans.selectors import plans_visible_to

OUR_FILES = ("apps", "courtplan", "locale", "static", "templates")
HOLES = ("masthead", "messages", "csrf")


def kept(*, per_person=False):
    """For a view of (request, court, year, …): keep its page. Also looks the plan up; 404 where it may not be seen.

    `per_person` where the page asks who exactly is reading; otherwise all with the same rights share it.
    """

    def decorate(view):
        @wraps(view)
        def answer(request, court, year, **rest):
            now = timezone.now()
            revision = request.revision = _revision_for(request, court)  # before anything that is read at it
            if unchanged := _unchanged(request, revision, now):
                return unchanged
            request.plan = get_object_or_404(plans_visible_to(request.user), court__slug=court, year=year)
            if settings.DEBUG or not revision.is_settled(now):
                return view(request, court, year, **rest)
            key = _key(request, revision, today=timezone.localdate(now), per_person=per_person)
            etag = _etag(request, key)
            if etag is not None:
                _given.put(etag, _asked_for(request, revision, now))
            return (
                _not_modified(request, etag)
                or _from_store(request, key, etag)
                or _built(request, key, etag, lambda: view(request, court, year, **rest))
            )

        return answer

    return decorate


def _revision_for(request, court):
    """What the page says and who may see it changes by acts of its court, of the reader's own, or of the installation."""
    own = request.user.court
    return revision_of_all([court] if own is None or own.slug == court else [court, own.slug])


# Marks that were given, with all that each was given for.
_given = Remembered(most=4096, seconds=60 * 60)


def _unchanged(request, revision, now):
    """304 for a mark given to this very person for this address, where no act has changed anything since.

    That the person may see the page was asked when the mark was given, and need not be asked again.
    """
    mark = request.META.get("HTTP_IF_NONE_MATCH")
    given_for = _given.get(mark) if mark else None
    if given_for is None or settings.DEBUG or not revision.is_settled(now) or len(get_messages(request)):
        return None
    return _not_modified(request, mark) if given_for == _asked_for(request, revision, now) else None


def _asked_for(request, revision, now):
    user = request.user
    return (
        build(),
        request.get_full_path(),
        bool(request.htmx),
        revision.numbers,
        timezone.localdate(now),
        get_language(),
        request.META.get("CSRF_COOKIE"),
        (user.pk, user.name, user.is_staff, user.is_superuser, user.court_id, user.department_id),
    )


def _key(request, revision, *, today, per_person):
    """Everything that what the page says may depend on."""
    user = request.user
    who = (user.is_superuser, user.court_id, user.department_id, *sorted(user.roles))
    return _digest(
        build(),
        request.get_full_path(),
        bool(request.htmx),
        request.plan.pk,
        revision.numbers,
        today,
        get_language(),
        user.pk if per_person else "",
        who,
    )


def _etag(request, key):
    """The mark of one person's copy; None where it can't be told whether a copy is still good.

    The token of forms goes with the browser's cookie, and a message is shown once.
    """
    secret = request.META.get("CSRF_COOKIE")
    if secret is None or len(get_messages(request)):
        return None
    user = request.user
    return f'W/"{_digest(key, user.pk, user.name, user.is_staff, secret)}"'


def _not_modified(request, etag):
    # Without a match of marks there is no answer to give yet, whatever else the browser asks.
    if etag is None or "HTTP_IF_NONE_MATCH" not in request.META:
        return None
    response = get_conditional_response(request, etag=etag)
    return None if response is None else _marked(response, etag)


def _from_store(request, key, etag):
    page = caches["pages"].get(key)
    if page is None:
        return None
    return _marked(HttpResponse(_filled(zlib.decompress(page).decode(), request)), etag)


def _built(request, key, etag, build_page):
    request.holes = holes()
    response = build_page()
    request.holes = None
    if response.streaming or response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
        return response
    page = response.content.decode()
    says_something_once = getattr(request._messages, "added_new", False)
    if not says_something_once:
        caches["pages"].set(key, zlib.compress(page.encode(), level=1))
    response.content = _filled(page, request)
    return _marked(response, None if says_something_once else etag)


def _marked(response, etag):
    """A browser may keep the page, but asks each time whether it still holds."""
    if etag is not None:
        response.headers["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


def _filled(page, request):
    marks = holes()
    for name in ("masthead", "messages"):
        if marks[name] in page:
            page = page.replace(marks[name], render_to_string(f"components/{name}.html", request=request))
    return page.replace(marks["csrf"], get_token(request)) if marks["csrf"] in page else page


@cache
def holes():
    """What stands in a kept page where something personal goes; nobody can write these into a text of theirs."""
    return {
        name: f"[{name}:{salted_hmac('apps.dashboard.kept', name, algorithm='sha256').hexdigest()}]" for name in HOLES
    }


@cache
def build():
    """Which build of the product this is: other code or other words make other pages."""
    digest = hashlib.sha256()
    for folder in OUR_FILES:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _digest(*parts):
    return hashlib.sha256(repr(parts).encode()).hexdigest()
