"""`manage.py restore`: says that this database is a copy, so that nothing starts, and later that it may go on."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand
from runs.models import Restoration
from runs.services import copying, restoring


class Command(VerbCommand):
    """Without --confirm it closes the gates of a copy; with a FILE it puts that into place first (SQLite)."""

    help = "Mark this database as a restored copy, on which nothing starts; or confirm that it may go on."

    def add_options(self, parser: CommandParser) -> None:
        """A file or nothing; or the confirmation."""
        either = parser.add_mutually_exclusive_group()
        either.add_argument(
            "file", type=Path, nargs="?", metavar="FILE", help="a copy to put into place (SQLite)"
        )
        either.add_argument("--confirm", action="store_true", help="let everything go on")

    def do(self, options: Options) -> Answer:
        if options["confirm"]:
            done = restoring.confirm()
            lines = [
                _("Confirmed.") if done.changed else _("Nothing to do: no copy waits for a confirmation.")
            ]
            return Answer(_document(done), [*lines, _what()])
        file = options["file"]
        aside = self._put_into_place(file) if file else None
        done = restoring.mark()
        lines = [_("The former database is kept as %(file)s.") % {"file": aside}] if aside else []
        lines += [_("Nothing starts until manage.py restore --confirm."), _what()]
        document = {
            **_document(done),
            "changed": done.changed or bool(file),
            "former": str(aside) if aside else None,
        }
        return Answer(document, lines)

    def _put_into_place(self, file: Path) -> Path | None:
        aside = copying.put_into_place(file.resolve())
        call_command("migrate", interactive=False, verbosity=0)
        return aside


def _what() -> str:
    what = _(
        "Active workflows: %(active)d. Runs: %(pending)d pending, %(running)d executing, %(waiting)d waiting, "
        "%(held)d held. Schedules due: %(schedules_due)d."
    )
    return what % restoring.figures()


def _document(done: restoring.Restored) -> dict[str, Any]:
    return {"changed": done.changed, "restored": _times(done.restoration), "figures": restoring.figures()}


def _times(restoration: Restoration | None) -> dict[str, Any] | None:
    if restoration is None:
        return None
    return {name: getattr(restoration, name) for name in ("copied_at", "marked_at", "confirmed_at")}
