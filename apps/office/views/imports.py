"""Importing tables and whole plans: upload, check, confirm."""

from collections import Counter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from apps.audit.import_tables import RowOutcome
from apps.core.permissions import require
from apps.core.sheets import read_table
from apps.core.tables import table_response
from apps.core.uploads import BadUploadError, safe_name
from apps.office.forms import PlanFileForm, TableForm
from apps.office.import_registry import TABLES
from apps.office.models import ImportFile
from apps.office.services import (
    PLAN_FILE,
    ImportRefused,
    check_table,
    import_plan,
    import_table,
    upload_plan,
    upload_table,
)
from apps.office.views.access import managed_court, managed_plan_or_404

# Up to so many rows are done before the answer begins; for more, the answer streams its progress.
MAX_ROWS_UNSTREAMED = 300
ROWS_PER_PROGRESS = 50
MAX_ROWS_LISTED = 200
PROGRESS_MARK = "[progress]"


@require_GET
def tables(request, court, year):
    plan = managed_plan_or_404(request, court, year)
    rows = [{"table": table, "is_open": table.can_import(request.user, plan)} for table in TABLES.values()]
    return render(request, "office/tables.html", {"plan": plan, "tables": rows})


@require_http_methods(["GET", "POST"])
def upload(request, court, year, table):
    """Upload one table and check it row by row; nothing is imported yet."""
    plan = managed_plan_or_404(request, court, year)
    table_class = _table_or_404(table)
    require(table_class.can_import(request.user, plan))
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            stored = upload_table(
                plan=plan, table=table, file=file, name=safe_name(file.name), by=request.user, at=timezone.now()
            )
        except BadUploadError as problem:
            form.add_error("file", str(problem))
        else:
            return _run(request, stored, check_table(stored, at=timezone.now()))
    columns = [(column, column.example(plan)) for column in table_class.columns]
    return render(request, "office/upload.html", {"plan": plan, "table": table_class, "columns": columns, "form": form})


@require_GET
def template(request, court, year, table):
    """An empty table to fill in, with one example row."""
    plan = managed_plan_or_404(request, court, year)
    columns = _table_or_404(table).columns
    head = [str(column.name) for column in columns]
    return table_response(f"{table}-template", head, [[column.example(plan) for column in columns]], form="xlsx")


@require_http_methods(["GET", "POST"])
def table_import(request, court, year, pk):
    """What each row of an uploaded table would do; and, by POST, doing it."""
    plan = managed_plan_or_404(request, court, year)
    stored = _upload_or_404(plan=plan, by=request.user, pk=pk)
    if request.method == "POST":
        return _run(request, stored, import_table(stored, at=timezone.now()))
    rows = stored.outcomes or []
    counts = Counter(row["outcome"] for row in rows)
    failed = [row for row in rows if row["outcome"] == RowOutcome.FAILED]
    effective = [row for row in rows if row["outcome"] in (RowOutcome.NEW, RowOutcome.CHANGED)]
    return render(
        request,
        "office/table_import.html",
        {
            "plan": plan,
            "upload": stored,
            "table": TABLES[stored.table],
            "counts": {outcome.value: counts[outcome] for outcome in RowOutcome},
            "failed": failed[:MAX_ROWS_LISTED],
            "effective": effective[:MAX_ROWS_LISTED],
            "n_more": sum(max(len(listed) - MAX_ROWS_LISTED, 0) for listed in (failed, effective)),
            "can_confirm": stored.done_at is None and not failed and bool(effective),
        },
    )


@require_GET
def failed_rows(request, court, year, pk):
    """The rows that failed, with the errors, as a table to correct."""
    plan = managed_plan_or_404(request, court, year)
    stored = _upload_or_404(plan=plan, by=request.user, pk=pk)
    if stored.done_at is not None:
        raise Http404
    sheet = read_table(stored.opened(), name=stored.name, sheet=str(TABLES[stored.table].title))
    errors = {row["number"]: row["errors"] for row in stored.outcomes or [] if row["outcome"] == RowOutcome.FAILED}
    rows = [
        [*(row.cells.get(name) for name in sheet.columns), " ".join(errors[row.number])]
        for row in sheet.rows
        if row.number in errors
    ]
    return table_response(f"{stored.table}-rejected", [*sheet.columns, gettext("需要改正")], rows, form="xlsx")


def _run(request, stored, work):
    """Do the work and redirect to its result; where the table is long, stream the progress meanwhile.

    The work is one transaction, and ends with the answer: a browser that closes or a server that stops rolls it back.
    """
    url = reverse("office:table_import", args=[stored.plan.court.slug, stored.plan.year, stored.pk])
    first = next(work, None)
    if first is None or first[1] <= MAX_ROWS_UNSTREAMED:
        try:
            for _progress in work:
                pass
        except ImportRefused:
            messages.error(request, gettext("有的行现在不能导入，一行也没有导入。请重新上传核对。"))
        else:
            if stored.done_at is not None:
                messages.success(request, gettext("已导入。"))
        return redirect(url)
    context = {"plan": stored.plan, "mark": PROGRESS_MARK}
    head, tail = render_to_string("office/progress.html", context, request=request).split(PROGRESS_MARK)
    return StreamingHttpResponse(_progress_page(head, tail, work, url, language=translation.get_language()))


def _progress_page(head, tail, work, url, *, language):
    # The stream is consumed after the middleware has reset the language.
    with translation.override(language):
        yield head
        try:
            for n_done, n_rows in work:
                if n_done % ROWS_PER_PROGRESS == 0:
                    yield render_to_string("office/_progress.html", {"n_done": n_done, "n_rows": n_rows})
        except ImportRefused:
            yield render_to_string("office/_progress.html", {"url": url, "is_refused": True})
        else:
            yield render_to_string("office/_progress.html", {"url": url})
        yield tail


def _table_or_404(slug):
    if slug not in TABLES:
        raise Http404
    return TABLES[slug]


def _upload_or_404(**lookup):
    """An upload that is not expired, and that the server's key can still read."""
    uploads = ImportFile.objects.available(at=timezone.now()).select_related("court", "plan__court", "by")
    stored = get_object_or_404(uploads, **lookup)
    if stored.done_at is None and not stored.is_readable:
        raise Http404
    return stored


@require_http_methods(["GET", "POST"])
def plan_upload(request):
    """Upload a plan's document and check it; nothing is created yet."""
    court = managed_court(request)
    form = PlanFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            stored = upload_plan(court=court, file=file, name=safe_name(file.name), by=request.user, at=timezone.now())
        except ValidationError as problems:
            form.add_error("file", problems.messages)
        else:
            return redirect("office:plan_import", stored.pk)
    return render(request, "office/plan_upload.html", {"form": form})


@require_http_methods(["GET", "POST"])
def plan_import(request, pk):
    """What an uploaded document would create; and, by POST, creating it."""
    court = managed_court(request)
    stored = _upload_or_404(court=court, by=request.user, table=PLAN_FILE, pk=pk)
    if request.method == "POST":
        try:
            plan = import_plan(stored, at=timezone.now())
        except ValidationError as problems:
            messages.error(request, " ".join(problems.messages))
            return redirect("office:plan_import", pk)
        messages.success(request, gettext("%(year)s 年的计划草稿已建立。") % {"year": plan.year})
        return redirect("office:home", plan.court.slug, plan.year)
    return render(request, "office/plan_import.html", {"upload": stored})
