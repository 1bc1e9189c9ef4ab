"""R42: repeated deliveries of five presets."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable

from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.rows.intake import one_run_each
from tests.chaos.senders import DELIVERY, together
from tests.chaos.trials import shared_out


def _standard(secret: bytes, delivery: str, body: bytes) -> dict[str, str]:
    moment = str(int(time.time()))
    mac = hmac.new(secret, f"{delivery}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _github(secret: bytes, delivery: str, body: bytes) -> dict[str, str]:
    mac = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return {"X-GitHub-Delivery": delivery, "X-Hub-Signature-256": f"sha256={mac}"}


def _stripe(secret: bytes, delivery: str, body: bytes) -> dict[str, str]:
    moment = str(int(time.time()))
    mac = hmac.new(secret, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={moment},v1={mac}"}


def _slack(secret: bytes, delivery: str, body: bytes) -> dict[str, str]:
    moment = str(int(time.time()))
    mac = hmac.new(secret, f"v0:{moment}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={mac}"}


def _plain(secret: bytes, delivery: str, body: bytes) -> dict[str, str]:
    return {"X-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest()}


Signer = Callable[[bytes, str, bytes], dict[str, str]]
KEY = b"a secret of the rig, long enough"
PRESETS: dict[str, tuple[Signer, str]] = {
    "standard-webhooks": (_standard, "whsec_" + base64.b64encode(KEY).decode()),
    "github": (_github, KEY.decode()),
    "stripe": (_stripe, KEY.decode()),
    "slack": (_slack, KEY.decode()),
    "hmac-sha256": (_plain, KEY.decode()),
}


@row("R42", "A delivery id repeated: one run, first answer", fault="five presets, each delivery 4 times in parallel",
     first=50, full=1000)  # fmt: skip
def repeats_answer_alike(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the slowest answer")
    rig.staff(2, threads=4)
    for preset, count in shared_out(trials, list(PRESETS)):
        flow = _signed_flow(rig, preset)
        for _trial in range(count):
            _send_in_parallel(rig, flow, preset, outcome)
    outcome.failures += rig.breaches()
    return outcome


def _signed_flow(rig: Rig, preset: str) -> Flow:
    signature = {
        "preset": preset,
        **({"header": "X-Signature", "encoding": "hex"} if preset == "hmac-sha256" else {}),
    }
    own = {} if preset in ("standard-webhooks", "github", "stripe") else {"dedupe": f"header:{DELIVERY}"}
    hook = {"id": "hook", "kind": "webhook", "signature": signature, **own}
    step = {"id": "keep", "kind": "set", "values": {"a": 1}}
    return rig.flow(f"R42 {preset}", step, triggers=[hook], secret=PRESETS[preset][1])


def _send_in_parallel(rig: Rig, flow: Flow, preset: str, outcome: Outcome) -> None:
    name = rig.post.name()
    body = {"id": name, "type": "x", "object": "event"}
    headers = PRESETS[preset][0](KEY, name, json.dumps(body).encode())
    answers = together(lambda _: rig.post.deliver(flow.path, name, body, headers), range(4), senders=4)
    problems = one_run_each(answers, [name])
    first = [answer for answer in answers if not answer.duplicate]
    problems += [f"{preset}: {len(first)} answers without the header, {answers}"] * (len(first) != 1)
    outcome.add(1, problems, max(answer.seconds for answer in answers))
