"""What people read about a field of a step, a trigger or the settings; kinds hold their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
Suggest = Literal["", "connections", "workflows", "zones"]


@dataclass(frozen=True)
class Words:
    """A field's label and help, and words for its choices where the values do not speak for themselves.

    `suggest` names what is offered while typing. `is_long` overrides whether text takes several lines. `is_rare`
    puts the field behind a fold. `one` is what each of several is called.
    """

    label: Text
    help: Text = ""
    choices: Mapping[str, Text] = field(default_factory=dict)
    suggest: Suggest = ""
    is_long: bool | None = None
    is_rare: bool = False
    one: Text = ""


FieldWords = Mapping[str, Words]

DURATION: Final = _("A length of time, such as PT30S, PT15M, PT2H or P3D.")

SHARED: Final[FieldWords] = {
    "id": Words(
        _("Id"), _("Lower-case letters, digits and underscores. Templates that name it follow a change.")
    ),
    "name": Words(_("Name"), _("What people read instead of the id.")),
    "note": Words(_("Note"), _("For whoever reads this later."), is_long=True, is_rare=True),
    "enabled": Words(_("Switched on")),
    "if": Words(_("Only if"), _("Otherwise the step is skipped."), is_rare=True),
    "timeout": Words(_("Timeout"), DURATION, is_rare=True),
    "retry": Words(_("Retry"), _("Whether a failed attempt is repeated."), is_rare=True),
    "retry.tries": Words(_("Attempts in all")),
    "retry.backoff": Words(_("First wait"), DURATION),
    "retry.max_backoff": Words(_("Longest wait"), DURATION),
    "on_failure": Words(
        _("If it fails"),
        choices={
            "stop": _("Stop the run as failed"),
            "continue": _("Go on"),
            "steps": _("Run other steps, then go on"),
        },
        is_rare=True,
    ),
    "on_crash": Words(
        _("If a worker dies meanwhile"),
        _("Nobody can know then whether the step acted."),
        choices={"repeat": _("Repeat it"), "ask": _("Ask a person"), "fail": _("Fail the run")},
        is_rare=True,
    ),
}
"""The fields that steps share."""

TRIGGERS: Final[FieldWords] = {
    "id": Words(_("Id"), _("Address and secret belong to the id: with another id it gets another address.")),
}
"""The field that triggers share."""

SETTINGS: Final[FieldWords] = {
    "max_running": Words(_("Runs at once"), _("Further runs wait. Empty: no limit.")),
    "starts_per_minute": Words(_("Starts per minute"), _("Further runs wait. Empty: no limit.")),
    "release_per_minute": Words(_("Held runs released per minute")),
    "run_timeout": Words(_("Longest run"), DURATION),
    "failure_rule": Words(_("Failure rule"), _("What happens when too many runs fail.")),
    "failure_rule.action": Words(
        _("Action"), choices={"off": _("Nothing"), "warn": _("Warn"), "pause": _("Pause the workflow")}
    ),
    "failure_rule.ratio": Words(_("Share of failed runs"), _("From 0 to 1.")),
    "failure_rule.min_runs": Words(_("Of at least so many runs")),
    "failure_rule.window": Words(_("Within"), DURATION),
    "failure_rule.in_a_row": Words(_("Or so many failures in a row")),
    "while_paused": Words(
        _("While paused"), _("What happens to triggers; the pause dialog may choose otherwise.")
    ),
    "while_paused.webhook": Words(_("Webhooks"), choices={"hold": _("Hold"), "skip": _("Skip")}),
    "while_paused.event": Words(_("Events"), choices={"hold": _("Hold"), "skip": _("Skip")}),
    "notify": Words(_("Recipients of notifications"), _("One address on each line.")),
    "minutes_saved_per_run": Words(_("Minutes saved by a successful run")),
    "keep_payloads": Words(_("Keep payloads for"), DURATION),
    "redact": Words(
        _("Redact"),
        _(
            "One path on each line, such as trigger.body.card_number. Its value is replaced before it is stored."
        ),
    ),
}
"""The fields of a definition's settings."""
