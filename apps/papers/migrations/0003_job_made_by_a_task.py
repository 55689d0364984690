from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_end_unfinished_jobs")]

    operations = [
        migrations.RemoveField(model_name="job", name="maker"),
        migrations.RenameField(model_name="job", old_name="beat_at", new_name="heartbeat_at"),
        migrations.RenameField(model_name="job", old_name="form", new_name="file_format"),
        migrations.AddField(model_name="job", name="task_id", field=models.UUIDField(null=True)),
    ]
