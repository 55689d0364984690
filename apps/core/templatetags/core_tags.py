from django import template
from django.utils import timezone

from apps.core import figures

register = template.Library()
register.filter("figure", figures.figure)
register.filter("whole_percent", figures.whole_percent)
register.filter("numeral", figures.chinese_numeral)


@register.filter
def day(value):
    """A day without leading zeros, as the court's papers write it: 2025-3-5 → 2025年3月5日."""
    return "" if value is None else f"{value.year}年{value.month}月{value.day}日"


@register.filter
def moment(value):
    """A moment in Shanghai, to the minute."""
    return "" if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
