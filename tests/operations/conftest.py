"""A court with a record and files, its backup, and empty machines to bring it to."""

import os
from datetime import date

import pytest
from django.core.management import call_command

from apps.operations import backup
from tests.conftest import at
from tests.factories import ProgressEntryFactory
from tests.operations.machines import NOW, RECORD, Machine, new_server


@pytest.fixture
def record(transactional_db, cast, tmp_path, settings):
    """A court with the year's example record, one figure with many places, and a file of evidence."""
    ProgressEntryFactory(
        measure=cast.measure, percent="61.25", speaks_of=date(2025, 6, 28), accepted_at=at("2025-06-29 09:00")
    )
    call_command("seal_existing", verbosity=0)
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    path = settings.EVIDENCE_DIR / RECORD
    path.parent.mkdir(parents=True)
    path.write_bytes(os.urandom(3_000_000))
    return cast


@pytest.fixture
def written(record, tmp_path):
    backup.write(tmp_path / "made.zip", at=NOW)
    return tmp_path / "made.zip"


@pytest.fixture
def machine(tmp_path):
    """A machine on SQLite, whose database isn't there yet."""
    return Machine(tmp_path / "machine")


@pytest.fixture
def server(django_db_setup, django_db_blocker, tmp_path):
    """A machine on the kind of database the test itself runs on, migrated and without anybody's data."""
    with django_db_blocker.unblock(), new_server(tmp_path / "server", is_migrated=True) as machine:
        yield machine
