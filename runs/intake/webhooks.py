"""Webhooks: address, method, size, signature over the raw bytes, shape, delivery id, status, commit, answer."""

import logging
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from config.clock import stamp
from runs.intake.bodies import BodyRefused, Json, delivery_id, parse_body
from runs.intake.incoming import body_of, query_of, run_address
from runs.intake.occurrences import NOT_RUNNING, WEBHOOK, Accepted, HoldFull, Occurrence, UnknownTarget
from runs.intake.problems import Problem, answering_problems, unavailable
from runs.intake.refusals import refused
from runs.intake.signatures import SignatureRefused, SignatureRule, verify
from runs.intake.starting import start
from runs.intake.storing import kept_headers
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.models import Trigger
from workflows.secrets import SecretUnreadable, decrypt
from workflows.triggers.webhook import WebhookTrigger

logger = logging.getLogger(__name__)

DUPLICATE_HEADER = "Signalbox-Duplicate"


@csrf_exempt
@login_not_required
@answering_problems
def receive(request: HttpRequest, address: str) -> HttpResponse:
    """Take one delivery. A 2xx answer means that its run is committed."""
    trigger = _trigger(address)
    rule = _rule(trigger)
    _require_method(request, rule)
    content = body_of(request)
    moment = stamp()
    _require_signature(request, trigger, rule, content, moment)
    body, known_as = _read(request, rule, content)
    occurrence = Occurrence(
        kind=WEBHOOK,
        trigger_id=trigger.trigger_id,
        input={"body": body, "headers": _headers(request, rule), "query": query_of(request.GET)},
        delivery_id=known_as or "",
        received_at=moment,
    )
    return _answer(request, _start(trigger, occurrence))


def _trigger(address: str) -> Trigger:
    rows = Trigger.objects.select_related("workflow", "workflow__published")
    live = rows.filter(address=address, kind=WEBHOOK, is_live=True, workflow__deleted_at=None)
    trigger = live.first()
    if trigger is None or trigger.workflow.published is None:
        raise _unknown()
    return trigger


def _rule(trigger: Trigger) -> WebhookTrigger:
    """What the published version says about this trigger."""
    assert trigger.workflow.published is not None
    try:
        definition = compile_definition(trigger.workflow.published.definition)
    except DefinitionRefused:
        logger.exception("The published definition of workflow %s cannot be read.", trigger.workflow_id)
        raise unavailable() from None
    for rule in definition.triggers:
        if rule.id == trigger.trigger_id and isinstance(rule, WebhookTrigger):
            return rule
    raise _unknown()


def _unknown() -> Problem:
    return Problem(404, "unknown", _("Nothing takes deliveries at this address."))


def _require_method(request: HttpRequest, rule: WebhookTrigger) -> None:
    if request.method not in rule.methods:
        allowed = ", ".join(rule.methods)
        message = _("Use one of these methods: %(methods)s.") % {"methods": allowed}
        raise Problem(405, "method_not_allowed", message, headers={"Allow": allowed})


def _require_signature(
    request: HttpRequest, trigger: Trigger, rule: WebhookTrigger, content: bytes, moment: datetime
) -> None:
    signature = rule.signature
    if signature is None:
        return
    asked = SignatureRule(signature.preset, signature.header, signature.encoding, signature.prefix)
    try:
        verify(asked, secrets=_secrets(trigger), headers=request.headers, body=content, now=moment)
    except SignatureRefused as wrong:
        refused("webhook", wrong.reason, trigger=trigger.pk)
        raise Problem(401, "signature_refused", str(wrong)) from None


def _secrets(trigger: Trigger) -> list[str]:
    try:
        return [decrypt(sealed) for sealed in trigger.sealed_secrets]
    except SecretUnreadable:
        # Our fault, not the sender's: after a 401 many senders never come again.
        logger.exception("The secret of trigger %s cannot be read with the present keys.", trigger.pk)
        raise unavailable() from None


def _read(request: HttpRequest, rule: WebhookTrigger, content: bytes) -> tuple[Json, str | None]:
    preset = rule.signature.preset if rule.signature else None
    try:
        body = parse_body(
            content,
            request.headers.get("Content-Type", ""),
            github=preset == "github" or "X-GitHub-Event" in request.headers,
            content_encoding=request.headers.get("Content-Encoding", ""),
        )
        return body, delivery_id(rule.dedupe, preset, request.headers, body)
    except BodyRefused as wrong:
        raise Problem(422, "body_refused", str(wrong)) from None


def _headers(request: HttpRequest, rule: WebhookTrigger) -> dict[str, str]:
    own = rule.signature.header if rule.signature else None
    return kept_headers(request.headers, but=[own] if own else [])


def _start(trigger: Trigger, occurrence: Occurrence) -> Accepted:
    try:
        return start(trigger, trigger.workflow_id, occurrence)
    except UnknownTarget:
        raise _unknown() from None
    except HoldFull as full:
        refused("webhook", "hold_full", trigger=trigger.pk)
        message = _("The workflow is paused and keeps as many deliveries as it may. Send it again later.")
        raise Problem(429, "hold_full", message, headers={"Retry-After": str(full.retry_after)}) from None


def _answer(request: HttpRequest, accepted: Accepted) -> HttpResponse:
    headers = {DUPLICATE_HEADER: "true"} if accepted.duplicate else {}
    if accepted.reason == NOT_RUNNING:
        raise Problem(410, "gone", _("This workflow is stopped and takes no deliveries."), headers=headers)
    address = run_address(request, accepted.run_id)
    document = {"run": str(accepted.run_id), "status": accepted.status, "url": address}
    return JsonResponse(document, status=202, headers=headers)
