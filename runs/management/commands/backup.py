"""`manage.py backup FILE`: a copy of the SQLite database, taken while everything runs (docs/deploy/backup.md)."""

from pathlib import Path

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand
from runs.services import copying


class Command(VerbCommand):
    """What starts on the copy waits until somebody confirms it."""

    help = "Copy the SQLite database into a file, while everything runs."

    def add_options(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def do(self, options: Options) -> Answer:
        target = options["file"].resolve()
        moment = copying.take(target)
        size = target.stat().st_size
        line = _(
            "%(file)s holds everything up to %(at)s (%(size)d bytes). Keep the keys with it: they are not in it."
        )
        document = {"changed": True, "file": str(target), "bytes": size, "copied_at": moment}
        return Answer(document, [line % {"file": target, "at": moment.isoformat(), "size": size}])
