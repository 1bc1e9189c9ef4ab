"""How a command line names a workflow, and how results are told there."""

import argparse
from collections.abc import Callable

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options
from workflows import queries
from workflows.documents import verb_document
from workflows.models import Scope, Workflow
from workflows.services.acting import VerbResult


def add_workflow(parser: CommandParser, *, scope: bool = True) -> None:
    """`W`, and `--scope` where the verb has no other use for that option."""
    parser.add_argument("workflow", metavar="W", help="the workflow's id or exact name")
    if scope:
        parser.add_argument("--scope", default="", help="where the workflow is, if its name is not unique")


def workflow_of(options: Options, *, archived_first: bool = False) -> Workflow:
    """The workflow that the options name; raises NotFound and AmbiguousName."""
    return queries.by_name_or_id(
        options["workflow"], scope=scope_of(options.get("scope")), archived_first=archived_first
    )


def scope_of(ref: str | None) -> Scope | None:
    """The scope of that name, None for none; raises NotFound."""
    return queries.scope_by_ref(ref) if ref else None


def words(text: str) -> list[str]:
    """An argument type: words separated by commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def words_among(*known: str) -> Callable[[str], list[str]]:
    """An argument type: comma-separated words, each of which is known."""

    def read(text: str) -> list[str]:
        given = words(text)
        if unknown := [word for word in given if word not in known]:
            raise argparse.ArgumentTypeError(
                _("%(word)s is none of %(known)s.") % {"word": unknown[0], "known": ", ".join(known)}
            )
        return given

    return read


def told(result: VerbResult, sentence: str, **more: object) -> Answer:
    """What a verb answers: its document, and one line for people."""
    return Answer(verb_document(result, **more), [result.message or sentence])
