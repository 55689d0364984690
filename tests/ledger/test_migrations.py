"""A new column comes to rows of record without touching them, and the guards stand again afterwards."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from apps.ledger.models import LedgerEntry
from tests.factories import ProgressEntryFactory


@pytest.mark.django_db(transaction=True)
def test_help_from_is_added_to_a_ledger_with_rows():
    entry = ProgressEntryFactory(text="已完成调研")
    call_command("migrate", "ledger", "0001", verbosity=0)
    with connection.cursor() as cursor:
        columns = {
            column.name for column in connection.introspection.get_table_description(cursor, "ledger_ledgerentry")
        }

    call_command("migrate", "ledger", verbosity=0)

    assert "help_from" not in columns
    assert LedgerEntry.objects.values_list("pk", "text", "help_from").get() == (entry.pk, "已完成调研", "")
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        LedgerEntry.objects.update(help_from="办公室")
