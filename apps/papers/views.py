"""The papers that the office hands in: looked at, issued, fetched again, compared."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Department
from apps.assessment.selectors import PlanHistory, standing_of
from apps.core.tables import XLSX
from apps.core.uploads import KINDS, BadUploadError
from apps.core.workdays import calendar_knows
from apps.dashboard.comparison import month_end_before
from apps.dashboard.days import month_ends, shown_day
from apps.papers.choices import ISSUED, JobState, PaperKind
from apps.papers.fields import STRETCHES, WORDS, filled, sample
from apps.papers.forms import BulletinForm, TemplateForm, WithdrawForm
from apps.papers.models import Job
from apps.papers.pdf import STYLESHEET, NoPdfError, html_of, missing, pdf_of
from apps.papers.permissions import can_issue, can_keep_template
from apps.papers.selectors import PaperOptions, checked, courts_below, draft_of, is_long, issues_of, template_of
from apps.papers.services import (
    LANGUAGE,
    cancel_job,
    drop_template,
    issue_paper,
    put_template,
    request_job,
    withdraw_issue,
)
from apps.papers.sheets import workbook_of
from apps.papers.single import dossier_of, pillar_paper
from apps.papers.tasks import WRITERS
from apps.papers.tree_diff import difference_of
from apps.papers.word import word_of
from apps.plans.selectors import plans_visible_to

DOCX = KINDS["Word"].content_type
TYPES = {"docx": DOCX, "xlsx": XLSX, "pdf": KINDS["PDF"].content_type}
# Which kinds come in which forms; tables alone make a workbook.
FORMS = {
    PaperKind.BULLETIN: ("docx", "pdf"),
    PaperKind.LEDGER: ("xlsx", "docx", "pdf"),
    PaperKind.BREAKDOWN: ("xlsx", "docx", "pdf"),
    PaperKind.YEAR: ("xlsx", "docx", "pdf"),
    PaperKind.PILLAR: ("docx", "pdf"),
    PaperKind.DOSSIER: ("docx", "pdf"),
}
LONG = (PaperKind.LEDGER, PaperKind.BREAKDOWN)


@require_GET
def papers(request, court, year):
    """Which papers there are for the day, what was issued, and what is in the making."""
    plan, day = _plan_and_day(request, court, year)
    return render(
        request,
        "papers/papers.html",
        {
            **_context(request, plan, day),
            "kinds": [(kind, FORMS[kind]) for kind in ISSUED],
            "pillars": plan.pillars.order_by("number"),
            "single_forms": FORMS[PaperKind.PILLAR],
            "issues": issues_of(plan).defer("tree", "paper").order_by("-number"),
            "jobs": Job.objects.available(at=timezone.now()).filter(plan=plan, by=request.user).defer("content"),
            "is_long": is_long(plan),
            "has_courts_below": courts_below(plan, request.user).exists(),
            "can_keep_template": can_keep_template(request.user, plan.court),
        },
    )


@require_http_methods(["GET", "POST"])
def paper(request, court, year, kind):
    """One paper as it would be issued; and issuing it."""
    plan, day = _plan_and_day(request, court, year)
    kind = _issued(kind)
    if kind in LONG and is_long(plan):
        return redirect(f"{_papers_url(plan)}{day.query}")
    may_issue = can_issue(request.user, plan)
    form = None
    if kind == PaperKind.BULLETIN:
        departments = Department.objects.filter(court=plan.court).order_by("order")
        form = BulletinForm(request.POST or None, plan=plan, departments=departments, on=day.on)
    options = _options(day, form)
    act = request.POST.get("act")
    if act == "issue" and (form is None or form.is_valid()):
        with translation.override(LANGUAGE):
            options = _options(day, form)
        issue = issue_paper(plan=plan, kind=kind, options=options, by=request.user, at=timezone.now())
        messages.success(request, _("已印发，编为第%(number)s号。") % {"number": issue.number})
        return redirect(issue)
    draft = draft_of(plan, kind, options)
    if act in FORMS[kind] and (form is None or form.is_valid()):
        return _file(request, draft.paper, act, name=f"{kind}-{_stem(plan, day)}", template=_template(plan, kind))
    return render(
        request,
        "papers/paper.html",
        {
            **_context(request, plan, day),
            "kind": kind,
            "forms": FORMS[kind],
            "form": form,
            "paper": draft.paper,
            "can_issue": may_issue,
            "template": _template(plan, kind),
        },
        status=422 if form is not None and form.is_bound and not form.is_valid() else 200,
    )


@require_GET
def paper_file(request, court, year, kind, form):
    """A paper of the whole plan as a file."""
    plan, day = _plan_and_day(request, court, year)
    kind = _issued(kind)
    if form not in FORMS[kind]:
        raise Http404
    if kind in LONG and is_long(plan):
        return redirect(f"{_papers_url(plan)}{day.query}")
    draft = draft_of(plan, kind, _options(day))
    return _file(request, draft.paper, form, name=f"{kind}-{_stem(plan, day)}", template=_template(plan, kind))


@require_GET
def paper_print(request, court, year, kind):
    """A paper as a page to be printed."""
    plan, day = _plan_and_day(request, court, year)
    return _page(draft_of(plan, _issued(kind), _options(day)).paper)


@require_GET
def pillar(request, court, year, number, form):
    """支柱一页纸."""
    plan, day = _plan_and_day(request, court, year)
    history = PlanHistory(plan)
    before = history.standing(on=max(month_end_before(day.on), plan.starts_on))
    made = pillar_paper(history.standing(on=day.on, known=day.known), number, before=before, basis=day.describing)
    return _single(request, made, form, name=f"pillar-{number}-{_stem(plan, day)}")


@require_GET
def dossier(request, court, year, code, form):
    """举措档案."""
    plan, day = _plan_and_day(request, court, year)
    standing = standing_of(plan, on=day.on, known=day.known)
    item = standing.measure(code)
    made = item and dossier_of(standing, item, request.user, basis=day.describing)
    return _single(request, made, form, name=f"measure-{code}-{_stem(plan, day)}")


def _single(request, made, form, *, name):
    if made is None or form not in ("docx", "pdf", "html"):
        raise Http404
    return _page(made) if form == "html" else _file(request, made, form, name=name)


# Issued papers


@require_GET
def issue(request, court, year, number):
    """An issued paper as it was issued, and what can be said of it today."""
    plan, _day = _plan_and_day(request, court, year)
    found = get_object_or_404(issues_of(plan), number=number)
    others = issues_of(plan).exclude(pk=found.pk).defer("tree", "paper").order_by("-number")
    return render(
        request,
        "papers/issue.html",
        {
            "plan": plan,
            "issue": found,
            "paper": found.as_paper(),
            "checked": checked(found),
            "forms": FORMS[found.kind],
            "others": others,
            "withdraw_form": WithdrawForm() if can_issue(request.user, plan) and not found.is_withdrawn else None,
            "pdf_lacks": missing(),
        },
    )


@require_GET
def issue_file(request, court, year, number, form):
    """An issued paper as a file: the same as on the day it was issued."""
    plan, _day = _plan_and_day(request, court, year)
    found = get_object_or_404(issues_of(plan), number=number)
    with translation.override(LANGUAGE):
        if form == "html":
            return _page(found.as_paper())
        if form not in FORMS[found.kind]:
            raise Http404
        name = f"{found.kind}-{plan.court.slug}-{plan.year}-{found.number}"
        return _file(request, found.as_paper(), form, name=name, template=found.template)


@require_POST
def issue_withdraw(request, court, year, number):
    """Take an issued paper back."""
    plan, _day = _plan_and_day(request, court, year)
    found = get_object_or_404(issues_of(plan), number=number)
    if not can_issue(request.user, plan):
        raise PermissionDenied
    form = WithdrawForm(request.POST)
    if form.is_valid():
        withdraw_issue(issue=found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, _("已撤回。文稿仍可查看，不再作为对比的依据。"))
    else:
        messages.error(request, _("请写明理由。"))
    return redirect(found)


@require_GET
def issue_compare(request, court, year, number):
    """Two issued papers beside each other: the earlier first."""
    plan, _day = _plan_and_day(request, court, year)
    found = get_object_or_404(issues_of(plan), number=number)
    wanted = request.GET.get("with", "")
    other = get_object_or_404(issues_of(plan), number=int(wanted) if wanted.isdecimal() and len(wanted) < 9 else 0)
    before, after = sorted((found, other), key=lambda issue: (issue.on, issue.number))
    return render(
        request,
        "papers/compare.html",
        {"plan": plan, "before": before, "after": after, "difference": difference_of(before.tree, after.tree)},
    )


# The court's own template


@require_http_methods(["GET", "POST"])
def template(request, court, year):
    """The Word file that the bulletin is written into, its fields, and a sample."""
    plan, _day = _plan_and_day(request, court, year)
    if not can_keep_template(request.user, plan.court):
        raise PermissionDenied
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and request.POST.get("act") == "drop":
        drop_template(court=plan.court, by=request.user, at=timezone.now())
        messages.success(request, _("已停用模板，通报按通用版式生成。"))
        return redirect(request.path)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            put_template(court=plan.court, file=file, name=file.name, by=request.user, at=timezone.now())
        except ValidationError as problem:
            form.add_error("file", problem)
        except BadUploadError as problem:
            form.add_error("file", str(problem))
        else:
            messages.success(request, _("模板已启用。"))
            return redirect(request.path)
    return render(
        request,
        "papers/template.html",
        {
            "plan": plan,
            "form": form,
            "template": template_of(plan.court),
            "fields": [f"{{{{{name}}}}}" for name in WORDS],
            "stretches": [f"{{{{{name}}}}}" for name in STRETCHES],
        },
        status=422 if form.errors else 200,
    )


@require_GET
def template_file(request, court, year):
    """The template in use; the sample with `?sample`."""
    plan, _day = _plan_and_day(request, court, year)
    if not can_keep_template(request.user, plan.court):
        raise PermissionDenied
    own_template = None if "sample" in request.GET else template_of(plan.court)
    return _download(bytes(own_template.content) if own_template else sample(), DOCX, "template.docx")


# Long files


@require_POST
def job_ask(request, court, year, kind):
    """Have a long file made."""
    plan, day = _plan_and_day(request, court, year)
    file_format = request.POST.get("form")
    if kind not in LONG or file_format not in WRITERS:
        raise Http404
    try:
        requested = request_job(
            plan=plan,
            kind=kind,
            file_format=file_format,
            day=day,
            with_courts_below="below" in request.POST,
            by=request.user,
            at=timezone.now(),
        )
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect(f"{_papers_url(plan)}{day.query}")
    return redirect("papers:job", plan.court.slug, plan.year, requested.key)


@require_http_methods(["GET", "POST"])
def job(request, court, year, key):
    """How far a long file is; cancelling it."""
    plan, found = _job(request, court, year, key)
    if request.method == "POST":
        cancel_job(job=found, by=request.user)
        return redirect(request.path)
    page = "papers/_job.html" if request.htmx else "papers/job.html"
    return render(request, page, {"plan": plan, "job": found})


@require_GET
def job_file(request, court, year, key):
    """The file that was made, for the one who asked for it."""
    _plan, found = _job(request, court, year, key)
    if found.state != JobState.DONE:
        raise Http404
    return _download(bytes(found.content), TYPES[found.file_format], found.name)


def _job(request, court, year, key):
    plan, _day = _plan_and_day(request, court, year)
    return plan, get_object_or_404(Job.objects.available(at=timezone.now()), plan=plan, key=key, by=request.user)


# What these share


def _file(request, paper, form, *, name, template=None):
    """The paper as a file; where no PDF can be made here, the page to print."""
    match form:
        case "docx":
            content = filled(bytes(template.content), paper) if template else word_of(paper)
        case "xlsx":
            content = workbook_of(paper)
        case "pdf":
            try:
                content = pdf_of(paper)
            except NoPdfError:
                return _page(paper)
    return _download(content, TYPES[form], f"{name}.{form}")


def _download(content, content_type, name):
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(paper):
    return HttpResponse(html_of(paper, stylesheet=static(STYLESHEET)))


def _options(day, form=None):
    bound = form is not None and form.is_bound and form.is_valid()
    return PaperOptions(
        on=day.on,
        known=day.known,
        basis=day.describing,
        **({"since": form.cleaned_data["since"], "scope": form.scope, "wording": form.wording} if bound else {}),
    )


def _template(plan, kind):
    return template_of(plan.court) if kind == PaperKind.BULLETIN else None


def _issued(kind):
    if kind not in ISSUED:
        raise Http404
    return PaperKind(kind)


def _stem(plan, day):
    return f"{plan.court.slug}-{plan.year}-{day.on}"


def _papers_url(plan):
    return reverse("papers:papers", args=[plan.court.slug, plan.year])


def _context(request, plan, day):
    return {
        "plan": plan,
        "day": day,
        "shortcuts": month_ends(plan, day, request.GET, today=timezone.localdate()),
        "calendar_is_known": calendar_knows(plan.year),
        "pdf_lacks": missing(),
    }


def _plan_and_day(request, court, year):
    plan = get_object_or_404(plans_visible_to(request.user), court__slug=court, year=year)
    request.plan = plan
    now = timezone.now()
    day = shown_day(plan, request.GET.get("on"), request.GET.get("known"), now=now, today=timezone.localdate(now))
    return plan, day
