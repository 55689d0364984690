"""Finding measures, indicators, reports and instructions of a plan by part of a word, a code, a department or a person."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.accounts.models import User
from apps.indicators.models import Indicator
from apps.plans.models import Measure, Plan
from apps.plans.wording import window_label
from apps.reporting.selectors import reports_visible_to
from apps.supervision.models import Instruction

MAX_HITS = 20
AROUND = 24
MAX_WORDS = 8


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing found: its name, where it leads (made by the template from `kind`), and the words around what matched."""

    row: Model
    title: str
    excerpt: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, kw_only=True)
class HitGroup:
    kind: str
    label: str
    hits: tuple[Hit, ...]
    n: int

    @property
    def n_more(self) -> int:
        return self.n - len(self.hits)


def search(user: User, plan: Plan, text: str) -> list[HitGroup]:
    """What answers every one of the words, by kind; kinds with nothing are left out."""
    words = text.split()[:MAX_WORDS]
    if not words:
        return []
    groups = [
        _measures(plan, words),
        _indicators(plan, words),
        _instructions(plan, words),
        _reports(user, plan, words),
    ]
    return [group for group in groups if group.n]


def _answering(words: Sequence[str], contains: Sequence[str], codes: Sequence[str] = ()) -> Q:
    """Each word stands in one of the columns, or is one of the codes: “2.5” is 2.5 and what hangs on it, not 12.5."""
    return reduce(
        and_,
        (
            reduce(
                or_,
                [Q(**{f"{column}__icontains": word}) for column in contains]
                + [Q(**{code: word}) | Q(**{f"{code}__startswith": f"{word}-"}) for code in codes],
            )
            for word in words
        ),
    )


def _group(
    kind: str,
    label: str,
    rows: QuerySet[Any],
    title: Callable[[Any], str],
    texts: Callable[[Any], Iterable[str]],
    words: Sequence[str],
) -> HitGroup:
    found = list(rows[: MAX_HITS + 1])
    n = len(found) if len(found) <= MAX_HITS else rows.count()
    hits = tuple(
        Hit(row=row, title=title(row), excerpt=_excerpt([text for text in texts(row) if text], words))
        for row in found[:MAX_HITS]
    )
    return HitGroup(kind=kind, label=label, hits=hits, n=n)


def _measures(plan: Plan, words: Sequence[str]) -> HitGroup:
    columns = ("title", "quotes__text", "lead__name", "support__name", "leader__name", "programmes__name")
    rows = (
        Measure.objects.filter(plan=plan)
        .filter(pk__in=_keys(Measure, plan, words, columns, ("code",)))
        .select_related("plan__court", "pillar", "lead", "leader")
        .prefetch_related("quotes", "support")
        .order_by("pillar__number", "order")
    )
    return _group(
        "measure",
        pgettext("many", "举措"),
        rows,
        str,
        lambda measure: (
            *(quote.text for quote in measure.quotes.all()),
            str(measure.lead or ""),
            *(department.name for department in measure.support.all()),
            str(measure.leader or ""),
        ),
        words,
    )


def _keys(model: Any, plan: Plan, words: Sequence[str], columns: Sequence[str], codes: Sequence[str]) -> QuerySet[Any]:
    """The keys of the rows that answer each word, one query inside the other: joined rows would come several times."""
    keys: QuerySet[Any] = model.objects.filter(plan=plan)
    for word in words:
        keys = keys.filter(pk__in=model.objects.filter(_answering([word], columns, codes)).values("pk"))
    return keys.values("pk")


def _indicators(plan: Plan, words: Sequence[str]) -> HitGroup:
    columns = ("name", "definition", "scope", "quote", "measure__lead__name")
    rows = (
        Indicator.objects.filter(plan=plan)
        .filter(_answering(words, columns, ("code",)))
        .select_related("measure__lead")
        .order_by("measure__pillar__number", "measure__order", "order")
    )
    return _group(
        "indicator",
        pgettext("many", "指标"),
        rows,
        str,
        lambda indicator: (
            indicator.definition,
            indicator.scope,
            indicator.quote,
            str(indicator.measure.lead or "") if indicator.measure else "",
        ),
        words,
    )


def _instructions(plan: Plan, words: Sequence[str]) -> HitGroup:
    columns = ("text", "by__name", "department__name", "measure__title", "indicator__name", "steps__text")
    rows = (
        Instruction.objects.filter(
            plan=plan, pk__in=_keys(Instruction, plan, words, columns, ("measure__code", "indicator__code"))
        )
        .select_related("plan__court", "measure", "indicator", "by", "department")
        .prefetch_related("steps")
        .order_by("-at")
    )
    return _group(
        "instruction",
        pgettext("many", "批示"),
        rows,
        str,
        lambda instruction: (
            instruction.text,
            *(step.text for step in instruction.steps.all()),
            str(instruction.by),
            str(instruction.department),
        ),
        words,
    )


def _reports(user: User, plan: Plan, words: Sequence[str]) -> HitGroup:
    columns = (
        "text",
        "problems",
        "next_steps",
        "help_from",
        "department__name",
        "author__name",
        "submitted_by__name",
        "measure__title",
    )
    rows = (
        reports_visible_to(user)
        .filter(measure__plan=plan)
        .filter(_answering(words, columns, ("measure__code",)))
        .order_by("-window_end", "measure__pillar__number", "measure__order")
    )
    return _group(
        "report",
        _("填报"),
        rows,
        lambda report: (
            f"{report.measure} · {window_label(report.window_start, report.window_end)} · {report.department}"
        ),
        lambda report: (
            report.text,
            report.problems,
            report.next_steps,
            report.help_from,
            str(report.submitted_by or report.author),
        ),
        words,
    )


def _excerpt(texts: Sequence[str], words: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Some signs around the first word that stands in one of the texts: (text, whether it is the word) pieces."""
    for word in words:
        for text in texts:
            start = text.casefold().find(word.casefold())
            if start >= 0:
                end = start + len(word)
                before = ("…" if start > AROUND else "") + text[max(start - AROUND, 0) : start]
                after = text[end : end + AROUND] + ("…" if len(text) > end + AROUND else "")
                return ((before, False), (text[start:end], True), (after, False))
    return ()
