"""The check list before Run (product.md, "Validation"): what is wrong, and what was looked at and is well."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.definition.checks import inside, outside
from workflows.definition.findings import Finding
from workflows.definition.models import Definition
from workflows.definition.parts import Parts
from workflows.definition.surroundings import ConnectionState, Surroundings

__all__ = ["CheckResult", "ConnectionState", "PassedCheck", "Surroundings", "check"]

Looking = Callable[[Parts, Surroundings], Iterator[Finding]]


@dataclass(frozen=True)
class PassedCheck:
    """A line of the list that has no finding."""

    code: str
    label: str


@dataclass(frozen=True)
class CheckResult:
    """`findings` with the errors first, each in the order of the file; `passed` in the order of the list."""

    findings: Sequence[Finding]
    passed: Sequence[PassedCheck]

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way; warnings may be there."""
        return not self.errors

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_error]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_error]


@dataclass(frozen=True)
class _Line:
    """A line of the list: it passes if `look` gives no finding with one of `codes` (none: no finding at all)."""

    code: str
    label: Promise | str
    look: Looking
    codes: frozenset[str] = frozenset()


_SCHEDULES = frozenset({"schedule_refused", "schedule_never_due", "unknown_timezone"})
_SECRETS = frozenset({"connection_secret_missing"})
_HEALTH = frozenset({"connection_failing", "connection_untested"})

LINES = (
    _Line("triggers_and_steps", _("It has a trigger and a step"), inside.presence),
    _Line(
        "complete",
        _("Triggers and steps are complete"),
        inside.completeness,
        frozenset({"incomplete_trigger", "incomplete_step", "egress_refused", "limit_exceeded"}),
    ),
    _Line("schedules", _("Schedules have a next time"), inside.completeness, _SCHEDULES),
    _Line("templates", _("Templates can be read"), inside.templates, frozenset({"template_refused"})),
    _Line("references", _("Names lead to something"), inside.templates, frozenset({"unknown_reference"})),
    _Line("workflows", _("Workflows that it starts are there"), outside.started_workflows),
    _Line("reachable", _("Every step can be reached"), inside.reachability),
    _Line("connections", _("Connections are there"), outside.connections, frozenset({"unknown_connection"})),
    _Line("connection_secrets", _("Connections have their secrets"), outside.connections, _SECRETS),
    _Line("trigger_secrets", _("Signed webhooks have their secrets"), outside.trigger_secrets),
    _Line("integrations_tested", _("External integrations tested"), outside.connections, _HEALTH),
    _Line("notifications", _("Notification preferences configured"), outside.recipients),
    _Line("success_metrics", _("Success metrics defined"), outside.success_metric),
    _Line("limited_scope", _("Start with limited scope"), outside.limited_scope),
    _Line("tested", _("Tested since the last change"), outside.test_runs),
    _Line("timeouts_and_retries", _("Steps that act outside have timeout and retry"), outside.safety),
    _Line("pace", _("Schedules leave runs their time"), outside.pace),
)


def check(definition: Definition, surroundings: Surroundings) -> CheckResult:
    """Everything that can be known before a start. Looks at nothing outside and changes nothing."""
    parts = Parts(definition)
    found: dict[Looking, list[Finding]] = {}
    passed: list[PassedCheck] = []
    for line in LINES:
        if line.look not in found:
            found[line.look] = list(line.look(parts, surroundings))
        if not any(finding.code in line.codes or not line.codes for finding in found[line.look]):
            passed.append(PassedCheck(line.code, str(line.label)))
    findings = [finding for several in found.values() for finding in several]
    return CheckResult(sorted(findings, key=lambda finding: not finding.is_error), passed)
