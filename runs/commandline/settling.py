"""Verbs of `manage.py runs` that act: cancel, kill, replay, release, discard, decide, prune. Most take several runs."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand
from runs import queries, services
from runs.commandline.payloads import add_payload, payload_of
from runs.documents import run_document
from runs.services import RunResult
from runs.statements.space import give_back
from workflows.lifecycle import Refusal

CHOICES = ("done", "repeat", "fail")
VERSIONS = ("same", "published")

Act = Callable[[str], RunResult]


class SettlingVerbs(VerbCommand):
    """What can be done with runs."""

    def add_cancel(self, parser: CommandParser) -> None:
        _add_runs(parser)

    def do_cancel(self, options: Options) -> Answer:
        """End runs at their next step boundary."""
        return _each(options, services.cancel)

    def add_kill(self, parser: CommandParser) -> None:
        _add_runs(parser)

    def do_kill(self, options: Options) -> Answer:
        """Close runs at once, whatever they do."""
        return _each(options, services.kill)

    def add_replay(self, parser: CommandParser) -> None:
        _add_runs(parser)
        parser.add_argument(
            "--from-failed", action="store_true", help="from the failed step, earlier outputs reused"
        )
        parser.add_argument(
            "--version", choices=VERSIONS, default="same", dest="which", help="of the workflow"
        )
        add_payload(parser)

    def do_replay(self, options: Options) -> Answer:
        """Run closed runs again, each as a new run; the answer tells the new ones."""
        replay = partial(
            services.replay,
            version=options["which"],
            payload=payload_of(options),
            from_failed=options["from_failed"],
        )
        return _each(options, replay)

    def add_release(self, parser: CommandParser) -> None:
        _add_runs(parser)

    def do_release(self, options: Options) -> Answer:
        """Let held runs go now."""
        return _each(options, services.release)

    def add_discard(self, parser: CommandParser) -> None:
        _add_runs(parser)

    def do_discard(self, options: Options) -> Answer:
        """End held runs without executing them."""
        return _each(options, services.discard)

    def add_decide(self, parser: CommandParser) -> None:
        parser.add_argument("runs", metavar="R", nargs=1, help="the run's id")
        parser.add_argument(
            "--as", choices=CHOICES, required=True, dest="how", help="what became of the step"
        )

    def do_decide(self, options: Options) -> Answer:
        """Say what became of a step whose worker died after sending."""
        return _each(options, partial(services.decide, how=options["how"]))

    def add_prune(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only tell how many runs those would be")

    def do_prune(self, options: Options) -> Answer:
        """Remove runs that are no longer kept, and inputs and outputs older than their workflow's keep_payloads."""
        is_dry = options["dry_run"]
        details, rows = services.prune(dry_run=is_dry), services.remove(dry_run=is_dry)
        pages = 0 if is_dry else _give_back()
        words = (
            _("%(details)d runs would lose their details, %(rows)d would be removed.")
            if is_dry
            else _("%(details)d runs lost their details, %(rows)d were removed.")
        )
        document = {
            "changed": bool(details or rows) and not is_dry,
            "runs": details,
            "removed": rows,
            "pages_freed": pages,
            "dry_run": is_dry,
        }
        return Answer(document, [words % {"details": details, "rows": rows}])


def _give_back() -> int:
    """All pages that are free."""
    count = 0
    while pages := give_back():
        count += pages
    return count


def _add_runs(parser: CommandParser) -> None:
    parser.add_argument("runs", metavar="R", nargs="+", help="the runs' ids")


def _each(options: Options, act: Act) -> Answer:
    """One run: its answer or its refusal. Several: an answer for each, and exit code 1 if any was refused."""
    if len(options["runs"]) == 1:
        result = act(str(queries.by_id(options["runs"][0]).pk))
        return Answer(_document(result), [_line(result)])
    items = [_item(given, act) for given in options["runs"]]
    refused = [item for item in items if "error" in item]
    document = {"changed": any(item["changed"] for item in items), "results": items}
    lines = [item.get("line") or f"{item['id']}: {item['error']['message']}" for item in items]
    problem = _("%(count)d were refused.") % {"count": len(refused)} if refused else ""
    return Answer(document | {"results": [_without_line(item) for item in items]}, lines, problem)


def _item(given: str, act: Act) -> dict[str, Any]:
    try:
        result = act(str(queries.by_id(given).pk))
    except Refusal as refusal:
        error = {"code": refusal.code, "message": refusal.message, "findings": refusal.findings}
        return {"id": given, "changed": False, "error": error}
    return {"id": given, "line": _line(result), **_document(result)}


def _without_line(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != "line"}


def _document(result: RunResult) -> dict[str, Any]:
    message = {"message": result.message} if result.message else {}
    return {"changed": result.changed, **message, "run": run_document(queries.by_id(result.run.pk))}


def _line(result: RunResult) -> str:
    return f"{result.run.pk} {result.message or result.run.status}"
