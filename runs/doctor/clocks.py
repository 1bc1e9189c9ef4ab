"""Whether the hosts' clocks agree with the database's, which stamps everything that counts."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from runs.doctor.diagnosis import Diagnosis
from runs.engine import heartbeat
from runs.intake.ticks import recorded_ahead
from runs.models import Heartbeat

SKEW = 5.0


def agree() -> Iterator[Diagnosis]:
    """This host's clock, the clocks of all hosts with living processes, and whether the database's was set back."""
    moment, own = heartbeat.compared_clocks()
    ahead = _by_host(moment, own)
    numbers = {host: round(seconds, 3) for host, seconds in ahead.items()}
    told = [*_differing(ahead), *_set_back(moment)]
    for message, fix in told:
        yield Diagnosis("clock", "warning", message, fix, numbers)
    if not told:
        yield Diagnosis("clock", "ok", _("The clocks agree."), numbers=numbers)


def _by_host(moment: datetime, own: float) -> dict[str, float]:
    ahead = {_("this host"): own}
    for beat in Heartbeat.objects.filter(beat_at__gt=moment - heartbeat.ALIVE).order_by("host"):
        ahead[beat.host] = max(ahead.get(beat.host, 0.0), beat.clock_ahead, key=abs)
    return ahead


def _differing(ahead: dict[str, float]) -> Iterator[tuple[str, str]]:
    for host, seconds in ahead.items():
        if abs(seconds) > SKEW:
            message = _("The clock of %(host)s is %(seconds)+d s off the database's.")
            yield (
                message % {"host": host, "seconds": round(seconds)},
                _("Let both synchronise their clocks (NTP)."),
            )


def _set_back(moment: datetime) -> Iterator[tuple[str, str]]:
    ahead = Heartbeat.objects.filter(beat_at__gt=moment + timedelta(seconds=SKEW)).count()
    if ahead:
        message = _("%(count)d processes beat in the future: the database's clock was set back.")
        yield message % {"count": ahead}, _("Let clocks be slewed, not set; waits come late by as much.")
    resting = recorded_ahead(moment)
    if resting:
        message = _("The clock was set back: %(count)d schedules rest until it is where it was before.")
        yield message % {"count": resting}, _("Let clocks be slewed, not set. Nothing is due twice.")
