"""Events are signed, subjects' labels become erasable too, the last verification is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField(
            "auditevent", "subject_salt", models.CharField(blank=True, default="", max_length=32), preserve_default=False
        ),
        migrations.AddField(
            "auditevent", "subject_digest", models.CharField(default="", max_length=64), preserve_default=False
        ),
        migrations.AddField(
            "auditevent", "signature", models.CharField(default="", max_length=64), preserve_default=False
        ),
        migrations.AddIndex(
            "auditevent", models.Index(fields=["subject_label", "-id"], name="audit_subject_label")
        ),
        migrations.CreateModel(
            name="AuditVerification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("ok", models.BooleanField()),
                ("events", models.BigIntegerField()),
                ("first_broken", models.BigIntegerField(null=True)),
                ("problem", models.TextField(blank=True)),
            ],
        ),
    ]
