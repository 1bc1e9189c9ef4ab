"""What a workflow's page says about too many failures: its own rule's verdict, and the warning above 10 %."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from config.web import policy
from runs import summaries
from runs.menus import verb_url
from workflows.lifecycle import Status
from workflows.models import Notice, NoticeKind, Workflow


@dataclass(frozen=True)
class Warning:
    """One sentence, the runs behind it, and where to pause (empty where that is not possible)."""

    sentence: str
    runs_url: str
    pause_url: str


def warning_of(workflow: Any, user: Any) -> Warning | None:
    """The warning to show, None where all is well. `workflow` carries its pulse; two queries at most."""
    may_pause = workflow.status == Status.ACTIVE and policy.may(user, "pause", workflow)
    pause_url = verb_url(workflow, "pause") if may_pause else ""
    if workflow.is_warned:
        notice = Notice.objects.filter(
            workflow=workflow, kind=NoticeKind.FAILURE_RULE, closed_at=None
        ).first()
        if notice is not None:
            window = json.loads(notice.facts).get("window") or {}
            return Warning(f"{notice.title}. {notice.text}", _runs(workflow, window), pause_url)
    if workflow.last_run_at is None:
        return None
    found: Any = summaries.failing(Workflow.objects.filter(pk=workflow.pk)).first()
    if found is None:
        return None
    words = {"failed": found.failed, "ended": found.ended}
    sentence = _("%(failed)d of %(ended)d runs failed in the last hour, above the rule of 10 %%.") % words
    return Warning(sentence, _runs(workflow, {}), pause_url)


def _runs(workflow: Workflow, window: dict[str, str]) -> str:
    query = {"status": "failed", "workflow": workflow.pk}
    if window:
        query |= {"ended_from": window["from"], "ended_to": window["to"]}
    return f"{reverse('run_list')}?{urlencode(query)}"
