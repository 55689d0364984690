"""The court's own template for its bulletin."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.core.uploads import BadUploadError
from apps.papers.fields import BLOCK_FIELDS, TEXT_FIELDS, sample
from apps.papers.forms import TemplateForm
from apps.papers.permissions import can_keep_template
from apps.papers.selectors import template_of
from apps.papers.services import drop_template, put_template
from apps.papers.views.files import download
from apps.papers.views.lookup import plan_or_404


@require_http_methods(["GET", "POST"])
def template(request, court, year):
    """The Word file that the bulletin is written into, its fields, and a sample."""
    plan = _plan(request, court, year)
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
            "fields": [f"{{{{{name}}}}}" for name in TEXT_FIELDS],
            "stretches": [f"{{{{{name}}}}}" for name in BLOCK_FIELDS],
        },
        status=422 if form.errors else 200,
    )


@require_GET
def template_file(request, court, year):
    """The template in use; the sample with `?sample`."""
    plan = _plan(request, court, year)
    template = None if "sample" in request.GET else template_of(plan.court)
    return download(bytes(template.content) if template else sample(), "docx", "template.docx")


def _plan(request, court, year):
    plan = plan_or_404(request, court, year)
    if not can_keep_template(request.user, plan.court):
        raise PermissionDenied
    return plan
