"""A database that is not there to demonstrate in is left alone."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.accounts.models import Court
from apps.reporting.models import Report
from tests.factories import UserFactory


@pytest.fixture
def empty(db):
    call_command("load_example", verbosity=0)


def test_without_example_data_the_sign_in_page_names_no_account(client, empty):
    response = client.get(reverse("accounts:login"))

    assert list(response.context["demo_accounts"]) == []
    assert "courtplan-demo" not in response.content.decode()


def test_seeding_refuses_a_database_with_other_peoples_data(empty):
    UserFactory(court=Court.objects.get())

    with pytest.raises(CommandError, match="已有人员"):
        call_command("seed_demo")
    call_command("seed_demo", "--if-empty")

    assert Report.objects.count() == 0
    assert not Court.objects.filter(has_demo_data=True).exists()
