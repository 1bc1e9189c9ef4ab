"""Whether this is a restored copy that waits for its confirmation."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from runs import restored
from runs.doctor.diagnosis import Diagnosis


def confirmed() -> Iterator[Diagnosis]:
    """Says nothing where nothing was restored."""
    if restored.look():
        message = _("This is a restored copy: no run starts and no trigger is accepted.")
        fix = _("When the original has stopped: manage.py restore --confirm")
        yield Diagnosis("restored", "error", message, fix)
