"""What was kept until now of who signed in when: by django-axes, with address, browser and forms as they were typed."""

from django.db import migrations


def forget(apps, schema_editor):
    alias = schema_editor.connection.alias
    for name in ("AccessLog", "AccessFailureLog", "AccessAttempt"):
        apps.get_model("axes", name).objects.using(alias).all().delete()
    apps.get_model("accounts", "User")._base_manager.using(alias).update(last_login=None)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_sign_in"),
        ("accounts", "0002_sign_in"),
        ("axes", "0010_accessattemptexpiration"),
    ]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
