"""Verbs about the workflow as a whole: describe, move, clone, rename, delete."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand
from workflows import queries, services
from workflows.commandline.naming import add_workflow, scope_of, told, words, workflow_of
from workflows.models import Workflow


class PlacingVerbs(VerbCommand):
    """What it is called, what is said of it, where it belongs."""

    def add_describe(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--description", metavar="TEXT")
        parser.add_argument("--tags", type=words, metavar="a,b", help="all of them; empty for none")
        parser.add_argument("--owner", metavar="USER", help="a user name; empty for nobody")

    def do_describe(self, options: Options) -> Answer:
        """Change the description, the tags or the owner; what is not given stays."""
        given: dict[str, Any] = {
            name: options[name] for name in ("description", "tags") if options[name] is not None
        }
        if options["owner"] is not None:
            given["owner"] = _person(options["owner"])
        if not given:
            raise CommandError(_("Give at least one of --description, --tags and --owner."))
        return told(services.describe(workflow_of(options).pk, **given), _("Described."))

    def add_move(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--to", required=True, metavar="SCOPE", help="workspace, hub:… or card:…")

    def do_move(self, options: Options) -> Answer:
        """Put the workflow into another scope."""
        scope = queries.scope_by_ref(options["to"])
        done = services.move(workflow_of(options).pk, scope=scope)
        return told(done, _("Moved to %(scope)s.") % {"scope": scope.ref})

    def add_clone(self, parser: CommandParser) -> None:
        add_workflow(parser, scope=False)
        parser.add_argument("--name", metavar="TEXT", help="suggested: Copy of …")
        parser.add_argument("--scope", dest="target", default="", help="the scope of the new one")

    def do_clone(self, options: Options) -> Answer:
        """Make a new Draft with the newest definition; the answer tells the new one."""
        source = workflow_of(options)
        done = services.clone(source.pk, name=options["name"], scope=scope_of(options["target"]))
        return told(done, _("Cloned: %(id)s %(name)s") % {"id": done.workflow.pk, "name": done.workflow.name})

    def add_rename(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--name", required=True, metavar="TEXT")

    def do_rename(self, options: Options) -> Answer:
        """Give the workflow another name."""
        done = services.rename(workflow_of(options).pk, name=options["name"])
        return told(done, _("Renamed to %(name)s.") % {"name": done.workflow.name})

    def add_delete(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument(
            "--confirm", required=True, metavar="NAME", help="the workflow's name, typed again"
        )

    def do_delete(self, options: Options) -> Answer:
        """Delete a Draft or Archived workflow for good."""
        done = services.delete(_standing_or_deleted(options).pk, confirm=options["confirm"])
        return told(done, _("Deleted: %(name)s") % {"name": done.workflow.name})


def _person(name: str) -> User | None:
    if not name:
        return None
    person = get_user_model()._default_manager.filter(username=name).first()
    if person is None:
        raise queries.NotFound(_("There is no user “%(name)s”.") % {"name": name})
    return person


def _standing_or_deleted(options: Options) -> Workflow:
    """The second `delete` of one workflow finds its tombstone and says that nothing is to be done."""
    try:
        return workflow_of(options)
    except queries.NotFound:
        tombstone = queries.deleted_by_name_or_id(options["workflow"])
        if tombstone is None:
            raise
        return tombstone
