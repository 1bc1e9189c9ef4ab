"""`manage.py notices`: what was told, and who is told about scopes."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Options, VerbCommand, add_list_options
from workflows import people
from workflows.models import Notice, NoticeRecipient
from workflows.models.notice import ABOUT_WORKFLOWS
from workflows.notices import documents
from workflows.services.recipients import RecipientGone, add_recipient, remove_recipient
from workflows.services.scopes import find_scope


class Command(VerbCommand):
    help = "Lists notices and their deliveries; lists, adds and removes the recipients of scopes."

    def add_list(self, parser: CommandParser) -> None:
        add_list_options(parser)
        parser.add_argument("--failed", action="store_true", help="only those with a delivery that failed")

    def do_list(self, options: Options) -> tuple[Any, list[str]]:
        """Notices, newest first, with what became of each delivery."""
        rows = Notice.objects.select_related("workflow", "scope").prefetch_related("deliveries")
        if options["failed"]:
            rows = rows.filter(deliveries__state="failed").distinct()
        found, following = documents.page(rows, limit=options["limit"], cursor=options["cursor"])
        told = [documents.notice_document(notice) for notice in found]
        lines = [f"{one['raised_at']}\t{one['kind']}\t{one['title']}\t{_states(one)}" for one in told]
        return {"notices": told, "next": following}, lines

    def add_recipients(self, parser: CommandParser) -> None:
        add_list_options(parser)

    def do_recipients(self, options: Options) -> tuple[Any, list[str]]:
        """Every recipient of every scope, oldest first."""
        rows = NoticeRecipient.objects.select_related("scope")
        found, following = people.page(rows, "pk", limit=options["limit"], cursor=options["cursor"])
        told = [documents.recipient_document(row) for row in found]
        lines = [f"{one['recipient']}\t{one['scope']}\t{_kinds(one)}\t{_rhythm(one)}" for one in told]
        return {"recipients": told, "next": following}, lines

    def add_add(self, parser: CommandParser) -> None:
        parser.add_argument("recipient", metavar="RECIPIENT", help="address, person, or chat connection")
        parser.add_argument("--scope", default="", metavar="SCOPE", help="default: the whole workspace")
        kinds = ",".join(ABOUT_WORKFLOWS)
        parser.add_argument("--kinds", default="", metavar="A,B", help=f"of {kinds}; default: all")
        parser.add_argument("--digest", action="store_true", help="once a day instead of at once")

    def do_add(self, options: Options) -> tuple[Any, list[str]]:
        """Let somebody be told about a scope; who is told already gets these kinds and this rhythm."""
        changed, row = add_recipient(
            options["recipient"],
            scope=find_scope(options["scope"]),
            kinds=[kind.strip() for kind in options["kinds"].split(",") if kind.strip()],
            in_digest=options["digest"],
        )
        line = _("%(recipient)s is told about %(scope)s.")
        line = line if changed else _("Nothing to do: %(recipient)s is told about %(scope)s just so already.")
        document = documents.recipient_document(row)
        return {"changed": changed, "recipient": document}, [line % document]

    def add_remove(self, parser: CommandParser) -> None:
        parser.add_argument("recipient", metavar="RECIPIENT")
        parser.add_argument("--scope", default="", metavar="SCOPE", help="default: the whole workspace")

    def do_remove(self, options: Options) -> tuple[Any, list[str]]:
        """Tell somebody about a scope no more."""
        scope = find_scope(options["scope"])
        row = NoticeRecipient.objects.filter(
            scope=scope, recipient__iexact=options["recipient"].strip()
        ).first()
        words = {"recipient": options["recipient"], "scope": scope.ref}
        if row is None:
            line = _("Nothing to do: %(recipient)s is not told about %(scope)s.")
            return {"changed": False, **words}, [line % words]
        try:
            remove_recipient(row.pk)
        except RecipientGone:
            return {"changed": False, **words}, []
        return {"changed": True, **words}, [_("%(recipient)s is told about %(scope)s no more.") % words]


def _kinds(document: dict[str, Any]) -> str:
    return ",".join(document["kinds"]) or "all"


def _rhythm(document: dict[str, Any]) -> str:
    return "daily" if document["digest"] else "immediately"


def _states(document: dict[str, Any]) -> str:
    return ", ".join(f"{one['recipient']}: {one['state']}" for one in document["deliveries"]) or "-"
