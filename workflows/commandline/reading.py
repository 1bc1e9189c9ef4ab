"""Verbs that only read: list, show, export, check."""

from collections.abc import Iterator

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand, add_list_options
from workflows import checking, files, queries
from workflows.commandline.naming import add_workflow, scope_of, words_among, workflow_of
from workflows.documents import Document, finding_documents, workflow_document, workflow_documents
from workflows.lifecycle import Status
from workflows.models import Version, Workflow


class ReadingVerbs(VerbCommand):
    """What there is, and what is wrong with it."""

    def add_list(self, parser: CommandParser) -> None:
        parser.add_argument("--status", type=words_among(*Status.values), default=[], metavar="active,paused")
        parser.add_argument("--search", default="", metavar="TEXT", help="in names, descriptions and tags")
        parser.add_argument("--scope", default="", help="this scope and those inside it")
        add_list_options(parser)

    def do_list(self, options: Options) -> Answer:
        """List workflows, all but the archived ones unless a status is named."""
        rows = queries.filtered(
            queries.everything(),
            statuses=options["status"],
            search=options["search"],
            scope=scope_of(options["scope"]),
        )
        found, following = queries.page(rows, limit=options["limit"], cursor=options["cursor"])
        documents = workflow_documents(found)
        return Answer({"workflows": documents, "next": following}, _rows(documents, following))

    def add_show(self, parser: CommandParser) -> None:
        add_workflow(parser)

    def do_show(self, options: Options) -> Answer:
        """Show one workflow with its versions and triggers."""
        document = workflow_document(workflow_of(options), detail=True)
        return Answer(document, _details(document))

    def add_export(self, parser: CommandParser) -> None:
        add_workflow(parser)
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--version", type=int, metavar="N", dest="number", help="another than the published one"
        )
        which.add_argument("--draft", action="store_true", help="the draft")

    def do_export(self, options: Options) -> None:
        """Print the workflow file of the published version, or of the draft where nothing is published."""
        workflow = workflow_of(options)
        version = _version(workflow, options)
        self._write_exactly(files.export_text(workflow, version))

    def _write_exactly(self, text: str) -> None:
        """UTF-8 without a further line end, whatever the terminal's encoding: the file is kept to the byte."""
        stream = getattr(self.stdout, "buffer", None)
        if stream is None:
            self.stdout.write(text, ending="")
            return
        self.stdout.flush()
        stream.write(text.encode())
        stream.flush()

    def add_check(self, parser: CommandParser) -> None:
        add_workflow(parser)

    def do_check(self, options: Options) -> Answer:
        """Check the draft, or the published version where there is none; exit code 1 if there are errors."""
        result = checking.check_workflow(workflow_of(options))
        findings = finding_documents(result.findings)
        passed = [{"code": check.code, "label": str(check.label)} for check in result.passed]
        lines = [
            f"{one['level']} {one['code']} {one['path']}: {one['message']} {one['fix']}" for one in findings
        ]
        problem = "" if result.ok else _("The checks found errors.")
        return Answer(
            {"ok": result.ok, "findings": findings, "passed": passed}, lines or [_("All is well.")], problem
        )


def _version(workflow: Workflow, options: Options) -> Version:
    if options["number"] is not None:
        version = workflow.versions.filter(number=options["number"]).first()
    elif options["draft"]:
        version = workflow.draft
    else:
        version = workflow.published or workflow.draft
    if version is None:
        raise queries.NotFound(_("“%(name)s” has no such version.") % {"name": workflow.name})
    return version


def _rows(documents: list[Document], following: str | None) -> Iterator[str]:
    for row in documents:
        yield f"{row['id']:>6}  {row['status']:<11}  {row['scope']:<20}  {row['name']}"
    if following:
        yield _("More follow: --cursor %(cursor)s") % {"cursor": following}


def _details(document: Document) -> Iterator[str]:
    for key, value in document.items():
        if key not in ("versions", "triggers"):
            yield f"{key}: {', '.join(value) if isinstance(value, list) else '' if value is None else value}"
    for version in document["versions"]:
        yield f"version {version['number']}: {version['state']}, {version['author']}, {version['created_at']}"
    for trigger in document["triggers"]:
        yield f"trigger {trigger['id']}: {trigger['kind']} {trigger['address'] or trigger['next'] or ''}".rstrip()
