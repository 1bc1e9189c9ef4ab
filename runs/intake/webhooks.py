"""Webhooks: address, method, size, signature over the raw bytes, rate, shape, delivery id, status, commit, answer."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from config import logs
from config.failpoints import failpoint
from runs import statements
from runs.intake import rates
from runs.intake.answer_counts import counting_answers
from runs.intake.bodies import BodyRefused, Json, delivery_id, parse_body, to_text
from runs.intake.depths import depth_of
from runs.intake.entering import Standing, enter
from runs.intake.incoming import body_of, pages_of, query_of, run_address
from runs.intake.occurrences import NOT_RUNNING, WEBHOOK, Accepted, HoldFull, Occurrence, UnknownTarget
from runs.intake.problems import Problem, answering_problems, require_open, unavailable
from runs.intake.published import published
from runs.intake.refusals import refused
from runs.intake.signatures import SignatureRefused, SignatureRule, verify
from runs.intake.starting import start
from runs.intake.storing import kept_headers
from runs.statements import Receiver
from workflows.definition.compiled import Compiled
from workflows.definition.findings import DefinitionRefused
from workflows.models import Status, Trigger, Version
from workflows.secrets import SecretUnreadable, decrypt
from workflows.triggers.webhook import WebhookTrigger

logger = logging.getLogger(__name__)

DUPLICATE_HEADER = "Signalbox-Duplicate"


@csrf_exempt
@login_not_required
@counting_answers
@answering_problems
def receive(request: HttpRequest, address: str) -> HttpResponse:
    """Take one delivery. A 2xx answer means that its run is committed."""
    require_open()
    pages = pages_of(request)
    receiver = _receiver(address)
    with logs.about(workflow=receiver.workflow_pk):
        return _take(request, receiver, pages)


def _take(request: HttpRequest, receiver: Receiver, pages: str) -> HttpResponse:
    standing = _standing(receiver)
    rule = _rule(receiver, standing.version)
    _require_method(request, rule)
    content = body_of(request)
    _require_signature(request, receiver, rule, content)
    _require_rate(receiver)
    body, known_as = _read(request, rule, content)
    occurrence = Occurrence(
        kind=WEBHOOK,
        trigger_id=receiver.trigger_id,
        input={"body": body, "headers": _headers(request, rule), "query": query_of(request)},
        delivery_id=known_as or "",
        received_at=receiver.moment,
        depth=_depth(request, receiver),
        correlation=getattr(request, "request_id", ""),
    )
    accepted = enter(standing, occurrence) if receiver.status == Status.ACTIVE else None
    response = _answer(pages, accepted or _start(receiver, occurrence))
    failpoint("K4")
    return response


def _receiver(address: str) -> Receiver:
    found = statements.receiver(address)
    if found is None:
        raise _unknown()
    return found


def _standing(receiver: Receiver) -> Standing:
    try:
        version = published(receiver.version_pk, receiver.content_hash)
    except DefinitionRefused:
        logger.exception("The published definition of workflow %s cannot be read.", receiver.workflow_pk)
        raise unavailable() from None
    except Version.DoesNotExist:
        # Something else was published between the two looks.
        raise unavailable() from None
    return Standing(
        receiver.trigger_pk, receiver.trigger_id, receiver.workflow_pk, receiver.version_pk, version
    )


def _rule(receiver: Receiver, version: Compiled) -> WebhookTrigger:
    """What the published version says about this trigger."""
    rule = version.triggers.get(receiver.trigger_id)
    if not isinstance(rule, WebhookTrigger):
        raise _unknown()
    return rule


def _unknown() -> Problem:
    return Problem(404, "unknown", _("Nothing takes deliveries at this address."))


def _require_method(request: HttpRequest, rule: WebhookTrigger) -> None:
    if request.method not in rule.methods:
        allowed = ", ".join(rule.methods)
        message = _("Use one of these methods: %(methods)s.") % {"methods": allowed}
        raise Problem(405, "method_not_allowed", message, headers={"Allow": allowed})


def _require_signature(
    request: HttpRequest, receiver: Receiver, rule: WebhookTrigger, content: bytes
) -> None:
    signature = rule.signature
    if signature is None:
        return
    asked = SignatureRule(signature.preset, signature.header, signature.encoding, signature.prefix)
    try:
        verify(asked, secrets=_secrets(receiver), headers=request.headers, body=content, now=receiver.moment)
    except SignatureRefused as wrong:
        refused("webhook", wrong.reason, trigger=receiver.trigger_pk)
        raise Problem(401, "signature_refused", str(wrong)) from None


def _secrets(receiver: Receiver) -> list[str]:
    try:
        return [decrypt(sealed) for sealed in receiver.sealed_secrets]
    except SecretUnreadable:
        # Our fault, not the sender's: after a 401 many senders never come again.
        logger.exception(
            "The secret of trigger %s cannot be read with the present keys.", receiver.trigger_pk
        )
        raise unavailable() from None


def _require_rate(receiver: Receiver) -> None:
    """After the signature: strangers do not use up what a sender may send."""
    seconds = rates.seconds_to_wait(receiver.trigger_pk)
    if seconds:
        refused("webhook", "rate_limit", trigger=receiver.trigger_pk)
        said = {"count": settings.DELIVERIES_PER_MINUTE, "seconds": seconds}
        message = (
            _("This webhook takes %(count)d deliveries a minute. Send it again in %(seconds)d s.") % said
        )
        raise Problem(429, "rate_limit", message, headers={"Retry-After": str(seconds)})


def _depth(request: HttpRequest, receiver: Receiver) -> int:
    try:
        return depth_of(request)
    except Problem as deep:
        refused("webhook", deep.code, trigger=receiver.trigger_pk)
        raise


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


def _start(receiver: Receiver, occurrence: Occurrence) -> Accepted:
    """The long way: duplicates, and workflows that are not Active."""
    rows = Trigger.objects.select_related("workflow", "workflow__published").filter(is_live=True)
    trigger = rows.filter(pk=receiver.trigger_pk).first()
    if trigger is None:
        raise _unknown()
    try:
        return start(trigger, trigger.workflow_id, occurrence)
    except UnknownTarget:
        raise _unknown() from None
    except HoldFull as full:
        refused("webhook", "hold_full", trigger=trigger.pk)
        message = _("The workflow keeps as many deliveries as it may. Send it again later.")
        raise Problem(429, "hold_full", message, headers={"Retry-After": str(full.retry_after)}) from None


def _answer(pages: str, accepted: Accepted) -> HttpResponse:
    headers = {DUPLICATE_HEADER: "true"} if accepted.duplicate else {}
    if accepted.reason == NOT_RUNNING:
        raise Problem(410, "gone", _("This workflow is stopped and takes no deliveries."), headers=headers)
    address = run_address(pages, accepted.run_id)
    document = {"run": str(accepted.run_id), "status": accepted.status, "url": address}
    return HttpResponse(to_text(document), status=202, headers=headers, content_type="application/json")
