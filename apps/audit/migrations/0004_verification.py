
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_chain_promised'),
    ]

    operations = [
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('is_whole', models.BooleanField(verbose_name='完整')),
                ('n_events', models.PositiveBigIntegerField()),
                ('n_rows', models.PositiveBigIntegerField()),
                ('chains', models.JSONField(default=list)),
                ('records', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': '核验',
                'verbose_name_plural': '核验',
                'ordering': ['-at', '-pk'],
            },
        ),
    ]
