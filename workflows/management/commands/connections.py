"""`manage.py connections`: external systems and their credentials."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.commands import Answer, Options, VerbCommand, add_list_options, read_source
from audit.models import AuditEvent
from audit.verbs import AuditWord
from workflows import connections, people
from workflows.connections.documents import connection_document, connection_documents
from workflows.models import Connection
from workflows.queries import NotFound
from workflows.services.connection_values import Credentials
from workflows.services.connections import create_connection, delete_connection, rotate_secret
from workflows.services.outages import Marked, mark_down, mark_up
from workflows.services.scopes import find_scope

WAYS = [way.value for way in Connection.Auth if way != Connection.Auth.NONE]


class Command(VerbCommand):
    help = "Lists, creates, tests and deletes connections, and marks them as down or up."

    def add_list(self, parser: CommandParser) -> None:
        add_list_options(parser)

    def do_list(self, options: Options) -> tuple[Any, list[str]]:
        """All connections by name, with health and the workflows that use them."""
        rows = Connection.objects.select_related("scope")
        found, following = people.page(rows, "name", limit=options["limit"], cursor=options["cursor"])
        lines = [f"{one.name}\t{one.scope.ref}\t{one.base_url}\t{one.get_health_display()}" for one in found]
        return {"connections": connection_documents(found), "next": following}, lines

    def add_create(self, parser: CommandParser) -> None:
        _add_name(parser)
        parser.add_argument("--base-url", required=True, metavar="URL")
        parser.add_argument("--auth", choices=WAYS, default="", help="how requests authenticate")
        parser.add_argument("--secret-file", metavar="FILE|-", help="holds the secret; basic: user:password")
        parser.add_argument("--username", default="", help="for basic, unless the secret holds it")
        parser.add_argument("--header-name", default="", help="for header; default X-API-Key")
        parser.add_argument("--kind", choices=Connection.Kind.values, default=Connection.Kind.HTTP.value)
        parser.add_argument("--scope", default="", metavar="SCOPE", help="default: the whole workspace")

    def do_create(self, options: Options) -> tuple[Any, list[str]]:
        """A new connection."""
        if options["secret_file"] and not options["auth"]:
            raise CommandError(_("--secret-file needs --auth bearer, basic or header."))
        secret = _secret(options) if options["secret_file"] else ""
        given = Credentials(options["auth"], options["username"], options["header_name"], secret)
        changed, connection = create_connection(
            options["name"],
            base_url=options["base_url"],
            scope=find_scope(options["scope"]),
            kind=options["kind"],
            credentials=given,
        )
        line = _("Created %(name)s.") if changed else _("Nothing to do: %(name)s exists just so.")
        return _verb(changed, connection), [line % {"name": connection.name}]

    def add_secret(self, parser: CommandParser) -> None:
        _add_name(parser)
        parser.add_argument("--secret-file", metavar="FILE|-", required=True, help="holds the new secret")

    def do_secret(self, options: Options) -> tuple[Any, list[str]]:
        """Replace the secret of a connection."""
        changed, connection = rotate_secret(_named(options).pk, _secret(options))
        line = (
            _("Replaced the secret of %(name)s.")
            if changed
            else _("Nothing to do: %(name)s has this secret.")
        )
        return _verb(changed, connection), [line % {"name": connection.name}]

    def add_test(self, parser: CommandParser) -> None:
        _add_name(parser)

    def do_test(self, options: Options) -> Answer:
        """Ask the external system now; exit code 1 when it does not answer well."""
        connection = connections.test(_named(options).pk)
        line = f"{connection.name}: {connection.get_health_display()}. {connection.health_message}"
        is_well = connection.health == Connection.Health.OK
        problem = "" if is_well else _("The connection's test did not succeed.")
        return Answer(_verb(True, connection), [line], problem)

    def add_mark_down(self, parser: CommandParser) -> None:
        _add_name(parser)

    def do_mark_down(self, options: Options) -> tuple[Any, list[str]]:
        """Pause every Active workflow that uses the connection."""
        marked = mark_down(_named(options).pk)
        count = len(marked.workflows)
        line = ngettext("Down; paused %(n)d workflow.", "Down; paused %(n)d workflows.", count)
        return _marked(marked, "paused"), [line % {"n": count}, *_left(marked)]

    def add_mark_up(self, parser: CommandParser) -> None:
        _add_name(parser)

    def do_mark_up(self, options: Options) -> tuple[Any, list[str]]:
        """Resume the workflows that marking it as down paused."""
        marked = mark_up(_named(options).pk)
        count = len(marked.workflows)
        line = ngettext("Up; resumed %(n)d workflow.", "Up; resumed %(n)d workflows.", count)
        return _marked(marked, "resumed"), [line % {"n": count}, *_left(marked)]

    def add_delete(self, parser: CommandParser) -> None:
        _add_name(parser)

    def do_delete(self, options: Options) -> tuple[Any, list[str]]:
        """Delete a connection that no workflow uses."""
        name = options["name"]
        if _was_deleted(name):
            line = _("Nothing to do: %(name)s was deleted before.") % {"name": name}
            return {"changed": False, "connection": None}, [line]
        connection = _named(options)
        document = connection_document(connection)
        delete_connection(connection.pk, confirm=name)
        return {"changed": True, "connection": document}, [_("Deleted %(name)s.") % {"name": name}]


def _add_name(parser: CommandParser) -> None:
    parser.add_argument("name", metavar="NAME")


def _named(options: Options) -> Connection:
    found = Connection.objects.select_related("scope").filter(name=options["name"]).first()
    if found is None:
        raise NotFound(_("There is no connection “%(name)s”.") % {"name": options["name"]})
    return found


def _was_deleted(name: str) -> bool:
    events = AuditEvent.objects.filter(event=AuditWord.CONNECTION_DELETED, subject_label=name)
    return not Connection.objects.filter(name=name).exists() and events.exists()


def _secret(options: Options) -> str:
    try:
        text = read_source(options["secret_file"]).decode().strip()
    except UnicodeDecodeError as wrong:
        raise CommandError(_("The secret file is not UTF-8 text.")) from wrong
    if not text:
        raise CommandError(_("The secret file is empty."))
    return text


def _verb(changed: bool, connection: Connection) -> dict[str, Any]:
    return {"changed": changed, "connection": connection_document(connection)}


def _marked(marked: Marked, word: str) -> dict[str, Any]:
    left = [{"workflow": one.workflow.name, "message": one.why} for one in marked.left]
    names = [workflow.name for workflow in marked.workflows]
    return _verb(marked.changed, marked.connection) | {word: names, "left": left}


def _left(marked: Marked) -> list[str]:
    return [
        _("Left as it is: %(name)s. %(why)s") % {"name": one.workflow.name, "why": one.why}
        for one in marked.left
    ]
