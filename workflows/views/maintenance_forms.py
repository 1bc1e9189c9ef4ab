"""What the dialogs about maintenance windows ask for. Times are read in the zone that the form names."""

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.web.preferences import zones
from workflows import access
from workflows.access import Principal
from workflows.forms.fields import StandingChoice, offer
from workflows.forms.pausing import IN_FLIGHT_LABELS, TRIGGER_LABELS
from workflows.models import Connection, MaintenanceWindow, Scope
from workflows.models.maintenance import TITLE_LENGTH
from workflows.services.maintenance import Plan, home_of


def time_field(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


class ZonedForm(forms.Form):
    """Reads its times in `zone`, whatever the person's own is."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def zone(self) -> str:
        """The name of the zone in which times were typed."""
        raise NotImplementedError

    def full_clean(self) -> None:
        with timezone.override(ZoneInfo(self.zone())):
            super().full_clean()

    def shows(self, seen: str) -> bool:
        """Whether these numbers stood in the form that was sent; they do in the one that is shown next."""
        is_same = self["seen"].value() == seen
        sent = cast(QueryDict, self.data).copy()
        sent["seen"] = seen
        self.data = cast(Any, sent)
        return is_same

    def plan(self) -> Plan:
        """What was given, for the service."""
        raise NotImplementedError


class EndForm(ZonedForm):
    """The end of a window that has begun."""

    ends_at = time_field(_("To"))

    def __init__(self, window: MaintenanceWindow, data: Any = None) -> None:
        self.window = window
        super().__init__(data, initial={"ends_at": local(window.ends_at, window.zone)})
        self.fields["ends_at"].help_text = _("In the time zone %(zone)s.") % {"zone": window.zone}

    def zone(self) -> str:
        return self.window.zone

    def plan(self) -> Plan:
        """The window as it stands, with the end given."""
        return Plan(**{**vars(plan_of(self.window)), "ends_at": self.cleaned_data["ends_at"]})


class WindowForm(ZonedForm):
    """When, whom it concerns, and what happens to runs and triggers meanwhile."""

    title = forms.CharField(
        label=_("Title"), max_length=TITLE_LENGTH, help_text=_("It becomes the reason of the pauses.")
    )
    starts_at = time_field(_("From"))
    ends_at = time_field(_("To"))
    zone_name = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(name, name) for name in zones()])
    scopes = forms.ModelMultipleChoiceField(
        label=_("Scopes"),
        queryset=Scope.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Workflows of these scopes and of those inside them are paused."),
    )
    tags = forms.CharField(
        label=_("Only with one of the tags"), required=False, help_text=_("Separated by commas.")
    )
    connection = forms.ModelChoiceField(
        label=_("Only those that use the connection"),
        required=False,
        queryset=Connection.objects.none(),
        empty_label=_("Any or none"),
    )
    in_flight = StandingChoice(
        label=_("Runs in flight"), choices=IN_FLIGHT_LABELS, widget=forms.RadioSelect, initial="hold"
    )
    triggers = StandingChoice(
        label=_("Webhooks and events meanwhile"),
        choices=TRIGGER_LABELS,
        widget=forms.RadioSelect,
        initial="hold",
    )

    def __init__(
        self, principal: Principal, data: Any = None, *, window: MaintenanceWindow | None = None
    ) -> None:
        super().__init__(data, initial=_values_of(window) if window else {"zone_name": own_zone()})
        self.principal = principal
        scopes = access.scopes_where(principal, "maintenance")
        seen = access.visible_to(principal, Connection.objects.all())
        offer(self, "scopes", scopes)
        offer(
            self,
            "connection",
            seen | Connection.objects.filter(pk=window.connection_id or 0) if window else seen,
        )
        if window is None and len(scopes) == 1:
            self.initial["scopes"] = scopes

    def clean_scopes(self) -> QuerySet[Scope]:
        scopes = self.cleaned_data["scopes"]
        if not access.may_in(self.principal, "maintenance", home_of(scopes)):
            raise forms.ValidationError(
                _(
                    "For several scopes you need the role Operator in the one that holds them all. Plan one window each."
                )
            )
        return scopes

    def zone(self) -> str:
        given = str(self.data.get("zone_name", ""))
        return given if given in zones() else own_zone()

    def plan(self) -> Plan:
        """What was given, for the service."""
        given = {name: self.cleaned_data[name] for name in ("title", "starts_at", "ends_at", "connection")}
        return Plan(
            **given,
            zone=self.cleaned_data["zone_name"],
            scopes=list(self.cleaned_data["scopes"]),
            tags=[tag for tag in self.cleaned_data["tags"].split(",") if tag.strip()],
            in_flight=self.cleaned_data["in_flight"],
            triggers=self.cleaned_data["triggers"],
        )


def own_zone() -> str:
    """The person's zone, if it is one of those that may be chosen."""
    name = timezone.get_current_timezone_name()
    return name if name in zones() else "UTC"


def local(moment: datetime, zone: str) -> datetime:
    """A moment as the clocks of a zone show it; without offset, so that the field shows it as it is."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def plan_of(window: MaintenanceWindow) -> Plan:
    """A window as it was planned."""
    return Plan(
        title=window.title,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        zone=window.zone,
        scopes=list(window.scopes.all()),
        tags=window.tags,
        connection=window.connection,
        in_flight=window.in_flight,
        triggers=window.triggers,
    )


def _values_of(window: MaintenanceWindow) -> dict[str, Any]:
    return {
        **vars(plan_of(window)),
        "starts_at": local(window.starts_at, window.zone),
        "ends_at": local(window.ends_at, window.zone),
        "zone_name": window.zone,
        "tags": ", ".join(window.tags),
    }
