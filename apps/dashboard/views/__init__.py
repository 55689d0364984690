"""The pages everyone reads. Each is one read of the plan's standing."""

from apps.dashboard.views.indicator_pages import indicator, indicators
from apps.dashboard.views.measure_pages import measure, measures, timeline
from apps.dashboard.views.own_pages import home, my_work
from apps.dashboard.views.plan_pages import department, pillar, plan, programme, search, source, year
from apps.dashboard.views.reference_pages import gallery, rules

__all__ = [
    "department",
    "gallery",
    "home",
    "indicator",
    "indicators",
    "measure",
    "measures",
    "my_work",
    "pillar",
    "plan",
    "programme",
    "rules",
    "search",
    "source",
    "timeline",
    "year",
]
