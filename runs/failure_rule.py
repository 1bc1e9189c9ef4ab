"""The failure rule of a workflow: whether it is broken now, and by which runs (docs/failure-rule.md).

Only production runs of the published version count that ended well or failed since the last publish, start or resume.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from config.web import time
from runs.models import Run, RunStatus
from runs.models.run import RunQuerySet
from runs.monitoring import figures
from runs.monitoring.figures import Figures
from runs.monitoring.windows import QUARTER_HOUR, Grain, Window, quarter_of
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.models import FailureRule
from workflows.models import Workflow

RUNS_NAMED: Final = 100
BUSY: Final = 5_000
"""So many runs in a window are read one by one; of more, figures are asked first."""
IN_A_ROW, RATIO = "in_a_row", "ratio"


@dataclass(frozen=True)
class Broken:
    """A rule that is broken: `failed` of the `finished` runs that ended from `since` on, before `until`, failed.

    `rule` is `in_a_row` or `ratio`; `runs` are the ids of the failed ones, newest first, at most 100.
    """

    rule: str
    limit: FailureRule
    failed: int
    finished: int
    since: datetime
    until: datetime
    version: int
    runs: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What tripped the rule, in one line."""
        if self.rule == IN_A_ROW:
            return _("%(n)d runs in a row failed (limit %(limit)d)") % {
                "n": self.failed,
                "limit": self.limit.in_a_row,
            }
        return _(
            "%(failed)d of %(finished)d runs failed within %(window)s (limit %(percent)g %% of %(least)d)"
        ) % {
            "failed": self.failed,
            "finished": self.finished,
            "window": time.duration(self.limit.window),
            "percent": round(self.limit.ratio * 100, 2),
            "least": self.limit.min_runs,
        }

    @property
    def reason(self) -> str:
        """The same as the reason of a pause."""
        return _("failure rule: %(sentence)s") % {"sentence": self.sentence}

    def evidence(self) -> dict[str, Any]:
        """What the audit event and the notice keep: the rule, its limit, the window, and the runs that broke it."""
        in_a_row = {"in_a_row": self.limit.in_a_row}
        share = {
            "ratio": self.limit.ratio,
            "min_runs": self.limit.min_runs,
            "window": self.limit.model_dump()["window"],
        }
        return {
            "rule": self.rule,
            "limit": in_a_row if self.rule == IN_A_ROW else share,
            "window": {"from": time.machine(self.since), "to": time.machine(self.until)},
            "failed": self.failed,
            "finished": self.finished,
            "rule_version": self.version,
            "runs": list(self.runs),
        }


def rule_of(workflow: Workflow) -> FailureRule | None:
    """The rule that the published definition states, or the default; None where it is off or cannot be read."""
    if workflow.published is None:
        return None
    try:
        rule = compile_definition(workflow.published.definition).settings.failure_rule
    except DefinitionRefused:
        return None
    return None if rule.action == "off" else rule


def never_pauses(workflow: Workflow) -> bool:
    """Whether the published definition says that failures never pause it: `off` or `warn`, written out."""
    return workflow.published is not None and _said(workflow.published.definition) in ("off", "warn")


@lru_cache(maxsize=4096)
def _said(definition: str) -> object:
    """The action that a stored definition spells out; read without its models, since lists ask for each row."""
    settings = json.loads(definition).get("settings")
    rule = settings.get("failure_rule") if isinstance(settings, dict) else None
    return rule.get("action") if isinstance(rule, dict) else None


def judge(workflow: Workflow, rule: FailureRule, moment: datetime) -> Broken | None:
    """Whether the rule is broken, its window ending at the moment; six queries at most."""
    assert workflow.published is not None
    counted = _counted(workflow)
    return _in_a_row(workflow, rule, counted, moment) or _share(workflow, rule, counted, moment)


def counts_since(workflow: Workflow) -> datetime:
    """Since when runs count: the last start, resume or publish."""
    published = workflow.published.published_at if workflow.published else None
    return max(filter(None, (workflow.activated_at, published)), default=workflow.created_at)


def _counted(workflow: Workflow) -> RunQuerySet:
    finished = (RunStatus.SUCCESS, RunStatus.FAILED)
    own = Run.objects.filter(
        workflow=workflow, version=workflow.published, is_test=False, status__in=finished
    )
    return own.filter(ended_at__gte=counts_since(workflow))


def _in_a_row(workflow: Workflow, rule: FailureRule, counted: RunQuerySet, moment: datetime) -> Broken | None:
    newest = list(
        counted.order_by("-ended_at", "-pk").values_list("pk", "status", "ended_at")[: rule.in_a_row]
    )
    if len(newest) < rule.in_a_row or any(status != RunStatus.FAILED for _pk, status, _at in newest):
        return None
    ids = tuple(str(pk) for pk, _status, _at in newest[:RUNS_NAMED])
    ends = [at for _pk, _status, at in newest if at]
    count = len(newest)
    return Broken(IN_A_ROW, rule, count, count, ends[-1], moment, _number(workflow), ids)


def _share(workflow: Workflow, rule: FailureRule, counted: RunQuerySet, moment: datetime) -> Broken | None:
    since = moment - rule.window
    inside = counted.filter(ended_at__gte=since)
    failed = Q(status=RunStatus.FAILED)
    is_busy = inside.order_by()[:BUSY].count() == BUSY
    if is_busy and _is_surely_kept(workflow, rule, since, moment):
        return None
    n = inside.aggregate(finished=Count("pk"), failed=Count("pk", filter=failed))
    # Both sides are the nearest floating-point numbers to their fractions, so equal shares compare as equal.
    if n["finished"] < rule.min_runs or n["failed"] / n["finished"] < rule.ratio:
        return None
    newest = inside.filter(failed).order_by("-ended_at", "-pk").values_list("pk", flat=True)
    ids = tuple(map(str, newest[:RUNS_NAMED]))
    begun = max(since, counts_since(workflow))
    return Broken(RATIO, rule, n["failed"], n["finished"], begun, moment, _number(workflow), ids)


def _is_surely_kept(workflow: Workflow, rule: FailureRule, since: datetime, moment: datetime) -> bool:
    """Whether figures alone show that the share is below the limit, so that not every run has to be read.

    Failures of all quarter-hours that touch the window are at least as many as count, runs of those wholly inside at most
    as many: their quotient is never below the true share.
    """
    begun = max(since, counts_since(workflow))
    outside = Window.between(begun, moment, grain=Grain.QUARTER)
    inside = Window(quarter_of(begun) + QUARTER_HOUR, quarter_of(moment), Grain.QUARTER, outside.zone)
    # A quotient, as in the judgement itself: a product would be rounded otherwise.
    return (
        _figures(workflow, outside).failed / max(_figures(workflow, inside).finished, rule.min_runs)
        < rule.ratio
    )


def _figures(workflow: Workflow, window: Window) -> Figures:
    found = figures.by_version(window, workflows=[workflow.pk]) if window.start < window.end else {}
    return found.get(workflow.published_id or 0, Figures())


def _number(workflow: Workflow) -> int:
    return workflow.published.number if workflow.published else 0
