"""Every address there is, taken from the resolver, and what may stand in its holes."""

import re
from dataclasses import dataclass
from itertools import product

from django.contrib import admin
from django.urls import get_resolver

from apps.oversight.choices import ClosingMove, ExtensionMove, InstructionMove
from apps.plans.choices import PlanMove

HOLE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")
REGEX_SIGNS = str.maketrans("", "", "^$")
# What nobody would type, and somebody will.
ODD = (
    "0",
    "2147483648",
    "9223372036854775808",
    "9" * 5000,
    "٣",
    "%00",
    "%ff%fe",
    "..%2f..%2fetc",
    "x" * 300,
)


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf: its name and its route, with holes."""

    name: str
    route: str

    @property
    def holes(self):
        return tuple(first or second for first, second in HOLE.findall(self.route))

    def at(self, values):
        """The path with its holes filled, to the letter."""
        path = HOLE.sub(lambda match: str(values[match[1] or match[2]]), self.route)
        return f"/{path.translate(REGEX_SIGNS)}"


def addresses():
    """Every address of the product."""
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver, before, spaces):
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _walk(one, route, (*spaces, one.namespace) if one.namespace else spaces)
        else:
            yield Address(":".join((*spaces, one.name or "")), route)


def of_plan(**more):
    """In the year in hand; the holes named in `more` have a function of the estate, or of several values."""

    def fill(estate):
        names = list(more)
        values = [_several(more[name](estate)) for name in names]
        return [{"court": estate.slug, "year": 2025, **dict(zip(names, one, strict=True))} for one in product(*values)]

    return fill


def _several(value):
    return value if isinstance(value, list | tuple) else [value]


def in_every_year(estate):
    return [{"court": estate.slug, "year": year} for year in (2024, 2025, 2026)]


def report(estate, name, **more):
    found = getattr(estate.rows, name)
    return {"court": estate.slug, "year": 2025, "code": found.measure.code, "pk": found.pk, **more}


def reports(estate):
    return [report(estate, name) for name in ("approved", "submitted", "returned", "draft")]


def codes(estate):
    return ["1.1", "1.2"]


def moves(choices):
    return lambda estate: list(choices.values)


def row(name):
    return lambda estate: getattr(estate.rows, name).pk


def issues(estate):
    return [one.number for one in estate.rows.issues]


def kinds(estate):
    return ["bulletin", "year"]


PAPERS = {"kind": kinds}
# The holes of an address, filled so that they lead to something of the estate. Those of the admin follow from its registry.
SAMPLES = {
    "access:person": lambda estate: [{"pk": estate.people["reporter"].pk}],
    "access:help": lambda estate: [{"pk": estate.people["reporter"].pk, "act": "unlock"}],
    "office:leaving": lambda estate: [{"pk": estate.people["reporter"].pk}],
    "office:plan_received": lambda estate: [{"pk": estate.rows.plan_file.pk}],
    "office:home": in_every_year,
    "office:draft": in_every_year,
    "office:step": of_plan(move=moves(PlanMove)),
    "office:tables": in_every_year,
    "office:upload": of_plan(table=lambda estate: ["people", "readings"]),
    "office:template": of_plan(table=lambda estate: ["people", "readings"]),
    "office:received": of_plan(pk=row("table")),
    "office:rejected": of_plan(pk=row("table")),
    "office:sets": of_plan(),
    "office:plan_file": in_every_year,
    "office:next_year": of_plan(),
    "office:year_end": in_every_year,
    "reports:papers": in_every_year,
    "reports:template": of_plan(),
    "reports:template_file": of_plan(),
    "reports:pillar": of_plan(number=lambda estate: 1, form=lambda estate: ["docx", "html"]),
    "reports:dossier": of_plan(code=codes, form=lambda estate: ["docx", "html"]),
    "reports:issue": of_plan(number=issues),
    "reports:issue_file": of_plan(number=issues, form=lambda estate: ["docx", "html"]),
    "reports:issue_withdraw": of_plan(number=issues),
    "reports:issue_compare": of_plan(number=issues),
    "reports:job": of_plan(key=lambda estate: estate.rows.job.key),
    "reports:job_file": of_plan(key=lambda estate: estate.rows.job.key),
    "reports:paper": of_plan(**PAPERS),
    "reports:print": of_plan(**PAPERS),
    "reports:job_ask": of_plan(**PAPERS),
    "reports:file": of_plan(**PAPERS, form=lambda estate: ["docx", "xlsx"]),
    "progress:write": of_plan(code=codes),
    "progress:upload": of_plan(code=codes),
    "progress:what_if": of_plan(code=codes),
    "progress:no_change": of_plan(code=codes),
    "progress:report": reports,
    "progress:approve": reports,
    "progress:return": reports,
    "progress:withdraw": reports,
    "progress:recall": reports,
    "progress:evidence": lambda estate: [report(estate, "approved", evidence_pk=estate.rows.evidence.pk)],
    "progress:remove_evidence": lambda estate: [report(estate, "approved", evidence_pk=estate.rows.evidence.pk)],
    "oversight:instruct_measure": of_plan(code=codes),
    "oversight:instruct_indicator": of_plan(code=lambda estate: "1.1-1"),
    "oversight:ask_extension": of_plan(code=codes),
    "oversight:ask_closing": of_plan(code=codes),
    "oversight:instructions": in_every_year,
    "oversight:instruction": of_plan(pk=row("instruction")),
    "oversight:instruction_step": of_plan(pk=row("instruction"), move=moves(InstructionMove)),
    "oversight:extension": of_plan(pk=row("extension")),
    "oversight:extension_step": of_plan(pk=row("extension"), move=moves(ExtensionMove)),
    "oversight:closing": of_plan(pk=row("closing")),
    "oversight:closing_step": of_plan(pk=row("closing"), move=moves(ClosingMove)),
    "dashboard:plan": in_every_year,
    "dashboard:programme": of_plan(code=lambda estate: "service"),
    "dashboard:search": in_every_year,
    "dashboard:year": in_every_year,
    "dashboard:source": in_every_year,
    "dashboard:pillar": of_plan(number=lambda estate: 1),
    "dashboard:measures": in_every_year,
    "dashboard:measure": of_plan(code=codes),
    "dashboard:timeline": of_plan(code=codes),
    "dashboard:department": of_plan(slug=lambda estate: ["lead", "support"]),
    "dashboard:indicators": in_every_year,
    "dashboard:indicator": of_plan(code=lambda estate: "1.1-1"),
    "admin:app_list": lambda estate: [
        {"app_label": label} for label in sorted({one._meta.app_label for one in admin.site._registry})
    ],
    "admin:view_on_site": lambda estate: [{"content_type_id": 1, "object_id": 1}],
    "admin:": lambda estate: [{"url": "plans/nothing/", "object_id": 1}],
}
# Other questions that an address answers.
QUESTIONS = {
    "audit:trail": ("what=zqxj",),
    "dashboard:search": ("q=zqxj",),
    "dashboard:measures": ("q=zqxj", "format=xlsx", "on=2025-03-31"),
    "dashboard:indicators": ("format=csv",),
    "dashboard:year": ("format=csv",),
    "dashboard:department": ("format=csv",),
    "dashboard:plan": ("on=2025-05-31&known=now",),
    "dashboard:timeline": ("kind=report",),
    "office:year_end": ("format=json",),
    "progress:write": ("window=2025-06-30",),
    "reports:issue_compare": ("with=1",),
}


def samples(address, estate):
    """The holes of the address, filled with what leads to the estate's own; KeyError for an address nobody thought of."""
    if not address.holes:
        return [{}]
    if address.name in SAMPLES and address.name != "admin:":
        return SAMPLES[address.name](estate)
    model = _model_of(address)
    if model is not None:
        hole = address.holes[0]
        concrete = model._meta.concrete_model
        return [{hole: pk} for pk in estate.made.get(concrete, [])[:1]] or [{hole: 1}]
    return SAMPLES[address.name](estate)


def _model_of(address):
    """The model whose rows an address of the admin leads to; None for another address."""
    label = "/".join(address.route.split("/")[1:3])
    return (
        next((one for one in admin.site._registry if label == f"{one._meta.app_label}/{one._meta.model_name}"), None)
        if address.route.startswith("admin/")
        else None
    )


def questions(address):
    asked = QUESTIONS.get(address.name, ())
    return (*asked, "q=zqxj") if address.name.endswith("_changelist") else asked
