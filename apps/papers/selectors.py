"""What was issued, and a paper as it would be issued now."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import Court, User
from apps.assessment.archive import document_of
from apps.assessment.rules import VERSION
from apps.assessment.selectors import PlanHistory, standing_of
from apps.audit.rules import digest_of
from apps.core.wording import written_day
from apps.dashboard.comparison import month_end_before
from apps.ledger.models import LedgerEntry
from apps.papers.blocks import Paper, data_of
from apps.papers.bulletin import USUAL_WORDING, WHOLE_PLAN, ComparedTree, Scope, Wording, bulletin_of
from apps.papers.choices import JobState, PaperKind
from apps.papers.models import HEARTBEAT_TIMEOUT, JOB_LIFETIME, Issue, Job, PaperTemplate
from apps.papers.single import year_paper
from apps.papers.tables import breakdown_of, ledger_of
from apps.papers.tree_diff import Tree
from apps.plans.models import Measure, Plan
from apps.plans.selectors import plans_visible_to

MAX_ROWS_PER_RESPONSE = 600


@dataclass(frozen=True, kw_only=True)
class PaperOptions:
    """What a paper is to be about: the day, what is known, and what the day is called; `since` only where a bulletin
    compares with another day than its last issue's."""

    on: date
    known: datetime
    basis: str
    since: date | None = None
    scope: Scope = WHOLE_PLAN
    wording: Wording = USUAL_WORDING


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A paper, the tree it was made from, and the day it compares with."""

    paper: Paper
    tree: Tree
    since: date | None = None

    @property
    def checksum(self) -> str:
        return checksum_over(self.tree, data_of(self.paper), VERSION)


def draft_of(plan: Plan, kind: str, options: PaperOptions) -> Draft:
    """The paper as it would be issued. Words in the language in use."""
    history, basis, since = PlanHistory(plan), options.basis, None
    standing = history.standing(on=options.on, known=options.known)
    match kind:
        case PaperKind.BULLETIN:
            since, earlier = _comparison(history, options)
            paper = bulletin_of(standing, earlier=earlier, basis=basis, scope=options.scope, wording=options.wording)
        case PaperKind.LEDGER:
            paper = ledger_of(standing, basis=basis)
        case PaperKind.BREAKDOWN:
            paper = breakdown_of(history, on=options.on, known=options.known, basis=basis)
        case PaperKind.YEAR:
            paper = year_paper(history, today=options.on, basis=basis)
    return Draft(paper=paper, tree=document_of(standing), since=since)


def _comparison(history: PlanHistory, options: PaperOptions) -> tuple[date, ComparedTree]:
    """The bulletin issued last before the day, or for the day asked for; else that day itself, or the month end
    before, as known then."""
    issues = issues_of(history.plan).filter(kind=PaperKind.BULLETIN, withdrawn_at__isnull=True, on__lt=options.on)
    if options.since is not None:
        issues = issues.filter(on=options.since)
    last = issues.order_by("-on", "-number").first()
    if last is not None:
        return last.on, ComparedTree(tree=last.tree, name=_("上期通报（截至%(day)s）") % {"day": written_day(last.on)})
    since = options.since or max(month_end_before(options.on), history.plan.starts_on)
    tree = document_of(history.standing(on=since))
    return since, ComparedTree(tree=tree, name=written_day(since))


def checksum_over(tree: Tree, paper: dict[str, Any], rules: str) -> str:
    """SHA-256 over the tree, the words and the version of the rules."""
    return digest_of({"tree": tree, "paper": paper, "rules": rules})


def issues_of(plan: Plan) -> QuerySet[Issue]:
    return Issue.objects.filter(plan=plan).select_related("plan__court", "made_by", "withdrawn_by", "template")


def is_long(plan: Plan) -> bool:
    """Whether the tables of the plan are left to the worker."""
    return Measure.objects.filter(plan=plan).count() > MAX_ROWS_PER_RESPONSE


def plans_of_courts_below(plan: Plan, user: User) -> QuerySet[Plan]:
    """The plans of the same year, of the courts that this one supervises, as far as `user` may see them."""
    return (
        plans_visible_to(user)
        .filter(court__in=Court.objects.filter(parent=plan.court_id), year=plan.year)
        .order_by("court__slug")
    )


@dataclass(frozen=True)
class Queue:
    """How many jobs are waiting, are stuck, and failed in the last day."""

    n_waiting: int
    n_stuck: int
    n_failed: int


def queue_at(at: datetime) -> Queue:
    """The state of the queue. Jobs that wait behind a running one are not stuck. One query."""
    silent_since = at - HEARTBEAT_TIMEOUT
    n = Job.objects.aggregate(
        waiting=Count("pk", filter=Q(state=JobState.WAITING)),
        overdue=Count("pk", filter=Q(state=JobState.WAITING, at__lt=silent_since)),
        silent=Count("pk", filter=Q(state=JobState.WORKING, heartbeat_at__lt=silent_since)),
        working=Count("pk", filter=Q(state=JobState.WORKING, heartbeat_at__gte=silent_since)),
        failed=Count("pk", filter=Q(state=JobState.FAILED, at__gte=at - JOB_LIFETIME)),
    )
    n_stuck = n["silent"] + (0 if n["working"] else n["overdue"])
    return Queue(n_waiting=n["waiting"], n_stuck=n_stuck, n_failed=n["failed"])


def template_of(court: Court) -> PaperTemplate | None:
    """The court's own template in use; None where it has none."""
    return PaperTemplate.objects.filter(court=court, ended_at__isnull=True).first()


@dataclass(frozen=True, kw_only=True)
class IssueCheck:
    """The result of checking an issued paper against the record of today."""

    is_whole: bool
    is_same_when_judged_again: bool
    withdrawn: list[LedgerEntry]
    n_later: int


def check_issue(issue: Issue) -> IssueCheck:
    """Whether the paper is as it was issued, whether the same facts still give the same tree, and what the record
    has learnt since about the days it speaks of."""
    about = LedgerEntry.objects.filter(plan=issue.plan, speaks_of__lte=issue.on)
    withdrawn = about.filter(accepted_at__lte=issue.known, withdrawn_at__gt=issue.known)
    return IssueCheck(
        is_whole=checksum_over(issue.tree, issue.paper, issue.rules) == issue.checksum,
        is_same_when_judged_again=document_of(standing_of(issue.plan, on=issue.on, known=issue.known)) == issue.tree,
        withdrawn=list(
            withdrawn.select_related("measure", "indicator", "node", "withdrawn_by").order_by("withdrawn_at", "pk")
        ),
        n_later=about.filter(accepted_at__gt=issue.known, withdrawn_at__isnull=True).count(),
    )
