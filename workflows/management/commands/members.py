"""`manage.py members`: who has which role where."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.commands import Options, VerbCommand, add_list_options, read_source
from workflows import people
from workflows.models import Role
from workflows.services.members import admit, find_person, remove_member, set_member
from workflows.services.scopes import find_scope


class Command(VerbCommand):
    help = "Lists members and their roles; gives and takes roles."

    def add_list(self, parser: CommandParser) -> None:
        add_list_options(parser)
        parser.add_argument("--scope", default="", metavar="SCOPE", help="only roles in this very scope")

    def do_list(self, options: Options) -> tuple[Any, list[str]]:
        """Every role of every person, oldest first."""
        rows = people.memberships()
        if options["scope"]:
            rows = rows.filter(scope=find_scope(options["scope"]))
        found, following = people.page(rows, "pk", limit=options["limit"], cursor=options["cursor"])
        documents = [people.member_document(membership) for membership in found]
        lines = [f"{member['user']}\t{member['role']}\t{member['scope']}" for member in documents]
        return {"members": documents, "next": following}, lines

    def add_add(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--scope", default="", metavar="SCOPE", help="default: the whole workspace")
        parser.add_argument(
            "--create", action="store_true", help="make the account too; needs --password-file"
        )
        parser.add_argument("--password-file", metavar="FILE|-", help="the new account's password")

    def do_add(self, options: Options) -> tuple[Any, list[str]]:
        """Give a person a role; another one in the same scope is replaced."""
        scope = find_scope(options["scope"])
        if options["create"]:
            changed, member = admit(options["user"], _password(options), options["role"], scope=scope)
        else:
            changed, member = set_member(find_person(options["user"]), options["role"], scope=scope)
        document = people.member_document(member)
        line = _("%(user)s is %(role)s in %(scope)s.")
        line = line if changed else _("Nothing to do: %(user)s is %(role)s in %(scope)s already.")
        return {"changed": changed, "member": document}, [line % document]

    def add_remove(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER")
        parser.add_argument("--scope", default="", metavar="SCOPE", help="default: the whole workspace")

    def do_remove(self, options: Options) -> tuple[Any, list[str]]:
        """Take a person's role in a scope away."""
        user, scope = find_person(options["user"]), find_scope(options["scope"])
        changed = remove_member(user, scope=scope)
        document = {
            "user": user.get_username(), "role": None, "scope": scope.ref, "active": user.is_active,
        }  # fmt: skip
        line = _("%(user)s has no role in %(scope)s any more.")
        line = line if changed else _("Nothing to do: %(user)s has no role in %(scope)s.")
        return {"changed": changed, "member": document}, [line % document]


def _password(options: Options) -> str:
    if not options["password_file"]:
        raise CommandError(_("--create needs --password-file FILE, or - for standard input."))
    try:
        return read_source(options["password_file"]).decode().rstrip("\r\n")
    except UnicodeDecodeError as wrong:
        raise CommandError(_("The password file is not UTF-8 text.")) from wrong
