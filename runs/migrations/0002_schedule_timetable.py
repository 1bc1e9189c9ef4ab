from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="schedule", name="timetable", field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
