"""End the jobs of the old queue: no worker of this version knows them. Who asked may ask again."""

from django.db import migrations


def end_unfinished_jobs(apps, schema_editor):
    apps.get_model("reports", "Job").objects.filter(state__in=("waiting", "working")).update(state="failed")


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunPython(end_unfinished_jobs, migrations.RunPython.noop)]
