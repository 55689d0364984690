"""The tables, content types and permissions of django-axes, which is no longer installed.

Its rows of django_migrations go, too: the version before this one makes the tables again where it is put back.
"""

from django.db import migrations

TABLES = ("axes_accessattemptexpiration", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog")


def forget(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("contenttypes", "ContentType").objects.using(alias).filter(app_label="axes").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_forget_sign_ins"),
        ("accounts", "0002_sign_in"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        *(migrations.RunSQL(f"DROP TABLE IF EXISTS {table}", migrations.RunSQL.noop) for table in TABLES),
        migrations.RunSQL("DELETE FROM django_migrations WHERE app = 'axes'", migrations.RunSQL.noop),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
