"""What a person typed outlives the session in which they typed it.

A form that is sent after its session has ended can't be saved: nobody knows who sends it. Views marked `keeps_typed`
get it back: the sign-in page that answers carries the fields along, and once somebody has signed in they are handed,
through the session, to the form's own address, which shows them and saves nothing. Files are not carried.
"""

from django.http import QueryDict

IN_SIGN_IN, IN_SESSION = "typed-", "typed"
# Three long texts and a few hundred figures; what is larger was not typed by hand.
MOST_CHARACTERS, MOST_FIELDS = 60_000, 400
NOT_TYPED = frozenset({"csrfmiddlewaretoken", "act"})


def keeps_typed(view):
    """Mark a view whose form, sent in vain, is to be shown again as it was filled in."""
    view.keeps_typed = True
    return view


def is_kept_for(view):
    return getattr(view, "keeps_typed", False)


def is_navigation(request):
    """Whether a person sent the form, and not a script beside it; browsers that don't say are taken for people."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def typed_fields(post):
    """(name, value) of what was typed; nothing at all where it is too much to carry."""
    pairs = [(name, value) for name in post if name not in NOT_TYPED for value in post.getlist(name)]
    is_too_much = len(pairs) > MOST_FIELDS or sum(len(name) + len(value) for name, value in pairs) > MOST_CHARACTERS
    return [] if is_too_much else pairs


def carried_fields(post):
    """What a sign-in page carries along, under the names the form knows."""
    pairs = [
        (name.removeprefix(IN_SIGN_IN), value)
        for name in post
        if name.startswith(IN_SIGN_IN)
        for value in post.getlist(name)
    ]
    return typed_fields(_as_query(pairs))


def hand_on(request, fields, *, address):
    """Keep the fields in the session of whoever has signed in, for one look at that address."""
    if fields:
        request.session[IN_SESSION] = {"address": address, "fields": fields}


def take_typed(request):
    """The fields handed on to the address asked for, as if posted; None where there are none."""
    kept = request.session.get(IN_SESSION)
    if kept is None or kept["address"] != request.get_full_path():
        return None
    del request.session[IN_SESSION]
    return _as_query(kept["fields"])


def _as_query(pairs):
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    return query
