from datetime import datetime

from django import template
from django.utils import timezone

from apps.core import components, figures, wording

register = template.Library()
register.filter("figure", figures.figure)
register.filter("whole_percent", figures.whole_percent)
register.filter("bounded", figures.bounded)
register.filter("numeral", figures.chinese_numeral)
register.filter("day", wording.written_day)
register.filter("joined", wording.joined)
register.filter("bracketed", wording.bracketed)
register.simple_tag(components.render_component, name="component")


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in Shanghai, to the minute."""
    return "" if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
