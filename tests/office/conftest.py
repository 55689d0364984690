import pytest
import time_machine
from django.core.management import call_command

from apps.accounts.models import User
from tests.conftest import at

NOW = at("2025-07-15 10:00")


@pytest.fixture(autouse=True)
def july():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def office(client, cast):
    """The plan admin, signed in, with the permissions that the roles' fixture gives."""
    call_command("loaddata", "roles", verbosity=0)
    client.force_login(User.objects.get(pk=cast.plan_admin.pk))
    return client
