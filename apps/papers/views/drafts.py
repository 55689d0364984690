"""Papers as they would be issued now: the list, a preview, files; and issuing one."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import Department
from apps.assessment.selectors import PlanHistory, standing_of
from apps.core.workdays import calendar_knows
from apps.dashboard.comparison import month_end_before
from apps.dashboard.days import month_ends
from apps.papers.choices import ISSUED, PaperKind
from apps.papers.forms import BulletinForm
from apps.papers.models import Job
from apps.papers.pdf import missing
from apps.papers.permissions import can_issue, can_keep_template
from apps.papers.selectors import PaperOptions, draft_of, is_long, issues_of, plans_of_courts_below, template_of
from apps.papers.services import LANGUAGE, issue_paper
from apps.papers.single import dossier_of, pillar_paper
from apps.papers.views.files import FORMATS, file_response, print_page
from apps.papers.views.lookup import is_left_to_worker, kind_or_404, papers_url, plan_and_day


@require_GET
def papers(request, court, year):
    """Which papers there are for the day, what was issued, and what is in the making."""
    plan, day = plan_and_day(request, court, year)
    return render(
        request,
        "papers/papers.html",
        {
            **_day_context(request, plan, day),
            "kinds": [(kind, FORMATS[kind]) for kind in ISSUED],
            "pillars": plan.pillars.order_by("number"),
            "single_forms": FORMATS[PaperKind.PILLAR],
            "issues": issues_of(plan).defer("tree", "paper").order_by("-number"),
            "jobs": Job.objects.available(at=timezone.now()).filter(plan=plan, by=request.user).defer("content"),
            "is_long": is_long(plan),
            "has_courts_below": plans_of_courts_below(plan, request.user).exists(),
            "can_keep_template": can_keep_template(request.user, plan.court),
        },
    )


@require_http_methods(["GET", "POST"])
def paper(request, court, year, kind):
    """One paper as it would be issued; and issuing it."""
    plan, day = plan_and_day(request, court, year)
    kind = kind_or_404(kind)
    if is_left_to_worker(plan, kind):
        return redirect(papers_url(plan, day))
    form = _bulletin_form(request, plan, day) if kind == PaperKind.BULLETIN else None
    is_refused = form is not None and form.is_bound and not form.is_valid()
    act = request.POST.get("act")
    if act == "issue" and not is_refused:
        return _issue(request, plan, kind, day, form)
    draft = draft_of(plan, kind, _options(day, form))
    if act in FORMATS[kind] and not is_refused:
        return _file(plan, kind, day, draft.paper, act)
    return render(
        request,
        "papers/paper.html",
        {
            **_day_context(request, plan, day),
            "kind": kind,
            "forms": FORMATS[kind],
            "form": form,
            "paper": draft.paper,
            "can_issue": can_issue(request.user, plan),
            "template": _template(plan, kind),
        },
        status=422 if is_refused else 200,
    )


def _bulletin_form(request, plan, day):
    departments = Department.objects.filter(court=plan.court).order_by("order")
    return BulletinForm(request.POST or None, plan=plan, departments=departments, on=day.on)


def _issue(request, plan, kind, day, form):
    with translation.override(LANGUAGE):
        options = _options(day, form)
    issue = issue_paper(plan=plan, kind=kind, options=options, by=request.user, at=timezone.now())
    messages.success(request, _("已印发，编为第%(number)s号。") % {"number": issue.number})
    return redirect(issue)


@require_GET
def paper_file(request, court, year, kind, form):
    """A paper of the whole plan as a file."""
    plan, day = plan_and_day(request, court, year)
    kind = kind_or_404(kind)
    if form not in FORMATS[kind]:
        raise Http404
    if is_left_to_worker(plan, kind):
        return redirect(papers_url(plan, day))
    return _file(plan, kind, day, draft_of(plan, kind, _options(day)).paper, form)


@require_GET
def paper_print(request, court, year, kind):
    """A paper as a page to be printed."""
    plan, day = plan_and_day(request, court, year)
    return print_page(draft_of(plan, kind_or_404(kind), _options(day)).paper)


@require_GET
def pillar(request, court, year, number, form):
    """支柱一页纸."""
    plan, day = plan_and_day(request, court, year)
    history = PlanHistory(plan)
    before = history.standing(on=max(month_end_before(day.on), plan.starts_on))
    standing = history.standing(on=day.on, known=day.known)
    found = pillar_paper(standing, number, before=before, basis=day.describing)
    return _single(found, form, name=f"pillar-{number}-{_stem(plan, day)}")


@require_GET
def dossier(request, court, year, code, form):
    """举措档案."""
    plan, day = plan_and_day(request, court, year)
    standing = standing_of(plan, on=day.on, known=day.known)
    item = standing.measure(code)
    found = item and dossier_of(standing, item, request.user, basis=day.describing)
    return _single(found, form, name=f"measure-{code}-{_stem(plan, day)}")


def _single(paper, file_format, *, name):
    if paper is None or file_format not in ("docx", "pdf", "html"):
        raise Http404
    return print_page(paper) if file_format == "html" else file_response(paper, file_format, name=name)


def _file(plan, kind, day, paper, file_format):
    name = f"{kind}-{_stem(plan, day)}"
    return file_response(paper, file_format, name=name, template=_template(plan, kind))


def _options(day, form=None):
    options = {"on": day.on, "known": day.known, "basis": day.describing}
    if form is not None and form.is_bound and form.is_valid():
        options |= {"since": form.cleaned_data["since"], "scope": form.scope, "wording": form.wording}
    return PaperOptions(**options)


def _template(plan, kind):
    return template_of(plan.court) if kind == PaperKind.BULLETIN else None


def _stem(plan, day):
    return f"{plan.court.slug}-{plan.year}-{day.on}"


def _day_context(request, plan, day):
    return {
        "plan": plan,
        "day": day,
        "shortcuts": month_ends(plan, day, request.GET, today=timezone.localdate()),
        "calendar_is_known": calendar_knows(plan.year),
        "pdf_lacks": missing(),
    }
