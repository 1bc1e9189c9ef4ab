"""The filters of the audit log."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import queries
from audit.models import AuditEvent
from audit.queries import Events
from audit.verbs import AuditWord
from config.web.filters import FilterSet

ORIGINS = [
    ("page", _("Page")),
    ("API", _("API")),
    ("command", _("Command")),
    ("admin", _("Admin")),
    ("shell", _("Shell")),
    ("bulk", _("Bulk")),
    ("system", _("System")),
]


def _day(label: Any, method: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(
        label=label, method=method, widget=forms.DateInput(attrs={"type": "date"})
    )


class EventFilter(FilterSet):
    """Person, event, subject, origin, range. Days are those of the person's zone, both included."""

    person = django_filters.CharFilter(label=_("Person"), field_name="actor_label", lookup_expr="icontains")
    event = django_filters.ChoiceFilter(
        label=_("Event"), choices=[(word.value, word.value) for word in AuditWord]
    )
    subject = django_filters.CharFilter(label=_("Subject"), method="with_subject")
    origin = django_filters.ChoiceFilter(label=_("Origin"), choices=ORIGINS, lookup_expr="istartswith")

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """`from` is a word of Python, so that the two days cannot be attributes of the class."""
        return {**super().get_filters(), "from": _day(_("From"), "with_from"), "to": _day(_("To"), "with_to")}

    def with_subject(self, events: Events, name: str, value: str) -> Events:
        """An id or any name that the subject had; where there is none such, a piece of a name."""
        found = queries.named(value, events)
        return found if found.exists() else events.filter(subject_label__icontains=value)

    def with_from(self, events: Events, name: str, value: date) -> Events:
        """From the day's first moment."""
        return events.filter(time__gte=_midnight(value))

    def with_to(self, events: Events, name: str, value: date) -> Events:
        """To the day's last moment."""
        return events.filter(time__lt=_midnight(value + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
