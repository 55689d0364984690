import pytest
from django.core.management import call_command


@pytest.fixture
def back_office(cast):
    """The cast, with what the roles' groups may do in the back office."""
    call_command("loaddata", "roles", verbosity=0)
    return cast
