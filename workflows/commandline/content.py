"""Verbs about what a workflow does: import, publish, discard-draft, roll-back, secret."""

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand, read_source, whole_number
from workflows import services
from workflows.commandline.naming import add_workflow, scope_of, told, workflow_of
from workflows.documents import finding_documents, moment_text, verb_document, workflow_documents
from workflows.queries import by_name_or_id
from workflows.services.acting import VerbResult
from workflows.services.rotating import Rotation


class ContentVerbs(VerbCommand):
    """Versions, their files and their secrets."""

    def add_import(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE|-", help="a workflow file, or - for standard input")
        parser.add_argument("--into", default="", metavar="W", help="as the draft of this workflow")
        parser.add_argument("--replace-draft", action="store_true", help="also if it has a draft already")
        parser.add_argument("--scope", default="", help="where W is, if its name is not unique")

    def do_import(self, options: Options) -> Answer:
        """Import a workflow file: new Drafts, or a new draft of the workflow named by --into."""
        if options["replace_draft"] and not options["into"]:
            raise CommandError(_("--replace-draft needs --into."))
        into = by_name_or_id(options["into"], scope=scope_of(options["scope"])) if options["into"] else None
        done = services.import_file(
            read_source(options["file"]),
            into=into.pk if into else None,
            replace_draft=options["replace_draft"],
        )
        documents = workflow_documents(done.workflows)
        lines = [f"{row['id']}  {row['name']}: {done.message or _('imported.')}" for row in documents]
        lines += [finding.message for finding in done.findings]
        findings = finding_documents(done.findings)
        return Answer({"changed": done.changed, "workflows": documents, "findings": findings}, lines)

    def add_publish(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--accept-warnings", action="store_true", help="publish in spite of warnings")

    def do_publish(self, options: Options) -> Answer:
        """Publish the draft; the status stays."""
        done = services.publish(workflow_of(options).pk, accept_warnings=options["accept_warnings"])
        sentence = _("Version %(number)s is published.") % {"number": _published(done)}
        return told(done, sentence, findings=finding_documents(done.figures["findings"]))

    def add_discard_draft(self, parser: CommandParser) -> None:
        add_workflow(parser)

    def do_discard_draft(self, options: Options) -> Answer:
        """Delete the draft that stands beside a published version."""
        return told(services.discard_draft(workflow_of(options).pk), _("The draft is discarded."))

    def add_roll_back(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--to", type=whole_number, required=True, metavar="N", help="the older version")
        parser.add_argument("--publish", action="store_true", help="publish it at once")
        parser.add_argument("--replace-draft", action="store_true", help="also if there is a draft already")

    def do_roll_back(self, options: Options) -> Answer:
        """Make an older version's content the draft, or publish it at once."""
        done = services.roll_back(
            workflow_of(options).pk,
            to=options["to"],
            publish=options["publish"],
            replace_draft=options["replace_draft"],
        )
        sentence = _("The content of version %(to)s stands again.") % {"to": options["to"]}
        return told(done, sentence, findings=finding_documents(done.figures["findings"]))

    def add_secret(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("trigger", metavar="TRIGGER", help="the id of a webhook trigger")
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            "--value-file", metavar="FILE|-", help="a file with the secret, or - for standard input"
        )
        source.add_argument(
            "--generate", action="store_true", help="make one and print it once (the default)"
        )
        parser.add_argument(
            "--revoke-previous", action="store_true", help="the old one is void at once, not in 24 h"
        )

    def do_secret(self, options: Options) -> Answer:
        """Set or generate a webhook trigger's secret; a generated one is printed once."""
        value = _secret_in(options["value_file"]) if options["value_file"] else None
        done = services.rotate_trigger_secret(
            workflow_of(options).pk,
            options["trigger"],
            value=value,
            revoke_previous=options["revoke_previous"],
        )
        document = verb_document(
            VerbResult(done.changed, done.workflow, done.message),
            trigger=done.trigger.trigger_id,
            secret=done.secret,
            previous_valid_until=moment_text(done.trigger.previous_until),
        )
        return Answer(document, _secret_lines(done))


def _published(done: VerbResult) -> int | None:
    return done.workflow.published.number if done.workflow.published else None


def _secret_in(name: str) -> str:
    try:
        return read_source(name).decode().rstrip("\r\n")
    except UnicodeDecodeError as wrong:
        raise CommandError(_("The secret's file is not UTF-8 text.")) from wrong


def _secret_lines(done: Rotation) -> list[str]:
    return [done.secret] if done.secret else [done.message or _("The secret is set.")]
