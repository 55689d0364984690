"""The people of a court, and what happens when one leaves."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import User
from apps.office.forms import DepartureForm
from apps.office.people import (
    CHANGEABLE,
    deactivate_example_accounts,
    deactivate_person,
    measures_to_hand_over,
    possible_successors,
)
from apps.office.views.access import managed_court


@require_GET
def people(request):
    """The people in the order of their departments, with the number of measures each answers for."""
    court = managed_court(request)
    persons = (
        User.objects.filter(court=court)
        .order_by("-is_active", "department__order", "username")
        .annotate(n_measures=Count("answered_for", filter=Q(answered_for__plan__status__in=CHANGEABLE)))
    )
    return render(
        request, "office/people.html", {"people": persons, "court": court, "has_examples": court.has_demo_data}
    )


@require_http_methods(["GET", "POST"])
def departure(request, pk):
    """A person leaves: their measures are handed over and the account is deactivated."""
    court = managed_court(request)
    person = get_object_or_404(User, court=court, is_active=True, pk=pk)
    form = DepartureForm(request.POST if request.method == "POST" else None, leaders=possible_successors(person))
    if request.method == "POST" and form.is_valid():
        try:
            successor = form.cleaned_data["successor"]
            deactivate_person(person=person, successor=successor, by=request.user, at=timezone.now())
        except ValidationError as problems:
            form.add_error(None, problems)
        else:
            messages.success(request, gettext("%(person)s 的账号已停用，经办过的事项都保留在案。") % {"person": person})
            return redirect("office:people")
    return render(
        request, "office/departure.html", {"person": person, "form": form, "measures": measures_to_hand_over(person)}
    )


@require_POST
def deactivate_examples(request):
    """Deactivate every account that still has the demonstration's password."""
    court = managed_court(request)
    try:
        accounts = deactivate_example_accounts(court=court, by=request.user, at=timezone.now())
    except ValidationError as problems:
        messages.error(request, " ".join(problems.messages))
    else:
        messages.success(request, gettext("已停用 %(n)s 个示例账号。") % {"n": len(accounts)})
    return redirect("office:people")
