"""Pages of the files that are too long for one response."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.papers.choices import JobState
from apps.papers.services import cancel_job, request_job
from apps.papers.tasks import WRITERS
from apps.papers.views.files import download
from apps.papers.views.lookup import LONG, job_or_404, papers_url, plan_and_day


@require_POST
def job_ask(request, court, year, kind):
    """Request a long file."""
    plan, day = plan_and_day(request, court, year)
    file_format = request.POST.get("form")
    if kind not in LONG or file_format not in WRITERS:
        raise Http404
    try:
        job = request_job(
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
        return redirect(papers_url(plan, day))
    return redirect("papers:job", plan.court.slug, plan.year, job.key)


@require_http_methods(["GET", "POST"])
def job(request, court, year, key):
    """How far a long file is; cancelling it."""
    job = job_or_404(request, court, year, key)
    if request.method == "POST":
        cancel_job(job=job, by=request.user)
        return redirect(request.path)
    template = "papers/_job.html" if request.htmx else "papers/job.html"
    return render(request, template, {"plan": request.plan, "job": job})


@require_GET
def job_file(request, court, year, key):
    """The file that was made, for the one who asked for it."""
    job = job_or_404(request, court, year, key)
    if job.state != JobState.DONE:
        raise Http404
    return download(bytes(job.content), job.file_format, job.name)
