"""`manage.py scopes`: the tree of workspace, hubs and cards."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Options, VerbCommand, add_list_options
from workflows import people
from workflows.services.scopes import create_scope, ensure_workspace, rename_scope


class Command(VerbCommand):
    help = "Lists and creates scopes: hubs in the workspace, cards in hubs."

    def add_list(self, parser: CommandParser) -> None:
        add_list_options(parser)

    def do_list(self, options: Options) -> tuple[Any, list[str]]:
        """All scopes, by ref."""
        ensure_workspace()
        found, following = people.page(
            people.scopes(), "ref", limit=options["limit"], cursor=options["cursor"]
        )
        documents = [people.scope_document(scope) for scope in found]
        lines = [f"{scope['ref']}\t{scope['name']}\t{scope['in'] or '-'}" for scope in documents]
        return {"scopes": documents, "next": following}, lines

    def add_create(self, parser: CommandParser) -> None:
        parser.add_argument("ref", metavar="SCOPE", help="hub:name or card:name")
        parser.add_argument(
            "--name", default="", metavar="TEXT", help="its title; made from the ref otherwise"
        )
        parser.add_argument("--in", dest="inside", default="", metavar="SCOPE", help="the hub of a card")

    def do_create(self, options: Options) -> tuple[Any, list[str]]:
        """A hub in the workspace, or a card in a hub."""
        changed, scope = create_scope(options["ref"], name=options["name"], inside=options["inside"])
        line = _("Created %(ref)s.") if changed else _("Nothing to do: %(ref)s exists already.")
        return {"changed": changed, "scope": people.scope_document(scope)}, [line % {"ref": scope.ref}]

    def add_rename(self, parser: CommandParser) -> None:
        parser.add_argument("ref", metavar="SCOPE")
        parser.add_argument("--name", required=True, metavar="TEXT", help="the new title; the ref stays")

    def do_rename(self, options: Options) -> tuple[Any, list[str]]:
        """Another title for a scope."""
        changed, scope = rename_scope(options["ref"], name=options["name"])
        line = _("%(ref)s is named %(name)s.") if changed else _("Nothing to do: %(ref)s is named %(name)s.")
        document = {"changed": changed, "scope": people.scope_document(scope)}
        return document, [line % {"ref": scope.ref, "name": scope.name}]
