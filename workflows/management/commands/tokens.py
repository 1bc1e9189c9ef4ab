"""`manage.py tokens`: bearer tokens for other systems."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Options, VerbCommand, add_list_options, whole_number
from workflows import people
from workflows.models import Role
from workflows.services.scopes import find_scope
from workflows.services.tokens import create_token, revoke_token


class Command(VerbCommand):
    help = "Makes, lists and revokes bearer tokens."

    def add_create(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--scope", default="", metavar="SCOPE", help="default: the whole workspace")
        parser.add_argument("--days", type=whole_number, metavar="N", help="expires after so many days")

    def do_create(self, options: Options) -> tuple[Any, list[str]]:
        """A new token. Its text is printed now and never again."""
        scope = find_scope(options["scope"])
        made = create_token(options["name"], options["role"], scope=scope, days=options["days"])
        document = {"changed": True, "token": made.text, **people.token_document(made.token)}
        hint = _("Keep it now: it is not shown again. Send it as “Authorization: Bearer …”.")
        return document, [made.text, hint]

    def add_list(self, parser: CommandParser) -> None:
        add_list_options(parser)

    def do_list(self, options: Options) -> tuple[Any, list[str]]:
        """All tokens by name, without their texts."""
        found, following = people.page(
            people.tokens(), "name", limit=options["limit"], cursor=options["cursor"]
        )
        documents = [people.token_document(token) for token in found]
        return {"tokens": documents, "next": following}, [_line(token) for token in documents]

    def add_revoke(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def do_revoke(self, options: Options) -> tuple[Any, list[str]]:
        """End a token at once."""
        changed, token = revoke_token(options["name"])
        line = _("Revoked %(name)s.") if changed else _("Nothing to do: %(name)s was revoked before.")
        return {"changed": changed, **people.token_document(token)}, [line % {"name": token.name}]


def _line(token: dict[str, Any]) -> str:
    state = _("valid") if token["valid"] else _("ended")
    return f"{token['name']}\t{token['role']}\t{token['scope']}\t{state}\t{token['expires_at'] or '-'}"
