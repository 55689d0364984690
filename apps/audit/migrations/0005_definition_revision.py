"""A new name in Python for a column that stays: nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0004_verification"),
    ]

    operations = [
        migrations.AlterField(
            model_name="chain",
            name="promised",
            field=models.PositiveBigIntegerField(db_column="promised", db_default=0, default=0),
        ),
        migrations.RenameField(
            model_name="chain",
            old_name="promised",
            new_name="definition_revision",
        ),
    ]
