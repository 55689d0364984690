"""Every address there is, taken from the resolver, and what may stand in its holes."""

import re
from dataclasses import dataclass
from itertools import product

from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import get_resolver

from apps.indicators.models import IndicatorSet
from apps.plans.choices import PlanMove
from apps.supervision.choices import ClosingMove, ExtensionMove, InstructionMove

HOLE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")
REGEX_SIGNS = str.maketrans("", "", "^$")
# Holes that take one of a few words or years, not something of a court's own.
OF_THE_PRODUCT = {"year", "form", "kind", "move", "table", "act", "app_label", "url", "content_type_id"}
# Rows that are the same for all courts: the roles, and the sets of indicators that are published for all.
SHARED = {Group, IndicatorSet}
BACK_OFFICE = "admin:"


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf: its name and its route, with holes."""

    name: str
    route: str

    @property
    def holes(self):
        return tuple(first or second for first, second in HOLE.findall(self.route))

    @property
    def is_back_office(self):
        return self.name.startswith(BACK_OFFICE)

    @property
    def model(self):
        """The model whose rows an address of the back office leads to; None for another address."""
        label = "/".join(self.route.split("/")[1:3])
        of_label = {f"{model._meta.app_label}/{model._meta.model_name}": model for model in admin.site._registry}
        return of_label.get(label) if self.is_back_office else None

    @property
    def leads_to_a_court(self):
        """Whether what stands in its holes belongs to a court."""
        return bool(set(self.holes) - OF_THE_PRODUCT) and self.model not in SHARED and self.name != "admin:view_on_site"

    def at(self, values):
        """The path with its holes filled, to the letter."""
        path = HOLE.sub(lambda match: str(values[match[1] or match[2]]), self.route)
        return f"/{path.translate(REGEX_SIGNS)}"


def addresses():
    """Every address of the product."""
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver, before, spaces):
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern, route, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        else:
            yield Address(":".join((*spaces, pattern.name or "")), route)


def of_plan(**more):
    """In the year in hand; the holes named in `more` have a function of the estate, or of several values."""

    def fill(estate):
        names = list(more)
        values = [_several(more[name](estate)) for name in names]
        return [
            {"court": estate.slug, "year": 2025, **dict(zip(names, combination, strict=True))}
            for combination in product(*values)
        ]

    return fill


def _several(value):
    return value if isinstance(value, list | tuple) else [value]


def in_every_year(estate):
    """In the year in hand, the closed one before, and the one that is being prepared."""
    return [{"court": estate.slug, "year": year} for year in (2025, 2024, 2026)]


def reports(*names, **more):
    def fill(estate):
        found = [getattr(estate.rows, name) for name in names]
        extra = {hole: getattr(estate.rows, name).pk for hole, name in more.items()}
        return [{"court": estate.slug, "year": 2025, "code": row.measure.code, "pk": row.pk, **extra} for row in found]

    return fill


def words(*some):
    return lambda estate: list(some)


def row(name):
    return lambda estate: getattr(estate.rows, name).pk


def issues(estate):
    return [issue.number for issue in estate.rows.issues]


def person(estate):
    return [{"pk": estate.people["reporter"].pk}]


CODES = {"code": words("1.1", "1.2")}
# The holes of an address, filled so that they lead to something of the estate. Those of the back office follow from its
# registry.
SAMPLES = {
    "signin:person": person,
    "signin:help": lambda estate: [kwargs | {"act": act} for kwargs in person(estate) for act in ("unlock", "reset")],
    "office:departure": person,
    "office:plan_import": lambda estate: [{"pk": estate.rows.plan_file.pk}],
    "office:home": in_every_year,
    "office:draft": in_every_year,
    "office:transition": of_plan(move=words(*PlanMove.values)),
    "office:tables": of_plan(),
    "office:upload": of_plan(table=words("readings", "people")),
    "office:template": of_plan(table=words("readings", "people")),
    "office:table_import": of_plan(pk=row("table")),
    "office:failed_rows": of_plan(pk=row("table")),
    "office:sets": of_plan(),
    "office:plan_file": of_plan(),
    "office:next_year": of_plan(),
    "office:year_end": in_every_year,
    "papers:papers": in_every_year,
    "papers:template": of_plan(),
    "papers:template_file": of_plan(),
    "papers:pillar": of_plan(number=words(1), form=words("docx")),
    "papers:dossier": of_plan(code=words("1.1"), form=words("html")),
    "papers:issue": of_plan(number=issues),
    "papers:issue_file": of_plan(number=issues, form=words("docx")),
    "papers:issue_withdraw": of_plan(number=issues),
    "papers:issue_compare": of_plan(number=issues),
    "papers:job": of_plan(key=lambda estate: estate.rows.job.key),
    "papers:job_file": of_plan(key=lambda estate: estate.rows.job.key),
    "papers:paper": of_plan(kind=words("bulletin", "year")),
    "papers:print": of_plan(kind=words("bulletin", "ledger")),
    "papers:job_ask": of_plan(kind=words("ledger")),
    "papers:file": of_plan(kind=words("breakdown"), form=words("xlsx")),
    "reporting:write": of_plan(**CODES),
    "reporting:upload": of_plan(**CODES),
    "reporting:what_if": of_plan(**CODES),
    "reporting:no_change": of_plan(**CODES),
    "reporting:report": reports("submitted", "approved", "returned", "draft"),
    "reporting:approve": reports("submitted"),
    "reporting:return": reports("submitted"),
    "reporting:withdraw": reports("approved"),
    "reporting:recall": reports("submitted"),
    "reporting:evidence": reports("approved", evidence_pk="evidence"),
    "reporting:remove_evidence": reports("approved", evidence_pk="evidence"),
    "supervision:instruct_measure": of_plan(**CODES),
    "supervision:instruct_indicator": of_plan(code=words("1.1-1")),
    "supervision:ask_extension": of_plan(**CODES),
    "supervision:ask_closing": of_plan(**CODES),
    "supervision:instructions": of_plan(),
    "supervision:instruction": of_plan(pk=row("instruction")),
    "supervision:instruction_transition": of_plan(pk=row("instruction"), move=words(*InstructionMove.values)),
    "supervision:extension": of_plan(pk=row("extension")),
    "supervision:extension_transition": of_plan(pk=row("extension"), move=words(*ExtensionMove.values)),
    "supervision:closing": of_plan(pk=row("closing")),
    "supervision:closing_transition": of_plan(pk=row("closing"), move=words(*ClosingMove.values)),
    "dashboard:plan": in_every_year,
    "dashboard:programme": of_plan(code=words("service")),
    "dashboard:search": of_plan(),
    "dashboard:year": of_plan(),
    "dashboard:source": of_plan(),
    "dashboard:pillar": of_plan(number=words(1)),
    "dashboard:measures": of_plan(),
    "dashboard:measure": of_plan(code=words("1.1")),
    "dashboard:timeline": of_plan(code=words("1.1")),
    "dashboard:department": of_plan(slug=words("lead", "support")),
    "dashboard:indicators": of_plan(),
    "dashboard:indicator": of_plan(code=words("1.1-1")),
    "admin:app_list": lambda estate: [
        {"app_label": label} for label in sorted({model._meta.app_label for model in admin.site._registry})
    ],
    "admin:view_on_site": lambda estate: [{"content_type_id": 1, "object_id": 1}],
}
# Other questions that an address answers.
QUESTIONS = {
    "inspection:trail": ("what=zqxj",),
    "dashboard:search": ("q=zqxj",),
    "dashboard:measures": ("q=zqxj", "format=xlsx"),
    "dashboard:indicators": ("format=csv",),
    "dashboard:year": ("format=csv",),
    "dashboard:department": ("format=csv",),
    "dashboard:plan": ("on=2025-05-31&known=now",),
    "office:year_end": ("format=json",),
    "reporting:write": ("window=2025-06-30",),
    "papers:issue_compare": ("with=1",),
}


def samples(address, estate):
    """The holes of the address, filled with what leads to the estate's own; KeyError where nobody thought of the address."""
    if not address.holes:
        return [{}]
    if address.model is not None:
        (hole,) = address.holes
        return [{hole: pk} for pk in estate.made.get(address.model._meta.concrete_model, [])[:1] or [1]]
    if address.route.startswith("admin/") and address.holes == ("url",):
        return [{"url": "plans/nothing/"}]
    return SAMPLES[address.name](estate)


def paths_to(address, estate):
    """The paths of the address to all of the estate's samples, and with the questions that it answers."""
    queries = QUESTIONS.get(address.name, ())
    if address.name.endswith("_changelist"):
        queries = (*queries, "q=zqxj")
    paths = [address.at(values) for values in samples(address, estate)]
    return [*paths, *(f"{paths[0]}?{question}" for question in queries)]


def path_to(address, estate):
    return address.at(samples(address, estate)[0])


def paths_into(address, own, other):
    """One's own address with what is another's in one of its holes."""
    values, theirs = samples(address, own)[0], samples(address, other)[0]
    return [
        address.at(values | {hole: theirs[hole]})
        for hole in address.holes
        if hole not in OF_THE_PRODUCT and theirs[hole] != values[hole]
    ]


def path_to_nothing(address, estate):
    """The same address with what nobody has."""
    values = samples(address, estate)[0]
    return address.at({**values, **_nothing(values)})


def _nothing(values):
    if "court" in values:
        return {"court": "nowhere"}
    return {hole: 987_654_321 for hole in values if hole not in OF_THE_PRODUCT}
