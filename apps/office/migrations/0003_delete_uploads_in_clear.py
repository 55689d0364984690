"""Delete the uploads stored unencrypted: a table of people may hold first passwords.

They live for a day between two pages, so nothing of record is lost. Of those taken in, only outcomes of tables of
people may show a password (where it was the first column); they go, too.
"""

from django.db import migrations
from django.db.models import Q


def delete_uploads_in_clear(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        # Otherwise SQLite only unlinks the pages, and the text stays in the file.
        schema_editor.execute("PRAGMA secure_delete = ON")
    apps.get_model("office", "ImportFile").objects.filter(Q(done_at=None) | Q(table="people")).delete()


class Migration(migrations.Migration):
    dependencies = [("office", "0002_import_file")]

    operations = [migrations.RunPython(delete_uploads_in_clear, migrations.RunPython.noop)]
