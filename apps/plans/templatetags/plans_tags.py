from django import template

from apps.plans.wording import window_label

register = template.Library()


@register.simple_tag
def window_of(row):
    """The name of a reporting window; `row` has either `start` and `end` or `window_start` and `window_end`."""
    start = getattr(row, "window_start", None) or row.start
    end = getattr(row, "window_end", None) or row.end
    return window_label(start, end)
