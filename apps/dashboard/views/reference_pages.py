from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.assessment import wording
from apps.assessment.cases import worked_cases
from apps.assessment.choices import FindingCode
from apps.assessment.sentences import rule_of
from apps.dashboard.gallery import samples


@require_GET
def rules(request):
    """What decides a light, in words, and every worked case: the same files that the tests run."""
    cases = worked_cases()
    context = {
        "general": wording.GENERAL,
        "findings": [(code.label, rule_of(code)) for code in FindingCode],
        "tables": [
            (title, [(choice.label, words) for choice, words in table.items()])
            for title, table in (
                (_("指标类型"), wording.KINDS),
                (_("累计方式"), wording.ACCUMULATIONS),
                (_("考核方式"), wording.PACES),
            )
        ],
        "groups": [
            (title, [case for case in cases if case.group == group])
            for group, title in (("measures", _("举措")), ("indicators", _("指标")), ("roll_up", _("汇总")))
        ],
        "n_cases": len(cases),
    }
    return render(request, "dashboard/rules.html", context)


@require_GET
def gallery(request):
    """Each component in each of its states, for those who build pages."""
    if not (settings.GALLERY and request.user.is_staff):
        raise Http404
    return render(request, "dashboard/gallery.html", samples())
