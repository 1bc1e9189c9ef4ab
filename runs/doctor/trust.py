"""Whether the audit trail is guarded and the stored secrets can be read."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from audit import guard
from runs.doctor.diagnosis import Diagnosis
from workflows.models import Connection, Trigger
from workflows.secrets import SecretUnreadable, decrypt

LOOKED_AT = 50


def audit() -> Iterator[Diagnosis]:
    """The database triggers that refuse changes of events."""
    absent = guard.missing()
    if absent:
        message = _("The audit table is unguarded: %(names)s.") % {"names": ", ".join(absent)}
        yield Diagnosis("audit", "error", message, "manage.py migrate --skip-checks")
    else:
        yield Diagnosis("audit", "ok", _("The audit table refuses changes."))


def secrets() -> Iterator[Diagnosis]:
    """Some stored secrets, decrypted and forgotten."""
    sealed = [*Connection.objects.exclude(secret="").values_list("secret", flat=True)[:LOOKED_AT]]
    sealed += Trigger.objects.exclude(secret="").values_list("secret", flat=True)[:LOOKED_AT]
    unreadable = sum(not _is_readable(text) for text in sealed)
    numbers = {"looked_at": len(sealed), "unreadable": unreadable}
    if unreadable:
        message = _("%(count)d secrets cannot be read with the present keys.") % {"count": unreadable}
        fix = _("Put the former key into SIGNALBOX_SECRET_KEYS as well.")
        yield Diagnosis("secrets", "error", message, fix, numbers)
    else:
        yield Diagnosis("secrets", "ok", _("Every secret can be read."), numbers=numbers)


def _is_readable(text: str) -> bool:
    try:
        decrypt(text)
    except SecretUnreadable:
        return False
    return True
