"""Preserve a form that is posted after its session has ended.

Such a form can't be saved, for nobody knows who sends it. For views decorated with `preserve_post` the sign-in page
that answers carries the fields along as hidden ones. After signing in they are stored in the session, and the form's
own URL shows them again without saving. Files are not carried.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, QueryDict

Fields = list[tuple[str, str]]

FIELD_PREFIX, SESSION_KEY = "typed-", "typed"
# Three long texts and a few hundred figures; more than that was not typed by hand.
MAX_CHARACTERS, MAX_FIELDS = 60_000, 400
EXCLUDED_FIELDS = frozenset({"csrfmiddlewaretoken", "act"})


def preserve_post(view: Any) -> Any:
    """Decorator: a form posted to this view without a session is shown again as it was filled in."""
    view.preserves_post = True
    return view


def preserves_post(view: Callable | None) -> bool:
    return getattr(view, "preserves_post", False)


def is_navigation(request: HttpRequest) -> bool:
    """Whether a person sent the form and not a script; browsers without Sec-Fetch-Mode count as people."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def recoverable_fields(post: QueryDict) -> Fields:
    """The posted (name, value) pairs; an empty list where there are too many to carry."""
    pairs = [(name, value) for name in post if name not in EXCLUDED_FIELDS for value in post.getlist(name)]
    is_too_much = len(pairs) > MAX_FIELDS or sum(len(name) + len(value) for name, value in pairs) > MAX_CHARACTERS
    return [] if is_too_much else pairs


def carried_fields(post: QueryDict) -> Fields:
    """The fields that the sign-in page carries along, under their own names."""
    pairs = [
        (name.removeprefix(FIELD_PREFIX), value)
        for name in post
        if name.startswith(FIELD_PREFIX)
        for value in post.getlist(name)
    ]
    return recoverable_fields(_query_dict(pairs))


def store_post(request: HttpRequest, fields: Fields, *, url: str) -> None:
    """Store the fields in the session, for one request of that URL."""
    if fields:
        request.session[SESSION_KEY] = {"address": url, "fields": fields}


def pop_post(request: HttpRequest) -> QueryDict | None:
    """The fields stored for the requested URL, as if posted; None where there are none."""
    stored = request.session.get(SESSION_KEY)
    if stored is None or stored["address"] != request.get_full_path():
        return None
    del request.session[SESSION_KEY]
    return _query_dict(stored["fields"])


def _query_dict(pairs: Iterable[tuple[str, str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    return query
