"""The few runs that killed a worker are found without going through all that ended."""

from django.db import migrations, models

from config.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("runs", "0013_retention_rules"),
    ]

    operations = [
        AddIndexOnline(
            model_name="run",
            index=models.Index(condition=models.Q(("deaths__gt", 0)), fields=["ended_at"], name="run_died"),
        ),
    ]
