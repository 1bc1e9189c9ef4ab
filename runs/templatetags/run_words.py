"""Tags about runs: `{% load run_words %}`."""

from datetime import datetime, timedelta
from typing import Any

from django import template

from runs import run_menus, run_tables, run_words
from runs.engine import outcome
from runs.models import Finding, Run
from runs.monitoring.findings import queries, wording

register = template.Library()


@register.filter
def short_id(run: Run) -> str:
    """`{{ run|short_id }}`: the end of its id."""
    return run_menus.short_id(run)


@register.filter
def trigger_label(kind: str) -> run_words.Text:
    """What a kind of trigger is called."""
    return run_words.trigger_labels().get(kind, kind)


@register.filter
def reason(run: Run) -> run_words.Text:
    """Why it stands where it stands."""
    return run_words.reason_of(run)


@register.filter
def until(run: Run) -> datetime | None:
    """Until when it waits or is kept."""
    return run_words.until(run)


@register.filter
def run_duration(run: Run) -> timedelta | None:
    """From its first claim to its end."""
    return run_tables.duration_of(run)


@register.filter
def first_line(text: str) -> str:
    """The first line of an error."""
    return outcome.first_line(text)


@register.filter
def finding_sentence(finding: Finding) -> str:
    """What was seen, with its numbers."""
    return wording.sentence(finding)


@register.filter
def may_acknowledge(finding: Finding, user: Any) -> bool:
    """`{{ finding|may_acknowledge:request.user }}`: whether it waits for that and the person may."""
    return queries.may_acknowledge(user, finding)


@register.filter
def finding_runs(finding: Finding) -> str:
    """The address of the runs that it counts."""
    return queries.runs_address(finding)
