"""The column `promised` leaves the model and stays in the table, where its database default fills it.

The version before still reads and writes it while an upgrade runs. A later version drops it.
"""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0005_definition_revision"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="chain", name="definition_revision")],
        ),
    ]
