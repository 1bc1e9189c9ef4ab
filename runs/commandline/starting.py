"""Verbs of `manage.py workflows` that need runs: trigger, test, next."""

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.commands import Answer, Options, VerbCommand, moment, whole_number
from runs import services
from runs.commandline.payloads import add_payload, payload_of
from runs.commandline.waiting import add_timeout, execute_or_wait, outcome_answer, wait_for
from runs.intake import schedules
from runs.intake.timetables import schedule_rules
from workflows.commandline.naming import add_workflow, workflow_of
from workflows.documents import moment_text
from workflows.queries import NotFound

MOST_OCCURRENCES = 1_000


class StartingVerbs(VerbCommand):
    """Runs started by hand, and a look at when schedules would."""

    def add_next(self, parser: CommandParser) -> None:
        add_workflow(parser)
        parser.add_argument(
            "--trigger", default=None, metavar="T", help="one schedule trigger; all of them unless given"
        )
        parser.add_argument(
            "--from", type=moment, default=None, dest="start", metavar="ISO", help="after this instant"
        )
        parser.add_argument("--count", type=whole_number, default=5, metavar="N")

    def do_next(self, options: Options) -> Answer:
        """Tell the next due times of schedule triggers; works on a Draft."""
        workflow = workflow_of(options)
        version = workflow.published or workflow.draft
        if options["trigger"] and options["trigger"] not in schedule_rules(version):
            raise NotFound(_("There is no schedule trigger “%(id)s”.") % {"id": options["trigger"]})
        found = schedules.occurrences(
            workflow,
            version,
            trigger_id=options["trigger"],
            start=options["start"] or timezone.now(),
            count=min(options["count"], MOST_OCCURRENCES),
        )
        rows = [
            {"trigger": trigger, "at": moment_text(at), "local": local.isoformat()}
            for trigger, at, local in found
        ]
        return Answer(
            {"occurrences": rows}, [f"{row['at']}  {row['local']}  {row['trigger']}" for row in rows]
        )

    def add_trigger(self, parser: CommandParser) -> None:
        add_workflow(parser)
        add_payload(parser)
        parser.add_argument("--wait", action="store_true", help="until the run has ended; needs a worker")
        parser.add_argument("--while-paused", action="store_true", help="also if the workflow is paused")
        add_timeout(parser)

    def do_trigger(self, options: Options) -> Answer:
        """Start one run by hand."""
        run = services.start_by_hand(
            workflow_of(options).pk, payload_of(options, default={}), while_paused=options["while_paused"]
        )
        if options["wait"]:
            run = wait_for(run.pk, seconds=options["timeout"])
        return outcome_answer(run, waited=options["wait"])

    def add_test(self, parser: CommandParser) -> None:
        add_workflow(parser)
        add_payload(parser)
        parser.add_argument(
            "--act-outside", action="store_true", help="do not simulate steps with outside effects"
        )
        add_timeout(parser)

    def do_test(self, options: Options) -> Answer:
        """Run the draft (else the published version) as a test; steps with outside effects are simulated."""
        run = services.test(
            workflow_of(options).pk, payload_of(options, default={}), act_outside=options["act_outside"]
        )
        return outcome_answer(execute_or_wait(run.pk, seconds=options["timeout"]), waited=True)
