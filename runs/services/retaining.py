"""The rules of retention: what the environment says, unless a manager has chosen otherwise."""

from dataclasses import asdict, dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.models import RetentionRules
from workflows.lifecycle import Stale
from workflows.services.entering import actor_label
from workflows.services.values import refuse

MOST_DAYS: Final = 36_500
MOST_RUNS: Final = 1_000_000_000
SUBJECT: Final = Subject("installation", "", "Signalbox")


@dataclass(frozen=True)
class Rules:
    """Days after their end for which runs are kept, and how many of a workflow; 0: for ever, any number."""

    success_days: int
    other_days: int
    runs: int


def rules() -> Rules:
    """Those in force."""
    return chosen() or of_environment()


def chosen() -> Rules | None:
    """What a manager has chosen; None where the environment says it."""
    row = RetentionRules.objects.first()
    return None if row is None else Rules(row.success_days, row.other_days, row.runs)


def of_environment() -> Rules:
    """What the variables SIGNALBOX_KEEP_… say."""
    return Rules(settings.KEEP_SUCCESS_DAYS, settings.KEEP_OTHER_DAYS, settings.KEEP_RUNS)


def revision() -> int:
    """Of the choice, for a form to say what its person saw; 0 where nothing was ever chosen."""
    return RetentionRules.objects.values_list("revision", flat=True).first() or 0


def change_rules(fresh: Rules, *, seen: int | None = None) -> bool:
    """Keep runs by these rules from the next night on; whether anything changed. Nothing is removed at once.

    `seen`: the revision that the person saw. Raises ValueRefused for numbers out of range, Stale.
    """
    _require_range("success_days", fresh.success_days, MOST_DAYS)
    _require_range("other_days", fresh.other_days, MOST_DAYS)
    _require_range("runs", fresh.runs, MOST_RUNS)
    with change():
        row = RetentionRules.objects.select_for_update().first()
        before, stands = rules(), row.revision if row else 0
        if fresh == before:
            return False
        if seen is not None and seen != stands:
            raise Stale(_("Somebody changed the rules meanwhile. Look at them again."))
        values = {**asdict(fresh), "changed_at": stamp(), "changed_by": actor_label(), "revision": stands + 1}
        RetentionRules.objects.update_or_create(pk=1, defaults=values)
        record(AuditWord.RETENTION_CHANGED, SUBJECT, before=asdict(before), after=asdict(fresh))
    return True


def _require_range(field: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise refuse(field, "out_of_range", _("Give a number from 0 to %(most)d.") % {"most": most})
