"""How a reporting window is called."""

from datetime import date

from django.utils.translation import gettext as _

from apps.core.figures import chinese_numeral

MONTHS_IN_QUARTER, MONTHS_IN_HALF = 3, 6


def window_label(start: date, end: date) -> str:
    """“2025年第一季度”, “2025年3月”, “2025年上半年”, “2025年全年”."""
    n_months = end.month - start.month + 1
    numbers = {"year": end.year, "month": end.month}
    if n_months == 1:
        return _("%(year)s年%(month)s月") % numbers
    if n_months == MONTHS_IN_QUARTER:
        quarter = end.month // MONTHS_IN_QUARTER
        return _("%(year)s年第%(quarter)s季度") % {**numbers, "quarter": chinese_numeral(quarter)}
    if n_months == MONTHS_IN_HALF:
        return (_("%(year)s年上半年") if end.month == MONTHS_IN_HALF else _("%(year)s年下半年")) % numbers
    return _("%(year)s年全年") % numbers
