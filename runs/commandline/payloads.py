"""Payloads given on a command line: JSON, or @FILE for a file that holds it."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.commands import Options, read_source
from runs.intake.json_text import BodyRefused, parse_json


def add_payload(parser: CommandParser) -> None:
    """`--payload JSON|@FILE`."""
    parser.add_argument(
        "--payload",
        default=None,
        metavar="JSON|@FILE",
        help="what the trigger brings; @- reads standard input",
    )


def payload_of(options: Options, *, default: Any = None) -> Any:
    """The payload's value; raises CommandError for what is no JSON."""
    text = options["payload"]
    if text is None:
        return default
    try:
        return parse_json(read_source(text[1:]) if text.startswith("@") else text)
    except BodyRefused as refusal:
        raise CommandError(f"--payload: {refusal}") from refusal
