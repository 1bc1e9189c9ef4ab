"""Verbs of `manage.py runs` that only read: list, show."""

from collections.abc import Iterator

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand, add_list_options, moment
from runs import queries
from runs.documents import run_document
from runs.models import RunStatus
from workflows.commandline.naming import scope_of, words_among
from workflows.documents import Document
from workflows.queries import by_name_or_id


class ListingVerbs(VerbCommand):
    """What happened."""

    def add_list(self, parser: CommandParser) -> None:
        parser.add_argument("--workflow", default="", metavar="W", help="of this workflow only")
        parser.add_argument("--scope", default="", help="where W is, if its name is not unique")
        parser.add_argument(
            "--status", type=words_among(*RunStatus.values), default=[], metavar="failed,running"
        )
        parser.add_argument("--since", type=moment, metavar="ISO", help="received at or after this instant")
        add_list_options(parser)

    def do_list(self, options: Options) -> Answer:
        """List runs, newest first."""
        scope = scope_of(options["scope"])
        workflow = by_name_or_id(options["workflow"], scope=scope) if options["workflow"] else None
        rows = queries.filtered(
            queries.everything(),
            workflow=workflow,
            statuses=options["status"],
            since=options["since"],
            scope=None if workflow else scope,
        )
        found, following = queries.list_runs(rows, limit=options["limit"], cursor=options["cursor"])
        documents = [run_document(run) for run in found]
        return Answer({"runs": documents, "next": following}, _rows(documents, following))

    def add_show(self, parser: CommandParser) -> None:
        parser.add_argument("run", metavar="R", help="the run's id")

    def do_show(self, options: Options) -> Answer:
        """Show one run with its input, output and steps."""
        run = queries.with_steps(queries.by_id(options["run"]).pk)
        document = run_document(run, detail=True)
        return Answer(document, _details(document))


def _rows(documents: list[Document], following: str | None) -> Iterator[str]:
    for row in documents:
        why = row["error"] or row["reason"] or ""
        yield f"{row['id']}  {row['status']:<14}  {row['received_at']}  {row['workflow_name']}  {why}".rstrip()
    if following:
        yield _("More follow: --cursor %(cursor)s") % {"cursor": following}


def _details(document: Document) -> Iterator[str]:
    for key, value in document.items():
        if key != "steps":
            yield f"{key}: {'' if value is None else value}"
    for step in document["steps"]:
        place = f"[{step['item']}]" if step["item"] else ""
        yield f"step {step['id']}{place}: {step['kind']}, {step['status']}, {len(step['attempts'])} attempts"
