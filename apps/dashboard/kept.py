"""Pages that are built once and handed out until something they say has changed.

What a page says follows from the plan's record, the day, the language and what the reader may see; the court's
revision (`audit.selectors.revision_of`) rises inside every act that changes the record. So a page built at a
revision is right for as long as that stands, and nobody has to guess how long to keep it.

What differs from person to person is not kept: the page is built with holes (who is signed in, messages, the
token of forms), which are filled for each answer. A browser that has the page already is told so (304).
"""

import hashlib
import zlib
from dataclasses import dataclass
from functools import cache, wraps

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from apps.audit.selectors import revision_of_all
from apps.core.remembered import Remembered
from apps.dashboard.visible import plans_of

OUR_FILES = ("apps", "courtplan", "locale", "static", "templates")
# A browser may keep the page, but asks each time whether it still holds.
ASK_AGAIN, VARIES_WITH = "private, no-cache", "Cookie, HX-Request"
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
            holds = not settings.DEBUG and revision.is_settled(now)
            asked = _asked_for(request, revision, now)
            if holds and (response := _as_before(request, asked)):
                return response
            request.plans = plans_of(request.user, court, revision)
            request.plan = next((plan for plan in request.plans if plan.year == year), None)
            if request.plan is None:
                raise Http404
            if not holds:
                return view(request, court, year, **rest)
            key = _key(request, revision, today=timezone.localdate(now), per_person=per_person)
            given = Given(key=key, etag=_etag(request, key))
            _given.put(asked, given)
            return (
                _not_modified(request, given)
                or _from_store(request, given)
                or _built(request, given, lambda: view(request, court, year, **rest))
            )

        return answer

    return decorate


def _revision_for(request, court):
    """What the page says and who may see it changes by acts of its court, of the reader's own, or of the installation."""
    own = request.user.court
    return revision_of_all([court] if own is None or own.slug == court else [court, own.slug])


@dataclass(slots=True)
class Given:
    """What one person was given for one address: under which key the page is kept, and with which mark.

    `masthead` is filled in with the first page that needs it; a browser's own copy needs none.
    """

    key: str
    etag: str | None
    masthead: str | None = None


# By all that was asked, with the person: up to 4 KB for each.
_given = Remembered(most=4096, seconds=60 * 60)


def _as_before(request, asked):
    """The answer to what this very person was given for this address before, where no act has changed anything since.

    That the person may see the page was asked then, and need not be asked again.
    """
    given = _given.get(asked)
    if given is None:
        return None
    return _not_modified(request, given) or (given.masthead and _from_store(request, given))


def _asked_for(request, revision, now):
    user, meta = request.user, request.META
    return (
        build(),
        request.path,
        meta.get("QUERY_STRING"),
        meta.get("HTTP_HX_REQUEST"),
        revision.numbers,
        timezone.localdate(now),
        get_language(),
        meta.get("CSRF_COOKIE"),
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
    """The mark of one person's copy; None for a browser without the cookie that the token of forms goes with."""
    secret = request.META.get("CSRF_COOKIE")
    if secret is None:
        return None
    user = request.user
    return f'W/"{_digest(key, user.pk, user.name, user.is_staff, secret)}"'


def _not_modified(request, given):
    # Without a match of marks there is no answer to give yet, whatever else the browser asks.
    marks = request.META.get("HTTP_IF_NONE_MATCH")
    if marks is None or (etag := _mark_for(request, given)) is None:
        return None
    if marks == etag:  # what browsers send; anything else is for Django to read
        return HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": ASK_AGAIN, "Vary": VARIES_WITH})
    response = get_conditional_response(request, etag=etag)
    return None if response is None else _marked(response, etag)


def _mark_for(request, given):
    """A message is shown once: a copy with one is not to be shown again."""
    return None if len(get_messages(request)) else given.etag


def _from_store(request, given):
    page = caches["pages"].get(given.key)
    if page is None:
        return None
    etag = _mark_for(request, given)  # before the messages are written out
    return _marked(HttpResponse(_filled(zlib.decompress(page).decode(), request, given)), etag)


def _built(request, given, build_page):
    request.holes = holes()
    response = build_page()
    request.holes = None
    if response.streaming or response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
        return response
    page = response.content.decode()
    says_something_once = getattr(request._messages, "added_new", False)
    if not says_something_once:
        caches["pages"].set(given.key, zlib.compress(page.encode(), level=1))
    etag = None if says_something_once else _mark_for(request, given)
    response.content = _filled(page, request, given)
    return _marked(response, etag)


def _marked(response, etag):
    if etag is not None:
        response.headers["ETag"] = etag
    response.headers["Cache-Control"] = ASK_AGAIN
    patch_vary_headers(response, VARIES_WITH.split(", "))
    return response


def _filled(page, request, given):
    marks = holes()
    if marks["masthead"] in page:
        if given.masthead is None:
            given.masthead = _masthead(request)
        page = page.replace(marks["masthead"], given.masthead)
    if marks["messages"] in page:
        page = page.replace(marks["messages"], _messages(request))
    return page.replace(marks["csrf"], get_token(request)) if marks["csrf"] in page else page


def _masthead(request):
    """The person's own, with the token of its forms left open."""
    request.holes = holes()
    masthead = render_to_string("components/masthead.html", request=request)
    request.holes = None
    return masthead


def _messages(request):
    return render_to_string("components/messages.html", request=request) if len(get_messages(request)) else _silence()


@cache
def _silence():
    return render_to_string("components/messages.html", {"messages": ()})


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
