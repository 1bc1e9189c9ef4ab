"""Verbs that change or prepare a change of status."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand, moment, whole_number
from workflows import services
from workflows.commandline.limits import ALL, add_limit, limit_of
from workflows.commandline.naming import add_workflow, told, workflow_of
from workflows.documents import moment_text
from workflows.services.acting import VerbResult
from workflows.services.pausing import IN_FLIGHT, TRIGGERS, UNCHANGED
from workflows.services.resuming import HELD, MISSED

NO_TIME = "none"


class SteeringVerbs(VerbCommand):
    """Run, pause, resume, stop and their like."""

    def add_run(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--accept-warnings", action="store_true", help="start in spite of warnings")
        limit = add_limit(parser)
        limit.add_argument(
            "--only-scope", default="", metavar="SCOPE", help="only events of this hub or card"
        )

    def do_run(self, options: Options) -> Answer:
        """Start: publish the draft if there is one, and begin to process triggers, or a part of them."""
        launch = limit_of(options)
        done = services.run(
            workflow_of(options).pk, accept_warnings=options["accept_warnings"], launch=launch
        )
        sentence = _("%(name)s is running.") % {"name": done.workflow.name}
        if launch is not None:
            sentence += " " + _("Watched launch: %(limit)s; the others are held.") % {"limit": launch.words}
        return told(done, sentence)

    def add_widen(self, parser: CommandParser) -> None:
        add_workflow(parser)
        limit = add_limit(parser, required=True)
        limit.add_argument("--to", choices=[ALL], help="let all triggers through, which ends the launch")

    def do_widen(self, options: Options) -> Answer:
        """Let more triggers of a watched launch through; what the wider limit owes is released."""
        launch = None if options["to"] == ALL else limit_of(options)
        done = services.widen(workflow_of(options).pk, launch)
        figures = {"released": 0} | _figures(done)
        return told(done, _("Widened: %(released)s are being released.") % figures, **figures)

    def add_pause(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--reason", required=True, metavar="TEXT", help="3 to 500 characters")
        parser.add_argument("--category", default="", metavar="C")
        parser.add_argument("--until", type=moment, metavar="ISO", help="expected resume")
        parser.add_argument("--auto-resume", action="store_true", help="resume automatically then")
        parser.add_argument("--in-flight", choices=IN_FLIGHT, default="", help="what runs under way do")
        parser.add_argument(
            "--triggers", choices=TRIGGERS, default="", help="what becomes of triggers meanwhile"
        )

    def do_pause(self, options: Options) -> Answer:
        """Pause: when this answers, no run of the workflow starts any more."""
        names = ("reason", "category", "until", "auto_resume", "in_flight", "triggers")
        done = services.pause(workflow_of(options).pk, **{name: options[name] for name in names})
        return told(done, _paused(done), **_figures(done), paused_at=moment_text(done.workflow.paused_at))

    def add_change_pause(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--reason", metavar="TEXT")
        parser.add_argument("--category", metavar="C")
        parser.add_argument("--until", type=_moment_or_none, default=UNCHANGED, metavar="ISO|none")
        automatic = parser.add_mutually_exclusive_group()
        automatic.add_argument("--auto-resume", action="store_const", const=True, dest="auto_resume")
        automatic.add_argument("--no-auto-resume", action="store_const", const=False, dest="auto_resume")

    def do_change_pause(self, options: Options) -> Answer:
        """Say anew why and until when it is paused; what is not given stays."""
        given: dict[str, Any] = {
            name: options[name] for name in ("reason", "category", "auto_resume") if options[name] is not None
        }
        if options["until"] is not UNCHANGED:
            given["until"] = options["until"]
        if not given:
            raise CommandError(_("Give at least one of --reason, --category, --until and --auto-resume."))
        return told(services.change_pause(workflow_of(options).pk, **given), _("The pause is changed."))

    def add_resume_preview(self, parser: CommandParser) -> None:
        add_workflow(parser)

    def do_resume_preview(self, options: Options) -> Answer:
        """Tell what a resume would meet: checks made now, held and missed work."""
        preview = services.resume_preview(workflow_of(options).pk)
        return Answer(preview, [f"{key}: {value}" for key, value in preview.items()])

    def add_resume(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--held", choices=HELD, default="release", help="what becomes of held work")
        parser.add_argument(
            "--missed-ticks", choices=MISSED, default="none", help="one run for missed schedules"
        )
        parser.add_argument("--pace", type=whole_number, metavar="N", help="releases per minute")
        parser.add_argument("--accept-warnings", action="store_true", help="resume in spite of warnings")

    def do_resume(self, options: Options) -> Answer:
        """Resume: open the gate, after checks made now."""
        names = ("held", "missed_ticks", "pace", "accept_warnings")
        done = services.resume(workflow_of(options).pk, **{name: options[name] for name in names})
        numbers = {"released": 0, "discarded": 0, "kept": 0} | _figures(done)
        return told(
            done,
            _("Resumed: %(released)s released, %(discarded)s discarded, %(kept)s kept.") % numbers,
            **numbers,
        )

    def add_stop(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--reason", required=True, metavar="TEXT", help="3 to 500 characters")
        parser.add_argument("--archive", action="store_true", help="archive it in the same act")

    def do_stop(self, options: Options) -> Answer:
        """Stop: triggers off, what has not begun is cancelled."""
        done = services.stop(workflow_of(options).pk, reason=options["reason"], archive=options["archive"])
        return told(done, _("Stopped."), **_figures(done))

    def add_archive(self, parser: CommandParser) -> None:
        add_workflow(parser)

    def do_archive(self, options: Options) -> Answer:
        """Put it on the shelf: off the list, read-only, history kept."""
        return told(services.archive(workflow_of(options).pk), _("Archived."))

    def add_unarchive(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument("--name", metavar="TEXT", help="another name, if the old one is taken")

    def do_unarchive(self, options: Options) -> Answer:
        """Take it off the shelf: Not Running, or Draft if it was never published."""
        found = workflow_of(options, archived_first=True)
        return told(services.unarchive(found.pk, name=options["name"]), _("Unarchived."))


def _moment_or_none(text: str) -> datetime | None:
    return None if text == NO_TIME else moment(text)


def _figures(done: VerbResult) -> dict[str, Any]:
    return {name: value for name, value in done.figures.items() if isinstance(value, int)}


def _paused(done: VerbResult) -> str:
    at = moment_text(done.workflow.paused_at)
    finishing = done.figures.get("finishing", 0)
    return _("Paused at %(at)s. No run starts after this. %(count)s are finishing.") % {
        "at": at,
        "count": finishing,
    }
