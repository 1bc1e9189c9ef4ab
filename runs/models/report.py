"""Reports, frozen once made, and who gets them by mail."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.models import Scope
from workflows.models.notice import RECIPIENT_LENGTH


class ReportKind(models.TextChoices):
    """How much time a report covers."""

    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")


class Report(models.Model):
    """One week or month of a scope and of what lies inside it. `document` is JSON text (docs/reports.md), never changed.

    `period` is its name, 2026-W47 or 2026-11; from `starts_at` on, before `ends_at`, in the days of `zone`.
    """

    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    period = models.CharField(max_length=8)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="reports")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    document = models.TextField()

    class Meta:
        ordering = ["-ends_at", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "period", "scope"], name="one_report_per_period_and_scope"
            )
        ]
        indexes = [models.Index(fields=["-ends_at"], name="report_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} {self.scope}"


class ReportSubscription(models.Model):
    """Somebody who gets a scope's weekly or monthly report by mail or chat as soon as it is made."""

    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="report_subscriptions")
    recipient = models.CharField(max_length=RECIPIENT_LENGTH)
    created_by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["recipient", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "scope", "recipient"], name="one_subscription_each")
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.kind}"
