"""R39: hostile schedules are refused in a sentence, or set aside, and the loop that fires goes on."""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

from pydantic import ValidationError

from runs.intake.schedules import fire_due
from runs.models import Run, Schedule
from tests.chaos.matrix import Outcome
from tests.factories import make_workflow, workspace
from workflows.models import Trigger, Workflow
from workflows.triggers.schedule import ScheduleKind, ScheduleTrigger
from workflows.triggers.timetable import ScheduleRefused, Timetable

IN_THE_LOOP = 100
"""One in so many is put into the loop as well, as if it had been stored by an older release."""
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOO_LONG = 1.0
NEVER = ("0 0 31 2 *", "0 0 30 2 */2", "0 0 31 4,6,9,11 *", "0 0 31 2-2 */7")
WRONG = (
    "@reboot", "@yearly", "@", "* * * * * *", "0 0 L * *", "0 0 * * 5L", "0 0 15W * *", "0 0 * * 1#2", "0 0 ? * *",
    "60 * * * *", "* 24 * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "1,,2 * * * *", "\x00" * 5, "٣ * * * *",
    "* * * * *; DROP TABLE runs_run", "0 0 ${x} * *", "{{ 1 }} * * * *", "‮* * * * *", "1e3 * * * *", "-0 * * * *",
)  # fmt: skip
ZONES = (
    "UTC", "Europe/Berlin", "Australia/Lord_Howe", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "", "\x00",
    "x" * 10_000, "utc", "EST5EDT4,M3", "localtime", "Europe/Berlin\n", "right/UTC", "Etc/GMT+12",
)  # fmt: skip
EVERY = (
    "PT1M",
    "PT0S",
    "PT59S",
    "-PT1H",
    "P9999999Y",
    "P10000D",
    "PT",
    "1 hour",
    "P3650D",
    "PT1E9S",
    "\x00",
    "∞",
)
SIGNS = "0123456789*/,-LW#?@ MONJANfeb\t\n\x00é"


def any_line(choice: Random) -> str:
    """A cron line of one of many bad kinds, or a good one."""
    kind: Callable[[Random], str] = choice.choice((_known, _rubbish, _long, _nearly, _nearly, _nearly))
    return kind(choice)


def _known(choice: Random) -> str:
    return choice.choice(NEVER + WRONG)


def _rubbish(choice: Random) -> str:
    return "".join(choice.choices(SIGNS, k=choice.randrange(60)))


def _long(choice: Random) -> str:
    return choice.choice(("1," * 5_000 + "1 * * * *", "*" * 10_240, "* " * 5_000, "9" * 10_240 + " * * * *"))


def _nearly(choice: Random) -> str:
    spans = ((0, 62), (0, 25), (0, 33), (0, 14), (0, 9))
    return " ".join(_field(choice, low, high) for low, high in spans)


def _field(choice: Random, low: int, high: int) -> str:
    first, second = choice.randint(low, high), choice.randint(low, high)
    plain = (f"{first}", f"{first}-{second}", f"*/{first}", f"{first}-{second}/{second}", f"{first},{second}")
    return choice.choice(("*", "*", *plain))


def schedules(seed: int, trials: int) -> Outcome:
    """Every schedule is read, checked and asked for its times; one in a hundred goes into the loop as well."""
    choice, outcome = Random(seed), Outcome(measured="CPU time to read, check and foretell one schedule")
    stored: list[str] = []
    for number in range(trials):
        line, zone, every = any_line(choice), choice.choice(ZONES), choice.choice((None, *EVERY))
        begun = time.process_time()
        problems = read(line, zone) + check(line, zone, every)
        took = time.process_time() - begun
        if took > TOO_LONG:
            problems.append(f"{line[:60]!r} took {took:.1f} s")
        outcome.add(1, problems, took)
        if number % IN_THE_LOOP == 0:
            stored.append(choice.choice((line, json.dumps({"cron": line, "every": None, "timezone": zone}))))
    outcome.failures += in_the_loop(stored)
    return outcome


def read(line: str, zone: str) -> list[str]:
    """Refused in a sentence, or it comes, in order, and can be told in words."""
    try:
        table = Timetable.from_trigger(cron=line, timezone=zone)
    except ScheduleRefused as refused:
        return [] if str(refused).endswith(".") else [f"{line[:60]!r} is refused without a sentence"]
    due = list(islice(table.between(START, START + timedelta(days=365 * 60), anchor=START), 2))
    is_sound = due == sorted(set(due)) and bool(due) and due[0] > START and bool(table.describe())
    return [] if is_sound else [f"{line[:60]!r} in {zone[:60]!r} gives {due}"]


def check(line: str, zone: str, every: str | None) -> list[str]:
    """The check list of a workflow has an answer to it, whatever it is."""
    given = {"id": "tick", "kind": "schedule", "cron": line, "timezone": zone, "every": every}
    try:
        trigger = ScheduleTrigger.model_validate(given)
    except ValidationError:
        return []
    list(ScheduleKind().problems(trigger, now=START))
    return [] if isinstance(ScheduleKind().describe(trigger), str) else [f"{given} has no words"]


def in_the_loop(texts: list[str]) -> list[str]:
    """Stored as they are beside a good one: that one fires at each turn, the others are set aside in three."""
    logging.disable(logging.CRITICAL)
    try:
        workflow = _armed(texts)
        turns = [fire_due(START + timedelta(minutes=number), limit=len(texts) + 1) for number in range(1, 5)]
    except Exception as died:
        return [f"the loop died: {died!r}"]
    finally:
        logging.disable(logging.NOTSET)
    fired = Run.objects.filter(workflow=workflow, trigger_id="good").count()
    left = Schedule.objects.filter(trigger__workflow=workflow, set_aside="", failures__gt=0)
    problems = [] if fired == 4 else [f"the good schedule fired {fired} times of 4: {turns}"]
    return problems + [f"not set aside: {row.timetable[:80]!r}" for row in left]


def _armed(texts: list[str]) -> Workflow:
    workspace()
    rules = [{"id": "good", "kind": "schedule", "every": "PT1M", "overlap": "allow"}]
    steps = [{"id": "a", "kind": "set", "values": {"x": 1}}]
    workflow = make_workflow(definition={"format": "signalbox/1", "triggers": rules, "steps": steps})
    good = json.dumps({"cron": None, "every": 60, "timezone": "UTC"})
    for number, text in enumerate([good, *texts]):
        named = "good" if number == 0 else f"bad{number}"
        trigger, _made = Trigger.objects.get_or_create(
            workflow=workflow, trigger_id=named, defaults={"kind": "schedule", "is_live": True}
        )
        minute = START + timedelta(minutes=1)
        Schedule.objects.create(trigger=trigger, next_at=minute, anchor=START, timetable=text)
    return workflow
