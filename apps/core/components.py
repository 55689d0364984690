"""Components that are drawn from their inputs alone: drawn once, and remembered by each process."""

from decimal import Decimal
from functools import lru_cache

from django.conf import settings
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.translation import get_language

N_REMEMBERED = 8192  # most are under 1 KB


def drawn(name, **inputs):
    """The component as markup. Its inputs are plain values, and all it may depend on, besides the language."""
    if settings.DEBUG:  # templates are being written
        return _draw(name, inputs)
    return _drawn(name, get_language(), tuple((key, *_told_apart(value)) for key, value in inputs.items()))


@lru_cache(maxsize=N_REMEMBERED)
def _drawn(name, _language, told):
    return _draw(name, {key: value for key, _kind, value in told})


def _draw(name, inputs):
    return get_template(f"components/{name}.html").render(inputs)


def _told_apart(value):
    """Values that are equal and written differently: text to be escaped and markup, 1 and True, 1.0 and 1.00."""
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, Decimal):
        return str(value), value
    return type(value), value
