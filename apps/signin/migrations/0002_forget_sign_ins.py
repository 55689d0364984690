"""What was stored until now of who signed in when. What django-axes stored goes with its tables, in 0003."""

from django.db import migrations


def forget(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("accounts", "User")._base_manager.using(alias).update(last_login=None)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_sign_in"),
        ("accounts", "0002_sign_in"),
    ]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
