"""What people are told: notices, who gets them, and each delivery."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import new_id
from workflows.models.scope import Scope
from workflows.models.workflow import Workflow

RECIPIENT_LENGTH = 320


class NoticeKind(models.TextChoices):
    """What a notice is about."""

    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    STOPPED_BY_SYSTEM = "stopped_by_system", _("Stopped by the system")
    FAILURE_RULE = "failure_rule", _("Failure rule")
    OVERDUE = "overdue", _("Overdue")
    RESUMED = "resumed", _("Resumed")
    FINDING = "finding", _("Finding")
    SCHEDULE_SET_ASIDE = "schedule_set_aside", _("Schedule set aside")
    REPORT = "report", _("Report")


ABOUT_WORKFLOWS = tuple(kind for kind in NoticeKind if kind != NoticeKind.REPORT)
"""The kinds that recipients of scopes choose from; reports go to their own subscribers."""


class Channel(models.TextChoices):
    """The way to a recipient."""

    EMAIL = "email", _("E-mail")
    CHAT = "chat", _("Chat")
    NONE = "none", _("Nowhere")


class Notice(models.Model):
    """One incident, told once. Written in the transaction of what it tells, with a row for each recipient.

    While it stands open (`closed_at` is null) there is no second one of its `incident`. `path` is the page that it
    points to, without the host; `facts` is JSON text with what it is based on.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    incident = models.CharField(max_length=200)
    workflow = models.ForeignKey(
        Workflow, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    text = models.TextField()
    advice = models.TextField(blank=True)
    path = models.CharField(max_length=500, blank=True)
    facts = models.TextField(default="{}", editable=False)
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(closed_at=None), name="one_open_notice_per_incident"
            )
        ]
        indexes = [models.Index(fields=["workflow", "kind", "closed_at"], name="notice_of_workflow")]

    def __str__(self) -> str:
        return self.title


class NoticeDelivery(models.Model):
    """One notice on its way to one recipient.

    What is due to one recipient at a time goes out as one `parcel`, which keeps its Message-ID through every try.
    `due_at` is when it is tried next; null once it is settled.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient = models.CharField(max_length=RECIPIENT_LENGTH, help_text="address, or connection")
    named = models.CharField(max_length=RECIPIENT_LENGTH, help_text="as it was written")
    in_digest = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    parcel = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = _("notice deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel", "recipient"], name="one_delivery_per_recipient"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["parcel"], name="delivery_parcel", condition=Q(parcel__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.named}"


class NoticeRecipient(models.Model):
    """Somebody who is told about the workflows of a scope and of what lies inside it.

    `recipient` is an address, a person's user name or a chat connection's name; `kind_line` holds the kinds, all where
    it is empty. With `in_digest` notices are gathered into one message a day, those from definitions too.
    """

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="notice_recipients")
    recipient = models.CharField(max_length=RECIPIENT_LENGTH)
    kind_line = models.TextField(blank=True, editable=False)
    in_digest = models.BooleanField(default=False)
    created_by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["recipient", "pk"]
        constraints = [models.UniqueConstraint(fields=["scope", "recipient"], name="one_recipient_per_scope")]

    def __str__(self) -> str:
        return self.recipient

    @property
    def kinds(self) -> list[str]:
        """The kinds of notices; empty means all."""
        return self.kind_line.split()

    @property
    def kind_labels(self) -> list[str]:
        """The kinds in words; empty means all."""
        return [str(NoticeKind(kind).label) for kind in self.kinds]

    def wants(self, kind: str) -> bool:
        """Whether notices of this kind are for this recipient."""
        return not self.kind_line or kind in self.kinds
