"""Five presets end to end: who may deliver, what a repeat answers, what is never stored."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from runs.intake import refusals
from runs.models import Run
from tests.runs.intake.deliveries import nothing_left, only_input, plain, post
from tests.runs.intake.material import (
    PRESETS,
    SIGNATURE_HEADER,
    basic,
    body_for,
    make_signed,
    signed,
)
from workflows.models import Trigger
from workflows.secrets import encrypt

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.mark.parametrize("preset", PRESETS)
class TestPresets:
    def test_signed_delivery_is_accepted_and_stored_as_sent(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        answer = post(trigger, body, **signed(preset, secret, body))
        run = Run.objects.get()
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        assert answer.json() == {
            "run": str(run.pk),
            "status": "pending",
            "url": f"http://testserver/automations/runs/{run.pk}/",
        }
        assert (run.trigger_kind, run.trigger_id, run.delivery_id) == ("webhook", "hook", "d1")
        assert only_input()["body"] == json.loads(body)
        assert "Signalbox-Duplicate" not in answer.headers

    def test_repeat_gives_the_first_answer_again(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        first = post(trigger, body, **signed(preset, secret, body))
        Run.objects.update(status="success")
        later = datetime.now(UTC) + timedelta(seconds=30)
        again = post(trigger, body, **signed(preset, secret, body, at=later))
        assert (again.status_code, again.json()) == (202, first.json())
        assert (again.headers["Signalbox-Duplicate"], Run.objects.count()) == ("true", 1)

    def test_another_delivery_starts_another_run(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        for identifier in ("d1", "d2"):
            body = body_for(preset, identifier)
            post(trigger, body, **signed(preset, secret, body, identifier=identifier))
        assert sorted(Run.objects.values_list("delivery_id", flat=True)) == ["d1", "d2"]

    def test_tampered_delivery_is_refused_and_only_counted(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        before = Counter(refusals.counts())
        answer = post(trigger, body + b" ", **signed(preset, secret, body))
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
        assert answer.json()["code"] == "signature_refused"
        assert nothing_left()
        assert Counter(refusals.counts()) - before == Counter({("webhook", "mismatch"): 1})

    def test_unsigned_delivery_is_refused(self, preset: str) -> None:
        trigger, _secret = make_signed(preset)
        assert post(trigger, body_for(preset, "d1")).status_code == 401
        assert nothing_left()

    def test_delivery_signed_with_another_secret_is_refused(self, preset: str) -> None:
        trigger, _secret = make_signed(preset)
        _other, foreign = make_signed(preset)
        body = body_for(preset, "d1")
        assert post(trigger, body, **signed(preset, foreign, body)).status_code == 401
        assert nothing_left()

    def test_signature_without_secret_refuses_everything(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        Trigger.objects.update(secret="")
        body = body_for(preset, "d1")
        assert post(trigger, body, **signed(preset, secret, body)).status_code == 401
        assert nothing_left()

    def test_old_secret_is_valid_until_its_time_is_over(self, preset: str) -> None:
        trigger, old = make_signed(preset)
        _other, new = make_signed(preset)
        rows = Trigger.objects.filter(pk=trigger.pk)
        until = timezone.now() + timedelta(hours=24)
        rows.update(secret=encrypt(new), previous_secret=encrypt(old), previous_until=until)
        for identifier, secret in (("d1", old), ("d2", new)):
            body = body_for(preset, identifier)
            headers = signed(preset, secret, body, identifier=identifier)
            assert post(trigger, body, **headers).status_code == 202
        rows.update(previous_until=timezone.now())
        body = body_for(preset, "d3")
        assert post(trigger, body, **signed(preset, old, body, identifier="d3")).status_code == 401

    def test_signature_is_checked_before_the_delivery_id(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        post(trigger, body, **signed(preset, secret, body))
        again = post(trigger, body + b"\n", **signed(preset, secret, body))
        assert (again.status_code, "Signalbox-Duplicate" in again.headers) == (401, False)

    def test_signatures_are_not_stored(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        headers = signed(preset, secret, body)
        post(trigger, body, **headers)
        kept = set(only_input()["headers"])
        hidden = {name.lower() for name in headers if "ignature" in name or name == SIGNATURE_HEADER}
        assert hidden and not hidden & kept
        assert {name.lower() for name in headers} - hidden <= kept


@pytest.mark.parametrize("preset", ["standard-webhooks", "stripe", "slack"])
@pytest.mark.parametrize(("seconds", "status"), [(-290, 202), (290, 202), (-310, 401), (310, 401)])
def test_time_stamp_may_differ_by_five_minutes_either_way(preset: str, seconds: int, status: int) -> None:
    trigger, secret = make_signed(preset)
    body = body_for(preset, "d1")
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    assert post(trigger, body, **signed(preset, secret, body, at=moment)).status_code == status
    assert Run.objects.count() == (1 if status == 202 else 0)


def test_method_is_checked_before_the_signature() -> None:
    trigger, _secret = make_signed("github")
    assert Client().get(f"/hooks/{trigger.address}").status_code == 405


def test_signature_is_checked_before_the_shape() -> None:
    trigger, secret = make_signed("github")
    assert post(trigger, b"{").status_code == 401
    assert post(trigger, b"{", **signed("github", secret, b"{")).status_code == 422


def test_unreadable_secret_is_our_fault_and_not_the_senders() -> None:
    trigger, secret = make_signed("github")
    Trigger.objects.update(secret="not-a-token")
    body = body_for("github", "d1")
    answer = post(trigger, body, **signed("github", secret, body))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_credentials_are_not_stored() -> None:
    secrets = {
        "Authorization": basic("user", "canary-1"),
        "Cookie": "session=canary-2",
        "X-Gitlab-Token": "canary-3",
        "X-Api-Key": "canary-4",
        "X-Hub-Signature": "sha1=canary-5",
        "Proxy-Authorization": "canary-6",
    }
    assert post(plain(), **secrets, **{"X-GitHub-Event": "push", "User-Agent": "acme/1"}).status_code == 202
    assert "canary" not in Run.objects.get().input
    assert only_input()["headers"]["x-github-event"] == "push"
    assert only_input()["headers"]["user-agent"] == "acme/1"


def test_own_signature_header_of_any_name_is_not_stored() -> None:
    trigger, secret = make_signed("hmac-sha256")
    body = body_for("hmac-sha256", "d1")
    post(trigger, body, **signed("hmac-sha256", secret, body))
    assert SIGNATURE_HEADER.lower() not in only_input()["headers"]
