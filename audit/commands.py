"""The base of all management commands: verbs as subcommands, `--json`, `--actor`, and the promised exit codes.

Exit codes (interfaces.md): 0 done, also when nothing had to change; 1 refused or failed; 2 wrong usage.
"""

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from audit import chain
from audit.context import Actor, acting

Options = dict[str, Any]
STANDARD_STREAM = "-"


class Answer(NamedTuple):
    """What a verb did: the one JSON document, and the lines for people.

    A `problem` makes the exit code 1 although the document is printed: a broken chain, checks with errors.
    """

    document: Any
    lines: Iterable[str] = ()
    problem: str = ""


class Refused(CommandError):
    """Exit code 1: refused or failed; nothing changed."""


class WrongUsage(CommandError):
    """Exit code 2: an option is missing, misspelt or has an impossible value."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=2)


class NotFound(Exception):
    """A refusal for commands to raise: what was named does not exist, or is ambiguous (then say how to choose)."""

    code = "not_found"

    def __init__(self, message: str, findings: Iterable[dict[str, str]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.findings = list(findings)


class VerbCommand(BaseCommand):
    """A command whose methods are its subcommands.

    `add_<verb>(parser)` (optional) declares arguments, `do_<verb>(options)` acts and returns an Answer or a
    plain pair of document and lines, or None when it wrote to `self.stdout` itself; `_` in a name is `-` on
    the command line. The first line of `do_<verb>`'s docstring is its help. A command without verbs defines
    `add_options(parser)` and `do(options)` instead.

    Raise CommandError for wrong usage (exit 2). An exception with `code`, `message` and `findings` is a
    refusal (exit 1). Under `--json` both leave `{"error": …}` on standard output. Everything recorded is by
    the actor "command: NAME" with origin "command".
    """

    # Pausing and stopping must work however broken the installation is; `doctor` and `up` check it.
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Options must be written out: an abbreviation would change its meaning with the next option."""
        # Django's parser then raises CommandError where it would print and exit; run_from_argv() tells it.
        self._called_from_command_line = False
        return super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)

    def run_from_argv(self, argv: list[str]) -> None:
        """Ends with exit code 2 and, under `--json`, a document when the arguments cannot be read."""
        try:
            super().run_from_argv(argv)
        except (Refused, WrongUsage):
            raise
        except CommandError as wrong:
            message = str(wrong).removeprefix("Error: ")
            self._tell_refusal("--json" in argv, "usage", message)
            self.stderr.write(message)
            sys.exit(2)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the common options and every verb."""
        _add_common_options(parser, json_default=False, actor_default="")
        words = self._words()
        if not words:
            self.add_options(parser)
            return
        verbs = parser.add_subparsers(dest="subcommand", required=True, metavar="|".join(words))
        for word, name in words.items():
            summary = (getattr(self, f"do_{name}").__doc__ or "").strip().splitlines()[:1]
            verb = verbs.add_parser(word, help="".join(summary).replace("%", "%%"), allow_abbrev=False)
            _add_common_options(verb, json_default=argparse.SUPPRESS, actor_default=argparse.SUPPRESS)
            declare: Callable[[CommandParser], None] | None = getattr(self, f"add_{name}", None)
            if declare:
                declare(verb)

    def add_options(self, parser: CommandParser) -> None:
        """Declare the arguments of a command without verbs."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Performs the verb as the named actor and prints its answer."""
        actor = Actor("command", "", f"command: {options['actor'] or system_user()}")
        with acting(actor, origin="command"):
            answer = self._perform(options)
        if answer is None:
            return
        if options["json"]:
            self.print_document(answer.document)
        else:
            for line in answer.lines:
                self.stdout.write(line)
        if answer.problem:
            raise Refused(answer.problem)

    def print_document(self, document: Any) -> None:
        """Write one JSON document; ASCII only, so that it passes through any terminal and pipe."""
        self.stdout.write(json.dumps(document, indent=2, default=_plain))

    def _perform(self, options: Options) -> Answer | None:
        try:
            given = self._method(options)(options)
        except (Refused, WrongUsage):
            raise
        except CommandError as wrong:
            self._tell_refusal(options["json"], "usage", str(wrong))
            raise WrongUsage(str(wrong)) from wrong
        except Exception as refusal:
            if not _is_refusal(refusal):
                raise
            self._tell_refusal(options["json"], refusal.code, refusal.message, refusal.findings)  # type: ignore[attr-defined]
            raise Refused(_in_words(refusal.message, refusal.findings)) from refusal  # type: ignore[attr-defined]
        return None if given is None else Answer(*given)

    def _method(self, options: Options) -> Callable[[Options], Sequence[Any] | None]:
        word = options.get("subcommand")
        return getattr(self, f"do_{self._words()[word]}" if word else "do")

    def _words(self) -> dict[str, str]:
        """Command-line words and method names, in the order of definition, mixins first."""
        names = [
            name for kind in reversed(type(self).__mro__) for name in vars(kind) if name.startswith("do_")
        ]
        return {name[3:].replace("_", "-"): name[3:] for name in names}

    def _tell_refusal(self, as_json: bool, code: str, message: str, findings: Iterable[Any] = ()) -> None:
        if as_json:
            error = {"code": code, "message": message, "findings": list(findings)}
            self.print_document({"error": error})


def _add_common_options(parser: CommandParser, *, json_default: Any, actor_default: str) -> None:
    parser.add_argument("--json", action="store_true", default=json_default, help="print one JSON document")
    parser.add_argument("--actor", metavar="NAME", default=actor_default, help="whom to record as acting")


def add_list_options(parser: CommandParser) -> None:
    """`--limit N` (default 50, 0 for all) and `--cursor TEXT`, the same in every list."""
    parser.add_argument("--limit", type=whole_number, default=50, metavar="N", help="how many; 0 for all")
    parser.add_argument("--cursor", default="", help="where the list before ended (its `next`)")


def whole_number(text: str) -> int:
    """An argument type: 0, 1, 2 …"""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(_("%(text)r is not a whole number.") % {"text": text})
    return int(text)


def moment(text: str) -> datetime:
    """An argument type: an ISO 8601 date or time; without an offset it is in the installation's zone."""
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        found = day = None
    if day:
        found = datetime.combine(day, time.min)
    if found is None:
        raise argparse.ArgumentTypeError(
            _("%(text)r is no ISO 8601 time such as 2026-11-23T09:00:00Z.") % {"text": text}
        )
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def read_source(name: str) -> bytes:
    """What stands in the named file, or on standard input for "-"; raises CommandError when unreadable."""
    if name == STANDARD_STREAM:
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as problem:
        raise CommandError(f"{name}: {problem.strerror or problem}") from problem


def system_user() -> str:
    """The operating-system user, or "unknown" where the system has no name for it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _is_refusal(problem: Exception) -> bool:
    words = [getattr(problem, name, None) for name in ("code", "message")]
    return all(isinstance(word, str) for word in words) and hasattr(problem, "findings")


def _in_words(message: str, findings: Iterable[Any]) -> str:
    lines = [message]
    for finding in findings:
        if isinstance(finding, dict):
            lines.append(
                "  - " + " ".join(str(finding[key]) for key in ("message", "fix") if finding.get(key))
            )
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    return chain.instant(value) if isinstance(value, datetime) else str(value)
