"""The audit log on the command line: list, export, verify."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from audit import export, queries
from audit.chain import instant
from audit.commands import Answer, Options, VerbCommand, add_list_options, moment
from audit.documents import event_document
from audit.models import AuditEvent
from audit.queries import Events
from audit.verify import verify
from config.web.paging import CursorRefused, Keyset, Slice


class Command(VerbCommand):
    help = "Lists, exports and verifies the audit log."

    def add_list(self, parser: CommandParser) -> None:
        """What narrows the list."""
        parser.add_argument("--subject", metavar="W", default="", help="an id, or any name the subject had")
        parser.add_argument("--event", metavar="TEXT", default="", help='a phrase such as "Workflow paused"')
        parser.add_argument("--since", type=moment, metavar="ISO", help="recorded then or later")
        add_list_options(parser)

    def do_list(self, options: Options) -> tuple[Any, list[str]]:
        """List events, newest first."""
        page = _page(_narrowed(options), options["limit"], options["cursor"])
        document = {"events": [event_document(event) for event in page.rows], "next": page.next or None}
        lines = [_line(event) for event in page.rows]
        return document, [*lines, _("More: --cursor %(next)s") % {"next": page.next}] if page.next else lines

    def add_export(self, parser: CommandParser) -> None:
        """The form of the file."""
        parser.add_argument("--format", choices=list(export.FORMATS), default="jsonl")

    def do_export(self, options: Options) -> None:
        """Write the whole log to standard output, oldest first; itself audited."""
        # With --json the lines become the one document; either way nothing is gathered in memory.
        number = export.begin(options["format"])
        lines = export.lines(
            AuditEvent.objects.filter(id__lte=number), "jsonl" if options["json"] else options["format"]
        )
        if not options["json"]:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        self.stdout.write('{"events": [', ending="")
        for place, line in enumerate(lines):
            self.stdout.write(f"{', ' if place else ''}{line.rstrip()}", ending="")
        self.stdout.write('], "next": null}')

    def do_verify(self, options: Options) -> Answer:
        """Check the whole chain; exit code 1 and the first broken event if it is not whole."""
        found = verify()
        document = {
            "ok": found.ok,
            "events": found.events,
            "first_broken": found.first_broken,
            "problem": found.problem or None,
        }
        if found.ok:
            return Answer(document, [_("%(n)d events, chain whole.") % {"n": found.events}])
        return Answer(document, [], found.problem)


def _narrowed(options: Options) -> Events:
    events = AuditEvent.objects.all()
    if options["subject"]:
        events = queries.named(options["subject"], events)
    if options["event"]:
        events = queries.worded(options["event"], events)
    if options["since"]:
        events = queries.since(options["since"], events)
    return events


def _page(events: Events, limit: int, cursor: str) -> Slice:
    size = limit or events.count() or 1
    try:
        return Keyset(events, ("-id",), per_page=size).page(cursor)
    except CursorRefused as wrong:
        raise CommandError(_("This is no cursor of this list: use the `next` of the page before.")) from wrong


def _line(event: AuditEvent) -> str:
    parts = [instant(event.time), event.actor_label, f"{event.event}: {event.subject_label}", event.phrase]
    return "  ".join(part for part in [*parts, f"({event.reason})" if event.reason else ""] if part)
