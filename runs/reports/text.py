"""A report as plain text, for mail and chat."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from runs.reports.sheet import Sheet


def text_of(document: Mapping[str, Any]) -> tuple[str, str]:
    """Its title and its text."""
    sheet = Sheet.of(document)
    return sheet.subject, "\n".join(_lines(sheet))


def _lines(sheet: Sheet) -> Iterator[str]:
    yield f"{sheet.days} ({sheet.zone})"
    yield ""
    yield sheet.sentence
    for card in sheet.cards:
        yield f"{card.label}: {card.value}" + (f" ({card.change})" if card.change else "")
    yield _("Time paused: %(time)s") % {"time": sheet.paused}
    yield _("Missed triggers: %(n)d") % {"n": sheet.document["missed"]["triggers"]}
    yield _("Versions published: %(n)d") % {"n": sheet.document["versions"]["count"]}
    if sheet.worth:
        yield _("Impact: %(what)s") % {"what": ", ".join(sheet.worth)}
    if sheet.missed_worth:
        yield _("Missed while it was off (estimate): %(what)s") % {"what": ", ".join(sheet.missed_worth)}
    if sheet.worst:
        yield ""
        yield _("Most failures:")
    for one in sheet.worst:
        words = {"name": one["name"], "failed": one["failed"], "runs": one["runs"]}
        yield _("- %(name)s: %(failed)d of %(runs)d") % words
