"""The check list before Run, Publish and Resume, with what the database knows about a workflow's surroundings."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from config.clock import stamp
from workflows import files
from workflows.connections import usage
from workflows.definition.check import CheckResult, check
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.loading import parse, validate
from workflows.definition.surroundings import Surroundings
from workflows.lifecycle import GuardRefused
from workflows.models import Scope, Version, Workflow

TypicalDuration = Callable[[Workflow], float | None]

_typical_duration: list[TypicalDuration] = []


def bind_typical_duration(function: TypicalDuration) -> None:
    """Let the runs app say how many seconds a workflow's runs usually take; a later call replaces the former."""
    _typical_duration[:] = [function]


def check_workflow(
    workflow: Workflow, *, version: Version | None = None, is_limited: bool = False
) -> CheckResult:
    """All findings about a version (else the draft, else the published one) in its present surroundings.

    Reads the database, sends nothing: connections count as their last test left them. `is_limited`: a start with a
    watched launch is meant.
    """
    version = version or workflow.draft or workflow.published
    if version is None:
        raise GuardRefused(_("The workflow has no definition."))
    try:
        definition = compile_definition(version.definition)
    except DefinitionRefused as refusal:
        # Stored by an older release whose format was wider.
        return CheckResult(findings=tuple(refusal.findings), passed=())
    return check(definition, replace(_surroundings(workflow, version), is_limited=is_limited))


def check_text(workflow: Workflow, text: str) -> CheckResult:
    """The findings about a JSON text that is not stored yet, as if it were the draft; also what refuses it."""
    standing = workflow.draft or workflow.published
    try:
        document = parse(text)[0]
        definition = validate(document)
    except DefinitionRefused as refusal:
        return CheckResult(findings=tuple(refusal.findings), passed=())
    tested = standing if standing and files.is_same(standing, document) else Version()
    version = Version(workflow=workflow, definition=text, content_hash=tested.content_hash)
    version.tested_hash, version.test_outcome = tested.tested_hash, tested.test_outcome
    return check(definition, _surroundings(workflow, version))


def guard(workflow: Workflow, *, accept_warnings: bool = False, is_limited: bool = False) -> CheckResult:
    """Raises GuardRefused with all findings: for errors always, for warnings unless they are accepted."""
    result = check_workflow(workflow, is_limited=is_limited)
    warned = bool(result.findings) and not accept_warnings
    if result.ok and not warned:
        return result
    message = (
        _("The checks found warnings that nobody accepted.") if result.ok else _("The checks found errors.")
    )
    raise GuardRefused(message, [finding.as_dict() for finding in result.findings])


def _surroundings(workflow: Workflow, version: Version) -> Surroundings:
    return Surroundings(
        now=stamp(),
        connections=usage.states_for(workflow.scope, usage.names_in(version.definition)),
        secret_set=set(workflow.triggers.exclude(secret="").values_list("trigger_id", flat=True)),
        scope_kind=workflow.scope.kind,
        ever_started=workflow.first_started_at is not None,
        tested_since_change=bool(version.tested_hash) and version.tested_hash == version.content_hash,
        typical_duration=_typical_duration[0](workflow) if _typical_duration else None,
        known_workflows=startable(workflow),
        **_last_test(version),
    )


def _last_test(version: Version) -> dict[str, Any]:
    outcomes = {"success": "success", "failed": "failed", "cancelled": "failed"}
    return {"last_test": outcomes.get(version.test_outcome)}


def startable(workflow: Workflow) -> set[str]:
    """Names and ids of the workflows that a step may start: those of the same scope or an inner one."""
    inside = Scope.objects.inside([workflow.scope_id])
    rows = Workflow.objects.unarchived().filter(scope__in=inside).values_list("pk", "name")
    return {text for pk, name in rows for text in (str(pk), name)}
